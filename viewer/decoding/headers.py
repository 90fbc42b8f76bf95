"""Header facts of every frame, from plain attributes or from functional groups.

Attributes of classic images (PS3.3 C.7.6) and the functional groups of enhanced ones (C.7.6.16)
become the same `FrameSource`. Every value is read with doubt: what cannot be read counts as
absent, unless without it the pixels could be shown wrongly; then the file is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.layout import PixelLayout, pixel_facts
from viewer.decoding.tables import lookup_table
from viewer.decoding.values import items, number, numbers, pair, text, texts
from viewer.geometry import Vector, is_orientation
from viewer.volume import FrameSource, VoiWindow
from viewer.volume.frame_source import SpacingKind

_PROJECTION = frozenset({"CR", "DX", "MG", "IO", "PX", "RG", "XA", "RF"})
_TECHNIQUE = (
    ("kVp", "KVP"),
    ("mA", "XRayTubeCurrent"),
    ("mAs", "Exposure"),
    ("TR", "RepetitionTime"),
    ("TE", "EchoTime"),
    ("TI", "InversionTime"),
    ("FA", "FlipAngle"),
    ("T", "MagneticFieldStrength"),
)


def frame_sources(
    dataset: Dataset,
    layout: PixelLayout,
    fragments: Sequence[tuple[tuple[int, int], ...]],
    *,
    transfer_syntax: str,
    deflated: bool = False,
    word_swapped: bool = False,
) -> list[FrameSource]:
    """One `FrameSource` per frame; `fragments` are each frame's byte ranges in the file."""
    common = {
        **_identity(dataset),
        **pixel_facts(dataset, layout),
        "transfer_syntax": transfer_syntax,
        "deflated": deflated,
        "word_swapped": word_swapped,
        "number_of_frames": layout.frames,
        "facts": _technique(dataset),
    }
    sources = []
    for index, ranges in enumerate(fragments):
        groups = _Groups(dataset, index)
        own = {**_place(groups), **_grey(groups), **_look(groups)}
        sources.append(FrameSource(**common, **own, frame=index + 1, fragments=ranges))
    return sources


class _Groups:
    """The functional groups of one frame: its own, then the shared ones, then the data set."""

    def __init__(self, dataset: Dataset, index: int) -> None:
        self.dataset = dataset
        own = items(dataset, "PerFrameFunctionalGroupsSequence")
        shared = items(dataset, "SharedFunctionalGroupsSequence")
        self._parts = [part[i] for part, i in ((own, index), (shared, 0)) if i < len(part)]

    def find(self, sequence: str) -> Dataset:
        """The first item of a functional group, or the data set itself (classic images)."""
        for part in self._parts:
            found = items(part, sequence)
            if found:
                return found[0]
        return self.dataset


def _identity(ds: Dataset) -> dict[str, Any]:
    instance, series = number(ds, "InstanceNumber"), number(ds, "SeriesNumber")
    return {
        "sop_uid": text(ds, "SOPInstanceUID"),
        "sop_class": text(ds, "SOPClassUID"),
        "series_uid": text(ds, "SeriesInstanceUID"),
        "study_uid": text(ds, "StudyInstanceUID"),
        "modality": text(ds, "Modality"),
        "instance_number": None if instance is None else int(instance),
        "series_number": None if series is None else int(series),
        "series_description": text(ds, "SeriesDescription"),
        "frame_of_reference": text(ds, "FrameOfReferenceUID"),
        "body_part": text(ds, "BodyPartExamined"),
        "view_position": text(ds, "ViewPosition"),
        "contrast": text(ds, "ContrastBolusAgent"),
        "lossy": _lossy(ds),
        "frame_time_ms": _frame_time(ds),
        "patient_orientation": _patient_orientation(ds),
    }


def _place(groups: _Groups) -> dict[str, Any]:
    position = numbers(groups.find("PlanePositionSequence"), "ImagePositionPatient")
    orientation = numbers(groups.find("PlaneOrientationSequence"), "ImageOrientationPatient")
    measures = groups.find("PixelMeasuresSequence")
    placed: Vector | None = None
    if len(position) == 3 and is_orientation(orientation):
        placed = (position[0], position[1], position[2])
    spacing, kind = _spacing(groups.dataset, measures)
    return {
        "position": placed,
        "orientation": orientation if placed is not None else None,
        "pixel_spacing_mm": spacing,
        "spacing_kind": kind,
        "slice_thickness_mm": number(measures, "SliceThickness"),
    }


def _spacing(ds: Dataset, measures: Dataset) -> tuple[tuple[float, float] | None, SpacingKind]:
    """Pixel spacing, and whether it is true in the patient or only at the detector (10.7.1.3).

    A radiograph's Pixel Spacing is calibrated only where it says so or differs from the detector's.
    """
    spacing = pair(numbers(measures, "PixelSpacing"))
    if text(ds, "Modality") not in _PROJECTION:
        return spacing, "patient" if spacing else "none"
    imager = pair(numbers(ds, "ImagerPixelSpacing"))
    calibrated = bool(text(ds, "PixelSpacingCalibrationType")) or (
        imager is not None and imager != spacing
    )
    if spacing and calibrated:
        return spacing, "patient"
    best = imager or spacing
    return best, "detector" if best else "none"


def _grey(groups: _Groups) -> dict[str, Any]:
    rescale = groups.find("PixelValueTransformationSequence")
    slope, intercept = number(rescale, "RescaleSlope"), number(rescale, "RescaleIntercept")
    voi = groups.find("FrameVOILUTSequence")
    modality_luts = items(groups.dataset, "ModalityLUTSequence")
    tables = (lookup_table(item) for item in items(voi, "VOILUTSequence"))
    modality_lut = lookup_table(modality_luts[0]) if modality_luts else None
    unit = text(rescale, "RescaleType")
    if modality_luts:
        unit = text(modality_luts[0], "ModalityLUTType")
    elif not unit and text(groups.dataset, "Modality") == "CT" and slope is not None:
        unit = "HU"
    return {
        "slope": slope or 1.0,
        "intercept": intercept if intercept is not None else 0.0,
        "unit": unit,
        "modality_lut": modality_lut,
        "windows": _windows(voi),
        "voi_luts": tuple(table for table in tables if table is not None),
    }


def _windows(ds: Dataset) -> tuple[VoiWindow, ...]:
    centers, widths = numbers(ds, "WindowCenter"), numbers(ds, "WindowWidth")
    explanations = texts(ds, "WindowCenterWidthExplanation")
    function = text(ds, "VOILUTFunction") or "LINEAR"
    return tuple(
        VoiWindow(
            center=center,
            width=width,
            function=function if function in {"LINEAR_EXACT", "SIGMOID"} else "LINEAR",
            explanation=explanations[n] if n < len(explanations) else "",
        )
        for n, (center, width) in enumerate(zip(centers, widths, strict=False))
    )


def _look(groups: _Groups) -> dict[str, Any]:
    ds = groups.dataset
    kinds = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence")
    frame_types = [texts(groups.find(kind), "FrameType") for kind in kinds]
    anatomy = groups.find("FrameAnatomySequence")
    return {
        "image_type": next(filter(None, frame_types), texts(ds, "ImageType")),
        "laterality": text(anatomy, "FrameLaterality")
        or text(ds, "ImageLaterality")
        or text(ds, "Laterality"),
        "acquired": _acquired(groups),
    }


def _acquired(groups: _Groups) -> str:
    """When the image was taken: the first of the dates IHE BIR names that is present."""
    ds = groups.dataset
    own = text(groups.find("FrameContentSequence"), "FrameAcquisitionDateTime")
    joined = own or text(ds, "AcquisitionDateTime")
    if joined:
        return _date(joined[:8], joined[8:])
    for part in ("Acquisition", "Content", "Series", "Study"):
        day = text(ds, f"{part}Date")
        if day:
            return _date(day, text(ds, f"{part}Time"))
    return ""


def _date(day: str, time: str) -> str:
    if len(day) != 8 or not day.isdigit():
        return ""
    written = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    if len(time) >= 4 and time[:4].isdigit():
        seconds = time[4:6] if time[4:6].isdigit() and len(time[4:6]) == 2 else "00"
        written = f"{written} {time[:2]}:{time[2:4]}:{seconds}"
    return written


def _lossy(ds: Dataset) -> str:
    if text(ds, "LossyImageCompression") != "01":
        return ""
    ratio = number(ds, "LossyImageCompressionRatio")
    method = text(ds, "LossyImageCompressionMethod").replace("\\", ", ")
    return " ".join(part for part in ("Lossy", f"{ratio:g}:1" if ratio else "", method) if part)


def _technique(ds: Dataset) -> tuple[tuple[str, str], ...]:
    found = ((name, number(ds, keyword)) for name, keyword in _TECHNIQUE)
    facts = [(name, f"{value:g}") for name, value in found if value]
    kernel = text(ds, "ConvolutionKernel")
    return tuple([*facts, ("Kernel", kernel)] if kernel else facts)


def _frame_time(ds: Dataset) -> float | None:
    rate = number(ds, "CineRate") or number(ds, "RecommendedDisplayFrameRate")
    return number(ds, "FrameTime") or (1000.0 / rate if rate else None)


def _patient_orientation(ds: Dataset) -> tuple[str, str] | None:
    letters = texts(ds, "PatientOrientation")
    if len(letters) != 2 or not all(set(part) <= set("LRAPHF") for part in letters):
        return None
    return (letters[0], letters[1])
