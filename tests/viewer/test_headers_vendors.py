"""Mosaics, diffusion and enhanced objects of real scanners, judged by dcm2niix.

dcm2niix stores rows from the feet or back upwards, we as they were sent; slices are compared by where they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.viewer.dcm2niix import Converted, convert
from viewer.decoding import decode_frame, parse_file
from viewer.geometry import world_from_pixel
from viewer.volume import FrameSource

CLOSE_MM = 0.02  # dcm2niix computes with single precision


def sources(folder: Path) -> list[tuple[Path, FrameSource]]:
    """Every frame of a folder's files."""
    return [
        (path, source)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for source in parse_file(path)[1]
    ]


def affine(source: FrameSource) -> np.ndarray:
    assert source.position is not None
    assert source.orientation is not None
    assert source.pixel_spacing_mm is not None
    return world_from_pixel(source.position, source.orientation, source.pixel_spacing_mm)


def slice_at(nifti: Converted, source: FrameSource) -> int:
    """The NIfTI slice that lies where the frame lies, its axes and spacing being the frame's."""
    ours, theirs = affine(source), nifti.world_from_voxel
    assert np.allclose(theirs[:3, 0], ours[:3, 0], atol=1e-4)
    assert np.allclose(theirs[:3, 1], -ours[:3, 1], atol=1e-4)
    count = nifti.voxels.shape[-3]
    corners = np.array([nifti.corner(source.rows - 1, k) for k in range(count)])
    distances = np.linalg.norm(corners - source.position, axis=1)
    assert distances.min() < CLOSE_MM
    return int(distances.argmin())


@pytest.mark.parametrize(
    ("folder", "tiles"),
    [
        ("mr_siemens_mosaic/ep2d_Asc_2", 36),
        ("mr_siemens_mosaic/ep2d_Asc_HF_10", 36),  # numbered from the head to the feet
        ("mr_brain_siemens_multiseries/relCBF", 12),  # 12 tiles in a grid of 4 x 4
        ("mr_brain_siemens_multiseries/Perfusion_Weighted", 12),
        ("mr_dwi_uih_dir16", 20),  # 20 tiles, five beside each other
    ],
)
def test_mosaics_lie_where_dcm2niix_puts_them(
    shared_data: Path, tmp_path: Path, folder: str, tiles: int
) -> None:
    """Place, order and pixels of every tile of the first file."""
    (nifti,) = convert(shared_data / folder, tmp_path / "nifti")
    voxels = nifti.voxels[0] if nifti.voxels.ndim == 4 else nifti.voxels
    first = min((shared_data / folder).iterdir())
    found = parse_file(first)[1]
    assert len(found) == tiles == voxels.shape[0]
    places = [slice_at(nifti, source) for source in found]
    assert sorted(places) == list(range(tiles))
    for source, k in zip(found, places, strict=True):
        assert source.tile is not None
        rescaled = decode_frame(first, source) * source.slope + source.intercept
        assert np.allclose(rescaled[::-1], voxels[k], atol=1e-3), source.tile


def test_the_same_mosaic_in_every_syntax_has_the_same_place(shared_data: Path) -> None:
    folder = shared_data / "transfer_syntaxes/dcm_qa_ts"
    places = {
        tuple((s.position, s.orientation, s.tile) for s in parse_file(path)[1])
        for path in folder.iterdir()
        if path.is_file()
    }
    (one,) = places
    assert len(one) == 35


def b_values(frames: Sequence[FrameSource]) -> list[float]:
    assert all(source.b_value is not None for source in frames)
    return sorted(source.b_value or 0.0 for source in frames)


def test_united_imagings_diffusion(shared_data: Path, tmp_path: Path) -> None:
    """One volume per file, in the order of dcm2niix's."""
    (nifti,) = convert(shared_data / "mr_dwi_uih_dir16", tmp_path / "nifti")
    files = sorted((shared_data / "mr_dwi_uih_dir16").iterdir())
    firsts = [parse_file(path)[1][0] for path in files]
    assert b_values(firsts) == pytest.approx(sorted(nifti.b_values), abs=0.01)
    ours = [s.diffusion_direction for s in firsts if s.b_value and s.b_value > 100]
    theirs = nifti.directions[nifti.b_values > 100]
    assert len(ours) == 16
    for direction in ours:
        assert np.linalg.norm(theirs - direction, axis=1).min() < 1e-3


def test_ges_b_values_with_the_creators_removed(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "mr_vendor_mix/ge/dti/001"
    (nifti,) = convert(folder, tmp_path / "nifti")
    found = [source for _, source in sources(folder)]
    assert b_values(found) == sorted(np.repeat(nifti.b_values, 4))
    weighted = [s.diffusion_direction for s in found if s.b_value]
    # (0019,10BB..BD) is 1, 0, 0 and the plane is axial: along the rows, from the left to the right.
    assert weighted == [(-1.0, 0.0, 0.0)] * 4


def test_philips_enhanced_diffusion(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "mr_vendor_mix/philips_enhanced/dti/001"
    (nifti,) = convert(folder, tmp_path / "nifti")
    found = [source for _, source in sources(folder)]
    assert b_values(found) == sorted(np.repeat(nifti.b_values, 8))
    directions = {s.diffusion_direction for s in found}
    assert len(directions) == 4
    assert None in directions
    for direction in directions - {None}:
        assert np.linalg.norm(nifti.directions - direction, axis=1).min() < 1e-3
    for source in found:
        slice_at(nifti, source)


def test_an_enhanced_series_of_siemens_lies_where_dcm2niix_puts_it(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "mr_enhanced/XA10"
    (nifti,) = convert(folder, tmp_path / "nifti")
    found = [source for _, source in sources(folder)]
    assert nifti.voxels.shape[:2] == (4, 6)
    assert sorted(slice_at(nifti, source) for source in found) == sorted([*range(6)] * 4)
    assert {source.temporal_position for source in found} == {1, 2, 3, 4}
    assert {source.echo_ms for source in found} == {30.0}


def test_frames_of_a_field_map_have_rescales_of_their_own(shared_data: Path) -> None:
    """Two kinds of picture in one instance: `dcmdump` shows their Pixel Value Transformations."""
    path = shared_data / "mr_enhanced/Philips/IM_0027_fMAP.dcm"
    found = parse_file(path)[1]
    kinds = {(s.image_type[3], s.slope, s.intercept, s.component) for s in found}
    assert kinds == {
        ("M", 1.27985347985347, 0.0, "M"),
        ("FIELD_MAP", 0.24420024420024, -500.0, "R"),
    }
    assert {s.dimensions[2] for s in found} == {2, 5}
    per_frame = pydicom.dcmread(path, stop_before_pixels=True).PerFrameFunctionalGroupsSequence
    for source, item in zip(found, per_frame, strict=True):
        assert source.position == tuple(item.PlanePositionSequence[0].ImagePositionPatient)
        window = item.FrameVOILUTSequence[0]
        assert source.windows[0].center == window.WindowCenter
        assert source.windows[0].width == window.WindowWidth


def test_a_perfusion_map_takes_its_unit_from_the_mapping_that_is_its_rescale(
    shared_data: Path,
) -> None:
    found = parse_file(shared_data / "pydicom_data/eCT_Supplemental.dcm")[1]
    assert [(s.slope, s.intercept, s.unit) for s in found] == [(1.0, -1024.0, "ml/100ml/s")] * 2
    assert [s.in_stack for s in found] == [2, 1]
