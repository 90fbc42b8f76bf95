"""What dcm2niix makes of files that hold several slices each: where they lie, what is in them, how they are weighted.

The second opinion of the golden table (make.py). NIfTI-1 is read here by its bytes. Knows nothing of the program.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom

Pixels = npt.NDArray[Any]
Block = dict[str, Any]

DCM2NIIX = "/usr/bin/dcm2niix"
DCMDJPLS = "/usr/bin/dcmdjpls"
JPEG_LS = "1.2.840.10008.1.2.4.80"


def nifti(path: Path, name: str) -> Block:
    """One file through dcm2niix: how many slices and times, the step, and three places in world with their values."""
    voxels, affine, _, _ = _converted(path, "-s", "y")
    voxels, affine = _slices_last(voxels, affine, path)
    across = np.cross(affine[:3, 0], affine[:3, 1])
    step = abs(float(affine[:3, 2] @ across / np.linalg.norm(across)))
    places = ((0.5, 0.5, 0.5, 0.0), (0.4, 0.6, 0.0, 0.0), (0.6, 0.4, 0.99, 0.99))
    return {
        "file": name.rpartition("/")[2], "size": list(voxels.shape), "step_mm": round(step, 4),
        "points": [_voxel(voxels, affine, at) for at in places],
    }  # fmt: skip


def diffusion(folder: Path, names: Sequence[str]) -> list[Block]:
    """b-value in s/mm2 and direction in world of every file, or of every time in the only file, from dcm2niix.

    The whole folder makes one series of volumes; a file belongs to the volume that holds its pixels.
    """
    voxels, affine, b_values, vectors = _converted((folder / names[0]).parent)
    directions = _in_world(affine, vectors)
    if len(names) == 1:
        return [_weighting(names[0], b, d) for b, d in zip(b_values, directions, strict=True)]
    found = []
    for name in names:
        own = np.sort(_converted(folder / name, "-s", "y")[0], axis=None)
        size = own.size // int(np.prod(voxels.shape[:2]))
        (time,) = (
            t
            for t in range(voxels.shape[3])
            for k in range(0, voxels.shape[2], size)
            if np.array_equal(np.sort(voxels[:, :, k : k + size, t], axis=None), own)
        )
        found.append(_weighting(name, b_values[time], directions[time]))
    return found


def _weighting(name: str, b_value: float, direction: Pixels) -> Block:
    weighting: Block = {"file": name.rpartition("/")[2], "b_value": b_value}
    if direction.any():
        weighting["direction"] = [round(float(v), 4) for v in direction]
    return weighting


def _slices_last(voxels: Pixels, affine: Pixels, path: Path) -> tuple[Pixels, Pixels]:
    """The axes of the image with the one across the file's slices third: dcm2niix turns sagittal volumes."""
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    shared = ds.get("SharedFunctionalGroupsSequence") or [ds]
    own = ds.get("PerFrameFunctionalGroupsSequence") or [ds]
    (cosines,) = {
        tuple(float(v) for v in item.ImageOrientationPatient)
        for part in (own[0], shared[0], ds)
        for item in (part.get("PlaneOrientationSequence") or [part])
        if "ImageOrientationPatient" in item
    }
    across = np.cross(cosines[:3], cosines[3:]) * (-1, -1, 1)
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    third = int(np.argmax(np.abs(across @ axes)))
    order = [axis for axis in range(3) if axis != third] + [third]
    turned = np.eye(4)
    turned[:3] = affine[:3, [*order, 3]]
    return np.moveaxis(voxels, order, (0, 1, 2)), turned


def _in_world(affine: Pixels, vectors: Pixels) -> Pixels:
    """FSL's b-vectors (along the voxel axes, x turned round where the affine is right-handed) as DICOM directions."""
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    turned = vectors * ((-1, 1, 1) if np.linalg.det(affine[:3, :3]) > 0 else (1, 1, 1))
    return turned @ axes.T * (-1, -1, 1)


def _converted(path: Path, *options: str) -> tuple[Pixels, Pixels, list[float], Pixels]:
    """Scaled voxels, affine, b-values and b-vectors of the first image that dcm2niix makes of a file or folder."""
    with tempfile.TemporaryDirectory() as folder:
        if path.is_file() and str(pydicom.dcmread(path).file_meta.TransferSyntaxUID) == JPEG_LS:
            plain = Path(folder) / "plain.dcm"  # Debian's dcm2niix reads no JPEG-LS
            subprocess.run([DCMDJPLS, str(path), str(plain)], check=True, capture_output=True)
            path = plain
        subprocess.run(
            [DCM2NIIX, *options, "-b", "n", "-z", "n", "-p", "n", "-f", "out", "-o", folder, str(path)],
            check=True, capture_output=True,
        )  # fmt: skip
        image = min(Path(folder).glob("out*.nii"))
        values, vectors = image.with_suffix(".bval"), image.with_suffix(".bvec")
        b_values = [float(v) for v in values.read_text().split()] if values.exists() else []
        lines = vectors.read_text().splitlines() if vectors.exists() else []
        directions = np.array([[float(v) for v in line.split()] for line in lines]).T
        return (*_read_nifti(image), b_values, directions)


def _voxel(voxels: Pixels, affine: Pixels, at: tuple[float, ...]) -> Block:
    index = tuple(int(size * part) for size, part in zip(voxels.shape, at, strict=False))
    right, front, up = (affine @ [*index[:3], 1.0])[:3]
    return {
        "time": index[3] if len(index) > 3 else 0,
        "world": [
            round(float(v), 3) for v in (-right, -front, up)
        ],  # NIfTI points right and forward, DICOM left and back
        "value": round(float(voxels[index]), 6),
    }


def _read_nifti(path: Path) -> tuple[Pixels, Pixels]:
    """Scaled voxels (i, j, k[, t]) and the sform affine of a NIfTI-1 file (nifti1.h)."""
    data = path.read_bytes()
    sizes = np.frombuffer(data, "<i2", 8, 40)
    kind = {2: "u1", 4: "<i2", 8: "<i4", 16: "<f4", 512: "<u2"}[
        int(np.frombuffer(data, "<i2", 1, 70)[0])
    ]
    start, slope, shift = (float(v) for v in np.frombuffer(data, "<f4", 3, 108))
    shape = tuple(int(v) for v in sizes[1 : 1 + sizes[0]])
    voxels = np.frombuffer(data, kind, int(np.prod(shape)), int(start)).reshape(shape, order="F")
    affine = np.eye(4)
    affine[:3] = np.frombuffer(data, "<f4", 12, 280).reshape(3, 4)
    return voxels * (slope or 1.0) + shift, affine
