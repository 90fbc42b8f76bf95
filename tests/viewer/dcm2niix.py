"""dcm2niix as a judge of place and diffusion: its NIfTI affine, b-values and directions, in DICOM's world.

NIfTI's world is (right, front, head) positive, DICOM's (left, back, head). A .bvec is in the image's axes, its first
component turned round where the affine's determinant is positive (FSL's convention).
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK

from tests.peers import require_program

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """One NIfTI file: voxels by [time,] slice, row, column, and (column, row, slice, 1) to DICOM's world."""

    voxels: Array
    world_from_voxel: Array
    b_values: Array
    directions: Array

    def corner(self, row: int, k: int) -> Array:
        """Where the first pixel of a stored row of slice k lies."""
        return (self.world_from_voxel @ [0, row, k, 1])[:3]


def convert(folder: Path, out: Path) -> list[Converted]:
    """What dcm2niix makes of a folder of DICOM files."""
    out.mkdir()
    program = require_program("dcm2niix")
    command = [program, "-b", "n", "-z", "n", "-f", "%s_%d", "-o", str(out), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [_read(path) for path in sorted(out.glob("*.nii"))]


def _read(path: Path) -> Converted:
    image = SimpleITK.ReadImage(str(path))
    axes = image.GetDimension()
    # ITK turns NIfTI's world into DICOM's by itself.
    direction = np.array(image.GetDirection()).reshape(axes, axes)[:3, :3]
    affine = np.eye(4)
    affine[:3, :3] = direction * np.array(image.GetSpacing()[:3])
    affine[:3, 3] = image.GetOrigin()[:3]
    values, vectors = path.with_suffix(".bval"), path.with_suffix(".bvec")
    found = np.atleast_1d(np.loadtxt(values)) if values.exists() else np.zeros(0)
    towards = np.loadtxt(vectors).reshape(3, -1).T if vectors.exists() else np.zeros((0, 3))
    nifti = np.diag([-1.0, -1.0, 1.0]) @ direction
    turned = towards * ([-1, 1, 1] if np.linalg.det(nifti) > 0 else [1, 1, 1])
    return Converted(
        voxels=SimpleITK.GetArrayFromImage(image),
        world_from_voxel=affine,
        b_values=found,
        directions=turned @ direction.T,
    )
