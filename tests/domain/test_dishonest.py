"""What a dishonest or broken station can sign, and that the fold neither believes nor loses anything by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from tests.domain.reading_room import (
    MORNING,
    OTHER_TEXT,
    ROSTER,
    TEXT,
    Station,
    fake_seen,
    observer,
    rules,
    signed,
    told,
)
from workstation.domain.act import ActKind, Outcome, ReportIdentity, SeenAct
from workstation.domain.errors import Refusal
from workstation.domain.report import SignedAct, State, check, fold
from workstation.domain.roster import Level

SUBMIT, COSIGN, RECALL = ActKind.SUBMIT, ActKind.COSIGN, ActKind.RECALL
OPEN, RESOLVE = ActKind.OPEN_REVIEW, ActKind.RESOLVE_FORK


def submitted(by: str = "lilei") -> Station:
    room = Station()
    room.do(SUBMIT, by)
    return room


def test_a_cosignature_on_an_invented_submission_does_not_prevail() -> None:
    room = submitted("hanmei")
    said = {"attestor": observer("lilei"), "writers": (observer("lilei"),)}
    room.sign(room.act(COSIGN, "hanmei", seen=(fake_seen(),), **said))
    history = room.history
    assert history.prevailing is None
    assert history.missing == {fake_seen().sop_uid}
    assert history.is_fork  # seen by everybody, beside the submission
    assert {h.state for h in history.heads} == {State.SUBMITTED, State.FINAL}


def test_nor_does_it_displace_what_prevails() -> None:
    room = submitted()
    room.do(COSIGN, "zhaogang")
    before = room.history.prevailing
    said = {"attestor": observer("lilei"), "writers": (observer("lilei"),), "text": OTHER_TEXT}
    room.sign(room.act(COSIGN, "hanmei", seen=(fake_seen(),), **said))
    assert room.history.prevailing == before
    assert room.history.is_fork


def test_a_cosignature_that_names_the_submission_must_name_its_attestor_and_all_writers() -> None:
    room = submitted("hanmei")
    lie = {"attestor": observer("lilei"), "writers": (observer("lilei"),)}
    assert room.refused(COSIGN, "hanmei", **lie) == "OTHER_PERSON"
    room = submitted("lilei")
    assert room.refused(COSIGN, "hanmei", attestor=observer("wangfang")) == "ATTESTOR"
    assert room.refused(COSIGN, "hanmei", writers=(observer("wangfang"),)) == "WRITERS"


def test_a_wrong_digest_neither_supersedes_nor_silences() -> None:
    room = submitted()
    wrong = SeenAct(sop_uid=room.acts[0].act.sop_uid, digest="0" * 64)
    room.sign(room.act(SUBMIT, "wangfang", seen=(wrong,), text=OTHER_TEXT))
    assert {h.act.actor.person_id for h in room.history.heads} == {"lilei", "wangfang"}
    assert room.history.missing == {wrong.sop_uid}


def test_an_act_under_an_invalid_one_does_not_vanish() -> None:
    room = submitted()
    room.sign(room.act(COSIGN, "lilei", Level.SECOND))
    assert rules(room.history) == ["LEVEL"]
    assert [h.act.kind for h in room.history.heads] == [SUBMIT]


def test_what_stands_on_an_invalid_act_is_told() -> None:
    room = submitted()
    bad = room.sign(room.act(COSIGN, "lilei", Level.SECOND))
    room.sign(room.act(ActKind.AMEND, "wangfang", seen=(bad.seen,)))
    assert sorted(rules(room.history)) == ["LEVEL", "PREDECESSOR"]


def test_a_trimmed_seen_list_only_makes_a_visible_fork() -> None:
    room = submitted()
    first = room.acts[0].seen
    room.do(ActKind.RETURN, "hanmei")
    act = room.act(
        COSIGN, "zhaogang", seen=(first,), attestor=observer("lilei"), writers=(observer("lilei"),)
    )
    with pytest.raises(Refusal) as refused:
        check(act, room.history, ROSTER)
    assert refused.value.rule == "FORK"
    room.sign(act)
    assert {h.state for h in room.history.heads} == {State.RETURNED, State.FINAL}


def test_a_recall_that_leaves_out_the_opened_review_is_refused_live() -> None:
    room = submitted()
    first = room.acts[0].seen
    room.do(OPEN, "hanmei")
    with pytest.raises(Refusal) as refused:
        room.do(RECALL, "lilei", seen=(first,))
    assert refused.value.rule == "REVIEW_OPENED"


def test_a_worthless_opening_blocks_no_recall() -> None:
    room = submitted()
    opening = room.sign(room.act(OPEN, "wangfang", Level.SECOND))
    assert room.refused(RECALL, "lilei") == ""
    seen = (room.acts[0].seen, opening.seen)
    one = signed(room.act(RECALL, "lilei", seen=seen))
    assert rules(fold([*room.acts, one], ROSTER)) == ["LEVEL"]


def test_a_live_act_names_only_what_counts_here() -> None:
    room = submitted()
    head = room.acts[0].seen
    with pytest.raises(Refusal) as refused:
        room.do(COSIGN, "hanmei", seen=(head, fake_seen()))
    assert refused.value.rule == "PREDECESSOR"


def test_one_version_and_a_note_or_its_own_past_make_no_fork() -> None:
    room = Station()
    room.do(ActKind.PARK, "lilei", text=TEXT)
    room.do(SUBMIT, "lilei")
    room.do(OPEN, "hanmei")
    seen = tuple(s.seen for s in room.acts)
    chosen = room.acts[1].act.sop_uid
    for named in (seen[1:], seen):
        one = signed(room.act(RESOLVE, "lilei", seen=named, chosen=chosen, text=OTHER_TEXT))
        assert rules(fold([*room.acts, one], ROSTER)) == ["NOT_A_FORK"]


def test_an_addition_does_not_put_a_rejected_amendment_into_force() -> None:
    room = submitted()
    room.do(COSIGN, "hanmei")
    room.do(ActKind.AMEND, "lilei", text=OTHER_TEXT)
    room.do(ActKind.RETURN, "hanmei")
    assert room.refused(ActKind.ADDEND, "lilei") == "STATE"


def test_a_text_in_an_act_that_carries_none_changes_nothing() -> None:
    room = submitted()
    release = room.act(
        ActKind.RELEASE_PRELIMINARY, "hanmei", text=OTHER_TEXT, writers=(observer("lilei"),)
    )
    room.sign(release)
    assert room.history.head is not None
    assert room.history.head.text == TEXT


def test_only_the_graders_of_the_review_grade() -> None:
    room = submitted("linda")
    room.do(COSIGN, "hanmei")
    assert room.refused(ActKind.GRADE, "linda") == "OTHER_PERSON"
    assert room.refused(ActKind.GRADE, "hanmei") == ""
    assert room.refused(ActKind.GRADE, "zhaogang") == ""


def test_an_act_of_another_report_is_no_predecessor() -> None:
    room = submitted()
    other = ReportIdentity(study_uid="1.2.4")
    assert room.refused(COSIGN, "hanmei", report=other) == "REPORT"


# --- clocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [0.0, 0.999999, -1.0, -86400.0])
def test_an_act_not_later_than_what_it_names(late: float) -> None:
    room = submitted()
    time = room.acts[0].act.time + dt.timedelta(seconds=late)
    assert room.refused(COSIGN, "hanmei", time=time) == "TIME_ORDER"
    head = room.history.head
    assert head is not None
    assert head.state is State.SUBMITTED


def test_one_second_is_enough_in_any_zone() -> None:
    room = submitted()
    time = (room.acts[0].act.time + dt.timedelta(seconds=1)).astimezone(dt.UTC)
    assert room.refused(COSIGN, "hanmei", time=time) == ""


@pytest.mark.parametrize("time", [dt.datetime.max, dt.datetime.min])
@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_a_clock_at_the_end_of_time_stops_nobody(time: dt.datetime, hours: int) -> None:
    room = submitted()
    zone = dt.timezone(dt.timedelta(hours=hours))
    far = signed(room.act(OPEN, "hanmei", time=time.replace(tzinfo=zone)))
    after = signed(
        Station("b", MORNING + dt.timedelta(hours=1)).act(
            RECALL, "lilei", seen=(room.acts[0].seen, far.seen)
        )
    )
    history = fold([*room.acts, far, after], ROSTER)
    assert set(rules(history)) <= {"TIME_ORDER", "LEVEL", "REVIEW_OPENED"}
    assert history.heads


def test_acts_that_name_each_other_or_themselves_are_refused_by_name() -> None:
    room = Station()
    first = room.act(SUBMIT, "lilei")
    second = replace(
        room.act(SUBMIT, "wangfang"), place=replace(first.place, number=2), time=first.time
    )
    name_1, name_2 = (
        SeenAct(sop_uid=first.sop_uid, digest="1"),
        SeenAct(sop_uid=second.sop_uid, digest="2"),
    )
    ring = [
        SignedAct(act=replace(first, seen=(name_2, name_1)), digest="1"),
        SignedAct(act=replace(second, seen=(name_1,)), digest="2"),
    ]
    history = fold(ring, ROSTER)
    assert rules(history) == ["TIME_ORDER", "TIME_ORDER"]
    assert history.heads == ()


def test_heads_of_one_moment_have_one_order() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    there.do(SUBMIT, "wangfang")
    assert here.acts[0].act.time == there.acts[0].act.time
    here.meet(there)
    assert told(here.history) == told(fold(reversed(here.acts), ROSTER))


# --- one number twice --------------------------------------------------------------------------------------


def test_a_number_signed_twice_counts_neither_time() -> None:
    room = submitted()
    again = signed(replace(room.acts[0].act, text=OTHER_TEXT))
    room.keep([again])
    assert rules(room.history) == ["UID_REUSED", "UID_REUSED"]
    assert room.history.heads == ()


def test_a_number_signed_again_later_does_not_undo_a_cosignature() -> None:
    room = submitted()
    room.do(COSIGN, "hanmei")
    before = room.history
    room.keep([signed(replace(before.steps()[0].act, text=OTHER_TEXT))])
    after = room.history
    assert after.prevailing == before.prevailing
    assert rules(after) == ["UID_REUSED"]


def test_the_signer_s_own_acts_do_not_vouch_for_a_copy() -> None:
    room = submitted()
    first = room.acts[0]
    room.do(RECALL, "lilei")
    room.keep([signed(replace(first.act, text=OTHER_TEXT))])
    assert rules(room.history).count("UID_REUSED") == 2


def test_strangers_do_not_vouch_for_a_copy() -> None:
    room = submitted()
    room.do(COSIGN, "hanmei")
    before = room.history
    again = signed(replace(before.steps()[0].act, text=OTHER_TEXT))
    stranger = signed(
        replace(room.act(OPEN, "hanmei", seen=(again.seen,)), actor=observer("nobody"))
    )
    room.keep([again, stranger])
    assert room.history.prevailing == before.prevailing


# --- a missing predecessor ---------------------------------------------------------------------------------


def test_without_the_submission_the_cosigned_report_is_still_shown() -> None:
    room = submitted()
    room.do(COSIGN, "hanmei")
    history = fold(room.acts[1:], ROSTER)
    assert [h.state for h in history.heads] == [State.FINAL]
    assert history.heads[0].text == TEXT
    assert history.missing == {room.acts[0].act.sop_uid}
    assert fold(room.acts, ROSTER).prevailing is not None


def test_a_missing_draft_does_not_keep_the_final_from_prevailing() -> None:
    room = Station()
    room.do(ActKind.PARK, "lilei", text=TEXT)
    room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei")
    history = fold(room.acts[1:], ROSTER)
    assert history.missing
    assert history.prevailing is not None


def test_an_addendum_alone_is_not_taken_for_the_report() -> None:
    room = submitted()
    first = room.do(COSIGN, "hanmei").act.sop_uid
    addend = room.do(ActKind.ADDEND, "lilei", text=OTHER_TEXT)
    room.do(COSIGN, "hanmei")
    history = fold([s for s in room.acts if s != addend], ROSTER)
    assert history.prevailing is not None
    assert (history.prevailing.act.sop_uid, history.prevailing.text) == (first, TEXT)


def test_a_trainee_s_report_is_not_refused_because_the_attestation_is_missing() -> None:
    room = Station()
    room.do(ActKind.HAND_OVER, "xiaoming", text=TEXT, recipient=observer("lilei"))
    attestation = room.do(ActKind.ATTEST, "lilei")
    room.do(SUBMIT, "lilei")
    room.do(COSIGN, "hanmei")
    history = fold([s for s in room.acts if s != attestation], ROSTER)
    assert rules(history) == []
    assert history.prevailing is not None


def test_a_cosignature_holds_when_the_submission_under_its_release_is_missing() -> None:
    room = submitted()
    room.do(ActKind.RELEASE_PRELIMINARY, "lilei")
    room.do(COSIGN, "hanmei")
    history = fold(room.acts[1:], ROSTER)
    assert rules(history) == []
    assert [h.state for h in history.heads] == [State.FINAL]


def test_a_withdrawal_of_something_that_is_not_here_is_not_overruled_by_an_older_final() -> None:
    room = submitted()
    room.do(COSIGN, "hanmei")
    room.do(ActKind.AMEND, "lilei", text=OTHER_TEXT)
    second = room.do(COSIGN, "hanmei")
    room.do(ActKind.WITHDRAW, "hanmei")
    history = fold([s for s in room.acts if s != second], ROSTER)
    assert history.prevailing is None
    assert history.missing


def test_a_resolution_whose_heads_are_missing_is_shown_and_does_not_prevail() -> None:
    here, there = submitted(), Station("b")
    there.do(SUBMIT, "wangfang", text=OTHER_TEXT)
    here.meet(there)
    chosen = next(h for h in here.history.heads if h.act.actor.person_id == "lilei")
    done = here.do(RESOLVE, "hanmei", chosen=chosen.act.sop_uid, outcome=Outcome.FINAL)
    alone = fold([done], ROSTER)
    assert rules(alone) == []
    assert [h.state for h in alone.heads] == [State.FINAL]
    assert alone.prevailing is None
    without_chosen = fold([s for s in here.acts if s != chosen.signed], ROSTER)
    assert rules(without_chosen) == []
    assert without_chosen.prevailing is None
    without_other = fold([s for s in here.acts if s.act.actor.person_id != "wangfang"], ROSTER)
    assert without_other.prevailing is not None
