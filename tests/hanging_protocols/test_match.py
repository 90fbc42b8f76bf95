"""Matching: the right protocol for the studies of a day's work, with its score and its reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hanging_protocols.match import Cell, best, layout, ranked, selected
from hanging_protocols.model import (
    Constraint,
    Protocol,
    Rule,
    Selector,
    SeriesFacts,
    Stage,
    StudyFacts,
    Viewport,
)
from hanging_protocols.protocol_file import built_in

SCOUT = SeriesFacts(
    key="scout", modality="CT", number=1, image_count=1, image_type=("ORIGINAL", "PRIMARY")
)
THICK = SeriesFacts(
    key="thick",
    modality="CT",
    number=2,
    image_count=60,
    image_type=("ORIGINAL", "PRIMARY", "AXIAL"),
    slice_thickness_mm=5.0,
    is_volume=True,
    plane="axial",
)
THIN = replace(THICK, key="thin", number=3, image_count=300, slice_thickness_mm=1.0)
HEAD_CT = StudyFacts(body_part="HEAD", series=(SCOUT, THICK, THIN))
CHEST_CT = StudyFacts(body_part="Chest", series=(SCOUT, THICK, THIN))
BRAIN_MR = StudyFacts(
    series=(SeriesFacts(key="t1", modality="MR", number=1, image_count=96, is_volume=True),)
)
FRONTAL = SeriesFacts(key="pa", modality="DX", number=2, image_count=1, view="PA")
LATERAL = SeriesFacts(key="ll", modality="DX", number=1, image_count=1, view="LL")
ULTRASOUND = StudyFacts(series=(SeriesFacts(key="us", modality="US", image_count=3),))


@pytest.mark.parametrize(
    ("study", "protocol_id"),
    [
        (CHEST_CT, "ct-chest"),
        (HEAD_CT, "ct"),
        (BRAIN_MR, "mr"),
        (StudyFacts(series=(FRONTAL,)), "x-ray"),
        (StudyFacts(series=(replace(FRONTAL, modality="CR"),)), "x-ray"),
        (ULTRASOUND, "fallback"),
        (StudyFacts(), "fallback"),
    ],
)
def test_each_modality_has_its_protocol(study: StudyFacts, protocol_id: str) -> None:
    found = best(built_in(), study)
    assert found is not None
    assert found.protocol.id == protocol_id


def test_the_score_and_the_reasons_are_told_for_every_protocol() -> None:
    matches = ranked(built_in(), CHEST_CT)
    assert [(each.protocol.id, each.score, each.applies) for each in matches] == [
        ("ct-chest", 20, True),
        ("ct", 10, True),
        ("fallback", 0, True),
        ("mr", 0, False),
        ("x-ray", 0, False),
    ]
    assert [rule.fact for rule in matches[0].passed] == ["modality", "body_part"]
    assert [rule.fact for rule in matches[3].failed] == ["modality"]


def test_no_protocol_applies_where_there_is_none() -> None:
    assert best([], CHEST_CT) is None
    assert best([each for each in built_in() if each.id == "mr"], CHEST_CT) is None


def test_a_chest_ct_opens_on_its_thin_volume_in_the_lung_window() -> None:
    found = best(built_in(), CHEST_CT)
    assert found is not None
    opened = layout(found.protocol, CHEST_CT)
    assert (opened.stage, opened.rows, opened.columns) == (0, 1, 1)
    assert opened.cells == (Cell(series_key="thin", kind="stack", plane=None, preset="lung"),)
    planes = layout(found.protocol, CHEST_CT, stage=2)
    assert [cell and (cell.series_key, cell.plane) for cell in planes.cells] == [
        ("thin", "axial"),
        ("thin", "coronal"),
        ("thin", "sagittal"),
        ("thin", None),
    ]


def test_two_views_hang_side_by_side_the_frontal_first_and_one_alone() -> None:
    x_ray = next(each for each in built_in() if each.id == "x-ray")
    both = layout(x_ray, StudyFacts(series=(LATERAL, FRONTAL)))
    assert (both.rows, both.columns) == (1, 2)
    assert [cell and cell.series_key for cell in both.cells] == ["pa", "ll"]
    alone = layout(x_ray, StudyFacts(series=(LATERAL,)))
    assert (alone.rows, alone.columns) == (1, 1)
    assert [cell and cell.series_key for cell in alone.cells] == ["ll"]


def test_a_computed_plane_takes_volumes_only() -> None:
    ct = next(each for each in built_in() if each.id == "ct")
    flat = StudyFacts(series=(SCOUT,))
    assert layout(ct, flat, stage=1).cells == (None, None, None, None)


def test_places_that_no_viewport_wants_stay_empty_and_an_unknown_stage_is_refused() -> None:
    ct = next(each for each in built_in() if each.id == "ct")
    assert layout(ct, HEAD_CT, stage=1).cells[3] is None
    with pytest.raises(IndexError):
        layout(ct, HEAD_CT, stage=9)


def test_where_no_stage_is_full_the_fullest_is_shown() -> None:
    three = tuple(Viewport(kind="stack", series="each", place=place) for place in range(3))
    protocol = Protocol(
        id="p",
        name_zh="p",
        name_en="p",
        rules=(),
        selectors=(Selector(name="each", rules=()),),
        stages=(
            Stage(name_zh="a", name_en="a", rows=1, columns=2, viewports=three[1:]),
            Stage(name_zh="b", name_en="b", rows=1, columns=3, viewports=three),
        ),
    )
    study = StudyFacts(series=(FRONTAL, LATERAL))
    assert layout(protocol, study).stage == 1


def test_the_main_part_of_every_series_comes_before_the_other_parts_of_any() -> None:
    series = tuple(
        SeriesFacts(key=key, number=number, rank=rank)
        for key, number, rank in (("a", 1, 2), ("b", 1, 0), ("c", 1, 1), ("d", 2, 0))
    )
    ordered = selected(Selector(name="each", rules=()), StudyFacts(series=series))
    assert [each.key for each in ordered] == ["b", "d", "c", "a"]


def test_equals_are_ordered_by_series_number_then_key() -> None:
    series = tuple(
        SeriesFacts(key=key, number=number)
        for key, number in (("c", None), ("b", 2), ("a", 2), ("d", 1))
    )
    ordered = selected(Selector(name="each", rules=()), StudyFacts(series=series))
    assert [each.key for each in ordered] == ["d", "a", "b", "c"]


@pytest.mark.parametrize(
    ("test", "value", "facts", "holds"),
    [
        ("equals", "ct", ("CT",), True),
        ("equals", "CT", ("MR", "CT"), True),
        ("equals", "CT", (), False),
        ("contains", "chest", ("CT Chest plain",), True),
        ("contains", "chest", ("CT head",), False),
        ("one_of", ("a", "B"), ("b",), True),
        ("one_of", ("a", "B"), ("c",), False),
        ("at_least", 4, (4,), True),
        ("at_least", 4, (3.9,), False),
        ("at_most", 1.5, (1.5,), True),
        ("at_most", 1.5, (2,), False),
        ("equals", True, (True,), True),
        ("equals", True, (False,), False),
    ],
)
def test_what_a_constraint_holds_for(
    test: str, value: object, facts: tuple[object, ...], holds: bool
) -> None:
    assert Constraint(test=test, value=value).holds(facts) is holds


def test_a_failed_required_rule_shuts_a_protocol_out_whatever_else_passed() -> None:
    ct = next(each for each in built_in() if each.id == "ct")
    impossible = Rule(
        fact="series_count", constraint=Constraint(test="at_least", value=99), required=True
    )
    strict = replace(ct, id="strict", rules=(*ct.rules, impossible))
    (only,) = ranked([strict], HEAD_CT)
    assert (only.score, only.applies, only.failed) == (10, False, (impossible,))
