"""What the reviewer changed: nothing is lost in telling it, and it is told in phrases."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.domain.review import Change, ChangeKind, changed, changes

SAME, DELETED, INSERTED = ChangeKind.SAME, ChangeKind.DELETED, ChangeKind.INSERTED

_REST = "余肺野清晰，未见实变。气管支气管通畅。纵隔未见肿大淋巴结。心影不大。未见胸腔积液。"
_NEW = "内见少许实性成分，"
FINDINGS = (
    f"胸廓对称。右肺上叶后段见一磨玻璃结节，约 8.2 mm（Se2 Im41），边界尚清，与 2025-11-18 比较增大（原 5 mm）。{_REST}",
    f"胸廓对称。右肺上叶尖后段见一磨玻璃结节，约 8.2 mm（Se2 Im41），边界尚清，{_NEW}与 2025-11-18 比较增大（原 5 mm）。{_REST}",
)
IMPRESSION = (
    "1. 右肺上叶磨玻璃结节，较前增大，建议 3 个月后复查薄层 CT 或胸外科会诊。\n2. 余胸部 CT 平扫未见明显异常。",
    "1. 右肺上叶部分实性结节，较前增大，建议胸外科会诊，增强 CT 进一步检查。\n2. 余胸部 CT 平扫未见明显异常。",
)

words = st.lists(
    st.sampled_from(
        [*"肺结节，。1", " ", "\n", "left", "right", "nodule", "3.5", "8", "cm", "\u0301"]
    )
).map("".join)


def joined(pieces: tuple[Change, ...], *kinds: ChangeKind) -> str:
    return "".join(p.text for p in pieces if p.kind in kinds)


def told(before: str, after: str) -> list[tuple[str, str]]:
    return [(p.kind.value[0], p.text) for p in changes(before, after)]


@settings(deadline=None)
@given(st.one_of(words, st.text()), st.one_of(words, st.text()))
def test_the_pieces_joined_give_both_texts(before: str, after: str) -> None:
    pieces = changes(before, after)
    assert joined(pieces, SAME, DELETED) == before
    assert joined(pieces, SAME, INSERTED) == after
    assert all(p.text for p in pieces)
    assert {p.kind for p in pieces} <= {SAME} or before != after


@given(words)
def test_the_same_text_is_one_piece(text: str) -> None:
    assert [p.kind for p in changes(text, text)] == ([SAME] if text else [])


@pytest.mark.parametrize(("before", "after"), [FINDINGS, IMPRESSION])
def test_a_deletion_stands_before_the_insertion_in_its_place(before: str, after: str) -> None:
    kinds = [p.kind for p in changes(before, after)]
    assert (INSERTED, DELETED) not in itertools.pairwise(kinds)
    assert all(a != b for a, b in itertools.pairwise(kinds))


def test_the_findings_of_the_picture() -> None:
    pieces = changes(*FINDINGS)
    assert joined(pieces, DELETED) == ""
    inserted = [p.text for p in pieces if p.kind is INSERTED]
    assert inserted == ["尖", _NEW]


def test_the_impression_of_the_picture() -> None:
    pieces = changes(*IMPRESSION)
    assert [(p.kind, p.text) for p in pieces[:4]] == [
        (SAME, "1. 右肺上叶"),
        (DELETED, "磨玻璃"),
        (INSERTED, "部分实性"),
        (SAME, "结节，较前增大，建议"),
    ]
    assert pieces[-1] == Change(kind=SAME, text="。\n2. 余胸部 CT 平扫未见明显异常。")
    assert " 3 个月后复查薄层 CT 或" in joined(pieces, DELETED)
    assert "增强 CT 进一步检查" in joined(pieces, INSERTED)


def test_numbers_and_words_change_whole() -> None:
    assert told("约 8.2 mm", "约 8.7 mm") == [
        ("S", "约 "),
        ("D", "8.2"),
        ("I", "8.7"),
        ("S", " mm"),
    ]
    assert told("the left lung", "the right lung") == [
        ("S", "the "),
        ("D", "left"),
        ("I", "right"),
        ("S", " lung"),
    ]


def test_a_phrase_is_one_change_though_a_blank_in_it_stayed() -> None:
    assert told("large mass.", "small nodule.") == [
        ("D", "large mass"),
        ("I", "small nodule"),
        ("S", "."),
    ]


def test_a_line_end_is_never_swallowed_by_a_change() -> None:
    assert told("左肺\n右肾", "双肺\n双肾") == [
        ("D", "左"),
        ("I", "双"),
        ("S", "肺\n"),
        ("D", "右"),
        ("I", "双"),
        ("S", "肾"),
    ]
    assert told("甲\n乙", "丙\n丁") == [
        ("D", "甲"),
        ("I", "丙"),
        ("S", "\n"),
        ("D", "乙"),
        ("I", "丁"),
    ]


def test_changed_looks_past_white_space_at_the_ends() -> None:
    assert not changed("两肺清晰。", "两肺清晰。\n")
    assert changed("两肺清晰。", "两肺 清晰。")
