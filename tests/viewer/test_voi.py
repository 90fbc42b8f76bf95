"""Grey against the formulas of PS3.3 C.11, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.phantoms import source
from viewer.voi import (
    LutVoi,
    Voi,
    WindowVoi,
    default_voi,
    grey_table,
    grey_values,
    header_vois,
    header_window,
    linear_grey,
    presets,
    rescaled,
)
from viewer.volume import LookupTable, VoiWindow


def grey(stored: float, voi: Voi, *, inverted: bool = False, **facts: object) -> int:
    return int(grey_values(np.array([stored]), source(**facts), voi, inverted=inverted)[0])


def table(first: int, bits: int, values: list[int], name: str = "") -> LookupTable:
    return LookupTable(
        first_mapped=first, bits=bits, data=np.array(values, "<u2").tobytes(), explanation=name
    )


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        # C.11.2.1.2.1 with c 2048, w 4096 over 0-255: its own example, y = x / 4095 * 255
        (0, 0),
        (4095, 255),
        (2048, 127),
        (2047, 127),
        (1000, 62),
    ],
)
def test_linear_is_the_standards_first_example(x: int, expected: int) -> None:
    assert grey(x, WindowVoi(center=2048, width=4096)) == expected


def test_linear_of_width_one_is_a_threshold() -> None:
    voi = WindowVoi(center=100, width=1)  # "if x <= c - 0.5 then ymin else ymax"
    assert [grey(x, voi) for x in (99, 99.5, 99.6, 100)] == [0, 0, 255, 255]


def test_linear_ends_half_a_unit_and_half_a_width_from_the_centre() -> None:
    voi = WindowVoi(center=40, width=400)
    assert grey(40 - 0.5 - 199.5, voi) == 0
    assert grey(40 - 0.5 + 199.5, voi) == 255
    assert grey(40 - 0.5 + 198.0, voi) == 254
    assert grey(39.5, voi) == 127


def test_linear_exact_has_no_half_units() -> None:
    voi = WindowVoi(center=128, width=256, function="LINEAR_EXACT")
    assert [grey(x, voi) for x in (0, 128, 256, 300)] == [0, 127, 255, 255]


def test_sigmoid() -> None:
    voi = WindowVoi(center=500, width=200, function="SIGMOID")
    for x in (0, 400, 500, 613, 4095):
        assert grey(x, voi) == math.floor(255 / (1 + math.exp(-4 * (x - 500) / 200)))


def test_the_window_applies_to_rescaled_values() -> None:
    voi = WindowVoi(center=40, width=400)
    assert grey(1064, voi, slope=1.0, intercept=-1024.0) == grey(40, voi)
    assert grey(20, voi, slope=2.0) == grey(40, voi)


def test_monochrome1_inverts_after_the_window_and_inverting_again_undoes_it() -> None:
    voi = WindowVoi(center=2048, width=4096)
    assert grey(0, voi, photometric="MONOCHROME1") == 255
    assert grey(4095, voi, photometric="MONOCHROME1") == 0
    assert grey(0, voi, photometric="MONOCHROME1", inverted=True) == 0
    assert grey(0, voi, inverted=True) == 255


def test_a_modality_lut_replaces_the_rescale() -> None:
    lut = table(10, 16, [500, 600, 700])
    facts = source(modality_lut=lut, slope=3.0, intercept=9.0)
    assert rescaled(np.array([0, 10, 11, 12, 99]), facts).tolist() == [500, 500, 600, 700, 700]


def test_a_voi_lut_is_clamped_at_both_ends() -> None:
    voi = LutVoi(first_mapped=100, bits=12, values=(0, 2048, 4095))
    found = [grey(x, voi) for x in (0, 100, 101, 102, 4000)]
    assert found == [0, 0, math.floor(2048 / 4095 * 255), 255, 255]


@given(
    center=st.floats(-500, 3000),
    width=st.floats(1.5, 4000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT"]),
    inverted=st.booleans(),
    photometric=st.sampled_from(["MONOCHROME1", "MONOCHROME2"]),
)
def test_table_line_and_values_agree(
    center: float, width: float, function: str, inverted: bool, photometric: str
) -> None:
    facts = source(intercept=-1024.0, slope=1.5, photometric=photometric)
    voi = WindowVoi(center=center, width=width, function=function)
    found = grey_table(facts, voi, inverted=inverted)
    stored = np.arange(4096)
    assert (found == grey_values(stored, facts, voi, inverted=inverted)).all()
    line = linear_grey(facts, voi, inverted=inverted)
    assert line is not None
    by_line = np.clip(line[0] * stored + line[1], 0, 255).astype(np.uint8)
    assert np.abs(by_line.astype(int) - found).max() <= 1
    assert (by_line != found).mean() < 0.01


def test_the_table_starts_at_the_smallest_stored_value() -> None:
    facts = source(pixel_representation=1)
    found = grey_table(facts, WindowVoi(center=0, width=4096), inverted=False)
    assert len(found) == 4096
    assert (found[0], found[-1]) == (0, 255)
    assert found[2048] == grey(0, WindowVoi(center=0, width=4096), pixel_representation=1)


def test_curves_are_no_line() -> None:
    assert (
        linear_grey(source(), WindowVoi(center=1, width=2, function="SIGMOID"), inverted=False)
        is None
    )
    assert (
        linear_grey(source(), LutVoi(first_mapped=0, bits=8, values=(0, 1)), inverted=False) is None
    )
    assert linear_grey(source(), WindowVoi(center=1, width=1), inverted=False) is None


def test_a_radiograph_starts_with_its_table_others_with_the_window() -> None:
    facts = {
        "windows": (VoiWindow(center=40, width=400, explanation="SOFT"),),
        "voi_luts": (table(0, 12, [0, 4095], "NORMAL"),),
    }
    assert isinstance(default_voi(source(modality="MG", **facts)), LutVoi)
    assert default_voi(source(modality="CT", **facts)) == WindowVoi(
        center=40, width=400, name="SOFT"
    )
    assert len(header_vois(source(modality="MG", **facts))) == 2


def test_useless_windows_are_passed_over() -> None:
    windows = (
        VoiWindow(center=40, width=0),
        VoiWindow(center=math.nan, width=10),
        VoiWindow(center=1, width=0.5, function="LINEAR_EXACT"),
    )
    assert default_voi(source(windows=windows)) == WindowVoi(
        center=1, width=0.5, function="LINEAR_EXACT"
    )


def test_a_table_deeper_than_it_says_is_taken_as_deep_as_it_is() -> None:
    (found,) = header_vois(source(voi_luts=(table(0, 8, [0, 4095]),)))
    assert isinstance(found, LutVoi)
    assert found.bits == 12


def test_without_a_window_the_pixels_decide_and_padding_does_not_count() -> None:
    stored = np.array([0] * 50 + list(range(1000, 2001)))
    facts = source(modality="MR", pixel_padding=(0, 0))
    found = default_voi(facts, stored)
    assert isinstance(found, WindowVoi)
    assert found.center == pytest.approx(1500, abs=1)
    assert found.width == pytest.approx(998, abs=2)


def test_eight_bits_without_a_window_are_shown_as_they_are() -> None:
    facts = source(bits_stored=8, high_bit=7, bits_allocated=8, modality="DX")
    found = grey_table(facts, default_voi(facts, np.array([3, 9])), inverted=False)
    assert found.tolist() == list(range(256))


def test_ct_in_hounsfield_units_without_a_window_starts_with_the_mediastinum() -> None:
    assert default_voi(source(intercept=-1024.0)) == WindowVoi(
        center=40, width=400, name="Mediastinum"
    )


def test_a_dragged_window_keeps_the_headers_function() -> None:
    facts = source(windows=(VoiWindow(center=1, width=2, function="SIGMOID"),))
    assert header_window(facts, 5, 6) == WindowVoi(center=5, width=6, function="SIGMOID")


def test_presets_are_for_ct() -> None:
    found = {preset.key: preset.voi for preset in presets("CT")}
    assert (found["lung"].center, found["lung"].width) == (-600, 1500)
    assert (found["mediastinum"].center, found["mediastinum"].width) == (40, 400)
    assert (found["bone"].center, found["bone"].width) == (500, 2000)
    assert (found["brain"].center, found["brain"].width) == (40, 80)
    assert len(found) == 9
    assert presets("MR") == ()
