"""The calibrated regions of an ultrasound image (PS3.3 C.8.5.5).

Every region has a scale of its own: the tissue, the spectrum below it, the M-mode beside it. One
scale for the whole picture is claimed only where all regions are tissue in the same centimetres.
"""

from __future__ import annotations

from typing import TypeVar

from pydicom.dataset import Dataset

from viewer.decoding.values import count, items, number
from viewer.volume.frame_source import UltrasoundRegion

CENTIMETRES = 3
TWO_DIMENSIONAL = 1
_MOST_REGIONS = 256
_LEAST_COVERED = 0.25
_SAME = 1e-4
N = TypeVar("N", int, float)


def ultrasound_regions(ds: Dataset) -> tuple[UltrasoundRegion, ...]:
    """All regions that lie in the picture and have a scale; a damaged one is left out."""
    rows, columns = count(ds, "Rows") or 0, count(ds, "Columns") or 0
    found = (
        _region(item, rows, columns)
        for item in items(ds, "SequenceOfUltrasoundRegions")[:_MOST_REGIONS]
    )
    return tuple(region for region in found if region is not None)


def region_spacing_mm(
    regions: tuple[UltrasoundRegion, ...], ds: Dataset
) -> tuple[float, float] | None:
    """(between rows, between columns) in mm where one scale holds for the picture, else None.

    Every region with a unit must be a two-dimensional one in centimetres, all of one scale, and
    one must be a good part of the picture: what lies around them (texts, grey bars) is not measured.
    """
    scaled = [region for region in regions if region.spatial_format or any(region.units)]
    if not scaled:
        return None
    first = scaled[0].deltas
    for region in scaled:
        is_tissue = region.spatial_format == TWO_DIMENSIONAL and region.units == (
            CENTIMETRES,
            CENTIMETRES,
        )
        if not is_tissue or not _same(region.deltas, first):
            return None
    rows, columns = count(ds, "Rows") or 0, count(ds, "Columns") or 0
    covered = max(_area(region) for region in scaled)
    if covered < _LEAST_COVERED * rows * columns:
        return None
    return (abs(first[1]) * 10.0, abs(first[0]) * 10.0)


def _region(item: Dataset, rows: int, columns: int) -> UltrasoundRegion | None:
    left, top = count(item, "RegionLocationMinX0"), count(item, "RegionLocationMinY0")
    right, bottom = count(item, "RegionLocationMaxX1"), count(item, "RegionLocationMaxY1")
    deltas = (number(item, "PhysicalDeltaX"), number(item, "PhysicalDeltaY"))
    if left is None or top is None or right is None or bottom is None:
        return None
    bounds = (max(left, 0), max(top, 0), min(right, columns - 1), min(bottom, rows - 1))
    if bounds[0] > bounds[2] or bounds[1] > bounds[3]:
        return None
    if deltas[0] is None or deltas[1] is None or not all(map(_is_scale, deltas)):
        return None
    return UltrasoundRegion(
        bounds=bounds,
        spatial_format=count(item, "RegionSpatialFormat") or 0,
        data_type=count(item, "RegionDataType") or 0,
        units=(
            count(item, "PhysicalUnitsXDirection") or 0,
            count(item, "PhysicalUnitsYDirection") or 0,
        ),
        deltas=(deltas[0], deltas[1]),
        reference_px=_pair(count(item, "ReferencePixelX0"), count(item, "ReferencePixelY0")),
        reference_values=_pair(
            number(item, "ReferencePixelPhysicalValueX"),
            number(item, "ReferencePixelPhysicalValueY"),
        ),
    )


def _pair(x: N | None, y: N | None) -> tuple[N, N] | None:
    return None if x is None or y is None else (x, y)


def _is_scale(delta: float | None) -> bool:
    return delta is not None and 0.0 < abs(delta) < 1e9


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(abs(x) - abs(y)) <= _SAME * abs(y) for x, y in zip(a, b, strict=True))


def _area(region: UltrasoundRegion) -> int:
    left, top, right, bottom = region.bounds
    return (right - left + 1) * (bottom - top + 1)
