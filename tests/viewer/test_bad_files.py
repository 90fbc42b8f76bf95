"""Every file there is, as it is and cut short: a picture, no image, or one sentence that names what is wrong.

What a file should be is asked of pydicom, which knows nothing of us: does it name an instance, does it hold pixels?
What the deliberately broken ones should say comes from their README and from counting their bytes. The files go the
program's way: through a child that may be killed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tests.fuzz.corpus import Original, corpus
from tests.fuzz.mutate import Walker
from viewer.decoding import decode_frame, parse_file
from viewer.volume import ImageError

PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
TEST_FILES = "shared/pydicom_test_files/test_files"
# The file, what its README or its bytes say of it, and what the sentence has to name.
BROKEN = {
    f"{TEST_FILES}/MR_truncated.dcm": "truncated: 8130 of 8192 bytes",  # 64 x 64 x 2, the last 62 missing
    f"{TEST_FILES}/badVR.dcm": "NumberOfFrames cannot be read",
    f"{TEST_FILES}/JPEG2000-embedded-sequence-delimiter.dcm": "its header says 1024 x 256",  # its SIZ overwritten
    f"{TEST_FILES}/no_meta.dcm": "not DICOM",  # a stray byte before its first element
}
# What the independent reader drops, though nothing of it is missing; the last test reads it.
MISJUDGED = "shared/pydicom_data/emri_small_jpeg_2k_lossless_too_short.dcm"
# Enough of a long series; the golden table reads the rest.
MOST_OF_A_FOLDER = 4
FOLDERS_READ_WHOLE = (
    "pydicom",
    "shared/pydicom",
    "shared/objects",
    "shared/us_",
    "shared/dr_",
    "demo/README",
)


def chosen() -> list[Original]:
    """Every odd file, and some of every long series."""
    taken: dict[str, int] = {}
    kept = []
    for original in corpus():
        folder = original.name.rpartition("/")[0]
        taken[folder] = taken.get(folder, 0) + 1
        if original.name.startswith(FOLDERS_READ_WHOLE) or taken[folder] <= MOST_OF_A_FOLDER:
            kept.append(original)
    return kept


@pytest.fixture
def walker(tmp_path: Path) -> Iterator[Walker]:
    """A child to walk files in a folder of its own."""
    made = Walker(tmp_path)
    yield made
    made.close()


def judged(path: Path) -> tuple[str, Dataset | None]:
    """What pydicom says the file is: "picture", "no image" or "sentence"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = pydicom.dcmread(path, force=True)
            is_named = "SOPInstanceUID" in ds and "SOPClassUID" in ds
        except Exception:
            return "sentence", None
        if "DirectoryRecordSequence" in ds:
            return "no image", ds
        if not is_named:
            return "sentence", ds
        if any(keyword in ds for keyword in PIXELS):
            return "picture", ds
        kind = UID(str(ds.SOPClassUID)).name
        is_image = "Image Storage" in kind or kind in {
            "Segmentation Storage",
            "Parametric Map Storage",
        }
        return ("sentence" if is_image else "no image"), ds


def test_every_file_is_what_an_independent_reader_says(shared_data: Path, walker: Walker) -> None:
    originals = chosen()
    assert len(originals) > 400
    assert {original.name for original in originals} >= set(BROKEN)
    faults = []
    for original in originals:
        walked = walker.walk(original.path)
        wanted, ds = judged(original.path)
        reason = BROKEN.get(original.name)
        if reason is not None:
            wanted = "sentence"
            if reason not in walked.sentence:
                faults.append(f"{original.name}: does not say {reason!r} but {walked.sentence!r}")
        if walked.outcome != wanted and original.name != MISJUDGED:
            faults.append(
                f"{original.name}: {walked.outcome} ({walked.sentence or walked.words}), not {wanted}"
            )
        if walked.outcome == "picture" and walked.pictures < min(walked.frames, 3):
            faults.append(f"{original.name}: {walked.pictures} pictures of {walked.frames} frames")
        if walked.outcome == "sentence":
            faults += [
                f"{original.name}: {fault}"
                for fault in told_wrongly(walked.sentence, original.path, ds)
            ]
        if walked.deeds:
            faults.append(f"{original.name}: {walked.deeds}")
    assert walker.replaced == 0
    assert not faults


def told_wrongly(sentence: str, path: Path, ds: Dataset | None) -> Iterator[str]:
    """A sentence for people: one, whole, and without a path or a person."""
    if not (sentence.endswith(".") and sentence[0].isupper() and len(sentence) > 15):
        yield f"no sentence: {sentence!r}"
    if path.name in sentence or str(path.parent) in sentence:
        yield f"names the file: {sentence!r}"
    for keyword in ("PatientName", "PatientID"):
        value = str(ds.get(keyword, "")) if ds is not None else ""
        if len(value) > 3 and value in sentence:
            yield f"names the patient: {sentence!r}"


CUT = [
    f"{TEST_FILES}/CT_small.dcm",
    f"{TEST_FILES}/MR_small_RLE.dcm",
    f"{TEST_FILES}/MR_small_jpeg_ls_lossless.dcm",
    f"{TEST_FILES}/MR_small_jp2klossless.dcm",
    f"{TEST_FILES}/MR_small_bigendian.dcm",
    f"{TEST_FILES}/JPEG-lossy.dcm",
    f"{TEST_FILES}/SC_rgb_jpeg_dcmtk.dcm",
    f"{TEST_FILES}/image_dfl.dcm",
    "shared/pydicom_data/JPEG-LL.dcm",
    "shared/pydicom_data/emri_small.dcm",
    "shared/pydicom_data/emri_small_jpeg_ls_lossless.dcm",
    "shared/pydicom_data/HTJ2KLossless_08_RGB.dcm",
    "shared/pydicom_data/liver_deflate.dcm",
    "shared/dr_cr_mg/CR-MONO1-10-chest",
]


@pytest.mark.parametrize("name", CUT)
def test_a_file_cut_anywhere_is_told_or_is_still_the_same_picture(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    """Half a picture is never shown, and an image that lost its pixels never passes for a report."""
    data = (shared_data.parent / "data" / name.removeprefix("shared/")).read_bytes()
    whole = pixels_of(written(data, tmp_path))
    places = {0, 1, 100, 131, 132, 140, 200, 400, 700, *(len(data) * n // 12 for n in range(1, 12))}
    ends = {len(data) - n for n in (1, 2, 3, 8, 9, 20)}
    refused, said = 0, list[str]()
    for at in sorted(place for place in places | ends if place < len(data)):
        try:
            found = pixels_of(written(data[:at], tmp_path))
        except ImageError as error:
            refused += 1
            said.append(str(error))
            continue
        assert at in ends or at > len(data) * 10 // 12, (
            f"cut at {at} of {len(data)} gives a picture"
        )
        assert len(found) == len(whole)
        assert all(np.array_equal(a, b) for a, b in zip(found, whole, strict=True)), at
    assert refused >= len(places) - 2
    assert not [f for one in said for f in told_wrongly(one, tmp_path / "cut.dcm", None)]


def written(data: bytes, folder: Path) -> Path:
    path = folder / "cut.dcm"
    path.write_bytes(data)
    return path


def pixels_of(path: Path) -> list[np.ndarray]:
    """Every frame's stored pixels; ImageError where there are none."""
    sources = parse_file(path)[1]
    if not sources:
        raise AssertionError("passes for an object without images")
    return [decode_frame(path, source) for source in sources]


def test_what_is_called_too_short_has_all_its_frames(shared_data: Path) -> None:
    """Only the delimiter behind the last of its ten frames is missing: equal to the intact file."""
    short = shared_data / "pydicom_data" / "emri_small_jpeg_2k_lossless_too_short.dcm"
    whole = pixels_of(shared_data / "pydicom_data" / "emri_small_jpeg_2k_lossless.dcm")
    for source, wanted in zip(parse_file(short)[1], whole, strict=True):
        assert np.array_equal(decode_frame(short, source), wanted)
