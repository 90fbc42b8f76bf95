"""Whether a sorted stack is a volume: its affine, or one sentence why there is none.

A volume needs one direction, one grid of pixels and even steps. A tilted gantry is no obstacle: the
step from slice to slice then leans, and the affine is a shear (no slice is moved or resampled).
Slices may have rescales of their own; units may not differ. Knows positions, never pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viewer.geometry import Matrix, world_from_pixel
from viewer.volume.error import ImageError
from viewer.volume.frame_source import FrameSource
from viewer.volume.repeats import Repeats
from viewer.volume.slices import (
    LEAST_SLICES,
    Slices,
    gaps,
    is_even,
    is_even_but_for_gaps,
    orientation_groups,
)

_SHIFT_MM = 0.5
# Outside these no scanner's pixels lie; a header that says so is damaged.
_FINEST_MM, _COARSEST_MM = 1e-4, 1e3
_PROJECTION = frozenset({"CR", "DX", "MG", "IO", "PX", "RG", "XA", "RF"})
# Beyond this lean slices lie beside rather than above each other; no gantry tilts so far.
_MOST_LEAN_DEGREES = 60.0


def volume_affine(
    sources: Sequence[FrameSource], slices: Slices | None, repeats: Repeats
) -> Matrix:
    """(column, row, slice, 1) to world mm for frames in reading order.

    Raises:
        ImageError: with the reason why the frames form no volume.
    """
    _refuse_kind(sources)
    _refuse_place(sources)
    _refuse_repeats(sources, repeats)
    _refuse_mixture(sources)
    first = sources[0]
    if slices is None or first.orientation is None or first.pixel_spacing_mm is None:
        raise ImageError("The images carry no position in the patient.")
    _refuse_positions(slices)
    position = slices.positions[0]
    affine = world_from_pixel(
        (float(position[0]), float(position[1]), float(position[2])),
        first.orientation,
        first.pixel_spacing_mm,
    )
    affine[:3, 2] = (slices.positions[-1] - position) / (len(sources) - 1)
    return affine


def _refuse_kind(sources: Sequence[FrameSource]) -> None:
    """Pictures that are no slices, or whose pixels no volume holds."""
    first = sources[0]
    if first.is_localizer:
        raise ImageError("Localizer images form no volume.")
    if first.is_colour:
        raise ImageError("Color images form no volume.")
    if first.modality in _PROJECTION and first.position is None:
        raise ImageError("Projection images form no volume.")
    if any("PROJECTION IMAGE" in source.image_type for source in sources):
        raise ImageError("Projection images form no volume.")
    if any(s.bits_allocated > 16 or s.pixel_type != "integer" or s.modality_lut for s in sources):
        raise ImageError("Images with this pixel format form no volume.")


def _refuse_place(sources: Sequence[FrameSource]) -> None:
    """Slices must lie in the patient, in one direction."""
    if any(s.position is None or s.orientation is None for s in sources):
        raise ImageError("The images carry no position in the patient.")
    if not all(_is_spaced(source) for source in sources):
        raise ImageError("The images carry no pixel spacing in the patient.")
    if orientation_groups([s.orientation or () for s in sources], 1) is None:
        raise ImageError("The images point in different directions.")
    if len(sources) < LEAST_SLICES:
        raise ImageError("Too few images for a volume: {count}.", count=len(sources))


def _is_spaced(source: FrameSource) -> bool:
    """Whether pixel spacing is told for the patient and is one that pixels can have."""
    spacing = source.pixel_spacing_mm
    return (
        spacing is not None
        and source.spacing_kind == "patient"
        and min(spacing) >= _FINEST_MM
        and max(spacing) <= _COARSEST_MM
    )


def _refuse_repeats(sources: Sequence[FrameSource], repeats: Repeats) -> None:
    """Sets that hold several images of each place on purpose."""
    if repeats.kind == "cine":
        raise ImageError(
            "A moving picture forms no volume ({count} images, positions: {places}).",
            count=len(sources),
            places=len({source.position for source in sources}),
        )
    if repeats.kind == "phases":
        raise ImageError(
            "The series holds {count} phases, too many to part; they follow each other in time.",
            count=repeats.count,
        )
    if repeats.kind == "directions":
        raise ImageError(
            "{count} diffusion images lie at each position; they follow each other by direction.",
            count=repeats.count,
        )


def _refuse_mixture(sources: Sequence[FrameSource]) -> None:
    """Facts that must be the same on every slice."""
    spacings = np.array([source.pixel_spacing_mm for source in sources], dtype=np.float64)
    if float(np.ptp(spacings, axis=0).max()) > 1e-3 * float(spacings.min()):
        raise ImageError(
            "The pixel spacing differs between images: {smallest} to {largest} mm.",
            smallest=f"{spacings.min():.3f}",
            largest=f"{spacings.max():.3f}",
        )
    # The frame of reference belongs to the series (C.7.4.1). Some de-identification gives every
    # image one of its own; a few different ones are really different places.
    references = len({source.frame_of_reference for source in sources})
    if 1 < references < len(sources):
        raise ImageError("The images lie in {count} frames of reference.", count=references)
    if len({(s.photometric, s.pixel_representation) for s in sources}) > 1:
        raise ImageError("The pixel format differs between images.")
    units = sorted({source.unit or "?" for source in sources})
    if len(units) > 1:
        raise ImageError("The unit of pixel values differs: {units}.", units=", ".join(units))


def _refuse_positions(slices: Slices) -> None:
    """Positions must be an even, straight stack; it may lean."""
    along = slices.along
    count = len(along)
    places = int(slices.places.max()) + 1
    if places < count:
        raise ImageError(
            "Several images lie at the same position ({count} images, {places} positions).",
            count=count,
            places=places,
        )
    if not is_even(along):
        _refuse_uneven(along)
    whole = slices.positions[-1] - slices.positions[0]
    straight = slices.positions[0] + np.outer(np.linspace(0.0, 1.0, count), whole)
    shift_mm = float(np.linalg.norm(slices.positions - straight, axis=1).max())
    upright = abs(float(along[-1] - along[0]))
    if shift_mm > _SHIFT_MM:
        raise ImageError(
            "The slices are shifted against each other by up to {shift} mm.",
            shift=f"{shift_mm:.1f}",
        )
    if upright < np.cos(np.radians(_MOST_LEAN_DEGREES)) * float(np.linalg.norm(whole)):
        raise ImageError("The slices lie beside each other and not above each other.")


def _refuse_uneven(along: Matrix) -> None:
    steps = np.abs(np.diff(along))
    missing = gaps(along)
    sizes = {"smallest": f"{steps.min():.2f}", "largest": f"{steps.max():.2f}"}
    if is_even_but_for_gaps(along, missing):
        raise ImageError(
            "Slices are missing ({count}): steps from {smallest} to {largest} mm.",
            count=sum(missing.values()),
            **sizes,
        )
    raise ImageError("Slices are unevenly spaced: steps from {smallest} to {largest} mm.", **sizes)
