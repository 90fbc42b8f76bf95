"""What is decoded once is not decoded again, in this process or the next, and never becomes another truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.documents.reading_people import act
from tests.services.small_region import (
    MADE,
    OTHER,
    TEXT,
    SmallRegion,
    change,
    facts,
    keep_study,
    session,
)
from workstation.documents import act_document
from workstation.domain.act import ActKind, Grade, ReportText
from workstation.domain.errors import StoreFailure
from workstation.domain.study import StudyFacts
from workstation.domain.worklist import Status
from workstation.services.decoded_acts import act_of, text_of
from workstation.services.station import Station
from workstation.services.verifying import verify_station


@pytest.mark.parametrize("kind", ActKind)
def test_every_kind_of_act_comes_back_from_its_text(kind: ActKind) -> None:
    whole = act(kind)
    assert act_of(text_of(whole)) == whole
    bare = replace(
        whole, clock_error_s=None, attestor=None, attested_at=None, coverage=(), seen=(), reason=""
    )
    assert act_of(text_of(bare)) == bare


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"kind": "SUBMIT"}', "null", "3"])
def test_a_text_of_another_form_is_not_taken(text: str) -> None:
    assert act_of(text) is None


def a_long_life(station: Station, study: str) -> None:
    first, second = session(station, "lilei"), session(station, "hanmei")
    reporting = station.reporting
    reporting.park(study, first, ReportText(findings="  开始\r\n\x07"))
    reporting.submit(study, first, TEXT)
    reporting.release_preliminary(study, first, "急诊 ", "急诊\n")
    reporting.open_review(study, second)
    reporting.return_(study, second, "请复核 ")
    reporting.submit(study, first, TEXT)
    reporting.cosign(study, second, OTHER, Grade.MAJOR)
    reporting.amend(study, first, TEXT, "更正")
    reporting.cosign(study, second, TEXT)
    reporting.withdraw(study, second, "错误")


def test_what_was_learned_at_signing_is_what_the_bytes_say(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    a_long_life(station, study)
    records = station.store.acts.of_study(study)
    assert len(records) == 11
    for record, signed in zip(records, station.histories.signed(records), strict=True):
        assert signed.act == act_document.decode(record.content)
    assert all(f.sound for f in verify_station(station))


def listed(station: Station, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many acts are decoded while the list is made."""
    decoded: list[int] = []
    real = act_document.decode

    def counting(content: bytes) -> object:
        decoded.append(len(content))
        return real(content)

    with monkeypatch.context() as patched:
        patched.setattr(act_document, "decode", counting)
        station.worklist.rows()
    return len(decoded)


def test_a_list_of_many_reports_decodes_nothing_twice(
    region: SmallRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = region.station()
    studies: list[StudyFacts] = [facts(f"1.2.3.{n}", accession=f"N{n}") for n in range(300)]
    station.store.remote.replace("archive", studies, MADE)
    reader, reviewer = session(station, "lilei"), session(station, "hanmei")
    for known in studies[:20]:
        station.reporting.submit(known.study_uid, reader, TEXT)
        station.reporting.cosign(known.study_uid, reviewer, TEXT, Grade.CONCUR)
    assert listed(station, monkeypatch) == 0
    next_start = region.station()
    assert listed(next_start, monkeypatch) < 25
    rows = next_start.worklist.rows()
    assert sum(r.standing.status is Status.FINAL for r in rows) == 20
    # Without the table everything is decoded once more, and kept again.
    change(station, "DELETE FROM decoded_acts")
    assert listed(region.station(), monkeypatch) == 60
    assert listed(region.station(), monkeypatch) < 25


def test_one_damaged_act_takes_no_list_away(region: SmallRegion) -> None:
    station = region.station()
    study, other = keep_study(station), keep_study(station, facts("1.2.9", accession="B"))
    for uid in (study, other):
        station.reporting.submit(uid, session(station, "lilei"), TEXT)
    change(station, "UPDATE acts SET content = x'00' WHERE study_uid = ?", study)
    change(station, "DELETE FROM decoded_acts")
    again = region.station()
    rows = {r.facts.study_uid: r.standing for r in again.worklist.rows()}
    assert rows[other].status is Status.SUBMITTED
    assert rows[study].problems == 1
    with pytest.raises(StoreFailure, match="damaged"):
        again.reporting.open(study)


def test_a_changed_copy_is_found_out(region: SmallRegion) -> None:
    station = region.station()
    for number in range(10):
        study = keep_study(station, facts(f"1.2.3.{number}", accession=f"N{number}"), images=1)
        for _ in range(3):
            station.reporting.park(study, session(station, "lilei"), TEXT)
    station.worklist.rows()
    change(station, "UPDATE decoded_acts SET text = replace(text, '8 mm', '3 mm')")
    again = region.station()
    found = [f for f in verify_station(again) if not f.sound]
    assert found
    assert "decoded copy" in found[0].detail
