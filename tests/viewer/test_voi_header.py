"""Header windows in the unit they were written in, and what is shown where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.pixels import pixel_array

from tests.viewer.dcmtk_pictures import group, ours
from tests.viewer.phantoms import source
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation
from viewer.voi import LutVoi, WindowVoi, default_voi, grey_values, header_vois, spanning_voi
from viewer.volume import Frame, LookupTable, VoiWindow


def mr(slope: float, intercept: float, center: float, width: float, **facts: Any) -> Any:
    window = VoiWindow(center=center, width=width, function=facts.pop("function", "LINEAR"))
    known = {"modality": "MR", "slope": slope, "intercept": intercept, "windows": (window,)}
    return source(**{**known, **facts})


def ramp(low: int, high: int) -> np.ndarray:
    """Pixels whose percentiles 0.1 and 99.9 are `low` and `high` to within a thousandth of the span."""
    return np.linspace(low, high, 10_001).astype(np.int32)


# Headers met in the shared set: slope, intercept, center, width, largest stored value.
MET = [
    (1.27985, 0.0, 959.0, 1666.0, 1389),  # Philips, field map, enhanced
    (3.774114, 0.000061, 1000.0, 2000.0, 595),  # Philips
    (2.000244, -4096.0, 29.0, 4959.0, 4095),  # Siemens, perfusion
]


@pytest.mark.parametrize(("slope", "intercept", "center", "width", "most"), MET)
def test_windows_of_rescaled_values_stay_as_they_are(
    slope: float, intercept: float, center: float, width: float, most: int
) -> None:
    facts = mr(slope, intercept, center, width)
    assert default_voi(facts, ramp(0, most)) == WindowVoi(center=center, width=width)


@pytest.mark.parametrize("modality", ["MR", "PT", "NM", "XA", "RF"])
def test_a_window_of_stored_values_is_converted(modality: str) -> None:
    """Pixels 0 to 1000 rescaled to -5 to 45: a window 500 / 1000 shows none of them, in stored values all."""
    facts = mr(0.05, -5.0, 500.0, 1000.0, modality=modality)
    expected = WindowVoi(center=500 * 0.05 - 5, width=1000 * 0.05, function="LINEAR_EXACT")
    assert default_voi(facts, ramp(0, 1000)) == expected


def test_a_falling_rescale_keeps_the_width_positive() -> None:
    found = default_voi(mr(-0.05, 40.0, 500.0, 1000.0), ramp(0, 1000))
    assert found == WindowVoi(center=15.0, width=50.0, function="LINEAR_EXACT")


def test_the_converted_window_draws_what_ihe_asks_for() -> None:
    """Grey is that of the stored values at the stored window, as if there were no rescale."""
    stored = ramp(0, 1000)
    facts = mr(0.05, -5.0, 500.0, 1000.0)
    plain = source(modality="MR")
    shown = grey_values(stored, facts, default_voi(facts, stored), inverted=False)
    wanted = WindowVoi(center=500, width=1000, function="LINEAR")
    ihe = grey_values(stored, plain, wanted, inverted=False)
    assert np.abs(shown.astype(int) - ihe).max() <= 1


def test_sigmoid_stays_sigmoid() -> None:
    found = default_voi(mr(0.05, 0.0, 500.0, 1000.0, function="SIGMOID"), ramp(0, 1000))
    assert found == WindowVoi(center=25.0, width=50.0, function="SIGMOID")


def test_in_doubt_the_standard_is_right() -> None:
    """Twice as good is not clearly better; and a CT's window is in HU whatever its pixels are."""
    assert default_voi(mr(0.5, 0.0, 500.0, 1000.0), ramp(0, 1000)) == WindowVoi(
        center=500, width=1000
    )
    ct = mr(0.05, -5.0, 500.0, 1000.0, modality="CT")
    assert default_voi(ct, ramp(0, 1000)) == WindowVoi(center=500, width=1000)


def test_a_window_that_fits_nowhere_is_not_converted() -> None:
    found = default_voi(mr(0.05, 0.0, 50_000.0, 100.0), ramp(0, 1000))
    assert found == WindowVoi(center=50_000, width=100)


def test_padding_does_not_count_in_the_decision() -> None:
    """With the padding the stored pixels would reach from -30000, and the window would fit neither way."""
    stored = np.concatenate([np.full(5000, -30_000, np.int32), ramp(0, 1000)])
    facts = mr(
        0.05, 0.0, 500.0, 1000.0,
        pixel_padding=(-30_000, -30_000), bits_stored=16, pixel_representation=1,
    )  # fmt: skip
    found = default_voi(facts, stored)
    assert found == WindowVoi(center=25.0, width=50.0, function="LINEAR_EXACT")


def test_without_pixels_only_what_is_impossible_is_converted() -> None:
    """12 bits x 0.05 end at 205: no pixel can lie in 1500-2500. A slope of 3.77 makes no such proof."""
    (found,) = header_vois(mr(0.05, 0.0, 2000.0, 1000.0))
    assert found == WindowVoi(center=100.0, width=50.0, function="LINEAR_EXACT")
    (kept,) = header_vois(mr(3.774114, 0.0, 1000.0, 2000.0))
    assert kept == WindowVoi(center=1000, width=2000)


def test_every_slice_is_converted_with_its_own_rescale() -> None:
    """PET: the same stored window is another in every slice's unit."""
    found = [
        default_voi(mr(slope, 0.0, 16000.0, 32000.0, modality="PT"), ramp(0, 32767))
        for slope in (0.1, 0.3)
    ]
    assert [(v.center, v.width) for v in found if isinstance(v, WindowVoi)] == [
        (1600, 3200),
        (4800, 9600),
    ]


def overlap(a: tuple[float, float], b: np.ndarray) -> float:
    both = min(a[1], b[1]) - max(a[0], b[0])
    return float(max(both, 0) / (max(a[1], b[1]) - min(a[0], b[0])))


@pytest.mark.filterwarnings("ignore")
def test_all_headers_of_the_shared_set_mean_rescaled_values(shared_data: Path) -> None:
    """The evidence of docs/decisions/0010, from pydicom's own reading of header and pixels."""
    evidence = []
    for path in sorted(path for path in shared_data.rglob("*") if path.is_file()):
        ds = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        if ds.get("Modality") not in {"MR", "PT", "NM", "XA", "RF"} or "Rows" not in ds:
            continue
        rescale = group(ds, 1, "PixelValueTransformationSequence")
        look = group(ds, 1, "FrameVOILUTSequence")
        slope, intercept = rescale.get("RescaleSlope"), rescale.get("RescaleIntercept")
        if not look.get("WindowWidth") or slope is None or (slope, intercept) == (1, 0):
            continue
        center, width = (np.atleast_1d(look[n].value)[0] for n in ("WindowCenter", "WindowWidth"))
        stored = pixel_array(pydicom.dcmread(path), index=0, raw=True)
        values = stored * float(slope) + float(intercept)
        ends = (float(center) - float(width) / 2, float(center) + float(width) / 2)
        shown, raw = (np.percentile(part, (0.1, 99.9)) for part in (values, stored))
        assert overlap(ends, shown) > overlap(ends, raw), path.name
        evidence.append((overlap(ends, shown), overlap(ends, raw)))
        found = default_voi(ours(path).source, stored)
        assert isinstance(found, WindowVoi)
        assert (found.center, found.width) == (float(center), float(width))
    assert len(evidence) >= 4


# ---- tables ------------------------------------------------------------------------------------


def table(first: int, values: list[int], bits: int = 8) -> LookupTable:
    return LookupTable(first_mapped=first, bits=bits, data=np.array(values, "<u2").tobytes())


def test_the_first_input_of_a_table_has_the_sign_of_modality_values() -> None:
    """Unsigned pixels, intercept -1024: the descriptor's 64512, read as US, is the SS of -1024 (C.11.2.1.1)."""
    values = list(range(256)) * 8
    (found,) = header_vois(source(voi_luts=(table(64512, values),), intercept=-1024.0))
    assert isinstance(found, LutVoi)
    assert found.first_mapped == -1024
    (plain,) = header_vois(source(voi_luts=(table(1000, values),), intercept=-1024.0))
    assert isinstance(plain, LutVoi)
    assert plain.first_mapped == 1000
    signed = source(
        voi_luts=(table(-32768, values),), bits_stored=16, pixel_representation=1, intercept=32768.0
    )
    (unsigned,) = header_vois(signed)  # values 0-65535: 32768 read as SS
    assert isinstance(unsigned, LutVoi)
    assert unsigned.first_mapped == 32768


def test_a_voi_table_maps_the_output_of_a_modality_table() -> None:
    modality = LookupTable(first_mapped=0, bits=16, data=np.array([100, 300], "<u2").tobytes())
    facts = source(modality_lut=modality, voi_luts=(table(100, [0, *[10] * 199, 255]),))
    (voi,) = header_vois(facts)
    assert grey_values(np.array([0, 1]), facts, voi, inverted=False).tolist() == [0, 255]


def test_a_table_of_65536_entries() -> None:
    values = (np.arange(65536) >> 8).astype("<u2")
    facts = source(
        bits_stored=16, voi_luts=(LookupTable(first_mapped=0, bits=8, data=values.tobytes()),)
    )
    (voi,) = header_vois(facts)
    stored = np.array([0, 255, 256, 65535])
    assert grey_values(stored, facts, voi, inverted=False).tolist() == [0, 0, 1, 255]


def test_a_table_of_zeros_shows_nothing_and_is_left_out() -> None:
    assert header_vois(source(voi_luts=(table(0, [0, 0, 0]),))) == ()


# ---- no window ---------------------------------------------------------------------------------


def test_floats_span_their_finite_values() -> None:
    stored = np.array([np.nan, np.inf, -np.inf, *np.linspace(-2.0, 3.0, 1001)])
    facts = source(modality="MR", pixel_type="float64", bits_stored=64, bits_allocated=64)
    found = default_voi(facts, stored)
    assert isinstance(found, WindowVoi)
    assert (found.center, found.width) == pytest.approx((0.5, 5.0), abs=0.02)
    without = default_voi(facts)
    assert isinstance(without, WindowVoi)
    assert (without.center, without.width) == (0.5, 1.0)


def test_floats_without_a_number_are_black_and_infinite_ones_the_ends() -> None:
    facts = source(pixel_type="float32", bits_stored=32, bits_allocated=32)
    pixels = np.array([[np.nan, -np.inf, 0.0, 0.5, 1.0, np.inf]], np.float32)
    for function in ("LINEAR_EXACT", "SIGMOID"):
        voi = WindowVoi(center=0.5, width=1.0, function=function)
        for inverted in (False, True):
            found = grey_values(pixels, facts, voi, inverted=inverted)[0].tolist()
            assert found[0] == 0
            assert (found[1], found[5]) == ((255, 0) if inverted else (0, 255))
            assert found[3] == 127


def test_32_bit_pixels_span_what_they_hold() -> None:
    facts = source(modality="RTDOSE", bits_stored=32, bits_allocated=32, slope=1e-6, unit="Gy")
    stored = np.arange(1_000_000, 61_000_000, 60_000, dtype=np.uint32).reshape(40, 25)
    found = default_voi(facts, stored)
    assert isinstance(found, WindowVoi)
    assert (found.center, found.width) == pytest.approx((31.0, 60.0), abs=0.2)
    frame = Frame(pixels=stored, source=facts)
    picture = picture_of_frame(frame, Presentation())
    assert (np.diff(picture.ravel().astype(int)) >= 0).all()
    assert (picture.min(), picture.max()) == (0, 255)


def test_a_few_pixels_in_an_even_image_are_seen() -> None:
    stored = np.zeros((512, 512), np.uint16)
    stored[10, 10] = 700
    found = default_voi(source(modality="OT"), stored)
    assert isinstance(found, WindowVoi)
    assert (found.center, found.width) == (350, 700)


def test_the_span_of_values_leaves_out_what_is_no_number() -> None:
    found = spanning_voi(np.array([np.nan, 0.0, 10.0] * 50))
    assert (found.center, found.width) == (5, 10)
    assert spanning_voi(np.array([np.nan])).width == 1.0
