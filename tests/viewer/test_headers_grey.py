"""Grey scale facts: rescale, units, tables and windows, frame by frame, and what lying headers become."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.peers import require_program
from tests.viewer.phantoms import dicom, saved
from viewer.decoding import parse_file
from viewer.volume import FrameSource

CT = "1.2.840.10008.5.1.4.1.1.2"
PET = "1.2.840.10008.5.1.4.1.1.128"
XA = "1.2.840.10008.5.1.4.1.1.12.1"
XRF = "1.2.840.10008.5.1.4.1.1.12.2"
DX = "1.2.840.10008.5.1.4.1.1.1.1"


def parsed(tmp_path: Path, ds: Dataset) -> list[FrameSource]:
    return parse_file(saved(ds, tmp_path / "a.dcm"))[1]


def one(tmp_path: Path, **elements: Any) -> FrameSource:
    """An image without any rescale but what `elements` say."""
    ds = dicom()
    del ds.RescaleSlope, ds.RescaleIntercept
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    (source,) = parsed(tmp_path, ds)
    return source


def item(**elements: Any) -> Sequence:
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return Sequence([ds])


RESCALE = {"RescaleSlope": 2, "RescaleIntercept": -7}


@pytest.mark.parametrize(
    ("elements", "slope", "intercept", "unit"),
    [
        ({}, 1, 0, ""),
        (RESCALE, 2, -7, "HU"),  # C.8.2.1.1: a CT's rescale is to Hounsfield units
        ({**RESCALE, "RescaleType": "HU"}, 2, -7, "HU"),
        ({**RESCALE, "RescaleType": "US"}, 2, -7, ""),  # C.11.1.1.2: unspecified
        ({**RESCALE, "RescaleType": "OD"}, 2, -7, "OD"),
        ({**RESCALE, "RescaleType": "Houndsfield Unit"}, 2, -7, "HU"),
        ({**RESCALE, "Modality": "MR"}, 2, -7, ""),
        ({"RescaleSlope": 3}, 3, 0, "HU"),
        ({"RescaleIntercept": -1024}, 1, -1024, "HU"),
        # A scale that is none is no scale, and its unit is not claimed.
        ({**RESCALE, "RescaleSlope": 0}, 1, 0, ""),
        ({"RescaleSlope": "1e308", "RescaleIntercept": 0}, 1, 0, ""),
        ({"RescaleSlope": 1, "RescaleIntercept": "-1e308"}, 1, 0, ""),
        # C.8.9.1.1.3.
        ({**RESCALE, "Modality": "PT", "Units": "BQML"}, 2, -7, "Bq/ml"),
        ({**RESCALE, "Modality": "PT", "Units": "CNTS"}, 2, -7, "counts"),
        ({**RESCALE, "Modality": "PT", "Units": "GML"}, 2, -7, "g/ml (SUVbw)"),
        ({**RESCALE, "Modality": "PT", "Units": "GML", "SUVType": "LBM"}, 2, -7, "g/ml (SUVlbm)"),
        ({**RESCALE, "Modality": "PT", "Units": "CM2ML", "SUVType": "BSA"}, 2, -7, "cm2/ml (SUVbsa)"),
        ({**RESCALE, "Modality": "PT", "Units": "PROPCPS"}, 2, -7, "prop. counts/s"),
        ({**RESCALE, "Modality": "PT", "Units": "FURLONGS"}, 2, -7, "FURLONGS"),
        ({**RESCALE, "Modality": "PT"}, 2, -7, ""),
        ({**RESCALE, "Modality": "PT", "RescaleType": "BQML"}, 2, -7, "Bq/ml"),
    ],
)  # fmt: skip
def test_rescale_and_unit(
    tmp_path: Path, elements: dict[str, Any], slope: float, intercept: float, unit: str
) -> None:
    source = one(tmp_path, **elements)
    assert (source.slope, source.intercept, source.unit) == (slope, intercept, unit)


def test_philips_private_scale_is_not_the_displayed_one(tmp_path: Path) -> None:
    ds = dicom(Modality="MR", RescaleSlope=2.5, RescaleIntercept=0, RescaleType="normalized")
    ds.add_new(0x20050010, "LO", "Philips MR Imaging DD 001")
    ds.add_new(0x2005100E, "FL", 0.00054)
    (source,) = parsed(tmp_path, ds)
    assert (source.slope, source.intercept, source.unit) == (2.5, 0.0, "normalized")


def mapping(slope: float, intercept: float, code: str) -> Sequence:
    return item(
        RealWorldValueSlope=slope,
        RealWorldValueIntercept=intercept,
        MeasurementUnitsCodeSequence=item(CodeValue=code, CodingSchemeDesignator="UCUM"),
    )


@pytest.mark.parametrize(
    ("slope", "intercept", "code", "unit"),
    [
        (2.0, -7.0, "ml/min", "ml/min"),
        (1.0, 0.0, "ml/min", ""),  # another line: its unit is not that of rescaled values
        (2.0, -7.0, "1", ""),
    ],
)
def test_a_real_world_mapping_lends_its_unit_and_is_not_applied(
    tmp_path: Path, slope: float, intercept: float, code: str, unit: str
) -> None:
    """On top of the rescale it would count twice (C.7.6.16.2.11: it maps stored values)."""
    source = one(
        tmp_path,
        **RESCALE,
        Modality="MR",
        RealWorldValueMappingSequence=mapping(slope, intercept, code),
    )
    assert (source.slope, source.intercept, source.unit) == (2.0, -7.0, unit)


def test_a_mapping_of_stored_values_without_a_rescale(tmp_path: Path) -> None:
    source = one(tmp_path, Modality="MR", RealWorldValueMappingSequence=mapping(1.0, 0.0, "mm2/s"))
    assert source.unit == "mm2/s"


def table(kind: str = "OD") -> Sequence:
    """8 bit values, upside down."""
    found = item(ModalityLUTType=kind)
    found[0].add_new(0x00283002, "US", [256, 0, 16])
    found[0].add_new(0x00283006, "US", [(255 - n) * 257 for n in range(256)])
    return found


@pytest.mark.parametrize(
    ("sop_class", "modality", "is_applied"),
    [(XA, "XA", False), (XRF, "RF", False), (DX, "DX", True)],
)
def test_the_beams_intensity_is_not_shown(
    tmp_path: Path, sop_class: str, modality: str, is_applied: bool
) -> None:
    """C.8.7.1.1.2: the modality LUT of angiography is for calculations. dcm2pnm does the same."""
    pixels = np.arange(256, dtype=np.uint16).reshape(16, 16)
    ds = dicom(
        pixels,
        SOPClassUID=sop_class,
        Modality=modality,
        BitsStored=8,
        HighBit=7,
        PixelIntensityRelationship="LOG",
        ModalityLUTSequence=table(),
    )
    del ds.RescaleSlope, ds.RescaleIntercept
    (source,) = parsed(tmp_path, ds)
    assert (source.modality_lut is not None) == is_applied
    assert source.unit == ("OD" if is_applied else "")
    picture = tmp_path / "a.pgm"
    command = [require_program("dcm2pnm"), "+Wm", "+op", str(tmp_path / "a.dcm"), str(picture)]
    subprocess.run(command, check=True, capture_output=True)
    shown = np.frombuffer(picture.read_bytes()[-256:], np.uint8)
    assert (shown[0] > shown[-1]) == is_applied


def test_the_rescale_of_angiography_is_not_shown_either(tmp_path: Path) -> None:
    source = one(tmp_path, **RESCALE, SOPClassUID=XA, Modality="XA")
    assert (source.slope, source.intercept, source.unit) == (1.0, 0.0, "")


def test_windows_of_the_header(tmp_path: Path) -> None:
    source = one(
        tmp_path,
        WindowCenter=[40, 50, 60, 70],
        WindowWidth=[400, 0, -3, 80],
        WindowCenterWidthExplanation=["A", "B", "C"],
        VOILUTFunction="SIGMOID",
    )
    assert [(w.center, w.width, w.function, w.explanation) for w in source.windows] == [
        (40.0, 400.0, "SIGMOID", "A"),
        (70.0, 80.0, "SIGMOID", ""),
    ]


@pytest.mark.parametrize(
    ("told", "function"),
    [("", "LINEAR"), ("LINEAR_EXACT", "LINEAR_EXACT"), ("CURLY", "LINEAR"), ("sigmoid", "SIGMOID")],
)
def test_voi_lut_function(tmp_path: Path, told: str, function: str) -> None:
    source = one(tmp_path, WindowCenter=1, WindowWidth=2, VOILUTFunction=told)
    assert source.windows[0].function == function


def test_voi_tables(tmp_path: Path) -> None:
    tables = Sequence([table()[0], table()[0], Dataset()])
    source = one(tmp_path, VOILUTSequence=tables)
    assert [len(found.values) for found in source.voi_luts] == [256, 256]


def test_every_frame_has_its_own(tmp_path: Path) -> None:
    """Own rescale and window in frame 1, the shared ones in frame 2, a Hounsfield map in both."""
    ds = dicom(np.zeros((2, 2, 2), np.uint16), NumberOfFrames=2)
    shared, own = Dataset(), Dataset()
    shared.PixelValueTransformationSequence = item(
        RescaleSlope=1, RescaleIntercept=-1000, RescaleType="HU"
    )
    shared.FrameVOILUTSequence = item(WindowCenter=1, WindowWidth=10)
    own.PixelValueTransformationSequence = item(
        RescaleSlope=4, RescaleIntercept=5, RescaleType="US"
    )
    own.FrameVOILUTSequence = item(WindowCenter=2, WindowWidth=20, VOILUTFunction="LINEAR_EXACT")
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    ds.PerFrameFunctionalGroupsSequence = Sequence([own, Dataset()])
    found = parsed(tmp_path, ds)
    assert [(s.slope, s.intercept, s.unit) for s in found] == [(4, 5, ""), (1, -1000, "HU")]
    windows = [(w.center, w.width, w.function) for s in found for w in s.windows]
    assert windows == [(2, 20, "LINEAR_EXACT"), (1, 10, "LINEAR")]
