"""Series over the byte budget: a volume of block means that lies where the full one lies, full stacks."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from tests.viewer.callees import InProcess, ramp, series
from tests.viewer.phantoms import source
from viewer.cache import DecodedLayout, FrameCache
from viewer.decoding.filling import block_mean
from viewer.geometry import transform
from viewer.loading import Loader
from viewer.loading.reduction import least_reduction, reduced_layout
from viewer.volume import ImageError

SHAPE = (5, 7)
FRAME_BYTES = 5 * 7 * 2


def noise(number: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(number).integers(0, 65536, SHAPE, dtype=np.uint16)


def rounded_mean(values: list[int]) -> int:
    """Half up, in exact fractions."""
    return math.floor(Fraction(sum(values), len(values)) + Fraction(1, 2))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize("block", [(2, 2), (3, 2), (8, 8), (1, 4)])
def test_block_means_are_exact(kind: type[np.integer[Any]], block: tuple[int, int]) -> None:
    limits = np.iinfo(kind)
    generator = np.random.default_rng(1)
    slices = [generator.integers(limits.min, limits.max, SHAPE, kind, endpoint=True) for _ in "ab"]
    slices[0][:2, :2] = slices[1][:2, :2] = limits.max
    found = block_mean(slices, block)
    assert found.dtype == kind
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            rows = slice(row * block[1], (row + 1) * block[1])
            columns = slice(column * block[0], (column + 1) * block[0])
            values = [int(v) for pixels in slices for v in pixels[rows, columns].ravel()]
            assert found[row, column] == rounded_mean(values)


def test_the_least_reduction_that_fits() -> None:
    layout = DecodedLayout(shape=(100, 64, 64), dtype="int16", frames=())
    full = 100 * 64 * 64 * 2
    same = [source()] * 100
    expected = {1: (1, 1, 1), 2: (2, 2, 1), 4: (2, 2, 1), 5: (2, 2, 2), 9: (4, 4, 2)}
    for part, reduction in expected.items():
        assert least_reduction(layout, same, full // part) == reduction
        assert reduced_layout(layout, reduction).size_bytes <= full // part


def test_slices_of_different_rescale_are_not_joined() -> None:
    layout = DecodedLayout(shape=(4, 64, 64), dtype="int16", frames=())
    in_pairs = [source(slope=slope) for slope in (1.0, 1.0, 2.0, 2.0)]
    each = [source(slope=slope) for slope in (1.0, 2.0, 3.0, 4.0)]
    assert least_reduction(layout, in_pairs, 4096 + 1) == (2, 2, 2)
    assert least_reduction(layout, each, 4096 + 1) == (4, 4, 1)


def test_a_volume_over_the_budget_is_a_smaller_one_in_the_same_place(tmp_path: Path) -> None:
    found = series(tmp_path / "files", 6, noise)
    sandbox = InProcess()
    area = tmp_path / "area"
    loader = Loader(sandbox, FrameCache(1 << 20), area, volume_budget_bytes=6 * FRAME_BYTES // 5)
    volume = loader.load_volume(found)
    assert volume.reduction == (2, 2, 2)
    assert volume.voxels.shape == (3, 3, 4)
    block = [int(v) for number in (3, 4) for v in noise(number)[2:4, 4:6].ravel()]
    assert volume.voxels[1, 1, 2] == rounded_mean(block)
    edge = [int(v) for number in (5, 6) for v in noise(number)[4:, 6:].ravel()]
    assert volume.voxels[2, 2, 3] == rounded_mean(edge)
    assert volume.spacing_mm == (1.0, 1.0, 4.0)
    # The middle of full voxels (4, 2, 2) and (5, 3, 3): 0.5 mm pixels, slices of 2 mm downwards.
    expected = (0.5 * 4.5, 0.5 * 2.5, -2.0 - 2.0 * 2.5)
    assert transform(volume.world_from_voxel, (2, 1, 1)) == pytest.approx(expected)
    assert set(sandbox.targets) == {"fill_reduced"}
    assert sum(file.stat().st_size for file in area.glob("*.voxels")) < 6 * FRAME_BYTES // 5
    loader.close()
    again = InProcess()
    second = Loader(again, FrameCache(1 << 20), area, volume_budget_bytes=6 * FRAME_BYTES // 5)
    assert (second.load_volume(found).voxels == volume.voxels).all()
    assert again.targets == []
    second.close()


def test_a_bad_image_of_a_reduced_volume_is_named(tmp_path: Path) -> None:
    found = series(tmp_path / "files", 6, noise)
    Path(found.frames[3].path).write_bytes(b"")
    loader = Loader(InProcess(), FrameCache(1 << 20), tmp_path, volume_budget_bytes=FRAME_BYTES)
    with pytest.raises(ImageError, match=r"^Image 4 of 6 cannot be decoded"):
        loader.load_volume(found)
    loader.close()


def test_stacks_stay_in_full_resolution_within_the_memory_given(tmp_path: Path) -> None:
    found = series(tmp_path / "files", 40, noise)
    sandbox = InProcess()
    cache = FrameCache(20 * FRAME_BYTES)
    loader = Loader(sandbox, cache, tmp_path / "area", volume_budget_bytes=FRAME_BYTES)
    seen: list[int] = []
    loader.load_stack(found, first_index=10, progress=lambda n, _: seen.append(n))
    held = np.flatnonzero(loader.loaded_frames(found))
    assert len(held) == 12 == seen[-1]  # three fifths of the memory
    assert abs(held - 10).max() <= 6
    assert (loader.load_frame(found.frames[10]).pixels == noise(11)).all()
    assert list((tmp_path / "area").iterdir()) == []
    loader.focus(found, 30)
    loader.load_stack(found, first_index=30)
    held = np.flatnonzero(loader.loaded_frames(found))
    ahead, behind = sum(held > 30), sum((held < 30) & (held > 20))
    assert ahead > behind
    assert cache.held_bytes <= 20 * FRAME_BYTES
    loader.release([found])
    assert cache.held_bytes == 0
    loader.close()


def test_color_goes_into_memory_and_a_bad_frame_stops_no_other(tmp_path: Path) -> None:
    def colour(number: int, ds: pydicom.Dataset) -> None:
        pixels = np.full((4, 5, 3), number, np.uint8)
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 3, "RGB"
        ds.PlanarConfiguration = 0
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8, 8, 7
        ds.PixelData = pixels.tobytes()
        ds["PixelData"].VR = "OB"

    found = series(tmp_path / "files", 6, change=colour)
    bad = Path(found.frames[1].path)
    bad.write_bytes(bad.read_bytes()[:-20])
    loader = Loader(InProcess(), FrameCache(1 << 20), tmp_path / "area")
    loader.load_stack(found)
    assert loader.loaded_frames(found).tolist() == [True, False, True, True, True, True]
    assert (loader.load_frame(found.frames[4]).pixels == 5).all()
    with pytest.raises(ImageError, match="truncated"):
        loader.load_frame(found.frames[1])
    loader.close()


def test_slices_with_rescales_of_their_own_keep_them(tmp_path: Path) -> None:
    def rescale(number: int, ds: pydicom.Dataset) -> None:
        ds.RescaleSlope, ds.RescaleIntercept = number * 0.5, -number

    found = series(tmp_path / "files", 4, ramp, rescale)
    assert found.refusal is None
    loader = Loader(InProcess(), FrameCache(1 << 20), tmp_path / "area")
    volume = loader.load_volume(found)
    assert volume.rescales is not None
    assert volume.rescales.tolist() == [[0.5, -1.0], [1.0, -2.0], [1.5, -3.0], [2.0, -4.0]]
    assert (volume.slope, volume.intercept) == (1.0, 0.0)
    # Stored 0 to 65535: the least is 0 * 2 - 4, the largest 65535 * 2 - 4.
    assert (volume.stored_minimum, volume.stored_maximum) == (-4, 131066)
    loader.close()
