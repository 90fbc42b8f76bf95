"""Single pictures against DCMTK's dcm2pnm, pixel by pixel.

dcm2pnm cuts modality values to whole numbers and knows no functional groups, so series whose rescale is not whole are
compared with windows at least 256 wide, and enhanced images with the rescale left out. It overlays nothing (`-O`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.viewer.dcmtk_pictures import apart, dcmtk_picture, ours, padded, tile
from tests.viewer.phantoms import dicom, frame, saved
from viewer.render.plane import picture_of_frame
from viewer.resampling import sample_frame
from viewer.view import Presentation, ViewState, frame_geometry, resolve
from viewer.voi import LutVoi, Voi, WindowVoi, header_vois, header_window, rescaled
from viewer.volume import Frame

PICTURES = [
    ("demo/ct_chest_lidc_0314_3mm/000006.dcm", ((40, 400), (-600, 1500), (300, 50))),
    ("demo/ct_chest_lidc_0314_3mm/000100.dcm", ((40, 400), (-600, 1500), (40.5, 399.5))),
    ("demo/mr_brain_t1_defaced/*5.dcm", ((200, 400), (300, 700), (90.5, 81))),
    ("demo/dx_chest_nih/*.dcm", ((128, 256), (100, 90))),
    ("ct_chest_thin_lidc_0314/*0.dcm", ((40, 400), (500, 2000))),
    ("ct_head_phantom_gantry_tilt/S2010/I1[012]0.dcm", ((40, 80),)),
    ("ct_prior_current_sbu/A002304/*_ax_*", ((40, 400),)),
    ("ct_prior_current_sbu/A056642/*_cor_*", ((-600, 1500),)),
    ("mr_brain_siemens_multiseries/t2_fse_axial/*10*", ((500, 1100),)),
    ("mr_dwi_uih_dir16/*1.dcm", ((300, 700),)),
    ("dr_cr_mg/RG*", ((512, 1024),)),
    ("dr_cr_mg/CR-MONO1-10-chest", ((512, 1024), (300, 200))),
    ("dr_cr_mg/GH133.dcm", ((2653, 900), (1300, 2600))),
    ("dr_cr_mg/dx_image.dcm", ((128, 256),)),
    ("pydicom_data/MR2_J2KR.dcm", ((40, 400), (600, 1200))),  # slope 3.774
    ("pydicom_data/mlut_18.dcm", ((2000, 3000), (128, 200))),  # a modality LUT
    ("pydicom_data/693_J2KR.dcm", ((40, 400),)),  # sign told wrongly
    ("pydicom_test_files/test_files/MR_small_bigendian.dcm", ((600, 1600),)),
    ("transfer_syntaxes/dcm_qa_ts/*.dcm", ((300, 700),)),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "windows"), PICTURES)
@pytest.mark.filterwarnings("ignore")
def test_pictures_at_given_windows(
    shared_data: Path, tmp_path: Path, pattern: str, windows: tuple[tuple[float, float], ...]
) -> None:
    paths = sorted(shared_data.glob(pattern))[:3]
    assert paths
    for path in paths:
        shown = ours(path)
        for center, width in windows:
            voi = header_window(shown.source, center, width)
            picture = picture_of_frame(shown, Presentation(voi=voi))
            coded = dcmtk_picture(path, tmp_path, "+Ww", str(center), str(width))
            theirs = tile(coded, shown.source)
            whole = shown.source.slope.is_integer() and shown.source.modality_lut is None
            hidden = padded(
                pydicom.dcmread(path, stop_before_pixels=True, force=True), shown.pixels
            )
            assert not picture[hidden].any()  # dcm2pnm draws padding as any other value
            theirs = np.where(hidden, 0, theirs)
            assert apart(picture, theirs) <= 1, (path.name, center, width)
            if whole and voi.function == "LINEAR":
                assert (picture != theirs).mean() < 0.001, (path.name, center, width)


@pytest.mark.parametrize(
    "name", ["dr_cr_mg/GH133.dcm", "pydicom_data/vlut_04.dcm", "mr_enhanced/XA10/*"]
)
def test_voi_tables_and_windows_of_the_header(shared_data: Path, tmp_path: Path, name: str) -> None:
    path = min(shared_data.glob(name))
    shown = ours(path)
    found: dict[type, Voi] = {}
    for voi in header_vois(shown.source):
        found.setdefault(type(voi), voi)
    if LutVoi in found:
        picture = picture_of_frame(shown, Presentation(voi=found[LutVoi]))
        assert apart(picture, dcmtk_picture(path, tmp_path, "+Wl", "1")) <= 1
    if WindowVoi in found and shown.source.number_of_frames == 1:
        picture = picture_of_frame(shown, Presentation(voi=found[WindowVoi]))
        assert apart(picture, dcmtk_picture(path, tmp_path, "+Wi", "1")) <= 1


def test_an_enhanced_frame_is_dcmtks_but_for_the_rescale(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "mr_vendor_mix/philips_enhanced/anatomical/001/IM-0001-0170-0001.dcm"
    shown = ours(path)
    assert shown.source.slope != 1.0
    theirs = dcmtk_picture(path, tmp_path, "+Ww", "500", "900")
    plain = Frame(pixels=shown.pixels, source=replace(shown.source, slope=1.0, intercept=0.0))
    assert (
        apart(picture_of_frame(plain, Presentation(voi=WindowVoi(center=500, width=900))), theirs)
        <= 1
    )


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("shape", ["", "IDENTITY", "INVERSE"])
def test_inversion_by_header(tmp_path: Path, photometric: str, shape: str) -> None:
    ds = dicom(
        np.arange(2048, dtype=np.uint16).reshape(32, 64), PhotometricInterpretation=photometric
    )
    if shape:
        ds.PresentationLUTShape = shape
    path = saved(ds, tmp_path / "a.dcm")
    picture = picture_of_frame(ours(path), Presentation(voi=WindowVoi(center=40, width=400)))
    assert apart(picture, dcmtk_picture(path, tmp_path, "+Ww", "40", "400")) <= 1


@pytest.mark.parametrize("function", ["LINEAR", "SIGMOID"])
def test_functions_of_the_header(tmp_path: Path, function: str) -> None:
    ds = dicom(np.arange(2048, dtype=np.uint16).reshape(32, 64), VOILUTFunction=function)
    ds.WindowCenter, ds.WindowWidth = 40, 400
    path = saved(ds, tmp_path / "a.dcm")
    picture = picture_of_frame(ours(path), Presentation())
    assert apart(picture, dcmtk_picture(path, tmp_path, "+Wi", "1")) <= 1


@pytest.mark.parametrize(
    "name",
    [
        "mr_vendor_mix/generic/rgb/001/IM-0001-0001-0001.dcm",
        "us_colour_and_misc/US-PAL-8-10x-echo",
        "us_colour_and_misc/YBR_422.dcm",
        "us_colour_and_misc/YBR_FULL-RLE.dcm",
        "pydicom_data/US1_J2KR.dcm",
        "pydicom_test_files/test_files/SC_rgb_jpeg_dcmtk.dcm",
        "pydicom_test_files/test_files/SC_rgb_rle_16bit.dcm",
        "pydicom_test_files/test_files/SC_rgb_small_odd_big_endian.dcm",
        "pydicom_test_files/test_files/examples_ybr_color.dcm",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_colour_pictures(shared_data: Path, tmp_path: Path, name: str) -> None:
    path = shared_data / name
    # dcm2pnm cuts where YBR becomes RGB, the standard's equation is rounded here: two levels.
    most = 2 if "YBR" in name else 0
    assert (
        apart(picture_of_frame(ours(path), Presentation()), dcmtk_picture(path, tmp_path)) <= most
    )


# ---- pictures of a size --------------------------------------------------------------------

RAMP = np.arange(12, dtype=np.uint16).reshape(3, 4) * 20
FULL = WindowVoi(center=127.5, width=255, function="LINEAR_EXACT")


def test_a_picture_of_its_own_size_is_the_picture_without_a_size() -> None:
    shown = frame(RAMP)
    exact = picture_of_frame(shown, Presentation(voi=FULL))
    assert (exact == RAMP).all()
    for interpolation in ("linear", "nearest"):
        presentation = Presentation(voi=FULL, interpolation=interpolation)  # type: ignore[arg-type]  # two literals
        assert (picture_of_frame(shown, presentation, ViewState(), (4, 3)) == exact).all()


def test_enlarged_by_whole_pixels() -> None:
    presentation = Presentation(voi=FULL, interpolation="nearest")
    found = picture_of_frame(frame(RAMP), presentation, ViewState(), (8, 6))
    assert (found == np.kron(RAMP, np.ones((2, 2)))).all()


def test_reduced_pictures_are_averaged() -> None:
    checks = np.tile(np.array([[0, 200], [200, 0]], np.uint16), (8, 8))
    found = picture_of_frame(frame(checks), Presentation(voi=FULL), ViewState(), (8, 8))
    assert (found == 100).all()


def test_turned_and_flipped() -> None:
    presentation = Presentation(voi=FULL, interpolation="nearest")
    turned = picture_of_frame(frame(RAMP), presentation, ViewState(rotation=90), (3, 4))
    assert (turned == np.rot90(RAMP, -1)).all()
    flipped = picture_of_frame(frame(RAMP), presentation, ViewState(flip=True), (4, 3))
    assert (flipped == RAMP[:, ::-1]).all()


def test_outside_is_black_also_when_inverted() -> None:
    found = picture_of_frame(
        frame(RAMP), Presentation(voi=FULL, inverted=True), ViewState(), (8, 3)
    )
    assert (found[:, :2] == 0).all()
    assert (found[:, 6:] == 0).all()
    assert (found[:, 2:6] == 255 - RAMP).all()


def test_the_picture_lies_where_the_overlay_thinks() -> None:
    pixels = np.zeros((50, 60), np.uint16)
    pixels[31, 17] = 255
    shown = frame(pixels)
    state = ViewState(zoom=1.3, pan=(0.1, -0.05), rotation=90, flip=True)
    view = resolve(frame_geometry(shown.source), state, (300, 200))
    found = picture_of_frame(shown, Presentation(voi=FULL), state, (300, 200))
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    assert view.image_point((x + 0.5, y + 0.5)) == pytest.approx((17, 31), abs=0.3)


def test_sampling_takes_stored_values_not_grey() -> None:
    pixels = np.array([[0, 1000]], np.uint16)
    values = sample_frame(pixels, np.array([[0.5, 0, -0.5], [0, 1, -0.5], [0, 0, 1]]), (3, 1))
    assert values.tolist() == [[0.0, 250.0, 750.0]]
    found = picture_of_frame(
        frame(pixels), Presentation(voi=WindowVoi(center=250.5, width=2)), ViewState(), (4, 2)
    )
    # White begins where the interpolated value passes the window, a quarter of the way.
    assert found[0].tolist() == [0, 127, 255, 255]


def test_wide_pixels_have_no_table() -> None:
    pixels = np.array([[0, 1 << 31]], np.uint32)
    shown = frame(pixels, bits_allocated=32, bits_stored=32, high_bit=31)
    voi = WindowVoi(center=1 << 30, width=1 << 31, function="LINEAR_EXACT")
    assert picture_of_frame(shown, Presentation(voi=voi)).tolist() == [[0, 255]]


def test_hounsfield_of_the_picture(shared_data: Path) -> None:
    shown = ours(shared_data / "demo" / "ct_chest_lidc_0314_3mm" / "000006.dcm")
    ds = pydicom.dcmread(shared_data / "demo" / "ct_chest_lidc_0314_3mm" / "000006.dcm")
    assert (rescaled(shown.pixels, shown.source) == ds.pixel_array.astype(float) - 1000).all()
