"""What tells the frames of one series apart: kind of image, echo, kernel, stack, dimensions.

Functional groups (PS3.3 C.7.6.16.2.2, C.8.13.5, C.8.15.3) and plain attributes. A fact that the
header does not state is absent; nothing is concluded from descriptions that people typed.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.values import count, number, numbers, private_numbers, text, texts, within

_FRAME_TYPES = (
    "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence",
    "PETFrameTypeSequence",
    "XAXRFFrameCharacteristicsSequence",
    "XRay3DFrameTypeSequence",
    "ParametricMapFrameTypeSequence",
)
_COMPLEX = {"MAGNITUDE": "M", "PHASE": "P", "REAL": "R", "IMAGINARY": "I"}
_GE_COMPONENTS = {0: "M", 1: "P", 2: "R", 3: "I"}
_MOST_WHOLE = 1 << 31


def distinctions(groups: FunctionalGroups, index: int) -> dict[str, Any]:
    """What tells a frame (counted from 0) from its neighbours, as fields of a `FrameSource`."""
    image_type, component = _frame_type(groups, index)
    anatomy = groups.ask(index, "FrameAnatomySequence", _frame_laterality)
    return {
        "image_type": image_type,
        "component": component or groups.whole(_plain_component),
        "laterality": anatomy or groups.whole(_laterality),
        "echo_ms": groups.ask(index, "MREchoSequence", _echo),
        "kernel": groups.ask(index, "CTReconstructionSequence", _kernel),
        "gantry_tilt_degrees": groups.ask(index, "CTAcquisitionDetailsSequence", _tilt),
        **groups.ask(index, "FrameContentSequence", _content),
    }


def _frame_type(groups: FunctionalGroups, index: int) -> tuple[tuple[str, ...], str]:
    """Frame Type with its complex component; else Image Type, which may say MIXED."""
    for sequence in _FRAME_TYPES:
        own, component = groups.ask(index, sequence, _own_frame_type)
        if own:
            return own, component
    return groups.whole(_image_type), ""


def _own_frame_type(ds: Dataset) -> tuple[tuple[str, ...], str]:
    return texts(ds, "FrameType"), _COMPLEX.get(text(ds, "ComplexImageComponent").upper(), "")


def _image_type(ds: Dataset) -> tuple[str, ...]:
    return texts(ds, "ImageType")


def _plain_component(ds: Dataset) -> str:
    """The complex component of a classic MR image: its own attribute, Image Type, GE's element.

    Image Type's values from the third on hold "M", "P", "R", "I" (Siemens, Philips) or begin so
    ("M_FFE", "P_SE"); GE numbers them in (0043,xx2F).
    """
    if text(ds, "Modality") != "MR":
        return ""
    told = _COMPLEX.get(text(ds, "ComplexImageComponent").upper(), "")
    if told:
        return told
    kinds = texts(ds, "ImageType")[2:]
    if "PHASE MAP" in kinds:
        return "P"
    for kind in kinds:
        letter = kind.split("_")[0]
        if letter in _COMPLEX.values():
            return letter
        if kind in {"PHASE", "REAL", "IMAGINARY", "MAGNITUDE"}:
            return _COMPLEX[kind]
    raw = private_numbers(ds, 0x0043, "GEMS_PARM_01", 0x2F, binary="h")
    return _GE_COMPONENTS.get(int(raw[0]), "") if raw else ""


def _frame_laterality(ds: Dataset) -> str:
    return _paired(text(ds, "FrameLaterality"))


def _laterality(ds: Dataset) -> str:
    return _paired(text(ds, "ImageLaterality")) or _paired(text(ds, "Laterality"))


def _paired(side: str) -> str:
    """A side; nothing for "U", which says that the part has none."""
    return "" if side == "U" else side


def _echo(ds: Dataset) -> float | None:
    value = number(ds, "EffectiveEchoTime")
    return within(number(ds, "EchoTime") if value is None else value, 1e-6, 1e7)


def _kernel(ds: Dataset) -> str:
    return text(ds, "ConvolutionKernel")


def _tilt(ds: Dataset) -> float | None:
    return within(number(ds, "GantryDetectorTilt"), -90.0, 90.0)


def _content(ds: Dataset) -> dict[str, Any]:
    """Frame Content's item; a classic image may have some of it as plain attributes."""
    acquisition = count(ds, "FrameAcquisitionNumber")
    values = numbers(ds, "DimensionIndexValues")
    return {
        "acquisition": _whole(
            count(ds, "AcquisitionNumber") if acquisition is None else acquisition
        ),
        "stack": text(ds, "StackID"),
        "in_stack": _whole(count(ds, "InStackPositionNumber")),
        "dimensions": tuple(int(value) for value in values if abs(value) <= _MOST_WHOLE * 2),
    }


def _whole(value: int | None) -> int | None:
    return value if value is not None and abs(value) <= _MOST_WHOLE else None
