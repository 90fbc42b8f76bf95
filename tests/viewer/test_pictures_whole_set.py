"""Every image of the shared set against DCMTK's dcm2pnm and against the standard's formulas over pydicom's pixels.

Grey pictures are at most one level from dcm2pnm, at the header's window and at two others, and exactly what the
formulas give. Where dcm2pnm cannot be the judge a line in `EXCEPTIONS` says why, and the formulas judge alone. A run
with `--long` takes every file, other runs a sample and all exceptions. dcm2pnm draws padding as any other value and
mosaics whole: padding is set to black in its picture, and the tile cut out.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.pixels import pixel_array
from pydicom.uid import ImplicitVRLittleEndian

from tests.viewer.dcmtk_pictures import (
    apart,
    by_the_formulas,
    drawn,
    group,
    modality_values,
    ours,
    padded,
    tile,
    unpacked,
)
from viewer.decoding import parse_file
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation
from viewer.voi import WindowVoi, header_vois, header_window
from viewer.volume import Frame, FrameSource, ImageError

GROUPS = "dcm2pnm knows no functional groups, so neither the rescale nor the window of a frame"
WHOLE = "dcm2pnm cuts modality values to whole numbers, too coarse for this rescale"
DOSE = "dcm2pnm knows no Dose Grid Scaling (C.8.8.3), which makes the displayed values doses"
EXCEPTIONS = {
    "mr_enhanced/": GROUPS,
    "mr_vendor_mix/philips_enhanced/": GROUPS,
    "mr_vendor_mix/siemens_multiframe/": GROUPS,
    "pydicom_data/eCT_Supplemental.dcm": GROUPS,
    "mr_vendor_mix/generic/anatomical/002_non_isotropic/": WHOLE,  # slope 0.001 - 0.003
    "pydicom_test_files/test_files/dicomdirtests/77654033/CR": WHOLE,  # slope 0.684, narrow window
    "pydicom_test_files/test_files/rtdose": DOSE,
    "pydicom_data/JLSL_08_07_0_1F.dcm": "dcmdjpls refuses 7 bits stored in 8",
    "pydicom_data/liver_deflate.dcm": "dcm2pnm knows no deflated frames",
    "pydicom_data/parametric_map_float.dcm": "dcm2pnm 3.6.7 finds no pixel data where they are floats",
    "pydicom_data/gdcm-US-ALOKA-16.dcm": "dcm2pnm refuses segmented palettes",
    "pydicom_test_files/test_files/J2K_pixelrep_mismatch.dcm": "the sign in the stream contradicts the header",
    "pydicom_test_files/test_files/SC_rgb_jpeg.dcm": "dcmdjpeg refuses the data set, a sequence inside has no end",
}  # fmt: skip
# YBR to RGB: dcm2pnm cuts to whole numbers, the standard's equation (C.7.6.3.1.2) is rounded here.
YBR = {"pydicom_data/SC_ybr_full_uncompressed.dcm": 2, "us_colour_and_misc/YBR_FULL-RLE.dcm": 2}
# Shown, but neither DCMTK nor pydicom finds the pixels behind a lying item length; test_decoding_shared.py holds
# them against the sound file's.
JUDGED_ELSEWHERE = {"pydicom_data/emri_small_jpeg_2k_lossless_too_short.dcm"}
# Broken: a sentence instead of a picture, and these words are in it. What becomes readable leaves the list.
REFUSED = {
    "pydicom_data/JLSL_RGB_ILV0.dcm": "no SOP instance",
    "pydicom_data/JLSL_RGB_ILV1.dcm": "no SOP instance",
    "pydicom_data/JLSL_RGB_ILV2.dcm": "no SOP instance",
    "pydicom_data/JLSN_RGB_ILV0.dcm": "no SOP instance",
    "pydicom_test_files/charset_files/chrJapMulti.dcm": "no pixel data",
    "pydicom_test_files/charset_files/chrJapMultiExplicitIR6.dcm": "no pixel data",
    "pydicom_test_files/charset_files/chrKoreanMulti.dcm": "no pixel data",
    "pydicom_test_files/test_files/MR_truncated.dcm": "truncated",
    "pydicom_test_files/test_files/badVR.dcm": "NumberOfFrames",
    # The item delimiter's bytes were written over the stream's own width; OpenJPEG refuses it too.
    "pydicom_test_files/test_files/JPEG2000-embedded-sequence-delimiter.dcm": "its header says 1024 x 256",
}  # fmt: skip
SAMPLE_EVERY = 29


def image_files(folder: Path) -> list[Path]:
    """Every file whose header has rows."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            ds = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        except Exception:  # noqa: S112 - whatever pydicom cannot read is no image to compare
            continue
        if "Rows" in ds:
            found.append(path)
    return found


def listed(place: str, table: dict[str, str]) -> str | None:
    return next((reason for name, reason in table.items() if place.startswith(name)), None)


def faults(path: Path, place: str, folder: Path) -> Iterator[str]:
    """What is wrong with our pictures of a file: of its first frame, and of one in the middle."""
    try:
        count = len(parse_file(path)[1])
        shown = [ours(path, number) for number in sorted({1, count // 2 + 1})]
    except (ImageError, IndexError) as error:
        if REFUSED.get(place, "\0") not in str(error):
            yield f"{place}: refused: {error}"
        return
    if place in REFUSED:
        yield f"{place}: is no longer refused"
    if place in JUDGED_ELSEWHERE:
        return
    reason = listed(place, EXCEPTIONS)
    plain = None if reason is not None else unpacked(path, folder)
    ds = pydicom.dcmread(path, force=True)
    if not getattr(ds, "file_meta", {}).get("TransferSyntaxUID"):
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    for frame in shown:
        number = frame.source.frame
        if frame.source.is_colour:
            found = colour_faults(frame, number, plain, folder, most=YBR.get(place))
        else:
            found = grey_faults(frame, ds, number, plain, folder)
        yield from (f"{place} frame {number}: {fault}" for fault in found)


def colour_faults(
    frame: Frame, number: int, plain: Path | None, folder: Path, *, most: int | None
) -> Iterator[str]:
    """Stored RGB and palettes are exact; YBR is one level away at most, `most` where it is listed."""
    if plain is None:
        return
    if most is None:
        most = 1 if frame.source.photometric.startswith("YBR") else 0
    picture = picture_of_frame(frame, Presentation())
    away = apart(picture, drawn(plain, folder, "-O", "+F", str(number)))
    if away > most:
        yield f"{away} from dcm2pnm in colour"


def grey_faults(
    frame: Frame, ds: pydicom.Dataset, number: int, plain: Path | None, folder: Path
) -> Iterator[str]:
    hidden = padded(ds, frame.pixels)
    for voi, options in windows(frame, ds, number):
        picture = picture_of_frame(frame, Presentation(voi=voi))
        if plain is not None:
            theirs = tile(drawn(plain, folder, "-O", "+F", str(number), *options), frame.source)
            away = apart(picture, np.where(hidden, 0, theirs))
            if away > 1:
                yield f"{away} from dcm2pnm at {voi.center} {voi.width}"
        expected = formulas(ds, frame.source, voi)
        if expected is not None and apart(picture, expected):
            yield f"{apart(picture, expected)} from the formulas at {voi.center} {voi.width}"
        elif expected is None and plain is None:
            yield "has no judge"


def windows(
    frame: Frame, ds: pydicom.Dataset, number: int
) -> Iterator[tuple[WindowVoi, tuple[str, ...]]]:
    """The header's first window, one over the middle of the pixels and one over all; what dcm2pnm is told."""
    values = modality_values(ds, number, frame.pixels)
    header = group(ds, number, "FrameVOILUTSequence")
    if header.get("WindowWidth"):
        first = [np.atleast_1d(header[name].value)[0] for name in ("WindowCenter", "WindowWidth")]
        found = [v for v in header_vois(frame.source, frame.pixels) if isinstance(v, WindowVoi)]
        assert (found[0].center, found[0].width) == tuple(float(value) for value in first)
        yield found[0], ("+Wi", "1")
    low, high = np.percentile(values, (10, 90))
    least, most = float(values.min()), float(values.max())
    for center, width in (
        (round((low + high) / 2), max(round(high - low), 2)),
        ((least + most + 1) / 2, most - least + 1),
    ):
        yield header_window(frame.source, center, width), ("+Ww", str(center), str(width))


def formulas(ds: pydicom.Dataset, source: FrameSource, voi: WindowVoi) -> np.ndarray | None:
    """None where the formulas are no judge: a modality table, or pixels no plugin of pydicom decodes."""
    if "ModalityLUTSequence" in ds:
        return None
    try:
        return tile(by_the_formulas(ds, source.frame, voi.center, voi.width), source)
    except (RuntimeError, ValueError):
        return None


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """pydicom's words on broken files are not asked for."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("pydicom").setLevel(logging.NOTSET)


def check(paths: list[Path], shared_data: Path, folder: Path) -> None:
    assert paths
    wrong = []
    for path in paths:
        place = path.relative_to(shared_data).as_posix()
        try:
            wrong += list(faults(path, place, folder))
        except subprocess.CalledProcessError as error:
            wrong.append(
                f"{place}: DCMTK draws nothing: {error.stderr.decode(errors='replace')[-200:]}"
            )
    assert wrong == []


@pytest.mark.filterwarnings("ignore")
def test_a_sample_of_all_pictures(shared_data: Path, tmp_path: Path) -> None:
    paths = image_files(shared_data)
    told = {**EXCEPTIONS, **dict.fromkeys((*YBR, *REFUSED, *JUDGED_ELSEWHERE), "")}
    excepted = [p for p in paths if listed(p.relative_to(shared_data).as_posix(), told)]
    check(sorted({*paths[::SAMPLE_EVERY], *excepted}), shared_data, tmp_path)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(8))
def test_every_picture(shared_data: Path, tmp_path: Path, part: int) -> None:
    check(image_files(shared_data)[part::8], shared_data, tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_every_exception_is_still_one(shared_data: Path) -> None:
    """Names of files that are no longer there would hide what nobody looks at."""
    places = [path.relative_to(shared_data).as_posix() for path in image_files(shared_data)]
    for name in (*EXCEPTIONS, *YBR, *REFUSED, *JUDGED_ELSEWHERE):
        assert any(place.startswith(name) for place in places), name


@pytest.mark.parametrize("place", YBR)
def test_ybr_is_the_standards_equation_rounded(shared_data: Path, place: str) -> None:
    """The reason of an exception: C.7.6.3.1.2 in float64, rounded, is our picture exactly."""
    ds = pydicom.dcmread(shared_data / place)
    ybr = pixel_array(ds, index=0, raw=True).astype(float)
    y, blue, red = ybr[..., 0], ybr[..., 1] - 128, ybr[..., 2] - 128
    rgb = np.stack(
        [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=-1
    )
    expected = np.clip(np.floor(rgb + 0.5), 0, 255)
    picture = picture_of_frame(ours(shared_data / place), Presentation())
    assert apart(picture, expected) == 0
