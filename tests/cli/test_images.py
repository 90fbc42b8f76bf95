"""``cosight images``, and the sets of a split series in ``cosight render``: two b-values made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.cli.calling import Cosight

MR = "1.2.840.10008.5.1.4.1.1.4"
STUDY, SERIES = "1.2.826.0.1.3680043.10.1", "1.2.826.0.1.3680043.10.1.1"
PLACES_MM = (0.0, 4.0, 8.0, 12.0, 24.0)  # two slices of 4 mm are missing before the last
GREY = {0: 40, 1000: 200}


def image(b_value: int, number: int) -> Dataset:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = MR
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"{SERIES}.{b_value}.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = STUDY, SERIES
    made.FrameOfReferenceUID = f"{STUDY}.9"
    made.PatientID, made.PatientName, made.Modality = "7", "Test^MR", "MR"
    made.SeriesNumber, made.SeriesDescription = 3, "ep2d_diff"
    made.InstanceNumber = number + 1 + (100 if b_value else 0)
    made.ImageType = ["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE"]
    made.DiffusionBValue = float(b_value)
    made.ImagePositionPatient = [0, 0, PLACES_MM[number]]
    made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.PixelSpacing, made.SliceThickness = [2, 2], 4
    made.Rows = made.Columns = 8
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.PixelData = np.full((8, 8), GREY[b_value], dtype="<u2").tobytes()
    return made


@pytest.fixture
def home(cosight: Cosight, tmp_path: Path) -> Cosight:
    folder = tmp_path / "given"
    folder.mkdir()
    for b_value in GREY:
        for number in range(len(PLACES_MM)):
            path = folder / f"{b_value}.{number}.dcm"
            image(b_value, number).save_as(path, enforce_file_format=True)
    assert cosight("import", str(folder)).status == 0
    return cosight


def test_the_sets_of_a_study_with_what_sets_them_apart(home: Cosight) -> None:
    listed = home("images", STUDY, "--json").value
    assert [(one["set"], one["frames"], one["series_number"]) for one in listed] == [
        (1, 5, 3),
        (2, 5, 3),
    ]
    assert [one["parts"][0]["kind"] for one in listed] == ["b-value", "b-value"]
    assert ["1000" in one["parts"][0]["value"] for one in listed] == [False, True]
    assert not any(one["volume"] for one in listed)
    assert all(one["refusal"] for one in listed)
    assert all(any(found["warns"] for found in one["findings"]) for one in listed)
    lines = home("images", STUDY).out
    assert "3/1" in lines
    assert "3/2" in lines
    assert listed[0]["refusal"] in lines


def test_a_set_is_drawn_by_its_number(home: Cosight, tmp_path: Path) -> None:
    for number, grey in ((1, GREY[0]), (2, GREY[1000])):
        out = tmp_path / f"{number}.png"
        words = ("--set", str(number), "--window=128,257", "--out", str(out))
        assert home("render", SERIES, *words).status == 0
        # LINEAR with centre 128 and width 257 maps x to 255 * (x + 0.5) / 256 (PS3.3 C.11.2.1.2.1).
        expected = int(255 * (grey - 127.5) / 256 + 127.5)
        assert abs(int(np.asarray(Image.open(out))[0, 0]) - expected) <= 1


@pytest.mark.parametrize("number", ["0", "3"])
def test_a_set_that_is_not_there_is_answered_with_those_that_are(
    home: Cosight, tmp_path: Path, number: str
) -> None:
    answer = home("render", SERIES, "--set", number, "--out", str(tmp_path / "x.png"))
    assert "the series has 2:" in answer.refusal
    assert "b-value" in answer.refusal
    assert not (tmp_path / "x.png").exists()
