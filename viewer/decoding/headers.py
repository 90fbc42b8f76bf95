"""Header facts of every frame, put together from the modules that read one kind each.

Attributes of classic images (PS3.3 C.7.6), functional groups of enhanced ones (C.7.6.16) and the
vendors' own elements become the same `FrameSource`. Every value is read with doubt: what cannot be
read counts as absent, unless without it the pixels could be shown wrongly; then the file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.calibration import regions_of, spacing
from viewer.decoding.diffusion import diffusion
from viewer.decoding.distinctions import distinctions
from viewer.decoding.grey_facts import grey
from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.layout import PixelLayout, pixel_facts
from viewer.decoding.mosaic import is_mosaic, mosaic_slices
from viewer.decoding.nuclear import nuclear_facts
from viewer.decoding.place import Place, place, place_fields, slice_thickness_mm
from viewer.decoding.technique import technique
from viewer.decoding.times import frame_time_ms, time_facts
from viewer.decoding.values import count, number, text, texts
from viewer.volume import FrameSource


def frame_sources(
    dataset: Dataset,
    layout: PixelLayout,
    fragments: Sequence[tuple[tuple[int, int], ...]],
    *,
    transfer_syntax: str,
    deflated: bool = False,
    word_swapped: bool = False,
) -> list[FrameSource]:
    """One `FrameSource` per frame, or per slice of a mosaic.

    `fragments` are each frame's byte ranges in the file. ImageError where a value that the pixels
    depend on cannot be read.
    """
    common = {
        **_identity(dataset),
        **pixel_facts(dataset, layout),
        "transfer_syntax": transfer_syntax,
        "deflated": deflated,
        "word_swapped": word_swapped,
        "number_of_frames": layout.frames,
    }
    groups = FunctionalGroups(dataset, layout.frames)
    common["regions"] = regions_of(groups)
    nuclear = nuclear_facts(dataset, layout.frames)
    sources = []
    for index, ranges in enumerate(fragments):
        facts = _frame_facts(groups, index, common)
        if nuclear:
            facts.update(nuclear[index])
        sources.append(FrameSource(**facts, frame=index + 1, fragments=ranges))
    if len(sources) == 1 and is_mosaic(dataset):
        return list(_taken_apart(dataset, sources[0]))
    return sources


def _frame_facts(groups: FunctionalGroups, index: int, common: dict[str, Any]) -> dict[str, Any]:
    """All fields of one frame but its number and its bytes."""
    return {
        **common,
        **place_fields(place(groups, index)),
        **spacing(groups, index, common["regions"]).fields,
        **grey(groups, index),
        **distinctions(groups, index),
        **time_facts(groups, index),
        **diffusion(groups, index).fields,
        "slice_thickness_mm": groups.ask(index, "PixelMeasuresSequence", slice_thickness_mm),
        "facts": technique(groups, index),
    }


def _taken_apart(dataset: Dataset, whole: FrameSource) -> Iterator[FrameSource]:
    """The slices of a mosaic; the whole picture without a place where it is none we can take apart."""
    found = mosaic_slices(
        dataset,
        Place(position=whole.position, orientation=whole.orientation),
        whole.pixel_spacing_mm,
        (whole.rows, whole.columns),
    )
    if not found:
        yield replace(whole, position=None, orientation=None)
    for part in found:
        yield replace(
            whole,
            tile=part.tile,
            rows=part.rows,
            columns=part.columns,
            in_stack=part.tile.number,
            **place_fields(part.place),
        )


def _identity(ds: Dataset) -> dict[str, Any]:
    return {
        "sop_uid": text(ds, "SOPInstanceUID"),
        "sop_class": text(ds, "SOPClassUID"),
        "series_uid": text(ds, "SeriesInstanceUID"),
        "study_uid": text(ds, "StudyInstanceUID"),
        "modality": text(ds, "Modality"),
        "instance_number": count(ds, "InstanceNumber"),
        "series_number": count(ds, "SeriesNumber"),
        "series_description": text(ds, "SeriesDescription"),
        "frame_of_reference": text(ds, "FrameOfReferenceUID"),
        "body_part": text(ds, "BodyPartExamined"),
        "view_position": text(ds, "ViewPosition"),
        "patient_position": text(ds, "PatientPosition"),
        "contrast": text(ds, "ContrastBolusAgent"),
        "lossy": _lossy(ds),
        "frame_time_ms": frame_time_ms(ds),
        "concatenation": text(ds, "ConcatenationUID"),
        "in_concatenation": count(ds, "InConcatenationNumber"),
        "patient_orientation": _patient_orientation(ds),
    }


def _lossy(ds: Dataset) -> str:
    if text(ds, "LossyImageCompression") != "01":
        return ""
    ratio = number(ds, "LossyImageCompressionRatio")
    method = text(ds, "LossyImageCompressionMethod").replace("\\", ", ")
    return " ".join(part for part in ("Lossy", f"{ratio:g}:1" if ratio else "", method) if part)


def _patient_orientation(ds: Dataset) -> tuple[str, str] | None:
    letters = texts(ds, "PatientOrientation")
    if len(letters) != 2 or not all(part and set(part) <= set("LRAPHF") for part in letters):
        return None
    return (letters[0], letters[1])
