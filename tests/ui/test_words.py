"""Values become words: ages, states, and errors by their English template."""

from __future__ import annotations

import datetime as dt

import pytest

from viewer.volume import ImageError
from workstation.domain.act import ActKind, Grade
from workstation.domain.errors import LineFailure, Refusal
from workstation.domain.report import RULES, State
from workstation.domain.roster import Level
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.domain.worklist import Question, Status
from workstation.ui import words


def facts(**changes: str) -> StudyFacts:
    patient = PatientIdentity(patient_id="1", birth_date=changes.pop("born", ""))
    return StudyFacts(study_uid="1.2", patient=patient, **changes)


@pytest.mark.parametrize(
    ("age", "told"), [("056Y", "56 y"), ("011M", "11 months"), ("003D", "3 days"), ("old", "")]
)
def test_ages(age: str, told: str) -> None:
    assert words.age_name(facts(age=age)) == told


def test_every_value_of_every_kind_has_a_word() -> None:
    told = [
        *map(words.status_name, Status),
        *map(words.state_name, State),
        *map(words.question_name, Question),
        *map(words.level_name, Level),
        *map(words.act_name, ActKind),
        *map(words.grade_name, Grade),
    ]
    assert all(told)


def test_a_rule_is_told_with_words_for_act_state_and_person() -> None:
    refusal = Refusal("STATE", RULES["STATE"], act="COSIGN", state="DRAFT")
    assert words.error_text(refusal) == "Co-signing is not possible: the report is Draft"
    refusal = Refusal("OTHER_PERSON", RULES["OTHER_PERSON"], act="COSIGN", person="lilei")
    names = {"lilei": "李雷"}
    assert "李雷 wrote or attested" in words.error_text(refusal, lambda i: names[i])


def test_image_errors_and_nested_errors_are_told_too() -> None:
    inner = ImageError("Rows are {rows}", rows=3)
    assert words.error_text(LineFailure("It failed: {why}", why=inner)) == "It failed: Rows are 3"
    assert "KeyError" in words.failure_text(KeyError("secret"))
    assert "secret" not in words.failure_text(KeyError("secret"))


def test_times_are_told_in_the_station_s_own_zone() -> None:
    now = dt.datetime(2026, 11, 22, 15, 0).astimezone()
    assert words.moment(now - dt.timedelta(minutes=30), now) == "14:30"
    assert words.moment(now - dt.timedelta(days=1), now) == "11-21 15:00"
    assert words.study_time(facts(date="20261122", time="135812.5")) == "2026-11-22 13:58"
    assert words.study_time(facts(date="2026")) == "2026"


def test_report_objects_are_no_modality_to_read() -> None:
    assert words.modality_names(("CT", "SR", "PR")) == "CT"
    assert words.modality_names(("DX", "CR")) == "DR"
