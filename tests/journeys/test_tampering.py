"""Somebody rewrites what lies in the archive: stations tell it in one line each, and it never counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from tests.journeys.region import STATIONS, Region, Station, dcmsign_says, objects, settle, tag
from tests.peers import Orthanc
from workstation.documents import act_document, keys
from workstation.documents.signature import Trust
from workstation.domain.act import ActKind, Observer, SeenAct
from workstation.domain.roster import Level

CT, MR, DR = "CT20260131", "MR20260087", "DR20260214"
JOURNAL = "COSIGHT-JOURNAL"
# What the demo's second-level reader co-signed on the chest radiograph, and what a forger makes of it.
TRUE_WORDS = "主动脉迂曲"
FALSE_WORDS = "主动脉正常"
Alter = Callable[[Dataset], None]


def replaced(archive: Orthanc, content: bytes, alter: Alter) -> bytes:
    """Delete an object in the archive and put an altered copy under its UID."""
    dataset = dcmread(BytesIO(content))
    remove(archive, dataset.SOPInstanceUID)
    alter(dataset)
    out = BytesIO()
    dataset.save_as(out)
    archive.rest("/instances", "POST", out.getvalue())
    return out.getvalue()


def remove(archive: Orthanc, sop_uid: str) -> None:
    for name in found(archive, "Instance", SOPInstanceUID=sop_uid):
        archive.rest(f"/instances/{name}", "DELETE")


def found(archive: Orthanc, level: str, **query: str) -> list[str]:
    body = json.dumps({"Level": level, "Query": query}).encode()
    names: list[str] = json.loads(archive.rest("/tools/find", "POST", body))
    return names


def other_words(dataset: Dataset) -> None:
    """The co-signed impression says the opposite."""
    changed = 0
    for element in dataset.iterall():
        if element.keyword == "TextValue" and TRUE_WORDS in element.value:
            element.value = element.value.replace(TRUE_WORDS, FALSE_WORDS)
            changed += 1
    assert changed


def other_verifier(dataset: Dataset) -> None:
    dataset.VerifyingObserverSequence[0].VerifyingObserverName = "Zhou^Tao=周^涛"


def not_complete(dataset: Dataset) -> None:
    dataset.CompletionFlag = "PARTIAL"


@pytest.fixture
def newcomer(laid_out: Region, orthanc: Orthanc, tmp_path: Path) -> Station:
    """A station that has seen nothing of the archive yet."""
    region = laid_out.copy(tmp_path / "newcomer", *STATIONS)
    region.use(orthanc)
    return region.station("station-b")


def told(station: Station, *words: str) -> list[str]:
    """What one round, or one command, complains about, one line each."""
    answer = station.run(*(words or ("sync", "--once")))
    assert answer.status == (1 if answer.err else 0), answer
    return [json.loads(line)["error"] for line in answer.err.splitlines()]


def verdicts(station: Station) -> dict[str, str]:
    """What ``cosight verify`` finds wrong, by name."""
    answer = station.run("verify")
    wrong = {f["what"]: f["detail"] for f in answer.value if not f["sound"]}
    assert answer.status == (1 if wrong else 0)
    return wrong


def exported(station: Station, study: str, out: Path) -> str:
    """The final report as text, or the refusal to give one."""
    answer = station.run("report", "export", study, "--out", str(out))
    return out.read_text("utf-8") if answer.status == 0 else answer.err


@pytest.mark.parametrize("alter", [other_words, other_verifier, not_complete])
def test_a_released_report_is_replaced(
    region: Region, orthanc: Orthanc, newcomer: Station, tmp_path: Path, alter: Alter
) -> None:
    study = region.study(DR)
    ((uid, true),) = objects(orthanc, study_uid=study).items()
    altered = replaced(orthanc, true, alter)
    assert not dcmsign_says(altered, region.root, tmp_path)

    (complaint,) = told(newcomer)
    assert uid in complaint
    assert "altered" in complaint
    newcomer.do("worklist")
    shown = newcomer.report(study)
    # The act says what was signed: the report is final with the true words, and the rest came in.
    assert shown["state"] == "FINAL"
    assert TRUE_WORDS in shown["prevailing"]["text"]["impression"]
    assert newcomer.report(region.study(MR))["state"] == "SUBMITTED"
    assert uid in verdicts(newcomer)
    assert FALSE_WORDS not in exported(newcomer, study, tmp_path / "report.txt")

    # A station that has the true one keeps it, and tells the false one when it fetches the study.
    old = region.station("station-a")
    (complaint,) = told(old, "fetch", DR)
    assert uid in complaint
    here = {row["facts"]["accession"]: row["here"] for row in old.do("worklist", "--local")}
    assert here[DR] >= 1
    assert old.report(study)["prevailing"]["released"]["sop_uid"] == uid
    text = exported(old, study, tmp_path / "old.txt")
    assert TRUE_WORDS in text
    assert "韩" in text


def test_an_act_is_replaced(
    region: Region, orthanc: Orthanc, newcomer: Station, tmp_path: Path
) -> None:
    acts = objects(orthanc, patient_id=JOURNAL)
    (uid,) = [u for u, c in acts.items() if act_document.decode(c).kind is ActKind.COSIGN]
    altered = replaced(orthanc, acts[uid], other_words)
    assert not dcmsign_says(altered, region.root, tmp_path)

    complaints = told(newcomer)
    assert [c for c in complaints if uid in c], complaints
    assert len(complaints) == len(set(complaints)) == 1
    newcomer.do("worklist")
    study = region.study(DR)
    shown = newcomer.report(study)
    assert shown["state"] != "FINAL"
    assert shown["prevailing"] is None
    assert uid in {r["act"] for r in shown["rejected"]}
    assert FALSE_WORDS not in json.dumps(shown["heads"], ensure_ascii=False)
    listed = {r["accession"]: r for r in newcomer.do("report", "list")}
    assert uid in {r["act"] for r in listed[DR]["rejected"]}
    assert listed[MR]["state"] == "SUBMITTED"
    assert uid in verdicts(newcomer)
    # The altered one goes, the true one returns: now it counts.
    remove(orthanc, uid)
    orthanc.rest("/instances", "POST", acts[uid])
    settle(newcomer)
    assert newcomer.report(study)["state"] == "FINAL"
    assert TRUE_WORDS in newcomer.report(study)["prevailing"]["text"]["impression"]


def forged(region: Region, archive: Orthanc, level: Level, key: keys.SigningKey) -> bytes:
    """A co-signature of the brain MR by ``key``'s owner, well made in all but what the forger lacks.

    It stands in the next place of the journal, names what it claims to have seen, and says what it has released.
    """
    contents = objects(archive, patient_id=JOURNAL)
    acts = [act_document.decode(content) for content in contents.values()]
    newest = max(acts, key=lambda act: act.place.number)
    (model,) = [act for act in acts if act.kind is ActKind.COSIGN]
    study = region.study(MR)
    (true,) = [a for a in acts if a.kind is ActKind.SUBMIT and a.report.study_uid == study]
    assert model.publication is not None
    assert true.text is not None
    person = next(p for p in region.described["people"] if p["level"] == level.value)
    place = replace(
        newest.place,
        number=newest.place.number + 1,
        previous_digest=digest_of(contents[newest.sop_uid]),
    )
    act = replace(
        true,
        kind=ActKind.COSIGN,
        place=place,
        time=newest.time + timedelta(minutes=1),
        actor=Observer(person_id=person["login"], name=person["name"], organisation="DEMO"),
        actor_level=level,
        certificate=key.fingerprint,
        seen=(SeenAct(sop_uid=true.sop_uid, digest=digest_of(contents[true.sop_uid])),),
        attestor=true.actor,
        attested_at=true.time,
        text=replace(true.text, impression=FALSE_WORDS),
        publication=replace(
            model.publication,
            sop_uid=place.publication_uid,
            series_uid=place.publication_series_uid,
            study_uid=study,
        ),
    )
    return act_document.encode(act, key).data


def digest_of(content: bytes) -> str:
    return act_document.read(content, Trust(roots=())).digest


def test_an_act_of_a_stranger_does_not_count(
    region: Region, orthanc: Orthanc, tmp_path: Path
) -> None:
    """A key of another root that calls itself the second-level reader; another station's act comes in all the same."""
    first, second = (region.station(name) for name in STATIONS)
    study = region.study(MR)
    now = datetime.now().astimezone()
    root = keys.make_root("Elsewhere", now, bits=keys.SMALLEST_KEY_BITS)
    subject = keys.Subject(person_id="hanmeimei", name="Han^Meimei=韩^梅梅", organisation="DEMO")
    key = keys.issue(root, subject, now, bits=keys.SMALLEST_KEY_BITS)
    content = forged(region, orthanc, Level.SECOND, key)
    uid = tag(content, "SOPInstanceUID", tmp_path)
    orthanc.rest("/instances", "POST", content)
    words = ("--findings", "所见", "--impression", "意见")
    first.do("report", "submit", CT, *words, person="lilei")
    for station in (first, second):
        complaints = told(station)
        assert len(complaints) == 1
        assert uid in complaints[0]
        assert_not_counted(station, study, uid)
    # The first station sent its own in that very round, so the second has it.
    assert second.report(region.study(CT))["state"] == "SUBMITTED"
    settle(first, second)
    assert told(first) == []


def test_a_signature_without_the_level_does_not_count(
    region: Region, orthanc: Orthanc, tmp_path: Path
) -> None:
    """A true key of the region, of a first-level reader who co-signs with a program of his own."""
    second = region.station("station-b")
    study = region.study(MR)
    content = forged(region, orthanc, Level.FIRST, key_of(second, "lilei"))
    uid = tag(content, "SOPInstanceUID", tmp_path)
    orthanc.rest("/instances", "POST", content)
    settle(second)
    assert_not_counted(second, study, uid)


def assert_not_counted(station: Station, study: str, uid: str) -> None:
    shown = station.report(study)
    assert shown["state"] == "SUBMITTED"
    assert shown["prevailing"] is None
    assert uid in {r["act"] for r in shown["rejected"]}
    assert uid in "".join([*verdicts(station), *verdicts(station).values()])


def key_of(station: Station, person: str) -> keys.SigningKey:
    """The person's own key at a station, unlocked with the password."""
    for path in (station.home / "region" / "keys").iterdir():
        try:
            key = keys.unlock(path.read_bytes(), station.passwords[person])
        except Exception:  # noqa: S112  another person's
            continue
        return key
    raise AssertionError(f"{person} has no key here")


def test_the_archive_loses_every_journal(region: Region, orthanc: Orthanc, tmp_path: Path) -> None:
    """Any station that has the acts offers them again; nothing is doubled, nothing changes."""
    first, second = (region.station(name) for name in STATIONS)
    before = objects(orthanc, patient_id=JOURNAL)
    reports: Any = first.do("report", "list")
    for name in found(orthanc, "Study", PatientID=JOURNAL):
        orthanc.rest(f"/studies/{name}", "DELETE")
    assert not objects(orthanc, patient_id=JOURNAL)
    round_ = second.do("sync", "--once")
    assert round_["report"]["offered_again"] == len(before)
    assert round_["status"]["to_send"] == 0
    after = objects(orthanc, patient_id=JOURNAL)
    assert after.keys() == before.keys()
    assert all(dcmsign_says(c, region.root, tmp_path) for c in after.values())
    settle(first, second)
    assert first.do("sync", "--once")["report"]["offered_again"] == 0
    assert objects(orthanc, patient_id=JOURNAL).keys() == before.keys()
    assert first.do("report", "list") == reports
    assert verdicts(second) == {}
