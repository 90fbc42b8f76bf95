"""Planes through volumes against two independent resamplers: scipy's map_coordinates and vtkImageReslice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.viewer.phantoms import (
    CORONAL,
    SAGITTAL,
    even_positions,
    only_set,
    rotated,
    stack,
    volume,
)
from tests.viewer.resliced import PLANES, judge
from viewer.decoding import decode_frame, parse_file
from viewer.render.plane import picture_of_plane
from viewer.view import Presentation, Slab
from viewer.voi import WindowVoi, grey_values
from viewer.volume import LocatedFrame, Volume

FULL = WindowVoi(center=2047.5, width=4095, function="LINEAR_EXACT")


def loaded(folder: Path) -> Volume:
    """A series as a volume; the voxels are placed by the headers read again, not by the affine."""
    frames = [
        LocatedFrame(path=str(path), source=frame)
        for path in sorted(folder.glob("*.dcm"))
        for frame in parse_file(path)[1]
    ]
    found = only_set(frames)
    voxels = np.stack([decode_frame(f.path, f.source) for f in found.frames])
    return volume(found, voxels)


@pytest.fixture(scope="module")
def chest(shared_data: Path) -> Volume:
    return loaded(shared_data / "demo" / "ct_chest_lidc_0314_3mm")


@pytest.fixture(scope="module")
def brain(shared_data: Path) -> Volume:
    return loaded(shared_data / "demo" / "mr_brain_t1_defaced")


def noise(orientation: tuple[float, ...], step_mm: float = 2.0) -> Volume:
    """A random volume acquired in a direction, numbered either way."""
    found = only_set(
        stack(even_positions(12, step_mm, orientation), orientation, rows=30, columns=40)
    )
    values = np.random.default_rng(7).integers(0, 4096, (12, 30, 40))
    return volume(found, values.astype(np.uint16))


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("size", [None, (500, 400)])
def test_demo_ct(chest: Volume, plane: str, size: tuple[int, int] | None) -> None:
    judge(chest, plane, Presentation(voi=WindowVoi(center=40, width=400)), size=size)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("size", [None, (500, 400)])
def test_demo_mr_acquired_obliquely(
    brain: Volume, plane: str, size: tuple[int, int] | None
) -> None:
    judge(brain, plane, Presentation(), size=size)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("mode", ["maximum", "minimum", "mean"])
def test_slabs(brain: Volume, plane: str, mode: str) -> None:
    slab = Slab(mode=mode, thickness_mm=6.0)  # type: ignore[arg-type]  # parametrised
    judge(brain, plane, Presentation(), size=(150, 120), slab=slab)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("orientation", [CORONAL, SAGITTAL, rotated(25.0), (-1, 0, 0, 0, -1, 0)])
@pytest.mark.parametrize("step_mm", [2.0, -2.0])
def test_any_acquisition(plane: str, orientation: tuple[float, ...], step_mm: float) -> None:
    judge(noise(orientation, step_mm), plane, Presentation(voi=FULL), size=(120, 90))


@pytest.mark.parametrize("function", ["SIGMOID", "LINEAR_EXACT"])
def test_other_functions_and_inversion(function: str) -> None:
    voi = WindowVoi(center=1500, width=1000, function=function)
    judge(noise(rotated(10.0)), "coronal", Presentation(voi=voi, inverted=True), size=(120, 90))


def test_the_axial_plane_of_an_axial_stack_is_its_slice(chest: Volume) -> None:
    k = 40
    point = tuple((chest.world_from_voxel @ (0, 0, k, 1))[:3])
    presentation = Presentation(voi=WindowVoi(center=40, width=400))
    found = picture_of_plane(chest, "axial", point, presentation)  # type: ignore[arg-type]  # three floats
    grey = grey_values(chest.voxels[k], chest, WindowVoi(center=40, width=400), inverted=False)
    assert (found == grey).all()


def test_coronal_is_upright_with_the_patients_right_on_the_left() -> None:
    """A bright voxel to the left and near the head shows right and up, whichever way it was acquired."""
    for orientation, step in (
        (rotated(0.0), 2.0),
        (rotated(0.0), -2.0),
        (CORONAL, 2.0),
        (SAGITTAL, -2.0),
    ):
        box = noise(orientation, step)
        voxels = np.zeros_like(box.voxels)
        indices = np.array(list(np.ndindex(voxels.shape)))
        world = box.world_from_voxel @ np.c_[indices[:, ::-1], np.ones(len(indices))].T
        best = int(np.argmax(world[0] + world[2]))  # most left and most headwards
        voxels[tuple(indices[best])] = 4095
        bright = Volume(
            **{
                **{name: getattr(box, name) for name in Volume.__slots__},
                "voxels": voxels,
            }
        )
        point = tuple(world[:3, best])
        found = picture_of_plane(bright, "coronal", point, Presentation(voi=FULL))  # type: ignore[arg-type]  # three floats
        y, x = np.unravel_index(int(found.argmax()), found.shape)
        assert x > found.shape[1] / 2
        assert y < found.shape[0] / 2


def test_nearest_takes_no_value_in_between() -> None:
    box = noise(rotated(25.0))
    presentation = Presentation(voi=FULL, interpolation="nearest")
    found = picture_of_plane(box, "coronal", None, presentation, size=(200, 150))
    levels = set(grey_values(box.voxels, box, FULL, inverted=False).ravel().tolist()) | {0}
    assert set(found.ravel().tolist()) <= levels


def test_outside_stays_black_when_inverted() -> None:
    presentation = Presentation(voi=FULL, inverted=True)
    found = picture_of_plane(noise(rotated(25.0)), "axial", None, presentation, size=(300, 90))
    assert (found[:, :50] == 0).all()
