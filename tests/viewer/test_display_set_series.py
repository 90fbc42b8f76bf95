"""Every series of the shared data comes out as a reader expects it.

Expected values were read in the headers by hand and by dcm2niix, which takes series apart for other reasons
and agrees; numbers of missing slices are also those of the missing instance numbers.
"""

from __future__ import annotations

import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.peers import require_program
from tests.viewer.phantoms import loaded
from viewer.volume import DisplaySet, display_sets

VOLUME = ""
FEW = "Too few images for a volume"
PROJECTION = "Projection images form no volume."
COLOUR = "Color images form no volume."
# Series number, label, frames, and why there is no volume (a part of the sentence) or VOLUME.
Row = tuple[int | None, str, int, str]

SERIES: dict[str, list[Row]] = {
    # A scout, two tilted heads (-18.5 and +16.5 degrees), a picture of the plan.
    "ct_head_phantom_gantry_tilt": [
        (100, "", 1, "Localizer images form no volume."),
        (201, "", 54, VOLUME),
        (301, "", 58, VOLUME),
        (401, "", 1, FEW),
    ],
    "ct_chest_thin_lidc_0314": [(30026, "", 100, VOLUME)],
    "demo": [(None, "", 1, PROJECTION), (401, "", 96, VOLUME), (30026, "", 92, VOLUME)],
    # Instances 115 and 35 are not there.
    "mr_brain_siemens_multiseries": [
        (5, "", 80, "Slices are missing (1): steps from 1.00 to 2.00 mm."),
        (6, "", 55, "Slices are missing (1): steps from 2.50 to 5.00 mm."),
        # Mosaics of 12 (0019,100A).
        (17, "", 12, VOLUME),
        (18, "", 12, VOLUME),
    ],
    # 20 slices in each of 17 files; dcm2niix finds b = 1.25126 once and 929.75 sixteen times.
    "mr_dwi_uih_dir16": [
        (12, "b-value 1", 20, VOLUME),
        (12, "b-value 930", 320, "16 diffusion images lie at each position"),
    ],
    # Three mosaics of 36 in each series: a time series.
    "mr_siemens_mosaic": [
        *((2, f"acquisition {n}", 36, VOLUME) for n in (1, 2, 3)),
        *((10, f"acquisition {n}", 36, VOLUME) for n in (1, 2, 3)),
    ],
    # Four instances of 6 frames in time; one instance of 32 magnitudes and 32 field map slices.
    "mr_enhanced": [
        *((6, f"phase {n}", 6, VOLUME) for n in (1, 2, 3, 4)),
        (801, "type M", 32, VOLUME),
        (801, "type FIELD_MAP R", 32, VOLUME),
    ],
    "mr_vendor_mix/failing": [
        (202, "orientation sagittal", 2, FEW),
        (501, "orientation axial", 2, FEW),
    ],
    "mr_vendor_mix/ge": [
        (4, "", 4, VOLUME),
        (10, "b-value 0", 4, VOLUME),
        (10, "b-value 1000", 4, VOLUME),
    ],
    # Slices with four different Rescale Slopes are a volume.
    "mr_vendor_mix/generic": [(201, "", 4, VOLUME), (747197466, "", 4, COLOUR)],
    "mr_vendor_mix/hitachi": [(10, "", 4, VOLUME)],
    "mr_vendor_mix/philips": [(401, "", 4, VOLUME)],
    # dcm2niix: 8 slices at b = 1300, 1300, 1300, 0.
    "mr_vendor_mix/philips_enhanced": [
        (301, "", 8, VOLUME),
        (501, "b-value 0", 8, VOLUME),
        (501, "b-value 1300", 24, "3 diffusion images lie at each position"),
    ],
    "mr_vendor_mix/siemens": [(4, "", 4, VOLUME)],
    "mr_vendor_mix/siemens_multiframe": [(5, "", 8, VOLUME)],
    # One mosaic of 35 in nine syntaxes: nine instances of one series.
    "transfer_syntaxes/dcm_qa_ts": [(n, f"instance {n}", 35, VOLUME) for n in range(1, 10)],
    "transfer_syntaxes/dicom2nifti_compressed_rle": [(4, "", 4, VOLUME)],
    "objects_seg_sr_dcmqi/ct-3slice": [(2, "", 3, VOLUME)],
    "objects_seg_sr_dcmqi/paramaps": [(701, "", 1, FEW)],
    # Two ranges are left of a long series: instance 18, then 180, 181, 182.
    "pydicom_test_files/test_files/dicomdirtests/77654033": [
        (1, "", 1, PROJECTION),
        (2, "", 4, "Slices are missing (161): steps from 1.25 to 202.50 mm."),
        (2, "", 1, PROJECTION),
        (3, "", 1, PROJECTION),
    ],
    # Front and side scout; five slices of 2.5 mm.
    "pydicom_test_files/test_files/dicomdirtests/98892001": [
        (4, "", 2, "Localizer images form no volume."),
        (5, "", 5, VOLUME),
    ],
    # Single planes, twice three of them crossing; seven projections turning about an axis.
    "pydicom_test_files/test_files/dicomdirtests/98892003": [
        (1, "", 1, FEW),
        (1, "", 1, FEW),
        (1, "", 1, FEW),
        (2, "", 3, "The images point in different directions."),
        (2, "", 3, "The images point in different directions."),
        (2, "", 1, FEW),
        (700, "", 7, PROJECTION),
    ],
    # A heart without a place in its header, an ultrasound clip of ten frames under two names, two pictures.
    "us_colour_and_misc": [
        (1, "", 13, "The images carry no position in the patient."),
        (1, "", 1, COLOUR),
        (1, "", 1, COLOUR),
        (5829, "", 10, COLOUR),
    ],
    "dr_cr_mg": [
        (None, "", 1, PROJECTION),
        (1, "", 1, PROJECTION),
        (1, "", 2, PROJECTION),
        (1001, "", 1, PROJECTION),
        (27555, "", 1, PROJECTION),
    ],
}


def label(one: DisplaySet) -> str:
    return ", ".join(f"{part.kind} {part.value}" for part in one.parts)


@pytest.mark.parametrize("folder", SERIES)
def test_series_come_out_as_a_reader_expects(shared_data: Path, folder: str) -> None:
    found = display_sets(loaded(shared_data / folder))
    rows = [
        (one.frames[0].source.series_number, label(one), len(one.frames), str(one.refusal or ""))
        for one in found
    ]
    expected = list(SERIES[folder])
    for row in rows:
        fits = [each for each in expected if row[:3] == each[:3] and _same(row[3], each[3])]
        assert fits, (row, expected)
        expected.remove(fits[0])
    assert not expected
    # Within a series the order is the one of the table.
    order = [row[:2] for row in rows if row[1]]
    assert order == [each[:2] for each in SERIES[folder] if each[1]]


def _same(refusal: str, expected: str) -> bool:
    return expected in refusal if expected else not refusal


def test_one_slice_of_each_prior_is_a_set_of_its_own(shared_data: Path) -> None:
    """Five patients, two studies each, one slice of each plane: no series is merged with another."""
    found = display_sets(loaded(shared_data / "ct_prior_current_sbu"))
    assert Counter(len(one.frames) for one in found) == {1: 30}
    assert all(FEW in str(one.refusal) for one in found)


def test_gaps_are_where_instance_numbers_are_missing(shared_data: Path) -> None:
    """An independent witness: the numbers on both sides of a gap differ by one more than is missing."""
    folders = (
        "mr_brain_siemens_multiseries",
        "pydicom_test_files/test_files/dicomdirtests/77654033",
    )
    told = []
    for folder in folders:
        for one in display_sets(loaded(shared_data / folder)):
            for index in one.gaps:
                before, after = (
                    one.frames[n].source.instance_number or 0 for n in (index, index + 1)
                )
                told.append((before, after))
    assert told == [(116, 114), (36, 34), (180, 18)]


# Folders whose syntaxes dcm2niix can read.
JUDGED = ("mr_dwi_uih_dir16", "mr_siemens_mosaic", "mr_enhanced", "mr_vendor_mix")


@pytest.mark.peers
@pytest.mark.parametrize("folder", JUDGED)
def test_dcm2niix_finds_the_same_stacks(shared_data: Path, tmp_path: Path, folder: str) -> None:
    """For each series: matrix, places along the normal, and images in all.

    dcm2niix turns some stacks so that axial slices come first; the three sizes are compared in order of size.
    """
    program = require_program("dcm2niix")
    named = ["-f", "%s_%d", "-w", "2", "-o", str(tmp_path)]
    subprocess.run(
        [program, "-b", "n", "-z", "n", *named, str(shared_data / folder)],
        check=True,
        capture_output=True,
    )
    theirs: Counter[tuple[int, ...]] = Counter()
    for path in tmp_path.rglob("*.nii"):
        _, columns, rows, slices, times = struct.unpack("<5h", path.read_bytes()[40:50])
        series = int(path.name.split("_")[0])
        theirs[series, *sorted((columns, rows, slices))] += times
    ours: Counter[tuple[int, ...]] = Counter()
    for one in display_sets(loaded(shared_data / folder)):
        first = one.frames[0].source
        places = len({frame.source.position for frame in one.frames})
        sizes = sorted((first.columns, first.rows, places))
        ours[first.series_number or 0, *sizes] += len(one.frames) // places
    assert ours == theirs
