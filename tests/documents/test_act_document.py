"""Acts to DICOM and back: every act comes back as it went in, and only what the table knows is read."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tests.documents.reading_people import (
    DIGEST,
    FIRST,
    NOW,
    PATIENT,
    ROOT_UID,
    SECOND,
    act,
    key_of,
    signed_act,
    trust,
)
from workstation.documents import act_document, act_table, content, sr_header
from workstation.documents.content import Row, plain
from workstation.documents.signature import Purpose, sign
from workstation.domain.act import (
    Act,
    ActKind,
    Comment,
    Grade,
    Observer,
    Outcome,
    Place,
    PublicationRef,
    ReportIdentity,
    ReportText,
    SeenAct,
    SeriesCoverage,
)
from workstation.domain.errors import BadInput
from workstation.domain.legality import LEVELS
from workstation.domain.roster import Level
from workstation.domain.study import PatientIdentity

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats"

words = st.text(
    st.one_of(
        st.sampled_from("双肺纹理清晰右肺上叶见结节 \n\t\\^=_*?'\"{}%"),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    max_size=60,
).map(plain)
said = words.filter(bool)
uids = st.lists(st.integers(0, 10**12).map(str), min_size=1, max_size=4).map(
    lambda parts: ".".join(["1.2", *parts])
)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
letters = st.text(st.sampled_from("王晓东李雷abcXYZ -'."), min_size=1, max_size=12).map(str.strip)
names = st.lists(letters.filter(bool), min_size=1, max_size=3).map("=".join)
moments = st.datetimes(
    min_value=dt.datetime(1990, 1, 1),
    max_value=dt.datetime(2100, 1, 1),
    timezones=st.integers(-12 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
)
counts = st.integers(0, 10**9)
people = st.builds(Observer, person_id=said, name=names, organisation=letters)
texts = st.builds(
    ReportText,
    findings=words,
    impression=words,
    technique=words,
    recommendation=words,
    language=st.sampled_from(["zh-CN", "en-US", "de"]),
)
comments = st.builds(
    Comment,
    text=said,
    section=words,
    quoted=words,
    start=counts,
    sop_uid=st.one_of(st.just(""), uids),
    frame=counts,
)
references = st.builds(
    PublicationRef,
    sop_uid=uids,
    digest=hashes,
    study_uid=uids,
    series_uid=uids,
    signature_uid=uids,
    signature=said,
)


def maybe(code: str, kind: ActKind, value: st.SearchStrategy, empty: object) -> st.SearchStrategy:
    if kind in act_table.REQUIRED_IN.get(code, ()):
        return value
    if kind not in act_table.ALLOWED_IN.get(code, tuple(ActKind)):
        return st.just(empty)
    return st.one_of(st.just(empty), value)


@st.composite
def acts(draw: Callable) -> Act:
    kind = draw(st.sampled_from(ActKind))
    several = st.lists(comments, min_size=1, max_size=3).map(tuple)
    return Act(
        kind=kind,
        place=Place(
            station_id=draw(said),
            uid_root=f"2.25.{draw(st.integers(1, 10**38))}",
            number=draw(st.integers(1, 2**31 - 1)),
            previous_digest=draw(st.one_of(st.just(""), hashes)),
            audit_head=draw(st.one_of(st.just(""), hashes)),
        ),
        time=draw(moments),
        actor=draw(people),
        actor_level=draw(st.sampled_from(Level)),
        certificate=key_of(FIRST).fingerprint,
        roster_digest=draw(hashes),
        report=draw(st.builds(ReportIdentity, study_uid=uids, accession=words, part=words)),
        patient=draw(
            st.builds(
                PatientIdentity,
                patient_id=words,
                issuer=words,
                name=st.one_of(st.just(""), names),
                birth_date=words,
                sex=words,
            )
        ),
        clock_error_s=draw(st.one_of(st.none(), st.floats(-1e6, 1e6))),
        seen=draw(st.lists(st.builds(SeenAct, sop_uid=uids, digest=hashes), max_size=3).map(tuple)),
        text=draw(maybe("TEXT", kind, texts, None)),
        writers=draw(st.lists(people, max_size=3).map(tuple)),
        attestor=draw(st.one_of(st.none(), people)),
        attested_at=draw(st.one_of(st.none(), moments)),
        reason=draw(maybe("REASON", kind, said, "")),
        comments=draw(maybe("COMMENT", kind, several, ())),
        recipient=draw(maybe("RECIPIENT", kind, people, None)),
        told_to=draw(maybe("TOLD_TO", kind, said, "")),
        grade=draw(maybe("GRADE", kind, st.sampled_from(Grade), None)),
        outcome=draw(maybe("OUTCOME", kind, st.sampled_from(Outcome), None)),
        chosen=draw(maybe("CHOSEN", kind, uids, "")),
        coverage=draw(
            st.lists(
                st.builds(SeriesCoverage, series_uid=uids, seen=counts, total=counts), max_size=3
            ).map(tuple)
        ),
        publication=draw(maybe("PUBLICATION", kind, references, None)),
    )


def comes_back(it: Act) -> None:
    document = act_document.encode(it, key_of(FIRST))
    back = act_document.decode(document.data)
    assert back == it
    assert back.time.utcoffset() == it.time.utcoffset()
    read = act_document.read(document.data, trust())
    assert (read.act, read.digest) == (it, document.digest)
    assert read.fault in {"", "The certificate was not valid when the object was signed"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts())
def test_every_act_comes_back(it: Act) -> None:
    comes_back(it)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts())
def test_two_thousand_acts_come_back(it: Act) -> None:
    comes_back(it)


def test_a_long_text_comes_back() -> None:
    text = ReportText(findings="双肺" * 100_000, impression="x" * 70_000)
    comes_back(replace(act(), text=text))


def test_the_same_act_is_the_same_object() -> None:
    """A retry offers the same bytes: UIDs, digest and signature follow from the act and the key."""
    assert signed_act() == signed_act()


@pytest.mark.parametrize(
    "text", ["end ", "bell\x07", "a\r\nb", "\x1b[0m", "\x85", "half\ud800", "nul\x00"]
)
def test_what_cannot_be_carried_is_refused_by_its_row(text: str) -> None:
    with pytest.raises(BadInput, match="FINDINGS"):
        act_document.encode(
            replace(act(), text=ReportText(findings=text, impression="x")), key_of(FIRST)
        )


def test_plain_makes_an_act_that_can_be_signed() -> None:
    typed = replace(act(), text=ReportText(findings="one\r\ntwo\x07 \n  "), reason="  why  ")
    made = act_document.plain_act(typed)
    assert made.text == ReportText(findings="one\ntwo \n")
    assert made.reason == "  why"
    assert made.kind is typed.kind
    comes_back(made)
    assert act_document.plain_act(act()) == act()


@pytest.mark.parametrize("kind", ActKind)
def test_rows_follow_the_kind(kind: ActKind) -> None:
    whole = act(kind)
    fields = {"TEXT": "text", "REASON": "reason", "RECIPIENT": "recipient", "TOLD_TO": "told_to",
              "GRADE": "grade", "OUTCOME": "outcome", "CHOSEN": "chosen",
              "PUBLICATION": "publication", "COMMENT": "comments"}  # fmt: skip
    for code, field in fields.items():
        empty = () if code == "COMMENT" else "" if isinstance(getattr(whole, field), str) else None
        if kind in act_table.REQUIRED_IN.get(code, ()):
            with pytest.raises(BadInput, match=f"The row {code} is missing"):
                act_document.encode(replace(whole, **{field: empty}), key_of(whole.actor))
        if kind not in act_table.ALLOWED_IN[code]:
            given = next(getattr(act(k), field) for k in ActKind if getattr(act(k), field))
            with pytest.raises(
                BadInput, match=f"An act {kind.value} does not carry the row {code}"
            ):
                act_document.encode(replace(whole, **{field: given}), key_of(whole.actor))


def test_another_key_than_the_named_certificate_is_refused() -> None:
    with pytest.raises(BadInput, match="names another certificate"):
        act_document.encode(act(), key_of(SECOND))


def spoiled(change: Callable[[Dataset], None]) -> bytes:
    """An act with changed content, signed anew with the right key."""
    dataset = pydicom.dcmread(io.BytesIO(signed_act().data))
    del dataset.MACParametersSequence, dataset.DigitalSignaturesSequence
    change(dataset)
    key = key_of(FIRST)
    sign(
        dataset,
        sr_header.ACT_SIGNED,
        key,
        purpose=Purpose.AUTHOR,
        time=NOW,
        signature_uid=act_document.signature_uid(act().place),
    )
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def item(dataset: Dataset, code: str) -> Dataset:
    return next(i for i in dataset.ContentSequence if content.concept_of(i).value == code)


def set_code(dataset: Dataset, code: str, value: str) -> None:
    item(dataset, code).ConceptCodeSequence[0].CodeValue = value


def set_number(dataset: Dataset, code: str, value: str) -> None:
    item(dataset, code).MeasuredValueSequence[0].NumericValue = value


def add_again(dataset: Dataset, code: str) -> None:
    dataset.ContentSequence.append(item(dataset, code))


def add_unknown(dataset: Dataset) -> None:
    dataset.ContentSequence.append(content.text(content.own("NEWER", "Newer"), "x"))


def remove_inner(dataset: Dataset) -> None:
    del item(dataset, "ACTOR").ContentSequence[0]


STRICT: dict[str, Callable[[Dataset], object]] = {
    "The row STATION is missing": lambda d: d.ContentSequence.remove(item(d, "STATION")),
    "The row FORMAT is missing": lambda d: d.ContentSequence.remove(item(d, "FORMAT")),
    "The row ACTOR.PERSON is missing": remove_inner,
    "The row TEXT is missing": lambda d: d.ContentSequence.remove(item(d, "TEXT")),
    "The row KIND has an unknown code": lambda d: set_code(d, "KIND", "PONDER"),
    "The row LEVEL has an unknown code": lambda d: set_code(d, "LEVEL", "THIRD"),
    "The row NUMBER stands twice": lambda d: add_again(d, "NUMBER"),
    "The row NEWER is unknown": add_unknown,
    "The row NUMBER is no whole number": lambda d: set_number(d, "NUMBER", "7.5"),
    "The row STATION has another type than it must": lambda d: setattr(
        item(d, "STATION"), "ValueType", "CODE"
    ),
    "The row ROSTER has another type than it must": lambda d: setattr(
        item(d, "ROSTER"), "RelationshipType", "HAS PROPERTIES"
    ),
    "The row ROSTER has no value": lambda d: item(d, "ROSTER").pop("TextValue"),
    "The row UID_ROOT is no UID": lambda d: setattr(item(d, "UID_ROOT"), "UID", "1.02.3"),
    "The act is of format 2, unknown to this program": lambda d: set_number(d, "FORMAT", "2"),
    "The object is no act": lambda d: setattr(
        d.ConceptNameCodeSequence[0], "CodeValue", "OTHER"
    ),
}  # fmt: skip


@pytest.mark.parametrize("sentence", STRICT)
def test_reading_is_strict_about_the_table(sentence: str) -> None:
    data = spoiled(STRICT[sentence])
    with pytest.raises(BadInput) as refused:
        act_document.read(data, trust())
    assert str(refused.value) == sentence


HEADER_FAULTS: dict[str, tuple[Callable[[Dataset], object], str]] = {
    "number": (
        lambda d: set_number(d, "NUMBER", "8"),
        "The header of the act does not agree with its rows",
    ),
    "root": (
        lambda d: setattr(item(d, "UID_ROOT"), "UID", "2.25.1"),
        "The header of the act does not agree with its rows",
    ),
    "instance number": (
        lambda d: setattr(d, "InstanceNumber", 8),
        "The header of the act does not agree with its rows",
    ),
    "study of another month": (
        lambda d: setattr(d, "StudyInstanceUID", f"{ROOT_UID}.3.202610"),
        "The header of the act does not agree with its rows",
    ),
    "series of another day": (
        lambda d: setattr(d, "SeriesInstanceUID", f"{ROOT_UID}.4.20261121"),
        "The header of the act does not agree with its rows",
    ),
    "time": (
        lambda d: setattr(item(d, "TIME"), "DateTime", "20261122193006.000000+0800"),
        "The act was not signed at the time that it tells",
    ),
    "certificate": (
        lambda d: setattr(item(d, "CERTIFICATE"), "TextValue", DIGEST),
        "The act names another certificate than the one it is signed with",
    ),
}


@pytest.mark.parametrize("what", HEADER_FAULTS)
def test_an_act_that_contradicts_itself_has_a_fault(what: str) -> None:
    change, fault = HEADER_FAULTS[what]
    read = act_document.read(spoiled(change), trust())
    assert read.fault == fault


def test_nothing_changed_nothing_wrong() -> None:
    assert act_document.read(spoiled(lambda _: None), trust()).fault == ""
    assert act_document.read(signed_act().data, trust()).act.patient == PATIENT


def table(name: str) -> list[list[str]]:
    """The rows of the table behind a comment in acts.md."""
    page = (FORMATS / "acts.md").read_text(encoding="utf-8")
    block = page.split(f"<!-- table: {name} -->\n")[1].split("\n\n")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in block.splitlines()[2:]]


def test_the_page_and_the_code_are_one_table() -> None:
    written = table("rows")
    assert [line[:5] for line in written] == list(page_rows(act_table.ROWS))
    for line in written:
        if "." not in line[0]:
            must = set(re.findall(r"[A-Z_]{4,}", " ".join(re.findall(r"\*\*(.*?)\*\*", line[5]))))
            required = {k.value for k in act_table.REQUIRED_IN.get(line[1], ())}
            assert must == required, line
            if line[1] in act_table.ALLOWED_IN and "all others" not in line[5]:
                may = {k.value for k in ActKind} & set(re.findall(r"[A-Z_]{4,}", line[5]))
                assert may == {k.value for k in act_table.ALLOWED_IN[line[1]]}, line


def page_rows(rows: tuple[Row, ...], prefix: str = "") -> list[list[str]]:
    lines: list[list[str]] = []
    for number, row in enumerate(rows, 1):
        vm = "0-n" if row.many else "1" if row.required else "0-1"
        value_type = row.value_type + (" (s)" if row.unit == "s" else "")
        lines.append([f"{prefix}{number}", row.code, row.meaning, value_type, vm])
        # The rows of a person are told once, at the actor.
        if row.rows and row.code not in {"WRITER", "ATTESTOR", "RECIPIENT"}:
            lines += page_rows(row.rows, f"{number}.")
    return lines


def test_the_page_lists_the_codes_and_who_may_sign() -> None:
    codes = {line[0]: line[1].split() for line in table("codes")}
    assert codes == {
        row.code: [value for value, _ in row.codes] for row in act_table.ROWS if row.codes
    }
    signers = {kind: line[1].split() for line in table("levels") for kind in line[0].split(", ")}
    assert signers == {kind.value: [lv.value for lv in levels] for kind, levels in LEVELS.items()}
