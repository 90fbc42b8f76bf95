"""Slices that a scanner laid side by side in one picture, and where each of them lies.

Siemens' mosaics (CSA header) and United Imaging's VFRAME (a private sequence). Tiles run from left
to right, then down. The position of a Siemens mosaic is that of an imaginary large slice with the
same centre; a mosaic that cannot be taken apart therefore has no place in the patient at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from viewer.decoding.place import FARTHEST_MM, Place, placed_at
from viewer.decoding.siemens_csa import csa_image_header, csa_numbers
from viewer.decoding.values import (
    number,
    numbers,
    private_items,
    private_numbers,
    texts,
    within,
)
from viewer.geometry import Matrix, Vector, as_vector, normal
from viewer.volume import Tile

MOST_TILES = 1024
_PARALLEL = 0.999
_UIH = "Image Private Header"
_SIEMENS = "SIEMENS MR HEADER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One tile, its size in pixels, and where its slice lies."""

    tile: Tile
    rows: int
    columns: int
    place: Place


def is_mosaic(dataset: Dataset) -> bool:
    """Whether the picture says that it is several slices side by side."""
    return bool({"MOSAIC", "VFRAME"} & set(texts(dataset, "ImageType")))


def mosaic_slices(
    dataset: Dataset,
    whole: Place,
    spacing_mm: tuple[float, float] | None,
    size: tuple[int, int],
) -> tuple[Slice, ...]:
    """The slices of a mosaic of `size` (rows, columns) in the order of its tiles.

    Empty where the header does not say how many there are, contradicts itself, or does not fit the
    picture: then the whole is shown as one picture without a place.
    """
    if "VFRAME" in texts(dataset, "ImageType"):
        places = _united_imaging_places(dataset)
        down, across = _wide_grid(len(places))
        tiles = _tiles(len(places), (down, across), size)
    else:
        count = _siemens_count(dataset)
        down = across = _square(count)
        tiles = _tiles(count, (down, across), size)
        places = _siemens_places(dataset, whole, spacing_mm, tiles)
    rows, columns = size[0] // down, size[1] // across
    return tuple(
        Slice(tile=tile, rows=rows, columns=columns, place=place)
        for tile, place in zip(tiles, places, strict=False)
    )


def _tiles(count: int, grid: tuple[int, int], size: tuple[int, int]) -> tuple[Tile, ...]:
    """`count` tiles in a grid of (down, across); none where the picture is no such grid."""
    rows, columns = size
    if not 0 < count <= MOST_TILES or rows % grid[0] or columns % grid[1]:
        return ()
    height, width = rows // grid[0], columns // grid[1]
    return tuple(
        Tile(
            number=n + 1,
            left=n % grid[1] * width,
            top=n // grid[1] * height,
            coded_columns=columns,
            coded_rows=rows,
        )
        for n in range(count)
    )


def _siemens_count(ds: Dataset) -> int:
    """Number Of Images In Mosaic from both places that have it; 0 where they contradict."""
    told = {
        *private_numbers(ds, 0x0019, _SIEMENS, 0x0A, binary="H"),
        *csa_numbers(csa_image_header(ds), "NumberOfImagesInMosaic"),
    }
    if len(told) != 1:
        return 0
    (count,) = told
    return int(count) if count == int(count) and 0 < count <= MOST_TILES else 0


def _siemens_places(
    ds: Dataset,
    whole: Place,
    spacing_mm: tuple[float, float] | None,
    tiles: tuple[Tile, ...],
) -> tuple[Place, ...]:
    """Every tile's place: the large slice's centre is each small one's, a step apart.

    The first tile lies at the mosaic's position, corrected for its size; the others follow along
    the CSA header's Slice Normal Vector, which points backwards where the slices are numbered so.
    """
    if not tiles:
        return ()
    unknown = (Place(),) * len(tiles)
    if whole.orientation is None or spacing_mm is None:
        return unknown
    step = _siemens_step(ds, whole.orientation)
    if step is None and len(tiles) > 1:
        return unknown
    share = (1.0 - 1.0 / _square(len(tiles))) / 2.0
    right, down = np.asarray(whole.orientation[:3]), np.asarray(whole.orientation[3:])
    corner = right * (tiles[0].coded_columns * share * spacing_mm[1])
    corner = corner + down * (tiles[0].coded_rows * share * spacing_mm[0])
    along = np.zeros(3) if step is None else np.asarray(step)
    return tuple(whole.moved(as_vector(corner + along * n)) for n in range(len(tiles)))


def _siemens_step(ds: Dataset, orientation: tuple[float, ...]) -> Vector | None:
    """From one slice to the next; None where the header does not say it or contradicts itself."""
    distance = within(number(ds, "SpacingBetweenSlices"), 1e-3, FARTHEST_MM)
    if distance is None:
        return None
    across: Matrix = normal(orientation)
    csa = csa_image_header(ds)
    told = csa_numbers(csa, "SliceNormalVector")
    if len(told) == 3:
        towards = float(np.asarray(told) @ across)
        if not _PARALLEL <= abs(towards) <= 2.0 - _PARALLEL:
            return None
        return as_vector(across * math.copysign(distance, towards))
    first = csa_numbers(csa, "ProtocolSliceNumber")
    is_reversed = bool(first) and first[0] > 0
    return as_vector(across * (-distance if is_reversed else distance))


def _square(count: int) -> int:
    """How many tiles the side of the smallest square for `count` of them has; at least one."""
    return math.isqrt(count - 1) + 1 if count > 0 else 1


def _wide_grid(count: int) -> tuple[int, int]:
    """(down, across) as United Imaging fills them: as wide as a square needs, no empty row."""
    if count <= 0:
        return (1, 1)
    across = _square(count)
    return (math.ceil(count / across), across)


def _united_imaging_places(ds: Dataset) -> tuple[Place, ...]:
    """The place of every item of MR VFrame Sequence: its own position, the picture's orientation.

    Empty where the number of items is not the number of frames told beside them.
    """
    found = private_items(ds, 0x0065, _UIH, 0x51)
    told = private_numbers(ds, 0x0065, _UIH, 0x50)
    if not found or told != (float(len(found)),) or len(found) > MOST_TILES:
        return ()
    orientation = numbers(ds, "ImageOrientationPatient")
    return tuple(placed_at(numbers(item, "ImagePositionPatient"), orientation) for item in found)
