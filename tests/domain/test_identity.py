"""Whether header and signed identity are one patient, field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workstation.domain.identity import differences
from workstation.domain.study import PatientIdentity

SIGNED = PatientIdentity(
    patient_id="0004412",
    issuer="REGION",
    name="Wang^Xiuying=王^秀英",
    birth_date="19700302",
    sex="F",
)


@pytest.mark.parametrize(
    "name",
    [
        "Wang^Xiuying=王^秀英",
        "WANG^XIUYING=王^秀英",
        "Wang^Xiuying^^^=王^秀英=",
        "Wang^Xiuying =王^秀英 ",
    ],
)
def test_padding_case_and_empty_components_are_no_difference(name: str) -> None:
    assert differences(SIGNED, replace(SIGNED, name=name)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patient_id", "0004413"),
        ("patient_id", "4412"),
        ("patient_id", ""),
        ("issuer", "OTHER"),
        ("name", "Wang^Xiuying"),
        ("name", "Wang^Xiu^ying=王^秀英"),
        ("name", "Wang^Xiuying=王^秀芳"),
        ("birth_date", "19700303"),
        ("sex", "M"),
        ("sex", ""),
    ],
)
def test_every_other_difference_is_named_by_its_field(field: str, value: str) -> None:
    assert differences(SIGNED, replace(SIGNED, **{field: value})) == (field,)
