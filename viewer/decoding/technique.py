"""The basic technique of an image, as the corner of the picture says it: kVp, mAs, TR, TE, kernel.

Plain attributes (PS3.3 C.8.2.1, C.8.3.1, C.8.7.2) or functional groups (C.8.13.5, C.8.15.3). Only
numbers with their customary names; nothing here is used for measuring.
"""

from __future__ import annotations

from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.values import number, numbers, text

Facts = tuple[tuple[str, str], ...]
_X_RAYS = (("kVp", ("KVP",)),)
_EXPOSURE = (
    ("mA", ("XRayTubeCurrentInmA", "XRayTubeCurrent")),
    ("mAs", ("ExposureInmAs", "Exposure")),
)
_TIMING = (("TR", ("RepetitionTime",)),)
_ECHO = (("TE", ("EffectiveEchoTime", "EchoTime")),)
_FLIP = (("FA", ("FlipAngle",)),)


def technique(groups: FunctionalGroups, index: int) -> Facts:
    """(name, value) of what the header of a frame (counted from 0) tells, in a fixed order."""
    return (
        *groups.ask(index, "CTXRayDetailsSequence", _x_rays),
        *groups.ask(index, "CTExposureSequence", _exposure),
        *groups.ask(index, "MRTimingAndRelatedParametersSequence", _timing),
        *groups.ask(index, "MREchoSequence", _echo),
        *groups.ask(index, "MRModifierSequence", _inversion),
        *groups.ask(index, "MRTimingAndRelatedParametersSequence", _flip),
        *groups.whole(_field),
        *groups.ask(index, "CTReconstructionSequence", _kernel),
    )


def _x_rays(ds: Dataset) -> Facts:
    return _told(ds, _X_RAYS)


def _exposure(ds: Dataset) -> Facts:
    return _told(ds, _EXPOSURE)


def _timing(ds: Dataset) -> Facts:
    return _told(ds, _TIMING)


def _echo(ds: Dataset) -> Facts:
    return _told(ds, _ECHO)


def _flip(ds: Dataset) -> Facts:
    return _told(ds, _FLIP)


def _inversion(ds: Dataset) -> Facts:
    times = numbers(ds, "InversionTimes") or numbers(ds, "InversionTime")
    return (("TI", f"{times[0]:g}"),) if times and times[0] else ()


def _field(ds: Dataset) -> Facts:
    return _told(ds, (("T", ("MagneticFieldStrength",)),))


def _kernel(ds: Dataset) -> Facts:
    kernel = text(ds, "ConvolutionKernel")
    return (("Kernel", kernel),) if kernel else ()


def _told(ds: Dataset, wanted: tuple[tuple[str, tuple[str, ...]], ...]) -> Facts:
    found = (
        (name, next(filter(None, (number(ds, k) for k in keys)), None)) for name, keys in wanted
    )
    return tuple((name, f"{value:g}") for name, value in found if value)
