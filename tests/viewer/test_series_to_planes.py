"""From files to planes: whole series through headers, sets, loader and resampling, judged by other programs.

The tilted head phantom was scanned twice without being moved, once with the gantry leaning forwards and once backwards:
SimpleITK resamples slices that are shifted one by one, and the two scans must show one head. A PET whose slices have
slopes of their own is compared with the numbers it was made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK
from scipy.ndimage import map_coordinates

from tests.viewer.callees import InProcess
from tests.viewer.phantoms import dicom, loaded, saved
from viewer.cache import FrameCache
from viewer.geometry import Matrix, PlaneName
from viewer.loading import Loader
from viewer.render.plane import (
    picture_of_frame,
    picture_of_plane,
    resolved_plane,
    voxel_from_canvas,
)
from viewer.resampling import sample_plane
from viewer.view import Presentation, ResolvedView
from viewer.voi import WindowVoi
from viewer.volume import DisplaySet, Volume, display_sets

Array = np.ndarray[Any, Any]
sitk: Any = SimpleITK  # its functions carry no types
FORWARDS, BACKWARDS = "S3010", "S2010"
HU = WindowVoi(center=0.0, width=2000.0, function="LINEAR_EXACT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A series as the program loads it."""

    frames: DisplaySet
    volume: Volume


def opened(folder: Path, area: Path) -> Scan:
    (frames,) = display_sets(loaded(folder))
    loader = Loader(InProcess(), FrameCache(64 << 20), area)
    return Scan(frames=frames, volume=loader.load_volume(frames))


@pytest.fixture(scope="module")
def scans(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scan]:
    area = tmp_path_factory.mktemp("area")
    folder = shared_data / "ct_head_phantom_gantry_tilt"
    return {name: opened(folder / name, area / name) for name in (FORWARDS, BACKWARDS)}


def world_of(view: ResolvedView, x: float, y: float) -> Array:
    """World mm of the centre of a canvas pixel."""
    column, row, _ = view.image_from_canvas @ np.array([x + 0.5, y + 0.5, 1.0])
    assert view.geometry.world_from_pixel is not None
    point: Array = (view.geometry.world_from_pixel @ np.array([column, row, 0.0, 1.0]))[:3]
    return point


def upright(scan: Scan) -> Any:
    """The scan as SimpleITK sees it: each slice moved within its plane, so that they lie above each other."""
    headers = [pydicom.dcmread(f.path, stop_before_pixels=True) for f in scan.frames.frames]
    cosines = np.array(headers[0].ImageOrientationPatient, float)
    row, column = cosines[:3], cosines[3:]
    across = np.cross(row, column)
    between_rows, between_columns = (float(value) for value in headers[0].PixelSpacing)
    places = np.array([header.ImagePositionPatient for header in headers], float)
    order = np.argsort(places @ across)
    slices = []
    for index in order:
        image = sitk.ReadImage(scan.frames.frames[index].path)[..., 0]
        away = places[index] - places[order[0]]
        shift = (float(away @ row), float(away @ column))
        plane = sitk.Image(image.GetSize(), sitk.sitkFloat32)
        plane.SetSpacing((between_columns, between_rows))
        image.SetSpacing(plane.GetSpacing())
        image.SetOrigin(shift)
        image.SetDirection((1.0, 0.0, 0.0, 1.0))
        image = sitk.Cast(image, sitk.sitkFloat32)
        slices.append(sitk.Resample(image, plane, sitk.Transform(), sitk.sitkLinear, -1000.0))
    volume = sitk.JoinSeries(slices)
    step = float((places[order[-1]] - places[order[0]]) @ across) / (len(places) - 1)
    volume.SetSpacing((between_columns, between_rows, step))
    volume.SetOrigin(places[order[0]].tolist())
    volume.SetDirection(np.stack([row, column, across], axis=1).ravel().tolist())
    return volume


def resampled(image: Any, view: ResolvedView) -> Array:
    """SimpleITK's plane on the canvas of a view; NaN outside."""
    origin = world_of(view, 0, 0)
    right, down = world_of(view, 1, 0) - origin, world_of(view, 0, 1) - origin
    spacing = (float(np.linalg.norm(right)), float(np.linalg.norm(down)))
    right, down = right / spacing[0], down / spacing[1]
    canvas = sitk.Image((*view.canvas_size, 1), sitk.sitkFloat32)
    canvas.SetSpacing((*spacing, 1.0))
    canvas.SetOrigin(origin.tolist())
    canvas.SetDirection(np.stack([right, down, np.cross(right, down)], axis=1).ravel().tolist())
    plane = sitk.Resample(image, canvas, sitk.Transform(), sitk.sitkLinear, float("nan"))
    return np.asarray(sitk.GetArrayFromImage(plane)[0], np.float64)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("name", [FORWARDS, BACKWARDS])
def test_planes_of_tilted_scans_lie_where_simpleitk_has_them(
    scans: dict[str, Scan], name: str, plane: PlaneName
) -> None:
    """Shifting slices smooths their noise a little; a plane one pixel aside differs at least twice as much."""
    volume = scans[name].volume
    view = resolved_plane(volume, plane, None, None, None)
    theirs = np.clip(resampled(upright(scans[name]), view) / 2000 + 0.5, 0, 1) * 255
    ours = picture_of_plane(volume, plane, None, Presentation(voi=HU)).astype(np.float64)

    def away(shift: tuple[int, int]) -> float:
        moved = np.roll(theirs, shift, (0, 1))
        both = np.isfinite(moved) & (ours > 0)
        assert both.mean() > 0.2
        return float(np.abs(ours - moved)[both].mean())

    here = away((0, 0))
    assert here < 2.0
    assert min(away(shift) for shift in ((0, 1), (1, 0), (0, -1), (-1, 0))) > 2 * here


@pytest.mark.parametrize("plane", ["coronal", "sagittal"])
def test_two_tilts_show_one_head(scans: dict[str, Scan], plane: PlaneName) -> None:
    one, other = scans[FORWARDS].volume, scans[BACKWARDS].volume
    assert one.frame_of_reference == other.frame_of_reference
    view = resolved_plane(one, plane, None, None, None)
    ours, theirs = (sampled(volume, view) for volume in (one, other))

    def likeness(shift: int) -> float:
        moved = np.roll(theirs, shift, 1)
        both = np.isfinite(ours) & np.isfinite(moved)
        assert both.mean() > 0.3
        return float(np.corrcoef(ours[both], moved[both])[0, 1])

    assert likeness(0) > 0.94
    assert likeness(0) > max(likeness(-3), likeness(3)) + 0.01


def sampled(volume: Volume, view: ResolvedView) -> Array:
    matrix: Matrix = voxel_from_canvas(volume, view, 1.0)
    found: Array = sample_plane(volume.voxels, matrix, view.canvas_size)
    shown: Array = np.multiply(found, volume.slope)
    shown += volume.intercept
    return shown


SLICES = 60


def pet_series(folder: Path) -> Array:
    """A PET with another slope on every slice; the activity, (slice from the feet, row, column) in Bq/ml."""
    z, y, x = np.mgrid[:SLICES, :40, :50].astype(float)
    activity: Array = 2000 + 30 * z + 2000 * np.sin(x / 7) * np.cos(y / 6)
    activity += 5000 * np.exp(-((x - 25) ** 2 + (y - 20) ** 2) / 60)
    np.maximum(activity, 0.0, out=activity)
    for n in range(SLICES):
        slope = float(f"{activity[n].max() / (30_000 if n % 2 else 9_000) * (1 + n / 500):.6g}")
        stored = np.round(activity[n] / slope)
        activity[n] = stored * slope
        ds = dicom(stored.astype(np.uint16), number=n + 1, Modality="PT", Units="BQML")
        ds.SOPClassUID, ds.PixelRepresentation = "1.2.840.10008.5.1.4.1.1.128", 1
        ds.RescaleSlope, ds.RescaleIntercept = slope, 0
        ds.PixelSpacing, ds.ImagePositionPatient = [4, 4], [0, 0, 3.0 * n]
        ds.WindowCenter, ds.WindowWidth = 4000, 6000
        saved(ds, folder / f"{n}.dcm")
    return activity


def test_pet_slices_of_many_slopes_are_one_volume(tmp_path: Path) -> None:
    (tmp_path / "pet").mkdir()
    activity = pet_series(tmp_path / "pet")
    scan = opened(tmp_path / "pet", tmp_path / "area")
    frames, volume = scan.frames, scan.volume
    assert (len(frames.frames), volume.unit, frames.frames[0].source.unit) == (60, *["Bq/ml"] * 2)
    loader = Loader(InProcess(), FrameCache(64 << 20), tmp_path / "area")
    for voi in (None, WindowVoi(center=5000.0, width=3000.0)):
        look = Presentation(voi=voi)
        for located in frames.frames:
            ours = picture_of_plane(volume, "axial", located.source.position, look)
            np.testing.assert_array_equal(ours, picture_of_frame(loader.load_frame(located), look))
    # The coronal plane through row 20, in whole slices from the head down.
    point = (100.0, 80.0, 90.0)
    view = resolved_plane(volume, "coronal", point, None, None)
    columns = np.array([world_of(view, x, 0)[0] / 4 for x in range(view.canvas_size[0])])
    heights = [world_of(view, 0, y)[2] / 3 for y in range(view.canvas_size[1])]
    assert heights == pytest.approx(np.arange(SLICES)[::-1])
    at = np.meshgrid(np.arange(SLICES - 1, -1, -1.0), columns, indexing="ij")
    expected = map_coordinates(activity, [at[0], np.full(at[0].shape, 20.0), at[1]], order=1)
    grey = np.floor(np.clip((expected - 3999.5) / 5999 + 0.5, 0, 1) * 255 + 1e-6)
    inside = (columns >= 0) & (columns <= 49)
    found = picture_of_plane(volume, "coronal", point, Presentation())
    assert np.abs(found.astype(int) - grey)[:, inside].max() <= 1
