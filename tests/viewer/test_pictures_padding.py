"""Pixels that are no image: padding, floats without a value. They are black and do not bleed into their neighbours.

Padding is excluded from the grey scale (PS3.3 C.7.5.1.1.2), so that it is black in MONOCHROME1 and inverted as well.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.viewer.dcmtk_pictures import apart, by_the_formulas, drawn, ours
from tests.viewer.phantoms import dicom, frame, saved
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation, ViewState
from viewer.voi import WindowVoi, default_voi, header_vois, padding_to_hide
from viewer.volume import Frame, LookupTable, VoiWindow

WINDOW = WindowVoi(center=40, width=400)
RANDOM = np.random.default_rng(5)


def ct(inside: np.ndarray, **facts: object) -> Frame:
    """A signed CT with -2000 around a disc, as GE writes it."""
    y, x = np.mgrid[: inside.shape[0], : inside.shape[1]]
    disc = np.hypot(y - inside.shape[0] / 2, x - inside.shape[1] / 2) < inside.shape[0] / 2 - 2
    known = {"pixel_representation": 1, "bits_stored": 16, "pixel_padding": (-2000, -2000)}
    return frame(np.where(disc, inside, -2000).astype(np.int16), **{**known, **facts})


def test_padding_is_black_whichever_way_the_picture_is() -> None:
    shown = ct(RANDOM.integers(-200, 300, (64, 64)))
    outside = shown.pixels == -2000
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        source = ct(shown.pixels, photometric=photometric).source
        for inverted in (False, True):
            for size in (None, (64, 64)):
                look = Presentation(voi=WINDOW, inverted=inverted)
                found = picture_of_frame(
                    Frame(pixels=shown.pixels, source=source), look, ViewState(), size
                )
                assert (found[outside] == 0).all()
                assert found[~outside].max() == 255


def test_dark_padding_changes_no_picture() -> None:
    """At an ordinary window -2000 is black already: nothing is hidden, nothing costs anything."""
    shown = ct(RANDOM.integers(-200, 300, (64, 64)))
    bare = Frame(pixels=shown.pixels, source=ct(shown.pixels, pixel_padding=None).source)
    assert padding_to_hide((-2000, -2000), shown.source, WINDOW, inverted=False) is None
    assert padding_to_hide((-2000, -2000), shown.source, WINDOW, inverted=True) == (-2000, -2000)
    assert padding_to_hide(None, shown.source, WINDOW, inverted=True) is None
    for size in (None, (100, 100), (30, 30)):
        pictures = [
            picture_of_frame(f, Presentation(voi=WINDOW), ViewState(), size) for f in (shown, bare)
        ]
        assert (pictures[0] == pictures[1]).all()


@pytest.mark.parametrize("size", [(200, 200), (29, 31)])
@pytest.mark.parametrize("interpolation", ["linear", "nearest"])
def test_hidden_padding_does_not_bleed(size: tuple[int, int], interpolation: str) -> None:
    """An even disc stays even to its rim, enlarged and reduced: either its grey or black."""
    shown = ct(np.full((64, 64), 100))
    look = Presentation(voi=WINDOW, inverted=True, interpolation=interpolation)  # type: ignore[arg-type]  # two literals
    found = picture_of_frame(shown, look, ViewState(), size)
    grey = 255 - int(np.ceil((100 - 39.5) / 399 * 255 + 127.5))
    assert set(np.unique(found)) <= {0, grey, grey + 1}
    assert 0.5 < (found > 0).mean() < 0.9


def test_a_range_of_padding(tmp_path: Path) -> None:
    """Against dcm2pnm everywhere else, and against the formulas; the limit may be the lower end."""
    pixels = RANDOM.integers(0, 4096, (40, 50)).astype(np.uint16)
    for value, limit in ((0, 900), (4095, 3500)):
        ds = dicom(
            pixels, PixelPaddingValue=value, PixelPaddingRangeLimit=limit, BitsStored=12, HighBit=11
        )
        ds["PixelPaddingValue"].VR = ds["PixelPaddingRangeLimit"].VR = "US"
        path = saved(ds, tmp_path / "a.dcm")
        hidden = (pixels >= min(value, limit)) & (pixels <= max(value, limit))
        voi = WindowVoi(center=1000, width=4500)
        found = picture_of_frame(ours(path), Presentation(voi=voi))
        theirs = drawn(path, tmp_path, "+Ww", "1000", "4500")
        assert apart(found, np.where(hidden, 0, theirs)) <= 1
        assert theirs[hidden].any()
        assert apart(found, by_the_formulas(ds, 1, 1000, 4500)) == 0


def test_padding_of_wide_pixels() -> None:
    pixels = np.array([[7, 1 << 30, (1 << 32) - 1]], np.uint32)
    shown = frame(pixels, bits_allocated=32, bits_stored=32, high_bit=31, pixel_padding=(7, 7))
    voi = WindowVoi(center=1 << 31, width=1 << 32, function="LINEAR_EXACT")
    look = Presentation(voi=voi, inverted=True)
    assert picture_of_frame(shown, look).tolist() == [[0, 191, 0]]


# ---- floats --------------------------------------------------------------------------------------


def floats(pixels: np.ndarray) -> Frame:
    bits = pixels.dtype.itemsize * 8
    facts = {"bits_allocated": bits, "bits_stored": bits, "high_bit": bits - 1, "modality": "MR"}
    return frame(pixels, pixel_type=f"float{bits}", intercept=0.0, **facts)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_float_pixels(kind: type) -> None:
    pixels = np.linspace(-1.0, 1.0, 1200).reshape(30, 40).astype(kind)
    pixels[3, 4], pixels[5, 6], pixels[7, 8] = np.nan, np.inf, -np.inf
    voi = WindowVoi(center=0.0, width=2.0, function="LINEAR_EXACT")
    for inverted in (False, True):
        look = Presentation(voi=voi, inverted=inverted)
        share = np.clip(pixels.astype(float) / 2 + 0.5, 0, 1)
        expected = np.floor(np.nan_to_num(1 - share if inverted else share) * 255 + 1e-6)
        for size in (None, (40, 30)):
            found = picture_of_frame(floats(pixels), look, ViewState(), size)
            assert apart(found, expected) <= (0 if size is None else 1)
            assert found[3, 4] == 0
            assert (found[5, 6], found[7, 8]) == ((0, 255) if inverted else (255, 0))


def test_a_hole_keeps_its_size_when_enlarged_and_does_not_darken_its_rim() -> None:
    pixels = np.full((20, 20), 0.5, np.float32)
    pixels[5:11, 5:11] = np.nan
    voi = WindowVoi(center=0.5, width=1.0, function="LINEAR_EXACT")
    found = picture_of_frame(floats(pixels), Presentation(voi=voi), ViewState(), (200, 200))
    assert set(np.unique(found)) == {0, 127}
    assert (found == 0).sum() == pytest.approx(3600, rel=0.05)


def test_floats_without_a_window_start_with_what_they_span() -> None:
    pixels = np.linspace(-1.0, 3.0, 1200).reshape(30, 40)
    pixels[0, 0] = np.nan
    found = picture_of_frame(floats(pixels), Presentation())
    assert (found[0, 0], found[0, 1], found[-1, -1]) == (0, 0, 255)
    assert (np.diff(found.ravel()[1:].astype(int)) >= 0).all()


# ---- frames of enhanced images, colour of other depths ----------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_every_frame_of_an_enhanced_image_has_its_own_rescale_and_window(shared_data: Path) -> None:
    """Philips gives every frame both; the formulas read them from the functional groups by pydicom."""
    import pydicom

    from tests.viewer.dcmtk_pictures import group
    from viewer.decoding import decode_frame, parse_file

    path = shared_data / "mr_enhanced/Philips/IM_0027_fMAP.dcm"
    ds = pydicom.dcmread(path)
    sources = parse_file(path)[1]
    met = set()
    for source in sources[:: max(1, len(sources) // 6)]:
        window = group(ds, source.frame, "FrameVOILUTSequence")
        rescale = group(ds, source.frame, "PixelValueTransformationSequence")
        center, width = (float(window[n].value) for n in ("WindowCenter", "WindowWidth"))
        found = picture_of_frame(
            Frame(pixels=decode_frame(path, source), source=source), Presentation()
        )
        assert apart(found, by_the_formulas(ds, source.frame, center, width)) == 0
        met.add((float(rescale.RescaleSlope), float(rescale.RescaleIntercept), center, width))
    assert len(met) > 1


def test_frames_of_one_stack_keep_their_own_grey() -> None:
    """Two frames with the same true values, other slopes and windows to match, look the same."""
    pixels = RANDOM.integers(0, 1000, (20, 30)).astype(np.uint16)
    shown = []
    for slope in (1.0, 4.0):
        window = VoiWindow(center=2000.0, width=3600.0)
        facts = {"slope": slope, "intercept": 8.0, "windows": (window,), "modality": "MR"}
        shown.append(frame((pixels * 4 // slope).astype(np.uint16), **facts))
    exact = picture_of_frame(shown[1], Presentation())
    assert header_vois(shown[1].source) == header_vois(shown[0].source)
    assert apart(picture_of_frame(shown[0], Presentation()), exact) == 0
    assert default_voi(shown[0].source, shown[0].pixels) == WindowVoi(center=2000, width=3600)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_colour_keeps_its_upper_bits(tmp_path: Path, bits: int) -> None:
    rgb = RANDOM.integers(0, 1 << bits, (20, 30, 3)).astype(np.uint16)
    ds = dicom(
        rgb[..., 0],
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
        BitsStored=bits,
        HighBit=bits - 1,
    )
    ds.PixelData = rgb.tobytes()
    del ds.RescaleSlope, ds.RescaleIntercept
    path = saved(ds, tmp_path / "a.dcm")
    found = picture_of_frame(ours(path), Presentation())
    assert apart(found, drawn(path, tmp_path)) == 0


def test_shallow_colour_reaches_full_white() -> None:
    rgb = np.array([[[0, 7, 15], [15, 15, 15]]], np.uint8)
    shown = frame(rgb, samples=3, photometric="RGB", bits_stored=4, bits_allocated=8)
    assert picture_of_frame(shown, Presentation())[0].tolist() == [[0, 119, 255], [255, 255, 255]]


def test_palettes_of_16_bits_keep_the_upper_byte() -> None:
    from viewer.volume import Palette

    table = LookupTable(
        first_mapped=3, bits=16, data=np.array([0, 0x80FF, 0xFFFF], "<u2").tobytes()
    )
    shown = frame(
        np.array([[0, 3, 4, 5, 9]], np.uint8), photometric="PALETTE COLOR", bits_stored=8,
        bits_allocated=8, palette=Palette(red=table, green=table, blue=table),
    )  # fmt: skip
    assert picture_of_frame(shown, Presentation())[0, :, 0].tolist() == [0, 0, 0x80, 0xFF, 0xFF]
