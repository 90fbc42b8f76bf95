"""Overlay planes over pictures: against dcm2pnm where it draws them, by arithmetic where it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.viewer.dcmtk_pictures import apart, drawn, ours, unpacked
from tests.viewer.phantoms import dicom, frame, saved
from viewer.decoding import decode_overlays
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation, ViewState, frame_geometry, resolve
from viewer.voi import WindowVoi
from viewer.volume import OverlayPlane

FULL = WindowVoi(center=127.5, width=255, function="LINEAR_EXACT")
GREY = np.full((30, 40), 90, np.uint16)


def overlay(bits: np.ndarray, origin: tuple[int, int] = (1, 1), kind: str = "G") -> OverlayPlane:
    return OverlayPlane(bits=bits.astype(bool), origin=origin, kind=kind)


def cross() -> np.ndarray:
    """A line across, a line down and a block: 12 rows x 17 columns, nowhere symmetric."""
    bits = np.zeros((12, 17), bool)
    bits[3], bits[:, 5] = True, True
    bits[8:11, 12:16] = True
    return bits


def with_overlay(bits: np.ndarray, origin: tuple[int, int], kind: str = "G") -> pydicom.Dataset:
    ds = dicom(np.arange(1200, dtype=np.uint16).reshape(30, 40))
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    ds.add_new(0x60000010, "US", bits.shape[0])
    ds.add_new(0x60000011, "US", bits.shape[1])
    ds.add_new(0x60000040, "CS", kind)
    ds.add_new(0x60000050, "SS", list(origin))
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", packed + b"\0" * (len(packed) % 2))
    return ds


@pytest.mark.parametrize("origin", [(1, 1), (5, 9), (-3, 30), (25, -6), (27, 34), (200, 1)])
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_overlays_lie_where_dcmtk_draws_them(
    tmp_path: Path, origin: tuple[int, int], photometric: str
) -> None:
    ds = with_overlay(cross(), origin)
    ds.PhotometricInterpretation = photometric
    path = saved(ds, tmp_path / "a.dcm")
    shown = ours(path)
    look = Presentation(voi=WindowVoi(center=0, width=4000))
    theirs = drawn(path, tmp_path, "+Ww", "0", "4000")
    found = picture_of_frame(shown, look, overlays=decode_overlays(path, shown.source))
    assert apart(found, theirs) <= 1
    without = picture_of_frame(shown, look)
    assert apart(without, drawn(path, tmp_path, "-O", "+Ww", "0", "4000")) <= 1
    if origin != (200, 1):
        assert (found != without).any()


def test_bits_inside_the_pixels(tmp_path: Path) -> None:
    """The retired way: bit 12 of every 12 bit pixel."""
    bits = np.zeros((30, 40), bool)
    bits[4:9, 7:20] = True
    pixels = np.arange(1200, dtype=np.uint16).reshape(30, 40) + (bits.astype(np.uint16) << 12)
    ds = dicom(pixels, BitsStored=12, HighBit=11)
    for element, value in ((0x10, 30), (0x11, 40), (0x100, 16), (0x102, 12)):
        ds.add_new(0x60000000 + element, "US", value)
    ds.add_new(0x60000040, "CS", "G")
    ds.add_new(0x60000050, "SS", [1, 1])
    path = saved(ds, tmp_path / "a.dcm")
    shown = ours(path)
    look = Presentation(voi=WindowVoi(center=0, width=4000))
    found = picture_of_frame(shown, look, overlays=decode_overlays(path, shown.source))
    assert apart(found, drawn(path, tmp_path, "+Ww", "0", "4000")) <= 1
    assert (found[bits] == 255).all()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "pattern",
    [
        "objects_gsps/*",
        "pydicom_data/MR-SIEMENS-DICOM-WithOverlays.dcm",
        "pydicom_test_files/test_files/examples_overlay.dcm",
        "ct_head_phantom_gantry_tilt/S4010_secondary_capture/*",
    ],
)
def test_overlays_of_the_shared_set(shared_data: Path, tmp_path: Path, pattern: str) -> None:
    """Every overlay of every image that has one, as dcm2pnm draws them all."""
    drawn_bits = 0
    for path in sorted(shared_data.glob(pattern)):
        ds = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        if "Rows" not in ds or not any(0x6000 <= e.tag.group <= 0x601E for e in ds):
            continue
        shown = ours(path)
        planes = decode_overlays(path, shown.source)
        look = Presentation(voi=WindowVoi(center=500, width=900))
        found = picture_of_frame(shown, look, overlays=planes)
        theirs = drawn(unpacked(path, tmp_path), tmp_path, "+Ww", "500", "900")
        assert apart(found, theirs) <= 1, path.name
        drawn_bits += sum(int(plane.bits.sum()) for plane in planes)
    assert drawn_bits > 0


def test_white_on_inverted_and_on_colour() -> None:
    bits = cross()
    look = Presentation(voi=FULL, inverted=True)
    grey = picture_of_frame(frame(GREY), look, overlays=[overlay(bits, (5, 9))])
    expected = np.full((30, 40), 165, np.uint8)
    expected[4:16, 8:25][bits] = 255
    assert (grey == expected).all()
    colours = np.zeros((30, 40, 3), np.uint8)
    shown = frame(colours, samples=3, photometric="RGB", bits_stored=8, bits_allocated=8)
    colour = picture_of_frame(shown, Presentation(), overlays=[overlay(bits, (5, 9))])
    assert (colour[..., 1] == np.where(expected == 255, 255, 0)).all()
    assert (colour == colour[..., :1]).all()


def test_of_a_region_only_the_outline_is_painted() -> None:
    bits = np.zeros((9, 9), bool)
    bits[2:7, 1:8] = True
    found = picture_of_frame(
        frame(GREY), Presentation(voi=FULL), overlays=[overlay(bits, kind="R")]
    )
    expected = np.full((30, 40), 90, np.uint8)
    expected[2:7, 1:8] = 255
    expected[3:6, 2:7] = 90
    assert (found == expected).all()


@pytest.mark.parametrize(
    "state", [ViewState(), ViewState(rotation=90, flip=True), ViewState(zoom=0.6)]
)
def test_no_bit_is_lost_when_the_picture_is_reduced(state: ViewState) -> None:
    bits = np.zeros((30, 40), bool)
    bits[3, 5], bits[17], bits[:, 22] = True, True, True
    shown = frame(GREY)
    size = (15, 11)
    found = picture_of_frame(shown, Presentation(voi=FULL), state, size, overlays=[overlay(bits)])
    view = resolve(frame_geometry(shown.source), state, size)
    under = np.zeros((size[1], size[0]), bool)
    for row, column in np.argwhere(bits):
        x, y = view.canvas_point((float(column), float(row)))
        under[int(y), int(x)] = True
    assert (found[under] == 255).all()
    assert (found[~under] != 255).sum() > 30
    # And nothing is set where no bit lies within a canvas pixel of it.
    for y, x in np.argwhere(found == 255):
        column, row = view.image_point((x + 0.5, y + 0.5))
        near = np.argwhere(bits) - (row, column)
        assert np.abs(near).max(axis=1).min() <= 0.5 / min(abs(view.canvas_px_per_image_px), 1)


def test_enlarged_bits_keep_their_shape() -> None:
    bits = cross()
    size = (120, 90)
    found = picture_of_frame(
        frame(GREY), Presentation(voi=FULL), ViewState(), size, overlays=[overlay(bits, (5, 9))]
    )
    expected = np.zeros((30, 40), bool)
    expected[4:16, 8:25] = bits
    assert ((found == 255) == np.kron(expected, np.ones((3, 3), bool))).all()
