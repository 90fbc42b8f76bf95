"""Lives of a report, from the first word to the last signature, at one station and at several."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.domain.reading_room import OTHER_TEXT, REPORT, ROSTER, TEXT, Station, observer, rules
from workstation.domain.act import ActKind, Grade, Outcome, ReportText
from workstation.domain.errors import Refusal
from workstation.domain.report import Purpose, State, fold, grades_of, version_after
from workstation.domain.roster import Level

ADDITION = ReportText(findings="补充：左肺另见一小结节。")
PARK, HAND_OVER, TAKE_OVER = ActKind.PARK, ActKind.HAND_OVER, ActKind.TAKE_OVER
ATTEST, SUBMIT, RECALL, OPEN = ActKind.ATTEST, ActKind.SUBMIT, ActKind.RECALL, ActKind.OPEN_REVIEW
RETURN, PRELIMINARY, COSIGN = ActKind.RETURN, ActKind.RELEASE_PRELIMINARY, ActKind.COSIGN
ADDEND, AMEND, WITHDRAW = ActKind.ADDEND, ActKind.AMEND, ActKind.WITHDRAW
RESOLVE, GRADE = ActKind.RESOLVE_FORK, ActKind.GRADE


def test_submit_return_resubmit_cosign() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    head = room.history.head
    assert head is not None
    assert (head.state, head.text, head.people) == (State.SUBMITTED, TEXT, {"lilei"})
    assert room.history.prevailing is None
    room.do(OPEN, "hanmei")
    assert [o.person_id for o in room.history.review_openers] == ["hanmei"]
    room.do(RETURN, "hanmei", reason="请看左肺")
    head = room.history.head
    assert head is not None
    assert head.owner is not None
    assert (head.state, head.owner.person_id) == (State.RETURNED, "lilei")
    assert room.history.review_openers == ()
    room.do(SUBMIT, "lilei", text=OTHER_TEXT)
    signature = room.do(COSIGN, "hanmei")
    room.do(GRADE, "hanmei", grade=Grade.MINOR)
    history = room.history
    assert history.prevailing is history.head
    assert history.prevailing is not None
    assert history.prevailing.text == OTHER_TEXT
    assert history.prevailing.act.sop_uid == signature.act.sop_uid
    assert history.prevailing.finals == {signature.act.sop_uid}
    assert not history.amendment_in_progress
    assert [(o.person_id, g) for o, g in grades_of(history, signature.act.sop_uid)] == [
        ("hanmei", Grade.MINOR)
    ]
    assert (history.rejected, history.missing) == ((), frozenset())
    assert [v.state for v in history.steps()] == ["SUBMITTED", "RETURNED", "SUBMITTED", "FINAL"]


def test_the_reviewer_changes_words_and_the_attestation_keeps_its_own_time() -> None:
    room = Station()
    submission = room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei", text=OTHER_TEXT)
    final = room.history.prevailing
    assert final is not None
    assert final.attestor is not None
    assert (final.text, final.attestor.person_id) == (OTHER_TEXT, "lilei")
    assert final.attested_at == submission.act.time
    assert room.history.versions[submission.act.sop_uid].text == TEXT


def test_a_preliminary_goes_out_and_the_final_follows() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(PRELIMINARY, "lilei", told_to="急诊 王医生")
    head = room.history.head
    assert head is not None
    assert (head.state, head.preliminary, head.text) == (State.SUBMITTED, True, TEXT)
    assert room.history.prevailing is None
    room.do(COSIGN, "hanmei")
    final = room.history.prevailing
    assert final is not None
    assert (final.state, final.preliminary) == (State.FINAL, False)


def test_a_preliminary_stays_out_while_the_text_is_recalled_and_rewritten() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(PRELIMINARY, "lilei")
    room.do(RECALL, "lilei")
    assert room.history.head is not None
    assert room.history.head.preliminary
    assert room.refused(WITHDRAW, "hanmei") == ""
    room.do(SUBMIT, "lilei", text=OTHER_TEXT)
    assert room.history.head.preliminary


def test_the_final_prevails_all_through_an_addendum() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    first = room.do(COSIGN, "hanmei").act.sop_uid
    for kind, who, said in (
        (ADDEND, "wangfang", {"text": ADDITION}),
        (RETURN, "hanmei", {}),
        (PARK, "wangfang", {"text": ADDITION}),
        (ADDEND, "wangfang", {"text": ADDITION}),
        (RECALL, "wangfang", {}),
        (ADDEND, "wangfang", {"text": ADDITION}),
    ):
        room.do(kind, who, **said)
        history = room.history
        assert history.prevailing is not None
        assert (history.prevailing.act.sop_uid, history.prevailing.text) == (first, TEXT)
        assert history.amendment_in_progress
        assert history.head is not None
        assert history.head.text == TEXT
    second = room.do(COSIGN, "hanmei").act.sop_uid
    final = room.history.prevailing
    assert final is not None
    assert (final.act.sop_uid, final.text, final.addenda) == (second, TEXT, (ADDITION,))
    assert final.finals == {first, second}
    assert not room.history.amendment_in_progress


def test_an_amendment_replaces_text_and_addenda() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei")
    room.do(ADDEND, "lilei", text=ADDITION)
    room.do(COSIGN, "hanmei")
    room.do(AMEND, "wangfang", text=OTHER_TEXT, reason="左右写反")
    assert room.history.prevailing is not None
    assert room.history.prevailing.addenda == (ADDITION,)
    room.do(COSIGN, "zhaogang")
    final = room.history.prevailing
    assert (final.text, final.addenda, final.purpose) == (OTHER_TEXT, (), Purpose.AMENDMENT)


def test_the_second_reader_of_the_report_may_cosign_its_addendum_but_not_his_own() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei")
    room.do(ADDEND, "hanmei", text=ADDITION)
    assert room.refused(COSIGN, "hanmei") == "OTHER_PERSON"
    assert room.refused(COSIGN, "zhaogang") == ""


def test_recall_until_the_review_is_opened() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(RECALL, "lilei")
    head = room.history.head
    assert head is not None
    assert head.owner is not None
    assert (head.state, head.owner.person_id, head.text) == (State.DRAFT, "lilei", TEXT)
    room.do(SUBMIT, "lilei")
    room.do(OPEN, "hanmei")
    with pytest.raises(Refusal) as refused:
        room.do(RECALL, "lilei")
    assert refused.value.rule == "REVIEW_OPENED"
    assert room.refused(RETURN, "hanmei") == ""


def test_a_preliminary_release_does_not_close_an_opened_review() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(OPEN, "hanmei")
    room.do(PRELIMINARY, "hanmei")
    assert [o.person_id for o in room.history.review_openers] == ["hanmei"]
    assert room.refused(RECALL, "lilei") == "REVIEW_OPENED"
    assert room.refused(RECALL, "lilei", seen=(room.acts[-1].seen,)) == "REVIEW_OPENED"


def test_a_review_opened_elsewhere_meanwhile_is_seen_through_the_release() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    here.meet(there)
    here.do(PRELIMINARY, "lilei")
    there.do(OPEN, "hanmei")
    here.meet(there)
    assert here.refused(RECALL, "lilei") == "REVIEW_OPENED"


def test_a_trainee_s_text_by_hand_over_and_attest() -> None:
    room = Station()
    draft = ReportText(findings="两肺纹理清晰。")
    room.do(PARK, "xiaoming", text=draft)
    assert room.refused(SUBMIT, "xiaoming", Level.FIRST) == "LEVEL"
    assert room.refused(ATTEST, "lilei") == "NOT_OWNER"
    room.do(HAND_OVER, "xiaoming", text=draft, recipient=observer("lilei"))
    assert room.refused(SUBMIT, "lilei", text=draft) == "ATTEST_MISSING"
    room.do(ATTEST, "lilei")
    assert room.refused(SUBMIT, "lilei", text=TEXT) == "ATTEST_MISSING"
    without_trainee = (observer("lilei"),)
    assert room.refused(SUBMIT, "lilei", text=draft, writers=without_trainee) == "WRITERS"
    assert room.refused(SUBMIT, "wangfang", text=draft) == "NOT_OWNER"
    room.do(SUBMIT, "lilei", text=draft)
    room.do(COSIGN, "hanmei")
    final = room.history.prevailing
    assert final is not None
    assert final.people == {"lilei", "xiaoming"}
    assert final.attestor == observer("lilei")


def test_an_attested_text_that_is_changed_must_be_attested_again() -> None:
    room = Station()
    room.do(HAND_OVER, "xiaoming", text=TEXT, recipient=observer("lilei"))
    room.do(ATTEST, "lilei")
    room.do(PARK, "lilei", text=OTHER_TEXT)
    assert room.refused(SUBMIT, "lilei", text=OTHER_TEXT) == "ATTEST_MISSING"


def test_a_trainee_who_also_reads_at_the_first_level_needs_no_attestation() -> None:
    room = Station()
    room.do(PARK, "gaoming", Level.TRAINEE, text=TEXT)
    room.do(SUBMIT, "gaoming", Level.FIRST)
    assert room.refused(COSIGN, "hanmei") == ""


def test_an_amendment_of_a_report_that_a_trainee_wrote_needs_no_second_attestation() -> None:
    room = Station()
    room.do(HAND_OVER, "xiaoming", text=TEXT, recipient=observer("lilei"))
    room.do(ATTEST, "lilei")
    room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei")
    both = (observer("wangfang"), observer("lilei"), observer("xiaoming"))
    assert room.refused(AMEND, "wangfang", writers=both) == ""
    new_trainee = (observer("wangfang"), observer("nobody"))
    assert room.refused(AMEND, "wangfang", writers=new_trainee) == "ATTEST_MISSING"


def test_take_over_with_a_reason() -> None:
    room = Station()
    room.do(PARK, "lilei", text=TEXT)
    assert room.refused(SUBMIT, "wangfang") == "NOT_OWNER"
    assert room.refused(TAKE_OVER, "wangfang", reason="") == "REASON_MISSING"
    room.do(TAKE_OVER, "wangfang", reason="李雷下班")
    assert room.refused(PARK, "lilei", text=TEXT) == "NOT_OWNER"
    room.do(SUBMIT, "wangfang")
    head = room.history.head
    assert head is not None
    assert head.people == {"lilei", "wangfang"}


def test_a_returned_report_may_be_taken_over_by_a_reader_who_then_does_not_cosign_it() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(RETURN, "hanmei")
    room.do(TAKE_OVER, "zhaogang")
    room.do(SUBMIT, "zhaogang")
    assert room.refused(COSIGN, "zhaogang") == "OTHER_PERSON"
    assert room.refused(COSIGN, "hanmei") == ""


def test_withdraw_and_report_anew() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    old = room.do(COSIGN, "hanmei").act.sop_uid
    room.do(WITHDRAW, "zhaogang", reason="病人搞错")
    history = room.history
    assert history.prevailing is None
    assert history.head is not None
    assert history.head.state is State.WITHDRAWN
    room.do(PARK, "wangfang", text=OTHER_TEXT)
    room.do(SUBMIT, "wangfang", text=OTHER_TEXT)
    assert room.refused(WITHDRAW, "hanmei") == "STATE"  # nothing is out that could be withdrawn
    assert room.history.head is not None
    assert room.history.head.people == {"wangfang"}
    room.do(COSIGN, "hanmei")
    final = room.history.prevailing
    assert final is not None
    assert (final.text, final.purpose) == (OTHER_TEXT, Purpose.REPORT)
    assert old in final.finals
    assert room.refused(WITHDRAW, "hanmei") == ""


def test_a_withdrawn_amendment_takes_the_report_with_it() -> None:
    room = Station()
    room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei")
    room.do(AMEND, "lilei", text=OTHER_TEXT)
    room.do(WITHDRAW, "hanmei")
    assert room.history.prevailing is None


# --- forks -------------------------------------------------------------------------------------------------


def two_offline(first: str = "lilei", second: str = "wangfang") -> tuple[Station, Station]:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, first)
    there.do(SUBMIT, second, text=OTHER_TEXT)
    here.meet(there)
    return here, there


def test_two_stations_offline_make_one_report_with_two_heads() -> None:
    here, there = two_offline()
    for station in (here, there):
        history = station.history
        assert history.is_fork
        assert [h.act.actor.person_id for h in history.heads] == ["lilei", "wangfang"]
        assert {h.act.report.key for h in history.heads} == {REPORT.key}
        assert history.head is None
        assert history.rejected == ()
    assert here.refused(COSIGN, "hanmei") == "FORK"


def test_the_only_author_resolves_his_own_fork() -> None:
    here, _ = two_offline("lilei", "lilei")
    chosen = here.history.heads[0].act.sop_uid
    assert here.refused(RESOLVE, "wangfang", chosen=chosen) == "RESOLVER"
    assert here.refused(RESOLVE, "lilei", chosen=chosen, outcome=Outcome.FINAL) == "LEVEL"
    here.do(RESOLVE, "lilei", chosen=chosen)
    head = here.history.head
    assert head is not None
    assert (head.state, head.text, head.people) == (State.SUBMITTED, TEXT, {"lilei"})
    here.do(COSIGN, "hanmei")
    assert here.history.prevailing is not None


def test_an_author_with_both_levels_does_not_finalise_his_own_fork() -> None:
    here, _ = two_offline("linda", "linda")
    said = {"chosen": here.history.heads[0].act.sop_uid, "outcome": Outcome.FINAL}
    assert here.refused(RESOLVE, "linda", Level.SECOND, **said) == "OTHER_PERSON"
    forged = (observer("lilei"),)
    said |= {"writers": forged, "attestor": observer("lilei")}
    assert here.refused(RESOLVE, "linda", Level.SECOND, **said) == "ATTESTOR"


def test_an_uninvolved_second_reader_resolves_to_submitted_or_final() -> None:
    for outcome, state in ((Outcome.SUBMITTED, State.SUBMITTED), (Outcome.FINAL, State.FINAL)):
        here, _ = two_offline()
        chosen = here.history.heads[1].act.sop_uid
        here.do(RESOLVE, "hanmei", chosen=chosen, outcome=outcome)
        head = here.history.head
        assert head is not None
        assert (head.state, head.text, head.people) == (state, OTHER_TEXT, {"wangfang"})
        assert head.act.actor.person_id not in head.people


def test_an_involved_second_reader_does_not_resolve() -> None:
    here, _ = two_offline("hanmei", "wangfang")
    assert here.refused(RESOLVE, "hanmei", Level.SECOND) == "RESOLVER"
    assert here.refused(RESOLVE, "zhaogang") == ""


def test_resolving_names_every_head() -> None:
    here, there = two_offline()
    third = Station("c")
    third.do(SUBMIT, "gaoming")
    here.meet(third)
    two = tuple(h.signed.seen for h in here.history.heads[:2])
    act = here.act(RESOLVE, "hanmei", seen=two, chosen=two[0].sop_uid)
    there.keep(here.acts)
    with pytest.raises(Refusal) as refused:
        here.do(RESOLVE, "hanmei", seen=two, chosen=two[0].sop_uid)
    assert refused.value.rule == "NOT_ALL_HEADS"
    here.sign(act)
    assert {h.act.actor.person_id for h in here.history.heads} == {"hanmei", "gaoming"}
    assert here.history.is_fork


def test_a_reader_who_changes_words_while_resolving_is_a_writer_and_does_not_cosign() -> None:
    here, _ = two_offline()
    chosen = here.history.heads[0].act.sop_uid
    here.do(RESOLVE, "hanmei", chosen=chosen, text=ReportText(findings="合并后的所见。"))
    assert here.refused(COSIGN, "hanmei") == "OTHER_PERSON"
    assert here.refused(COSIGN, "zhaogang") == ""


def test_a_chosen_draft_is_answered_for_by_who_resolves_it() -> None:
    here, there = Station("a"), Station("b")
    here.do(PARK, "xiaoming", text=TEXT)
    there.do(PARK, "lilei", text=OTHER_TEXT)
    here.meet(there)
    draft = here.history.heads[0].act.sop_uid
    other = observer("wangfang")
    assert here.refused(RESOLVE, "hanmei", chosen=draft, attestor=other) == "ATTESTOR"
    said = {"chosen": draft, "outcome": Outcome.FINAL}
    assert here.refused(RESOLVE, "hanmei", **said) == "OTHER_PERSON"
    here.do(RESOLVE, "hanmei", chosen=draft)
    assert here.refused(COSIGN, "hanmei") == "OTHER_PERSON"
    here.do(COSIGN, "zhaogang")
    assert here.history.prevailing is not None


def test_nobody_is_the_author_of_two_empty_drafts_that_two_people_hold() -> None:
    here, there = Station("a"), Station("b")
    here.do(PARK, "lilei")
    there.do(PARK, "wangfang")
    here.meet(there)
    assert here.refused(RESOLVE, "gaoming", text=TEXT) == "RESOLVER"
    assert here.refused(RESOLVE, "hanmei", text=TEXT) == ""


def test_two_cosignatures_of_one_submission_are_a_fork_and_the_newest_prevails() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    here.meet(there)
    there.clock += dt.timedelta(hours=1)
    here.do(COSIGN, "hanmei")
    newest = there.do(COSIGN, "zhaogang", text=OTHER_TEXT)
    here.meet(there)
    history = here.history
    assert history.is_fork
    assert [h.state for h in history.heads] == [State.FINAL, State.FINAL]
    assert history.prevailing is not None
    assert history.prevailing.act.sop_uid == newest.act.sop_uid
    assert here.refused(RESOLVE, "lilei") == "RESOLVER"
    older = history.heads[0].act.sop_uid
    done = here.do(RESOLVE, "sunli", chosen=older, outcome=Outcome.FINAL)
    final = here.history.prevailing
    assert final == here.history.head
    assert final is not None
    assert (final.act.sop_uid, final.text, final.purpose) == (
        done.act.sop_uid,
        TEXT,
        Purpose.AMENDMENT,
    )


def test_recall_racing_with_review_and_cosign_shows_as_a_fork() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    here.meet(there)
    here.do(RECALL, "lilei")
    there.do(OPEN, "hanmei")
    there.do(COSIGN, "hanmei")
    here.meet(there)
    history = here.history
    assert rules(history) == []
    assert {h.state for h in history.heads} == {State.DRAFT, State.FINAL}
    assert history.prevailing is not None
    assert history.prevailing.act.actor.person_id == "hanmei"
    assert history.amendment_in_progress
    final = history.prevailing.act.sop_uid
    here.do(RESOLVE, "hanmei", chosen=final, outcome=Outcome.FINAL)
    assert here.history.head == here.history.prevailing


def test_two_additions_made_apart_and_one_resolved() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    here.do(COSIGN, "hanmei")
    here.meet(there)
    here.do(ADDEND, "lilei", text=ADDITION)
    there.do(ADDEND, "wangfang", text=OTHER_TEXT)
    here.meet(there)
    mine = next(h for h in here.history.heads if h.act.actor.person_id == "lilei")
    chosen = mine.act.sop_uid
    act = here.act(RESOLVE, "zhaogang", chosen=chosen, outcome=Outcome.FINAL)
    before = here.history
    here.do(RESOLVE, "zhaogang", chosen=chosen, outcome=Outcome.FINAL)
    final = here.history.prevailing
    assert final is not None
    assert (final.text, final.addenda, final.state) == (TEXT, (ADDITION,), State.FINAL)
    told = version_after(act, before)
    assert (told.text, told.addenda, told.state) == (final.text, final.addenda, final.state)


def test_a_preliminary_that_is_out_is_not_forgotten_when_the_other_head_is_chosen() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    here.do(PRELIMINARY, "lilei")
    there.do(SUBMIT, "wangfang", text=OTHER_TEXT)
    here.meet(there)
    other = next(h for h in here.history.heads if h.act.actor.person_id == "wangfang")
    here.do(RESOLVE, "hanmei", chosen=other.act.sop_uid)
    assert here.history.head is not None
    assert here.history.head.preliminary
    assert here.refused(WITHDRAW, "hanmei") == ""


def test_a_withdrawal_and_an_amendment_made_apart() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    here.do(COSIGN, "hanmei")
    here.meet(there)
    here.do(WITHDRAW, "zhaogang")
    there.do(AMEND, "lilei", text=OTHER_TEXT)
    newer = there.do(COSIGN, "hanmei")
    here.meet(there)
    history = here.history
    assert history.is_fork
    assert history.prevailing is not None
    assert history.prevailing.act.sop_uid == newer.act.sop_uid


def test_stations_that_exchange_everything_agree() -> None:
    here, there = two_offline()
    assert fold(here.acts, ROSTER) == fold(reversed(there.acts), ROSTER)
