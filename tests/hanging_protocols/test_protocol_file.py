"""The protocol file: what is written is read again, and every mistake is named by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanging_protocols.model import (
    SERIES_FACTS,
    STUDY_FACTS,
    Constraint,
    Protocol,
    ProtocolError,
    Rule,
    Selector,
    Stage,
    Viewport,
)
from hanging_protocols.protocol_file import built_in, dump, parse, read_folder

SMALLEST = """
version = 1
id = "one"
name_zh = "一"
name_en = "One"
[[series]]
name = "each"
[[stages]]
name_zh = "单幅"
name_en = "One"
rows = 1
columns = 1
[[stages.viewports]]
kind = "stack"
series = "each"
"""

texts = st.text(min_size=1, max_size=12)
numbers = st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False))


def constraints(kind: str) -> st.SearchStrategy[Constraint]:
    def of(test: str, values: st.SearchStrategy) -> st.SearchStrategy[Constraint]:
        return st.builds(Constraint, test=st.just(test), value=values)

    if kind == "text":
        lists = st.lists(texts, min_size=1, max_size=3).map(tuple)
        return st.one_of(of("equals", texts), of("contains", texts), of("one_of", lists))
    if kind == "number":
        return st.one_of(*(of(test, numbers) for test in ("equals", "at_least", "at_most")))
    return of("equals", st.booleans())


def rules(facts: tuple[tuple[str, str], ...]) -> st.SearchStrategy[tuple[Rule, ...]]:
    def rule(fact: tuple[str, str]) -> st.SearchStrategy[Rule]:
        return st.builds(
            Rule,
            fact=st.just(fact[0]),
            constraint=constraints(fact[1]),
            weight=st.integers(0, 1000),
            required=st.booleans(),
        )

    return st.lists(st.sampled_from(facts).flatmap(rule), max_size=3).map(tuple)


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    names = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    place = st.integers(0, 9)
    preset = st.none() | texts
    stack = st.builds(
        Viewport, kind=st.just("stack"), series=st.sampled_from(names), place=place, preset=preset
    )
    plane = st.builds(
        Viewport,
        kind=st.just("plane"),
        series=st.sampled_from(names),
        place=place,
        plane=st.sampled_from(("axial", "coronal", "sagittal")),
        preset=preset,
    )

    def stage(grid: tuple[int, int]) -> st.SearchStrategy[Stage]:
        viewports = st.lists(stack | plane, min_size=1, max_size=grid[0] * grid[1]).map(tuple)
        return st.builds(
            Stage,
            name_zh=texts,
            name_en=texts,
            rows=st.just(grid[0]),
            columns=st.just(grid[1]),
            viewports=viewports,
        )

    grids = st.tuples(st.integers(1, 4), st.integers(1, 4))
    return Protocol(
        id=draw(texts),
        name_zh=draw(texts),
        name_en=draw(texts),
        rules=draw(rules(STUDY_FACTS)),
        selectors=tuple(Selector(name=name, rules=draw(rules(SERIES_FACTS))) for name in names),
        stages=tuple(draw(st.lists(grids.flatmap(stage), min_size=1, max_size=2))),
    )


@given(protocols())
def test_what_is_written_is_read_again(protocol: Protocol) -> None:
    assert parse(dump(protocol), file="x.toml") == protocol


def test_the_smallest_file_says_what_it_says() -> None:
    assert parse(SMALLEST, file="one.toml") == Protocol(
        id="one",
        name_zh="一",
        name_en="One",
        rules=(),
        selectors=(Selector(name="each", rules=()),),
        stages=(
            Stage(
                name_zh="单幅",
                name_en="One",
                rows=1,
                columns=1,
                viewports=(Viewport(kind="stack", series="each"),),
            ),
        ),
    )


RULE = '[[rules]]\nfact = "modality"\nequals = "CT"\n'
SERIES_RULE = '[[series.rules]]\nfact = "is_volume"\nequals = true\n'


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("version = 1", "version = 2", "version"),
        ("version = 1", "", "version"),
        ('id = "one"', "id = 1", "id"),
        ('name_en = "One"\n[[series]]', "[[series]]", "name_en"),
        ("rows = 1", "rows = 0", "stages[1].rows"),
        ("rows = 1", "rows = 5", "stages[1].rows"),
        ("rows = 1", "rows = true", "stages[1].rows"),
        ("rows = 1", "rows = 1\nheight = 3", "stages[1].height"),
        ('kind = "stack"', 'kind = "film"', "stages[1].viewports[1].kind"),
        ('kind = "stack"', 'kind = "plane"', "stages[1].viewports[1].plane"),
        ('kind = "stack"', 'kind = "stack"\nplane = "axial"', "stages[1].viewports[1].plane"),
        ('series = "each"', 'series = "nobody"', "stages[1].viewports[1].series"),
        ('series = "each"', 'series = "each"\nplace = -1', "stages[1].viewports[1].place"),
        (
            'series = "each"',
            'series = "each"\n[[stages.viewports]]\nkind = "stack"\nseries = "each"',
            "stages[1].viewports",
        ),
        ("[[series]]", RULE + "[[series]]\nrank = 1", "series[1].rank"),
        ("[[series]]", RULE.replace("modality", "colour") + "[[series]]", "rules[1].fact"),
        ("[[series]]", RULE + 'contains = "C"\n[[series]]', "rules[1].fact"),
        ("[[series]]", RULE.replace("equals", "at_least") + "[[series]]", "rules[1].at_least"),
        ("[[series]]", RULE.replace('"CT"', "7") + "[[series]]", "rules[1].equals"),
        ("[[series]]", RULE.replace("equals", "one_of") + "[[series]]", "rules[1].one_of"),
        ("[[series]]", RULE + "weight = -1\n[[series]]", "rules[1].weight"),
        ("[[series]]", RULE + 'required = "yes"\n[[series]]', "rules[1].required"),
        ("[[series]]", "rules = 3\n[[series]]", "rules"),
        (
            "[[stages]]\n",
            SERIES_RULE.replace("true", "1") + "[[stages]]\n",
            "series[1].rules[1].equals",
        ),
    ],
)
def test_a_mistake_is_named_by_file_and_key(old: str, new: str, key: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse(SMALLEST.replace(old, new, 1), file="mine.toml")
    assert (caught.value.fields["file"], caught.value.fields["key"]) == ("mine.toml", key)
    assert str(caught.value).startswith(f"mine.toml: {key}: ")


def test_a_protocol_without_stages_is_refused() -> None:
    with pytest.raises(ProtocolError, match="at least one stage"):
        parse(SMALLEST.partition("[[stages]]")[0], file="mine.toml")


def test_text_that_is_not_toml_is_named_with_its_line() -> None:
    with pytest.raises(ProtocolError, match=r"^mine\.toml: this is not TOML: .*line 2"):
        parse("version = 1\nid = \n", file="mine.toml")


def test_a_folder_is_read_by_file_name_and_a_wrong_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(SMALLEST, encoding="utf-8")
    (tmp_path / "a.toml").write_text(SMALLEST.replace('"one"', '"zero"'), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a protocol", encoding="utf-8")
    assert [protocol.id for protocol in read_folder(tmp_path)] == ["zero", "one"]
    (tmp_path / "a.toml").write_bytes(SMALLEST.encode("gb18030"))
    with pytest.raises(ProtocolError, match=r"a\.toml: this is not UTF-8"):
        read_folder(tmp_path)


def test_the_product_s_files_are_named_by_their_ids_and_survive_a_round_trip() -> None:
    folder = Path(__file__).resolve().parents[2] / "hanging_protocols" / "protocols"
    protocols_ = built_in()
    names = sorted(path.name for path in folder.glob("*.toml"))
    assert [f"{protocol.id}.toml" for protocol in protocols_] == names
    for protocol in protocols_:
        assert parse(dump(protocol), file="again.toml") == protocol
