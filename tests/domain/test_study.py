"""Ages as PS3.5's AS has them, names as people read them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.study import PatientIdentity, StudyFacts, age_text


def facts(born: str = "", seen: str = "", age: str = "") -> StudyFacts:
    patient = PatientIdentity(patient_id="1", birth_date=born)
    return StudyFacts(study_uid="1.2", patient=patient, date=seen, age=age)


@pytest.mark.parametrize(
    ("born", "seen", "age"),
    [
        ("19700302", "20261122", "056Y"),
        ("19701122", "20261122", "056Y"),
        ("19701123", "20261122", "055Y"),
        ("19241122", "20261122", "102Y"),
        ("20241122", "20261122", "002Y"),
        ("20241123", "20261122", "023M"),
        ("20240229", "20260228", "023M"),
        ("20240229", "20260301", "002Y"),
        ("20260122", "20261122", "010M"),
        ("20260123", "20261122", "009M"),
        ("20261022", "20261122", "001M"),
        ("20261023", "20261122", "030D"),
        ("20260131", "20260228", "028D"),
        ("20260131", "20260301", "001M"),
        ("20261122", "20261122", "000D"),
    ],
)
def test_age_from_the_birth_date(born: str, seen: str, age: str) -> None:
    assert age_text(facts(born, seen)) == age


def test_the_header_s_own_age_counts() -> None:
    assert age_text(facts("19700302", "20261122", "012W")) == "012W"


@pytest.mark.parametrize(
    ("born", "seen"),
    [
        ("", "20261122"),
        ("19700302", ""),
        ("1970", "20261122"),
        ("19700230", "20261122"),
        ("1970.03.02", "20261122"),
        ("19700302", "00000000"),
        ("20261123", "20261122"),
        ("00010101", "20261122"),
        ("²²²²²²²²", "20261122"),
    ],
)
def test_an_age_that_cannot_be_told_is_not_told(born: str, seen: str) -> None:
    assert age_text(facts(born, seen)) == ""


@given(st.dates().map("{0:%Y%m%d}".format), st.dates().map("{0:%Y%m%d}".format))
def test_every_age_is_a_legal_as_value(born: str, seen: str) -> None:
    assert re.fullmatch(r"(\d{3}[DMY])?", age_text(facts(born, seen)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Wang^Xiaodong=王^晓东", "王 晓东"),
        ("Wang^Xiaodong=王^晓东=wang^xiaodong", "王 晓东"),
        ("Yamada^Tarou=", "Yamada Tarou"),
        ("Smith^John^^Dr", "Smith John  Dr"),
        ("=王^晓东", "王 晓东"),
        ("", ""),
    ],
)
def test_the_name_that_is_shown(name: str, shown: str) -> None:
    assert PatientIdentity(patient_id="1", name=name).display_name == shown
