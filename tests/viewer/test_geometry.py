"""Directions and affines against the equations of PS3.3 C.7.6.2.1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from viewer.geometry import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    inverse,
    is_orientation,
    nearest_plane,
    normal,
    orientation_letters,
    slice_position,
    transform,
    world_from_pixel,
)


def test_columns_move_along_the_row_direction_by_the_second_spacing() -> None:
    affine = world_from_pixel((10.0, 20.0, 30.0), (1, 0, 0, 0, 1, 0), (2.0, 0.5))
    assert transform(affine, (4, 3, 0)) == (10 + 4 * 0.5, 20 + 3 * 2.0, 30)


def test_oblique_affine_is_the_standards_equation() -> None:
    row = np.array([math.cos(0.3), math.sin(0.3), 0])
    column = np.array([0, 0, -1.0])
    affine = world_from_pixel((1, 2, 3), [*row, *column], (0.7, 0.4))
    assert transform(affine, (5, 6, 0)) == pytest.approx(
        np.array([1, 2, 3]) + row * 0.4 * 5 + column * 0.7 * 6
    )


def test_planes_are_radiological() -> None:
    assert orientation_letters(AXIAL.right) == "L"
    assert orientation_letters(AXIAL.down) == "P"
    assert AXIAL.into_screen == (0, 0, 1)  # seen from the feet
    assert orientation_letters(CORONAL.right) == "L"
    assert orientation_letters(CORONAL.down) == "F"
    assert CORONAL.into_screen == (0, 1, 0)  # seen from the front
    assert orientation_letters(SAGITTAL.right) == "P"
    assert orientation_letters(SAGITTAL.down) == "F"
    assert SAGITTAL.into_screen == (-1, 0, 0)  # seen from the patient's left


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "H"),
        ((0, 0, -1), "F"),
        ((0.8, -0.6, 0), "LA"),
        ((-0.3, 0.2, 0.93), "HRP"),
        ((0.999, 0.04, 0), "L"),
        ((70, 70.1, 0), "PL"),
    ],
)
def test_letters(direction: tuple[float, float, float], letters: str) -> None:
    assert orientation_letters(direction) == letters


def test_slice_position_is_the_distance_along_the_normal() -> None:
    assert slice_position((1, 0, 0, 0, 1, 0), (5, 6, 7)) == 7
    assert slice_position((1, 0, 0, 0, 0, -1), (5, 6, 7)) == 6
    assert slice_position((0, 1, 0, 0, 0, -1), (5, 6, 7)) == -5


def test_normal_is_a_unit_vector_of_unclean_cosines() -> None:
    assert np.linalg.norm(normal((0.9998, 0, 0, 0, 0.9997, 0))) == pytest.approx(1)


def test_nearest_plane() -> None:
    assert nearest_plane((1, 0, 0, 0, 0.9, 0.436)) == "axial"
    assert nearest_plane((1, 0, 0, 0, 0.436, -0.9)) == "coronal"
    assert nearest_plane((0, 1, 0, 0, 0, -1)) == "sagittal"


def test_what_is_no_orientation_is_refused() -> None:
    assert is_orientation((1, 0, 0, 0, 1, 0))
    assert not is_orientation((1, 0, 0, 1, 0, 0))
    assert not is_orientation((0, 0, 0, 0, 0, 0))
    assert not is_orientation((1, 0, 0, 0, math.nan, 0))
    assert not is_orientation((1, 0, 0))


def test_inverse() -> None:
    affine = world_from_pixel((1, 2, 3), (1, 0, 0, 0, 0, -1), (0.7, 0.4))
    assert inverse(affine) @ affine == pytest.approx(np.eye(4))
