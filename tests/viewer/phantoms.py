"""Made-up images with known geometry and values: frame sources, volumes and whole DICOM files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

from viewer.decoding import parse_file
from viewer.geometry import normal
from viewer.volume import (
    DisplaySet,
    Frame,
    FrameSource,
    ImageError,
    LocatedFrame,
    Volume,
    display_sets,
)

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CT = "1.2.840.10008.5.1.4.1.1.2"


def source(**facts: Any) -> FrameSource:
    """A 4 x 5 CT frame of 12 bits, changed by `facts`."""
    known: dict[str, Any] = {
        "sop_uid": "1.2.3.1",
        "sop_class": CT,
        "series_uid": "1.2.3",
        "study_uid": "1.2",
        "modality": "CT",
        "instance_number": 1,
        "transfer_syntax": str(ExplicitVRLittleEndian),
        "fragments": ((100, 40),),
        "rows": 4,
        "columns": 5,
        "bits_allocated": 16,
        "bits_stored": 12,
        "high_bit": 11,
        "photometric": "MONOCHROME2",
        "position": (0.0, 0.0, 0.0),
        "orientation": AXIAL,
        "pixel_spacing_mm": (0.5, 0.5),
        "spacing_kind": "patient",
        "frame_of_reference": "1.2.9",
    }
    return FrameSource(**{**known, **facts})


def stack(
    positions: list[tuple[float, float, float]],
    orientation: tuple[float, ...] = AXIAL,
    *,
    first: int = 1,
    **facts: Any,
) -> list[LocatedFrame]:
    """Frames at these positions, numbered in this order from `first` on; a number is an instance."""
    return [
        LocatedFrame(
            path=f"{n}.dcm",
            source=source(
                sop_uid=f"1.2.3.{n}",
                instance_number=n,
                position=position,
                orientation=orientation,
                **facts,
            ),
        )
        for n, position in enumerate(positions, start=first)
    ]


def only_set(frames: list[LocatedFrame]) -> DisplaySet:
    """The one display set these frames make."""
    (found,) = display_sets(frames)
    return found


def loaded(folder: Path) -> list[LocatedFrame]:
    """Every frame of the DICOM files in a folder and below it; what is no image is left out."""
    frames = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with contextlib.suppress(ImageError):
            frames += [LocatedFrame(path=str(path), source=s) for s in parse_file(path)[1]]
    return frames


def even_positions(
    count: int, step_mm: float, orientation: tuple[float, ...] = AXIAL
) -> list[tuple[float, float, float]]:
    """Positions along the orientation's normal."""
    across = normal(orientation)
    points = [across * step_mm * n + (10.0, -20.0, 30.0) for n in range(count)]
    return [(float(p[0]), float(p[1]), float(p[2])) for p in points]


def rotated(degrees: float) -> tuple[float, ...]:
    """An axial orientation turned about the patient's left-right axis."""
    angle = np.radians(degrees)
    return (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))


def volume(frames: DisplaySet, voxels: np.ndarray[Any, Any]) -> Volume:
    """A volume of a display set with given voxels, in the set's order."""
    assert frames.refusal is None
    assert frames.world_from_voxel is not None
    assert frames.spacing_mm is not None
    first = frames.frames[0].source
    return Volume(
        voxels=voxels,
        world_from_voxel=frames.world_from_voxel,
        slope=first.slope,
        intercept=first.intercept,
        unit=first.unit,
        spacing_mm=frames.spacing_mm,
        frame_of_reference=frames.frame_of_reference,
        series_uid=frames.series_uid,
        stored_minimum=first.stored_minimum,
        stored_maximum=first.stored_maximum,
        source=first,
    )


def frame(pixels: np.ndarray[Any, Any], **facts: Any) -> Frame:
    """A frame of these pixels."""
    rows, columns = pixels.shape[:2]
    return Frame(pixels=pixels, source=source(rows=rows, columns=columns, **facts))


def dicom(pixels: np.ndarray[Any, Any] | None = None, **elements: Any) -> pydicom.Dataset:
    """A CT data set of 16 bit pixels (slices stack along z by `number`), ready to be saved."""
    pixels = np.arange(20, dtype=np.uint16).reshape(4, 5) if pixels is None else pixels
    ds = pydicom.Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    number = elements.pop("number", 1)
    ds.SOPClassUID, ds.SOPInstanceUID = CT, f"1.2.826.0.1.5.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.826.0.1.1", "1.2.826.0.1.2"
    ds.FrameOfReferenceUID = "1.2.826.0.1.3"
    ds.Modality, ds.InstanceNumber, ds.SeriesNumber = "CT", number, 7
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.ImagePositionPatient = [0, 0, -2.0 * number]
    ds.ImageOrientationPatient = list(AXIAL)
    ds.PixelSpacing = [0.5, 0.5]
    ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
    ds.PixelData = pixels.astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


def saved(ds: pydicom.Dataset, path: Path) -> Path:
    """The data set as a DICOM file."""
    ds.save_as(path, enforce_file_format=True)
    return path


def encapsulated(ds: pydicom.Dataset, frames: list[bytes], syntax: str) -> pydicom.Dataset:
    """The data set with these code streams in place of its pixels."""
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    ds.PixelData = encapsulate(frames)
    ds["PixelData"].VR = "OB"
    return ds
