"""A large radiograph in JPEG 2000: the reduced picture comes first, the whole one lies exactly over it."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt
import pytest

from tests.ui.image_bench import FACTS, PATIENT
from tests.ui.real_images import MOST_MS, RealImages, sets_of
from tests.viewer.phantoms import dicom, encapsulated, saved
from viewer.qt.drawing import Drawn
from viewer.qt.viewport import Viewport

JPEG_2000 = "1.2.840.10008.1.2.4.90"
ROWS, COLUMNS = 3000, 2500
# Bright discs on a dark ground, (row, column) of their centres; none is symmetric to another.
DISCS = ((300, 400), (700, 2100), (1480, 1250), (2650, 350), (2300, 2000))
RADIUS = 120.0


@pytest.fixture(scope="module")
def radiograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, columns = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
    values = np.full((ROWS, COLUMNS), 200, dtype=np.uint16)
    for row, column in DISCS:
        away = np.hypot(rows - row, columns - column)
        values += (3000 * np.clip(RADIUS - away + 0.5, 0, 1)).astype(np.uint16)
    stream = imagecodecs.jpeg2k_encode(
        values, level=0, codecformat="j2k", reversible=True, resolutions=6
    )
    ds = dicom(
        values, BitsStored=12, HighBit=11, Modality="DX", WindowCenter=2048, WindowWidth=4096
    )
    return saved(
        encapsulated(ds, [bytes(stream)], JPEG_2000), tmp_path_factory.mktemp("dx") / "a.dcm"
    )


def centres(drawn: Drawn, viewport: Viewport) -> npt.NDArray[np.float64]:
    """Where the discs lie on the canvas: the mean place of the light in a window around each."""
    scale = drawn.resolved.canvas_px_per_image_px
    width, height = viewport.canvas_size()
    left, top = (width - COLUMNS * scale) / 2, (height - ROWS * scale) / 2
    reach = round(RADIUS * scale) + 4
    found = []
    for row, column in DISCS:
        x, y = left + column * scale, top + row * scale
        x0, y0 = round(x) - reach, round(y) - reach
        part = drawn.picture[y0 : round(y) + reach + 1, x0 : round(x) + reach + 1].astype(
            np.float64
        )
        light = part - part.min()
        ys, xs = np.mgrid[: part.shape[0], : part.shape[1]]
        found.append((x0 + (light * xs).sum() / light.sum(), y0 + (light * ys).sum() / light.sum()))
    return np.array(found)


def test_the_reduced_picture_lies_where_the_whole_one_will(
    real_images: RealImages, radiograph: Path
) -> None:
    (images,) = sets_of(radiograph)
    drawn: list[Drawn] = []
    real_images.window.open_study(FACTS, [images], PATIENT)
    (viewport,) = real_images.window.viewports()
    viewport.drawn.connect(drawn.append)
    real_images.qtbot.waitUntil(lambda: len(drawn) >= 2, timeout=MOST_MS)
    real_images.settle()
    first, last = drawn[0], drawn[-1]
    assert (first.is_preview, last.is_preview) == (True, False)
    assert first.frame is None  # a reduced picture is not an image that was looked at
    assert last.frame is images.frames[0].source
    assert first.picture.shape == last.picture.shape
    away = centres(first, viewport) - centres(last, viewport)
    assert np.abs(away).max() < 0.5
    # On the canvas a stored pixel is a square around its centre: pixel 0 begins at 0.
    scale = last.resolved.canvas_px_per_image_px
    width, height = viewport.canvas_size()
    places = [
        (
            (width - COLUMNS * scale) / 2 + (column + 0.5) * scale - 0.5,
            (height - ROWS * scale) / 2 + (row + 0.5) * scale - 0.5,
        )
        for row, column in DISCS
    ]
    assert np.abs(centres(last, viewport) - np.array(places)).max() < 0.1
    # The same grey within the levels that the averaging of an edge costs.
    inner = np.abs(first.picture.astype(int) - last.picture.astype(int)) > 8
    assert inner.mean() < 0.02
