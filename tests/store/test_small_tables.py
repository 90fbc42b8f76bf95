"""Drafts, archives, remote answers, what was seen, and the area of decoded volumes."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from tests.store.records import NOW, parsed, study
from workstation.domain.act import ReportIdentity, ReportText, SeriesCoverage
from workstation.settings import Node
from workstation.store import Store
from workstation.store.drafts import DraftRecord
from workstation.store.viewed import SeenFrame
from workstation.store.volumes import Volumes

REPORT = ReportIdentity(study_uid="1.2.3", accession="A1", part="胸部")


def draft(person: str, findings: str, minutes: int = 0) -> DraftRecord:
    text = ReportText(
        findings=findings,
        impression="双肺清晰",
        technique="t",
        recommendation="r",
        language="zh-CN",
    )
    when = NOW + dt.timedelta(minutes=minutes)
    return DraftRecord(identity=REPORT, person_id=person, text=text, updated_at=when)


def test_a_draft_is_kept_in_the_place_of_the_one_before(store: Store) -> None:
    store.drafts.save(draft("li", "first"))
    store.drafts.save(draft("li", "second", 1))
    store.drafts.save(draft("wang", "mine", 2))
    assert store.drafts.load(REPORT.key, "li") == draft("li", "second", 1)
    assert store.drafts.of("wang") == (draft("wang", "mine", 2),)
    assert [d.person_id for d in store.drafts.on(REPORT.key)] == ["wang", "li"]
    assert len(store.drafts.on_study("1.2.3")) == 2
    store.drafts.delete(REPORT.key, "li")
    assert store.drafts.load(REPORT.key, "li") is None


def test_archives_are_known_by_name(store: Store) -> None:
    node = Node(name="centre", aet="PACS", host="10.0.0.1", port=104)
    store.nodes.add(node)
    store.nodes.add(Node(name="centre", aet="PACS2", host="10.0.0.1", port=104, images_only=True))
    assert [n.aet for n in store.nodes.all()] == ["PACS2"]
    assert store.nodes.get("centre") != node
    assert store.nodes.remove("centre")
    assert not store.nodes.remove("centre")


def test_an_archives_last_answer_stays_until_the_next(store: Store) -> None:
    first = study(series_count=1, instance_count=92, modalities=("CT",))
    store.remote.replace("a", [first, study("1.2.4")], NOW)
    store.remote.replace("b", [first], NOW)
    store.remote.replace("a", [first], NOW)
    assert store.remote.studies() == (("a", first), ("b", first))
    assert store.remote.nodes_of("1.2.3") == ("a", "b")
    assert store.remote.asked_at("a") == NOW


def test_what_was_seen_is_counted_once_and_against_what_is_here(store: Store) -> None:
    for number, frames in (("1", 1), ("2", 1), ("3", 5)):
        store.index.add_instance(
            parsed(number, frames=frames), store.files.stage(number.encode()), NOW
        )
    store.index.add_instance(
        parsed("4", series_uid="8", modality="SR", frames=0), store.files.stage(b"4"), NOW
    )

    def seen(sop_uid: str, frame: int, person: str = "li") -> SeenFrame:
        return SeenFrame(
            person_id=person, study_uid="1.2.3", series_uid="1.2.3.1", sop_uid=sop_uid, frame=frame
        )

    store.viewed.add([seen("1", 1), seen("1", 1), seen("3", 2), seen("3", 9), seen("unknown", 1)])
    store.viewed.add([seen("1", 1), seen("2", 1, person="wang")])
    expected = SeriesCoverage(series_uid="1.2.3.1", seen=2, total=7)
    assert store.viewed.coverage("li", "1.2.3") == (expected,)
    assert store.viewed.coverage("nobody", "1.2.3")[0].seen == 0


def test_the_least_recently_used_volume_goes_first(tmp_path: Path) -> None:
    area = Volumes(tmp_path, budget_bytes=250)
    paths = [area.path(f"series {i}") for i in range(3)]
    for age, path in enumerate(reversed(paths)):
        path.write_bytes(bytes(100))
        os.utime(path, (1_000_000 - age * 1000, 1_000_000 - age * 1000))
    assert area.path("series 0") == paths[0]  # asked for again: now the youngest
    assert area.evict(keep={paths[1]}) == 100
    assert [p.exists() for p in paths] == [True, True, False]
    assert area.evict() == 0
