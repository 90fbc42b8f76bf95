"""b-value and gradient direction of a diffusion image, from the standard's or a vendor's elements.

Standard: PS3.3 C.8.13.5.9, also as plain attributes. Vendors: Siemens (CSA, MR HEADER), Philips,
GE, United Imaging, Canon. Private elements count only under their creator's name. Directions are
unit vectors in world; a trace and b = 0 have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.siemens_csa import csa_image_header, csa_numbers
from viewer.decoding.values import (
    items,
    number,
    numbers,
    private_numbers,
    private_text,
    text,
    within,
)
from viewer.geometry import Vector, as_vector, is_orientation, nearest_plane, normal

_MOST_B = 1e6
_GE_FLAG = 10_000  # larger values carry flags of the scanner in the digits above
_SIEMENS = "SIEMENS MR HEADER"
_PHILIPS = "Philips Imaging DD 001"
_PHILIPS_MR = "Philips MR Imaging DD 001"
_UIH = "Image Private Header"
# How dcm2niix turns a gradient's frequency, phase and slice components by the plane of the image.
_PLANE_SIGNS: dict[str, Vector] = {
    "axial": (1.0, 1.0, 1.0),
    "coronal": (1.0, -1.0, 1.0),
    "sagittal": (-1.0, -1.0, -1.0),
}
_CANON_COMMENT = re.compile(r"b=([0-9.]{1,12})\(([-0-9.eE, ]{1,60})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion:
    """b in s/mm2 and the gradient's direction; both None where the image has no such weighting."""

    b_value: float | None = None
    direction: Vector | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a `FrameSource`."""
        return {"b_value": self.b_value, "diffusion_direction": self.direction}


def diffusion(groups: FunctionalGroups, index: int) -> Diffusion:
    """The weighting of a frame (counted from 0): the standard's where it is there."""
    standard = groups.ask(index, "MRDiffusionSequence", _standard)
    if standard.b_value is not None and standard.direction is not None:
        return standard
    private = groups.whole(_private)
    if standard.b_value is None:
        return private
    same = private.b_value == standard.b_value and not groups.are_enhanced
    return private if same else standard


def _standard(ds: Dataset) -> Diffusion:
    """MR Diffusion Sequence's item; classic images may have the same attributes at the top."""
    b_value = number(ds, "DiffusionBValue")
    if text(ds, "DiffusionDirectionality").upper() in {"ISOTROPIC", "NONE"}:
        return _weighting(b_value, ())
    held = items(ds, "DiffusionGradientDirectionSequence")
    return _weighting(b_value, numbers(held[0] if held else ds, "DiffusionGradientOrientation"))


def _private(ds: Dataset) -> Diffusion:
    """What the first vendor says whose elements are there."""
    if text(ds, "Modality") != "MR":
        return Diffusion()
    readers: tuple[Callable[[Dataset], Diffusion], ...] = (
        _siemens,
        _philips,
        _ge,
        _united_imaging,
        _canon,
    )
    found = (reader(ds) for reader in readers)
    return next((one for one in found if one.b_value is not None), Diffusion())


def _siemens(ds: Dataset) -> Diffusion:
    """(0019,xx0C) and (0019,xx0E), older systems in the CSA header; directions are in world."""
    b_value = private_numbers(ds, 0x0019, _SIEMENS, 0x0C)
    if b_value:
        towards = private_numbers(ds, 0x0019, _SIEMENS, 0x0E, binary="d")
        return _weighting(b_value[0], towards)
    csa = csa_image_header(ds)
    b_value = csa_numbers(csa, "B_value")
    if not b_value:
        return Diffusion()
    return _weighting(b_value[0], csa_numbers(csa, "DiffusionGradientDirection"))


def _philips(ds: Dataset) -> Diffusion:
    """(2001,xx03) and, where (2001,xx04) does not call it isotropic, (2005,xxB0..B2) in world."""
    b_value = private_numbers(ds, 0x2001, _PHILIPS, 0x03, binary="f")
    if not b_value:
        return Diffusion()
    if private_text(ds, 0x2001, _PHILIPS, 0x04).upper().startswith("I"):
        return _weighting(b_value[0], ())
    parts = (private_numbers(ds, 0x2005, _PHILIPS_MR, at, binary="f") for at in (0xB0, 0xB1, 0xB2))
    return _weighting(b_value[0], tuple(value for part in parts for value in part))


def _ge(ds: Dataset) -> Diffusion:
    """(0043,xx39) and (0019,xxBB..BD), also where somebody removed the creators' names.

    The direction is given along frequency, phase and slice. dcm2niix's rule for patients head
    first supine turns it to the image's axes: (-x, -y, z) where phases run along columns, (-y, x, z)
    along rows, with `_PLANE_SIGNS`. For other positions no rule is published; single signs may be
    wrong then, while the vector still tells the directions of a series apart.
    """
    if not text(ds, "Manufacturer").upper().startswith("GE"):
        return Diffusion()
    told = _ge_numbers(ds, 0x0043, "GEMS_PARM_01", 0x39)
    if not told:
        return Diffusion()
    b_value = told[0] % 100_000 if told[0] > _GE_FLAG else told[0]
    parts = (_ge_numbers(ds, 0x0019, "GEMS_ACQU_01", at) for at in (0xBB, 0xBC, 0xBD))
    vector = tuple(part[0] for part in parts if part)
    if len(vector) != 3:
        return _weighting(b_value, ())
    x, y, z = vector
    along_rows = text(ds, "InPlanePhaseEncodingDirection").upper().startswith("ROW")
    in_image = (-y, x, z) if along_rows else (-x, -y, z)
    return _weighting(b_value, _from_scanner(ds, in_image))


def _ge_numbers(ds: Dataset, group: int, creator: str, element: int) -> tuple[float, ...]:
    named = private_numbers(ds, group, creator, element)
    return named or private_numbers(ds, group, "", element)


def _united_imaging(ds: Dataset) -> Diffusion:
    """(0065,xx09), the b-value that was really played, and (0065,xx37) in the image's axes."""
    b_value = private_numbers(ds, 0x0065, _UIH, 0x09, binary="d")
    if not b_value:
        return Diffusion()
    vector = private_numbers(ds, 0x0065, _UIH, 0x37, binary="d")
    if len(vector) != 3:
        return _weighting(b_value[0], ())
    return _weighting(b_value[0], _from_image(ds, (vector[0], vector[1], vector[2])))


def _canon(ds: Dataset) -> Diffusion:
    """Image Comments such as b=1000(0.445,0.000,0.895) of Canon and Toshiba.

    dcm2niix's rule: (-y, -x, z) where phases run along columns, (-x, y, z) along rows, as for GE.
    """
    if not text(ds, "Manufacturer").upper().startswith(("CANON", "TOSHIBA")):
        return Diffusion()
    found = _CANON_COMMENT.search(text(ds, "ImageComments"))
    if found is None:
        return Diffusion()
    try:
        b_value = float(found[1])
        x, y, z = (float(part) for part in found[2].split(","))
    except ValueError:
        return Diffusion()
    along_rows = text(ds, "InPlanePhaseEncodingDirection").upper().startswith("ROW")
    in_image = (-x, y, z) if along_rows else (-y, -x, z)
    return _weighting(b_value, _from_scanner(ds, in_image))


def _from_scanner(ds: Dataset, vector: Vector) -> tuple[float, ...]:
    """A vector of the image's axes as axial images have them, in world; () without an orientation."""
    orientation = numbers(ds, "ImageOrientationPatient")
    if not is_orientation(orientation):
        return ()
    signs = _PLANE_SIGNS[nearest_plane(orientation)]
    return _from_image(ds, as_vector(np.multiply(vector, signs)))


def _from_image(ds: Dataset, vector: Vector) -> tuple[float, ...]:
    """A vector of (row, column, normal) components in world; () without an orientation."""
    orientation = numbers(ds, "ImageOrientationPatient")
    if not is_orientation(orientation):
        return ()
    axes = np.array([orientation[:3], orientation[3:], normal(orientation)])
    return as_vector(np.asarray(vector) @ axes)


def _weighting(b_value: float | None, towards: tuple[float, ...]) -> Diffusion:
    """A b-value that can be one, and a direction made exactly as long as one."""
    b_value = within(b_value, 0.0, _MOST_B)
    if b_value is None:
        return Diffusion()
    if b_value == 0.0 or len(towards) != 3 or max(abs(part) for part in towards) > 1.1:
        return Diffusion(b_value=b_value)
    length = float(np.linalg.norm(towards))
    if not 0.5 < length < 1.1:
        return Diffusion(b_value=b_value)
    return Diffusion(b_value=b_value, direction=as_vector(np.asarray(towards) / length))
