"""The demo studies on the screen: real files, the real loader in its child process, the real runner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.image_bench import lines
from tests.ui.real_images import MOST_MS, RealImages, sets_of
from viewer.decoding import decode_frame
from viewer.qt.viewport import Viewport
from viewer.render.plane import picture_of_frame, picture_of_plane
from viewer.view import Presentation
from viewer.volume import DisplaySet, Frame

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"


def a_series(name: str) -> DisplaySet:
    (images,) = sets_of(*sorted((DEMO / name).glob("*.dcm")))
    return images


def frame_picture(viewport: Viewport) -> np.ndarray:
    assert viewport.images is not None
    located = viewport.images.display_set.frames[viewport.state.index]
    frame = Frame(pixels=decode_frame(located.path, located.source), source=located.source)
    look = replace(viewport.viewing.presentation, voi=viewport.presentation.voi)
    return picture_of_frame(frame, look, viewport.state, viewport.canvas_size())


@pytest.mark.parametrize(
    ("name", "count", "letters"),
    [
        ("ct_chest_lidc_0314_3mm", 92, {"R", "L", "A", "P"}),
        ("mr_brain_t1_defaced", 96, {"R", "L", "AH", "PF"}),
    ],
)
def test_a_demo_series_on_the_screen(
    real_images: RealImages, name: str, count: int, letters: set[str]
) -> None:
    images, window = a_series(name), real_images.window
    with real_images.qtbot.waitSignal(window.seriesReady, timeout=MOST_MS):
        viewport = real_images.open([images])
    assert np.array_equal(viewport.picture(), frame_picture(viewport))
    assert letters <= set(lines(viewport))
    assert f"{count // 2 + 1} / {count}" in lines(viewport)
    QTest.keyClick(viewport, Qt.Key.Key_M)
    real_images.settle()
    volume = real_images.loader.load_volume(images)
    for shown in window.viewports():
        look = Presentation(voi=shown.presentation.voi)
        state, size = shown.state, shown.canvas_size()
        expected = picture_of_plane(volume, state.plane, state.point_world, look, state, size=size)
        assert np.array_equal(shown.picture(), expected)
        assert expected.std() > 20  # a picture, not a grey field


def test_the_demo_radiograph_on_the_screen(real_images: RealImages) -> None:
    viewport = real_images.open([a_series("dx_chest_nih")])
    assert np.array_equal(viewport.picture(), frame_picture(viewport))
    button = real_images.window.tool_bar.layout_button("mpr")
    assert not button.isEnabled()
    assert button.toolTip() == "Projection images form no volume."
