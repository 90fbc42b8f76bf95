"""What tells frames apart, and when they were taken: classic and enhanced headers beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.viewer.phantoms import dicom, saved
from viewer.decoding import parse_file
from viewer.volume import FrameSource

MR = "1.2.840.10008.5.1.4.1.1.4"
NM = "1.2.840.10008.5.1.4.1.1.20"


def one(tmp_path: Path, **elements: Any) -> FrameSource:
    (source,) = parse_file(saved(dicom(**elements), tmp_path / "a.dcm"))[1]
    return source


def item(**elements: Any) -> Sequence:
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return Sequence([ds])


def enhanced(
    tmp_path: Path, groups: list[dict[str, Sequence]], **elements: Any
) -> list[FrameSource]:
    ds = dicom(np.zeros((len(groups), 2, 2), np.uint16), NumberOfFrames=len(groups), **elements)
    own = []
    for held in groups:
        frame = Dataset()
        for keyword, value in held.items():
            setattr(frame, keyword, value)
        own.append(frame)
    ds.PerFrameFunctionalGroupsSequence = Sequence(own)
    return parse_file(saved(ds, tmp_path / "a.dcm"))[1]


@pytest.mark.parametrize(
    ("elements", "field", "value"),
    [
        ({"AcquisitionNumber": 3}, "acquisition", 3),
        ({"EchoTime": 12.5}, "echo_ms", 12.5),
        ({"EchoTime": 0}, "echo_ms", None),
        ({"ConvolutionKernel": ["B30f", "2"]}, "kernel", "B30f\\2"),
        ({"TemporalPositionIdentifier": 4}, "temporal_position", 4),
        ({"TriggerTime": 325}, "time_ms", 325.0),
        ({"FrameReferenceTime": 900}, "time_ms", None),
        ({"Modality": "PT", "FrameReferenceTime": 900, "TriggerTime": 1}, "time_ms", 900.0),
        ({"GantryDetectorTilt": -18.5}, "gantry_tilt_degrees", -18.5),
        ({"GantryDetectorTilt": 400}, "gantry_tilt_degrees", None),
        ({"PatientPosition": "FFDL"}, "patient_position", "FFDL"),
        ({"StackID": "2", "InStackPositionNumber": 7}, "stack", "2"),
        ({"StackID": "2", "InStackPositionNumber": 7}, "in_stack", 7),
        ({"ConcatenationUID": "1.9", "InConcatenationNumber": 2}, "concatenation", "1.9"),
        ({"ConcatenationUID": "1.9", "InConcatenationNumber": 2}, "in_concatenation", 2),
        ({"NominalPercentageOfCardiacPhase": 75.0}, "cardiac_phase", 75.0),
        ({"AcquisitionTime": "010203.25"}, "acquisition_time_s", 3723.25),
        ({"AcquisitionTime": "0102"}, "acquisition_time_s", 3720.0),
        ({"AcquisitionTime": "01:02:03"}, "acquisition_time_s", 3723.0),
        ({"AcquisitionTime": "noon"}, "acquisition_time_s", None),
        ({"AcquisitionDateTime": "20250102010203.5+0800"}, "acquisition_time_s", 3723.5),
        ({"AcquisitionDateTime": "20250102010203.5+0800"}, "acquired", "2025-01-02 01:02:03"),
        ({"AcquisitionDate": "1993.11.24", "AcquisitionTime": "09:53:00"}, "acquired", "1993-11-24 09:53:00"),
        ({"AcquisitionDate": "***"}, "acquired", ""),
        ({"ContentDate": "20250102"}, "acquired", "2025-01-02"),
        ({"ImageLaterality": "R"}, "laterality", "R"),
        ({"ImageLaterality": "U", "Laterality": "L"}, "laterality", "L"),
        ({"InstanceNumber": "1.5"}, "instance_number", None),
    ],
)  # fmt: skip
def test_plain_attributes(tmp_path: Path, elements: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(one(tmp_path, **elements), field) == value


@pytest.mark.parametrize(
    ("elements", "component"),
    [
        ({"ComplexImageComponent": "PHASE"}, "P"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE"]}, "M"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"]}, "P"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "R_SE", "R", "SE"]}, "R"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]}, "P"),
        ({"ImageType": ["DERIVED", "PRIMARY", "OTHER"]}, ""),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "MIP"]}, ""),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M"], "Modality": "CT"}, ""),
    ],
)
def test_the_part_of_a_complex_image(
    tmp_path: Path, elements: dict[str, Any], component: str
) -> None:
    assert one(tmp_path, **{"Modality": "MR", **elements}).component == component


@pytest.mark.parametrize(("raw", "component"), [(0, "M"), (1, "P"), (2, "R"), (3, "I"), (9, "")])
def test_ge_numbers_the_part(tmp_path: Path, raw: int, component: str) -> None:
    ds = dicom(Modality="MR", ImageType=["ORIGINAL", "PRIMARY", "OTHER"])
    ds.add_new(0x00430010, "LO", "GEMS_PARM_01")
    ds.add_new(0x0043102F, "SS", raw)
    (source,) = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    assert source.component == component


def test_enhanced_mr(tmp_path: Path) -> None:
    content = {
        "FrameAcquisitionNumber": 5,
        "FrameAcquisitionDateTime": "20250102010203.5",
        "DimensionIndexValues": [1, 2, 3],
        "StackID": "7",
        "InStackPositionNumber": 4,
        "TemporalPositionIndex": 2,
    }
    groups = {
        "FrameContentSequence": item(**content),
        "MREchoSequence": item(EffectiveEchoTime=33.0),
        "MRImageFrameTypeSequence": item(
            FrameType=["ORIGINAL", "PRIMARY", "FLOW_ENCODED", "NONE"], ComplexImageComponent="PHASE"
        ),
        "CardiacSynchronizationSequence": item(
            NominalPercentageOfCardiacPhase=40.0, NominalCardiacTriggerDelayTime=250.0
        ),
    }
    later = {"TemporalPositionSequence": item(TemporalPositionTimeOffset=1.5)}
    first, second = enhanced(
        tmp_path,
        [groups, later],
        Modality="MR",
        ImageType=["ORIGINAL", "PRIMARY", "MIXED", "MIXED"],
    )
    assert (first.acquisition, first.stack, first.in_stack) == (5, "7", 4)
    assert (first.dimensions, first.temporal_position) == ((1, 2, 3), 2)
    assert (first.echo_ms, first.component, first.image_type[2]) == (33.0, "P", "FLOW_ENCODED")
    assert (first.cardiac_phase, first.time_ms) == (40.0, 250.0)
    assert (first.acquired, first.acquisition_time_s) == ("2025-01-02 01:02:03", 3723.5)
    # Temporal Position Time Offset is in seconds (C.7.6.16.2.18).
    assert (second.time_ms, second.image_type[2], second.dimensions) == (1500.0, "MIXED", ())


def test_enhanced_ct(tmp_path: Path) -> None:
    groups = {
        "CTReconstructionSequence": item(ConvolutionKernel="Br44"),
        "CTAcquisitionDetailsSequence": item(GantryDetectorTilt=12.0),
        "CTXRayDetailsSequence": item(KVP=100.0),
        "CTExposureSequence": item(XRayTubeCurrentInmA=250.0, ExposureInmAs=125.5),
    }
    (source, _) = enhanced(tmp_path, [groups, {}])
    assert (source.kernel, source.gantry_tilt_degrees) == ("Br44", 12.0)
    assert source.facts == (("kVp", "100"), ("mA", "250"), ("mAs", "125.5"), ("Kernel", "Br44"))


def test_enhanced_mr_technique(tmp_path: Path) -> None:
    groups = {
        "MRTimingAndRelatedParametersSequence": item(RepetitionTime=3000, FlipAngle=90),
        "MREchoSequence": item(EffectiveEchoTime=80.0),
        "MRModifierSequence": item(InversionTimes=[2200.0]),
    }
    (source,) = enhanced(tmp_path, [groups], Modality="MR", MagneticFieldStrength=3)
    assert source.facts == (
        ("TR", "3000"), ("TE", "80"), ("TI", "2200"), ("FA", "90"), ("T", "3"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("elements", "milliseconds"),
    [
        ({"FrameTime": 33.3, "CineRate": 10}, 33.3),
        ({"FrameTimeVector": [0, 40, 60]}, 50.0),
        ({"RecommendedDisplayFrameRate": 25, "CineRate": 10}, 40.0),
        ({"CineRate": 10}, 100.0),
        ({"CineRate": 0}, None),
        ({"FrameTime": -5, "CineRate": 10}, 100.0),
        ({"FrameTimeVector": [0, "1e300"]}, None),
        ({"Modality": "NM", "ActualFrameDuration": 500}, 500.0),
        (
            {
                "Modality": "NM",
                "GatedInformationSequence": item(DataInformationSequence=item(FrameTime=62.5)),
            },
            62.5,
        ),
        ({}, None),
    ],
)
def test_how_long_a_frame_is_shown(
    tmp_path: Path, elements: dict[str, Any], milliseconds: float | None
) -> None:
    assert one(tmp_path, **elements).frame_time_ms == milliseconds


def test_frame_time_vector_is_made_of_steps(tmp_path: Path) -> None:
    """C.7.6.5.1.2: the first entry is zero, each other the time since the frame before."""
    ds = dicom(np.zeros((3, 2, 2), np.uint16), NumberOfFrames=3, FrameTimeVector=[0, 40, 60])
    found = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    assert [source.time_ms for source in found] == [0.0, 40.0, 100.0]


def test_a_dynamic_study_of_nuclear_medicine(tmp_path: Path) -> None:
    """Two phases of three time slices: phases are parts, slices follow in time (C.8.4.14)."""
    ds = dicom(
        np.zeros((6, 2, 2), np.uint16),
        NumberOfFrames=6,
        Modality="NM",
        SOPClassUID=NM,
        PhaseVector=[1, 1, 1, 2, 2, 2],
        TimeSliceVector=[1, 2, 3] * 2,
        EnergyWindowVector=[1] * 6,
    )
    found = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    assert [source.stack for source in found] == ["P1"] * 3 + ["P2"] * 3
    assert [source.temporal_position for source in found] == [1, 2, 3] * 2


def test_values_beyond_reason_are_absent(tmp_path: Path) -> None:
    source = one(
        tmp_path,
        Modality="MR",
        EchoTime="1e300",
        TriggerTime="-1e300",
        SliceThickness="1e30",
        AcquisitionNumber="2147483647",
        PatientOrientation=["L", "EVIL"],
    )
    assert (source.echo_ms, source.time_ms, source.slice_thickness_mm) == (None, None, None)
    assert source.acquisition == 2147483647
    assert source.patient_orientation is None
