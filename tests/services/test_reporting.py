"""The report's life at one station: every verb, and that an act is kept whole or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.services.small_region import (
    OTHER,
    PATIENT,
    TEXT,
    SmallRegion,
    change,
    facts,
    keep_study,
    session,
)
from workstation.documents import act_document, publication
from workstation.documents.publication import PublicationKind
from workstation.domain.act import ActKind, Comment, Grade, Outcome, ReportText
from workstation.domain.errors import BadInput, NotFound, Refusal, StoreFailure
from workstation.domain.report import State, grades_of
from workstation.domain.study import PatientIdentity
from workstation.domain.worklist import Status
from workstation.services.reporting import Draft, report_of
from workstation.services.sessions import Session
from workstation.services.station import Station
from workstation.store.acts import ActRecord
from workstation.store.transaction import Transaction


def everything_kept(station: Station, study: str) -> tuple[int, int, int, int]:
    """How many acts, publications, outbox rows and audit lines there are."""
    store = station.store
    acts, released = store.acts.of_study(study), store.publications.of_study(study)
    return len(acts), len(released), len(store.outbox.items()), len(store.audit.lines())


def released(station: Station, study: str) -> list[PublicationKind]:
    found = [publication.decode(r.content) for r in station.store.publications.of_study(study)]
    return [p.kind for p in sorted(found, key=lambda p: p.time)]


def status(station: Station, study: str) -> Status:
    return station.reporting.open(study).standing.status


def draft(station: Station, study: str, reader: Session) -> Draft | None:
    return station.reporting.open(study, reader.person.person_id).draft


def rule(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.rule


def test_submit_keeps_act_outbox_row_and_audit_line_and_ends_the_draft(region: SmallRegion) -> None:
    station = region.station()
    study, reader = keep_study(station), session(station, "lilei")
    node, _ = region.archive()
    station.add_node(node)
    station.reporting.autosave(study, reader, TEXT)
    assert status(station, study) is Status.DRAFT
    told: list[str] = []
    station.reporting.listen(told.append)
    signed = station.reporting.submit(study, reader, TEXT)
    assert everything_kept(station, study) == (1, 0, 1, 1)
    assert draft(station, study, reader) is None
    assert told == [report_of(facts()).key]
    read = act_document.read(
        station.store.acts.by_uid(signed.act.sop_uid)[0].content, station.trust
    )
    assert read.fault == ""
    assert read.act == signed.act
    assert station.store.audit.lines()[0].detail == signed.act.sop_uid


def test_a_refused_act_changes_nothing_and_keeps_the_draft(region: SmallRegion) -> None:
    station = region.station()
    study, reader = keep_study(station), session(station, "lilei")
    station.reporting.submit(study, reader, TEXT)
    before = everything_kept(station, study)
    own = session(station, "lilei")
    station.reporting.autosave(study, own, OTHER)
    verbs: list[Callable[[], object]] = [
        lambda: station.reporting.submit(study, own, OTHER),
        lambda: station.reporting.cosign(study, own, OTHER),
        lambda: station.reporting.addend(study, own, OTHER),
        lambda: station.reporting.withdraw(study, own, "mistaken"),
        lambda: station.reporting.return_(study, session(station, "hanmei"), " \x00"),
    ]
    for verb in verbs:
        with pytest.raises(Refusal):
            verb()
    assert everything_kept(station, study) == before
    kept = draft(station, study, own)
    assert kept is not None
    assert kept.text == OTHER


def test_a_failing_disk_keeps_the_draft_and_nothing_else(
    region: SmallRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = region.station()
    study, reader = keep_study(station), session(station, "lilei")
    station.reporting.autosave(study, reader, TEXT)

    def full(*_args: object) -> None:
        raise StoreFailure("The disk of the local store is full")

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "delete_draft", full)  # the last thing the transaction does
        with pytest.raises(StoreFailure):
            station.reporting.submit(study, reader, TEXT)
    assert everything_kept(station, study) == (0, 0, 0, 0)
    assert draft(station, study, reader) is not None
    signed = station.reporting.submit(study, reader, TEXT)
    assert signed.act.place.number == 1


def test_cosign_releases_the_changed_text_with_its_grade(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    first, second = session(station, "lilei"), session(station, "hanmei")
    station.reporting.submit(study, first, TEXT)
    station.reporting.open_review(study, second)
    assert station.reporting.open_review(study, second) is None
    changed = replace(TEXT, impression="右肺上叶结节，建议 3 个月后复查。")
    signed = station.reporting.cosign(study, second, changed, Grade.MINOR)
    case = station.reporting.open(study)
    assert case.standing.status is Status.FINAL
    assert (case.standing.first_reader, case.standing.second_reader) == ("lilei", "hanmei")
    assert [g for _, g in grades_of(case.history, signed.act.sop_uid)] == [Grade.MINOR]
    kept = station.store.publications.of_study(study)
    assert len(kept) == 1
    said = publication.read(kept[0].content, station.trust)
    assert said.fault == ""
    assert said.publication.text == changed
    assert said.publication.modified_at_review
    assert [a.person_id for a in said.publication.authors] == ["lilei", "hanmei"]
    assert said.publication.attestor is not None
    assert said.publication.attestor.person_id == "lilei"
    assert {e.sop_uid for e in said.publication.evidence} == {f"{study}.1.1", f"{study}.1.2"}
    assert signed.act.publication is not None
    assert signed.act.publication.digest == said.digest
    assert station.reporting.exported(study, "sr") == kept[0].content
    assert "3 个月后" in station.reporting.exported(study, "text").decode()


def test_a_grade_that_cannot_be_kept_takes_the_cosignature_back(
    region: SmallRegion, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = region.station()
    study = keep_study(station)
    station.reporting.submit(study, session(station, "lilei"), TEXT)
    real = Transaction.add_act

    def fail_at_grade(tx: Transaction, act: ActRecord) -> bool:
        if act.kind == ActKind.GRADE.value:
            raise StoreFailure("The disk of the local store is full")
        return real(tx, act)

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "add_act", fail_at_grade)
        with pytest.raises(StoreFailure):
            station.reporting.cosign(study, session(station, "hanmei"), TEXT, Grade.CONCUR)
    assert status(station, study) is Status.SUBMITTED
    assert released(station, study) == []


def test_return_write_again_recall_and_submit(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    first, second = session(station, "lilei"), session(station, "hanmei")
    reporting = station.reporting
    reporting.submit(study, first, TEXT)
    remark = Comment(text="测量有误", section="findings", quoted="8 mm", start=10)
    reporting.return_(study, second, "请复核大小", (remark,))
    case = reporting.open(study, "lilei")
    assert case.standing.status is Status.RETURNED
    assert case.standing.owner == "lilei"
    assert case.history.head is not None
    assert case.history.head.act.comments == (remark,)
    reporting.submit(study, first, OTHER)
    reporting.recall(study, first)
    taken_back = draft(station, study, first)
    assert taken_back is not None
    assert taken_back.text == OTHER
    reporting.submit(study, first, TEXT)
    reporting.open_review(study, second)
    with pytest.raises(Refusal) as refused:
        reporting.recall(study, first)
    assert rule(refused) == "REVIEW_OPENED"


def test_preliminary_then_final_then_addendum_amendment_and_withdrawal(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    first, second = session(station, "lilei"), session(station, "hanmei")
    reporting = station.reporting
    reporting.submit(study, first, TEXT)
    reporting.release_preliminary(study, first, "急诊科 张医生", "急诊")
    assert status(station, study) is Status.PRELIMINARY
    reporting.cosign(study, second, TEXT)
    addition = ReportText(findings="补充：骨窗未见骨折。")
    reporting.addend(study, first, addition)
    assert status(station, study) is Status.AMENDING
    reporting.cosign(study, second, addition)
    prevailing = reporting.open(study).history.prevailing
    assert prevailing is not None
    assert prevailing.text == TEXT
    assert prevailing.addenda == (addition,)
    reporting.amend(study, first, OTHER, "左右混淆")
    reporting.cosign(study, second, OTHER)
    reporting.withdraw(study, second, "报告写错了病人")
    assert status(station, study) is Status.WITHDRAWN
    assert reporting.open(study).history.prevailing is None
    with pytest.raises(NotFound):
        reporting.exported(study, "text")
    kinds = PublicationKind
    assert released(station, study) == [
        kinds.PRELIMINARY, kinds.FINAL, kinds.ADDENDUM, kinds.AMENDMENT, kinds.WITHDRAWAL,
    ]  # fmt: skip
    found = [
        publication.read(r.content, station.trust)
        for r in station.store.publications.of_study(study)
    ]
    by_time = sorted(found, key=lambda r: r.publication.time)
    for before, after in itertools.pairwise(by_time):
        assert after.publication.predecessors == (before.reference,)
    reporting.submit(study, first, TEXT)
    assert status(station, study) is Status.SUBMITTED


def test_a_trainee_s_text_needs_an_attestation(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    trainee, first = session(station, "chenchen"), session(station, "lilei")
    reporting = station.reporting
    with pytest.raises(Refusal) as refused:
        reporting.submit(study, trainee, TEXT)
    assert rule(refused) == "LEVEL"
    reporting.hand_over(study, trainee, TEXT, "lilei")
    with pytest.raises(Refusal) as refused:
        reporting.submit(study, first, TEXT)
    assert rule(refused) == "ATTEST_MISSING"
    reporting.attest(study, first)
    taken = draft(station, study, first)
    assert taken is not None
    assert taken.text == TEXT
    with pytest.raises(Refusal) as refused:
        reporting.submit(study, first, OTHER)
    assert rule(refused) == "ATTEST_MISSING"
    signed = reporting.submit(study, first, TEXT)
    assert [w.person_id for w in signed.act.writers] == ["lilei", "chenchen"]
    for person in ("lilei", "chenchen"):
        assert ActKind.COSIGN not in reporting.allowed(study, session(station, person))
    reporting.cosign(study, session(station, "hanmei"), TEXT)
    assert status(station, study) is Status.FINAL


def test_park_hand_over_and_take_over(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    first, other = session(station, "lilei"), session(station, "zhoutao")
    reporting = station.reporting
    reporting.park(study, first, TEXT)
    with pytest.raises(Refusal) as refused:
        reporting.submit(study, other, OTHER)
    assert rule(refused) == "NOT_OWNER"
    reporting.take_over(study, other, "值班交接")
    taken = draft(station, study, other)
    assert taken is not None
    assert taken.text == TEXT
    with pytest.raises(Refusal) as refused:
        reporting.hand_over(study, other, TEXT, "nobody")
    assert rule(refused) == "PERSON"
    reporting.hand_over(study, other, TEXT, "lilei")
    signed = reporting.submit(study, first, TEXT)
    assert {w.person_id for w in signed.act.writers} == {"lilei", "zhoutao"}


def test_a_fork_is_shown_and_resolved_by_somebody_who_attested_none(region: SmallRegion) -> None:
    here, there = region.station("a"), region.station("b")
    study = keep_study(here)
    keep_study(there)
    here.reporting.submit(study, session(here, "lilei"), TEXT)
    there.reporting.submit(study, session(there, "zhoutao"), OTHER)
    for record in there.store.acts.of_study(study):
        here.store.acts.add_received(replace(record, received_at=region.clock()))
    case = here.reporting.open(study)
    assert case.standing.status is Status.FORK
    assert {h.text for h in case.history.heads} == {TEXT, OTHER}
    chosen = next(h for h in case.history.heads if h.text == OTHER)
    with pytest.raises(Refusal) as refused:
        here.reporting.cosign(study, session(here, "hanmei"), OTHER)
    assert rule(refused) == "FORK"
    with pytest.raises(Refusal) as refused:
        here.reporting.resolve_fork(
            study, session(here, "lilei"), chosen.act.sop_uid, OTHER, Outcome.SUBMITTED
        )
    assert rule(refused) == "RESOLVER"
    signed = here.reporting.resolve_fork(
        study, session(here, "hanmei"), chosen.act.sop_uid, OTHER, Outcome.FINAL
    )
    after = here.reporting.open(study)
    assert after.standing.status is Status.FINAL
    assert after.history.prevailing is not None
    assert after.history.prevailing.attestor is not None
    assert after.history.prevailing.attestor.person_id == "zhoutao"
    assert len(signed.act.seen) == 2
    assert released(here, study) == [PublicationKind.FINAL]


def test_text_is_signed_as_a_document_can_carry_it(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    first, second = session(station, "lilei"), session(station, "hanmei")
    typed = ReportText(findings="第一行\r\n第二行\x07  ", impression="\tA\x0b B \n")
    station.reporting.submit(study, first, typed)
    head = station.reporting.open(study).history.head
    assert head is not None
    assert head.text == ReportText(findings="第一行\n第二行", impression="\tA B \n")
    # The reviewer who changes nothing but what no document carries has not modified the report.
    signed = station.reporting.cosign(study, second, typed)
    assert signed.act.text == head.text
    said = publication.decode(station.store.publications.of_study(study)[0].content)
    assert not said.modified_at_review
    with pytest.raises(Refusal) as refused:
        station.reporting.submit(
            keep_study(station, facts("1.2.9")), first, ReportText(findings=" \x00")
        )
    assert rule(refused) == "TEXT_MISSING"


def test_an_autosaved_draft_is_kept_as_it_was_typed(region: SmallRegion) -> None:
    station = region.station()
    study, reader = keep_study(station), session(station, "lilei")
    typed = ReportText(findings="写到一半  ", impression="\n\n")
    station.reporting.autosave(study, reader, typed)
    again = region.station()
    kept = draft(again, study, session(again, "lilei"))
    assert kept is not None
    assert kept.text == typed


def test_another_patient_in_the_header_stops_every_release_until_somebody_reconciles(
    region: SmallRegion,
) -> None:
    station = region.station()
    study = keep_study(station)
    first, second = session(station, "lilei"), session(station, "hanmei")
    station.reporting.submit(study, first, TEXT)
    other = replace(PATIENT, patient_id="9999999", name="Li^Si=李^四")
    coerced(station, study, other)
    assert station.reporting.open(study).identity_conflict == ("patient_id", "name")
    with pytest.raises(Refusal) as refused:
        station.reporting.cosign(study, second, TEXT)
    assert rule(refused) == "IDENTITY"
    assert "李" not in str(refused.value)
    # Acts that release nothing go on, but they do not launder the difference.
    station.reporting.return_(study, second, "病人信息不符")
    with pytest.raises(Refusal) as refused:
        station.reporting.submit(study, first, TEXT)
    assert rule(refused) == "IDENTITY"
    station.reporting.reconcile_identity(study, second, "两个号码是同一病人")
    station.reporting.submit(study, first, TEXT)
    station.reporting.cosign(study, second, TEXT)
    assert status(station, study) is Status.FINAL
    assert station.reporting.open(study).identity_conflict == ()


def coerced(station: Station, study: str, patient: PatientIdentity) -> None:
    """The header that lies here now shows another patient, as after an archive's correction."""
    change(
        station,
        "UPDATE studies SET patient_id = ?, name = ? WHERE study_uid = ?",
        patient.patient_id,
        patient.name,
        study,
    )


def test_a_person_without_a_level_may_do_nothing(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    nobody = session(station, "wuming")
    assert station.reporting.allowed(study, nobody) == frozenset()
    with pytest.raises(Refusal) as refused:
        station.reporting.submit(study, nobody, TEXT)
    assert rule(refused) == "LEVEL"


def test_an_unknown_study_is_refused_by_name(region: SmallRegion) -> None:
    station = region.station()
    with pytest.raises(NotFound):
        station.reporting.open("1.2.3")
    with pytest.raises(NotFound):
        station.reporting.autosave("1.2.3", session(station, "lilei"), TEXT)


def test_a_number_of_two_studies_names_neither(region: SmallRegion) -> None:
    station = region.station()
    keep_study(station)
    keep_study(station, facts("1.2.9", patient=PatientIdentity(patient_id="7")))
    with pytest.raises(BadInput, match="2 studies"):
        station.reporting.study_of("CT1")
    assert station.reporting.study_of("1.2.9") == "1.2.9"
    assert station.reporting.study_of("nothing") is None


def test_a_forged_act_does_not_name_the_report(region: SmallRegion) -> None:
    station, elsewhere = region.station("a"), region.station("b", region="Another region")
    study = keep_study(station)
    keep_study(elsewhere, facts(accession="FORGED"))
    elsewhere.reporting.submit(study, session(elsewhere, "lilei"), OTHER)
    for record in elsewhere.store.acts.of_study(study):
        forged = replace(record, fault="not issued by a trusted root", received_at=region.clock())
        station.store.acts.add_received(forged)
    assert station.reporting.open(study).identity.accession == "CT1"
    signed = station.reporting.submit(study, session(station, "lilei"), TEXT)
    assert signed.act.report == report_of(facts())
    assert station.reporting.open(study).history.head is not None
    assert station.reporting.open(study).history.heads[0].state is State.SUBMITTED


def test_a_deed_is_refused_when_the_report_changed_under_the_eye(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    author, reviewer = session(station, "lilei"), session(station, "hanmei")
    reporting = station.reporting
    reporting.submit(study, author, TEXT)
    looked_at = reporting.open(study).history
    reporting.recall(study, author)
    reporting.submit(study, author, OTHER)
    before = everything_kept(station, study)
    with pytest.raises(Refusal) as refused:
        reporting.having_seen(looked_at).cosign(study, reviewer, TEXT, Grade.CONCUR)
    assert rule(refused) == "CHANGED"
    assert everything_kept(station, study) == before
    seen = reporting.having_seen(reporting.open(study).history)
    seen.cosign(study, reviewer, OTHER, Grade.CONCUR)
    assert status(station, study) is Status.FINAL
