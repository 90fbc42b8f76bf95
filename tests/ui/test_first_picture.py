"""What is made before the first study is opened, so that the first picture does not wait for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.image_bench import Bench, frame_picture
from viewer.qt.viewport import Viewport


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.loader.may_finish = lambda: True
    made.runner.close()


def test_the_viewport_made_beforehand_is_the_first_study_s(bench: Bench) -> None:
    assert not bench.images.findChildren(Viewport)
    bench.images.prepare()
    bench.images.prepare()
    (made,) = bench.images.findChildren(Viewport)
    assert not made.isVisible()
    assert not bench.images.viewports()
    bench.open()
    bench.settle()
    assert bench.images.viewports() == [made]
    assert made.isVisible()
    shown = made.picture()
    assert shown is not None
    assert (shown == frame_picture(made)).all()
