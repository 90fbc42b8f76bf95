"""The list of work: local and remote studies in one, there without the line, told when it changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.store.records import NOW, parsed, study
from workstation.domain.errors import LineFailure
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.domain.worklist import ImagesHere, ReportStanding, Status, WorklistRow
from workstation.services.worklist import Worklist, merged
from workstation.settings import Node
from workstation.store import Store

CENTRE = Node(name="centre", aet="PACS", host="127.0.0.1", port=104)
SECOND = Node(name="second", aet="PACS", host="127.0.0.1", port=105)


@dataclass
class Archives:
    """What each archive would answer; an archive without an answer is away."""

    answers: dict[str, Sequence[StudyFacts]] = field(default_factory=dict)
    dates: list[str] = field(default_factory=list)

    def client_of(self, node: Node) -> Archives:
        self.asked = node.name
        return self

    def find_studies(self, *, dates: str) -> Sequence[StudyFacts]:
        self.dates.append(dates)
        if self.asked not in self.answers:
            raise LineFailure("{node} is away", node=self.asked)
        return self.answers[self.asked]


def worklist(store: Store, archives: Archives, days: int = 0) -> Worklist:
    def standing(facts: StudyFacts) -> ReportStanding:
        status = Status.FINAL if facts.study_uid == "1.2.4" else Status.UNREAD
        return ReportStanding(status=status)

    return Worklist(
        store=store,
        client_of=archives.client_of,  # type: ignore[arg-type]  # a stand-in with the one call that is used
        standing_of=standing,
        clock=lambda: NOW,
        hidden_patient_ids=frozenset({"JOURNAL"}),
        days=days,
    )


def keep(store: Store, sop_uid: str, facts: StudyFacts) -> None:
    store.index.add_instance(
        parsed(sop_uid, study_facts=facts), store.files.stage(sop_uid.encode()), NOW
    )


def by_uid(rows: Sequence[WorklistRow]) -> dict[str, WorklistRow]:
    return {row.facts.study_uid: row for row in rows}


def test_local_and_remote_studies_stand_in_one_list(store: Store) -> None:
    keep(store, "1", study("1.2.3"))
    keep(store, "2", study("1.2.5"))
    store.nodes.add(CENTRE)
    remote = [study("1.2.3", instance_count=3), study("1.2.4", instance_count=7, date="20260303")]
    listed = worklist(store, Archives({"centre": remote}))
    listed.refresh()
    rows = by_uid(listed.rows())
    assert rows.keys() == {"1.2.3", "1.2.4", "1.2.5"}
    partly, away, only_here = (rows[uid] for uid in ("1.2.3", "1.2.4", "1.2.5"))
    assert (partly.images, partly.here, partly.total, partly.in_archive) == (
        ImagesHere.PARTIAL, 1, 3, True,
    )  # fmt: skip
    assert (away.images, away.standing.status) == (ImagesHere.NONE, Status.FINAL)
    assert (only_here.images, only_here.total, only_here.in_archive) == (
        ImagesHere.ALL,
        None,
        False,
    )
    assert [r.facts.study_uid for r in listed.rows()][-1] == "1.2.4"


def test_journals_are_no_patients(store: Store) -> None:
    store.nodes.add(CENTRE)
    journal = study("7.7", patient=PatientIdentity(patient_id="JOURNAL"))
    listed = worklist(store, Archives({"centre": [journal, study("1.2.3")]}))
    listed.refresh()
    keep(store, "1", replace(journal, study_uid="7.8"))
    assert by_uid(listed.rows()).keys() == {"1.2.3"}


def test_the_last_answer_stays_when_an_archive_goes_away(store: Store) -> None:
    store.nodes.add(CENTRE)
    store.nodes.add(SECOND)
    archives = Archives({"centre": [study("1.2.3")], "second": [study("1.2.4")]})
    listed = worklist(store, archives)
    calls: list[int] = []
    listed.listen(lambda: calls.append(1))
    listed.refresh()
    del archives.answers["centre"]
    archives.answers["second"] = [study("1.2.5")]
    with pytest.raises(LineFailure, match="centre is away"):
        listed.refresh()
    assert by_uid(listed.rows()).keys() == {"1.2.3", "1.2.5"}
    assert len(calls) == 2


def test_only_recent_days_are_asked_for_where_settings_say_so(store: Store) -> None:
    store.nodes.add(CENTRE)
    archives = Archives({"centre": []})
    worklist(store, archives).refresh()
    worklist(store, archives, days=30).refresh()
    first_day = NOW.astimezone().date() - dt.timedelta(days=30)
    assert archives.dates == ["", f"{first_day:%Y%m%d}-"]


def test_headers_fill_what_the_archive_left_out() -> None:
    remote = study(description="", body_part="", modalities=(), instance_count=9)
    local = study(description="胸部CT", body_part="CHEST", modalities=("CT",), instance_count=1)
    both = merged(remote, local)
    assert (both.description, both.body_part, both.modalities) == ("胸部CT", "CHEST", ("CT",))
    assert both.instance_count == 9
    assert merged(study(description="MR"), local).description == "MR"
    assert merged(None, local).instance_count is None
    assert merged(remote, None) == remote
