"""Which set of a series one begins with, and when sets are so many that they stand together."""

from __future__ import annotations

import pytest

from tests.viewer.qt import phantom
from viewer.volume import DisplaySet, LocatedFrame, display_sets
from workstation.services.hanging import facts_of, layout
from workstation.services.series_sets import by_series, main_first, stops


def a_frame(number: int, uid: str, **facts: object) -> LocatedFrame:
    source = phantom.source(number, modality="MR", sop_uid=f"{uid}.{number}", **facts)  # type: ignore[arg-type]  # the test's own facts
    return LocatedFrame(path=str(number), source=source)


def diffusion(*b_values: float) -> list[DisplaySet]:
    return display_sets(
        a_frame(n, f"1.7.{b:g}", b_value=b, instance_number=100 * k + n)
        for k, b in enumerate(b_values)
        for n in range(5)
    )


def phases(count: int, series: str = "1.7", number: int = 7) -> list[DisplaySet]:
    return display_sets(
        a_frame(n, f"{series}.{k}", series=series, series_number=number, temporal_position=k + 1,
                instance_number=100 * k + n)
        for k in range(count)
        for n in range(5)
    )  # fmt: skip


def b_of(images: DisplaySet) -> float | None:
    return images.frames[0].source.b_value


@pytest.mark.parametrize(
    ("b_values", "first"), [((0.0, 1000.0), 1000.0), ((0.0, 50.0, 400.0, 800.0), 800.0)]
)
def test_a_diffusion_series_begins_with_what_is_read(
    b_values: tuple[float, ...], first: float
) -> None:
    sets = diffusion(*b_values)
    assert [b_of(images) for images in sets] == list(b_values)
    assert b_of(main_first(sets)[0]) == first
    hung = layout(sets)
    assert hung is not None
    assert hung.cells[0] is not None
    assert b_of(next(s for s in sets if s.key == hung.cells[0].series_key)) == first


def test_scouts_in_a_series_come_last() -> None:
    scouts = [
        a_frame(n, "1.7.9", image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")) for n in range(9)
    ]
    sets = display_sets([*scouts, *(a_frame(n, "1.7.1") for n in range(5))])
    assert [images.frames[0].source.is_localizer for images in sets] == [True, False]
    assert not main_first(sets)[0].frames[0].source.is_localizer


def test_a_few_sets_stand_apart_and_many_together() -> None:
    few, many = phases(3), phases(12, series="1.8", number=8)
    assert (len(few), len(many)) == (3, 12)
    assert [len(together) for together in stops([*few, *many])] == [1, 1, 1, 12]
    assert [len(together) for together in by_series([*few, *many])] == [3, 12]


def test_a_run_of_many_phases_fills_no_layout_by_itself() -> None:
    """One series to leaf through is one picture, not the first four phases side by side."""
    many = phases(12)
    assert [s.key for s in facts_of(many).series] == [many[0].key]
    hung = layout(many)
    assert hung is not None
    assert [cell and cell.series_key for cell in hung.cells] == [many[0].key]
