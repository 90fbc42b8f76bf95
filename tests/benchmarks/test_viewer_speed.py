"""How long opening and drawing take, measured side by side and printed; nothing is asserted.

Run with `-s` to read the table. Shared machines differ: read the ratios, not the milliseconds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer import resampling
from viewer.cache import FrameCache
from viewer.decoding import decode_frame, parse_file
from viewer.loading import Loader
from viewer.render import vtk_reslice
from viewer.render.plane import picture_of_frame, picture_of_plane
from viewer.sandbox import Sandbox
from viewer.view import Presentation, Slab, ViewState
from viewer.voi import WindowVoi, default_voi
from viewer.volume import DisplaySet, Frame, LocatedFrame, Volume, display_sets

SERIES = ("demo/ct_chest_lidc_0314_3mm", "demo/mr_brain_t1_defaced")
CANVAS = (1000, 800)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(4 << 30, 60.0, preload=("viewer.decoding",)) as running:
        running.call("os.path:exists", ".")
        time.sleep(2.0)  # the spare warms up too, as it has when a reader clicks
        yield running


def parsed(folder: Path) -> DisplaySet:
    frames = [
        LocatedFrame(path=str(path), source=source)
        for path in sorted(folder.glob("*.dcm"))
        for source in parse_file(path)[1]
    ]
    return display_sets(frames)[0]


def median_ms(work: Callable[[], Any], times: int = 7) -> float:
    work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def row(what: str, ours_ms: float, other: str = "", other_ms: float | None = None) -> None:
    beside = f"   {other}: {other_ms:8.1f} ms   ratio {other_ms / ours_ms:5.2f}" if other_ms else ""
    print(f"{what:52} {ours_ms:8.1f} ms{beside}")


@pytest.mark.parametrize("name", SERIES)
def test_opening(shared_data: Path, tmp_path: Path, sandbox: Sandbox, name: str) -> None:
    begun = time.perf_counter()
    found = parsed(shared_data / name)
    print(f"\n{name}: {len(found.frames)} slices")
    row("parse all headers (at import, once)", (time.perf_counter() - begun) * 1000)
    loader = Loader(sandbox, FrameCache(1 << 28), tmp_path / "area")
    presentation = Presentation(voi=WindowVoi(center=40, width=400))
    begun = time.perf_counter()
    frame = loader.load_frame(found.frames[found.middle_index])
    picture_of_frame(frame, presentation, ViewState(), CANVAS)
    row("first picture after the click, 1000 x 800", (time.perf_counter() - begun) * 1000)
    first: list[float] = []
    begun = time.perf_counter()
    loader.load_volume(
        found, progress=lambda *_: first.append((time.perf_counter() - begun) * 1000)
    )
    whole = (time.perf_counter() - begun) * 1000
    row("first slice of the volume", first[0])
    begun = time.perf_counter()
    plain = np.stack([decode_frame(f.path, f.source) for f in found.frames])
    row(
        "whole series ready",
        whole,
        "one thread, in this process",
        (time.perf_counter() - begun) * 1000,
    )
    print(f"{'':52} {plain.nbytes >> 20:8d} MB")
    loader.close()
    again = Loader(sandbox, FrameCache(1 << 28), tmp_path / "area")
    begun = time.perf_counter()
    again.load_volume(found)
    row("second opening", (time.perf_counter() - begun) * 1000)
    again.close()


FRAMES = (*SERIES, "demo/dx_chest_nih")
CANVASES = ((1000, 800), (1900, 1000))


@pytest.mark.parametrize("name", FRAMES)
def test_scrolling(shared_data: Path, name: str) -> None:
    """A frame that is at hand to finished grey, as every step of the wheel makes one; 60 a second are 16.7 ms each."""
    found = parsed(shared_data / name)
    located = found.frames[found.middle_index]
    frame = Frame(pixels=decode_frame(located.path, located.source), source=located.source)
    look = Presentation(voi=default_voi(frame.source, frame.pixels))
    print(f"\n{name}: {frame.pixels.shape[1]} x {frame.pixels.shape[0]}")
    for size in CANVASES:
        taken = median_ms(lambda size=size: picture_of_frame(frame, look, ViewState(), size), 15)
        begun = time.process_time()
        picture_of_frame(frame, look, ViewState(), size)
        processor = (time.process_time() - begun) * 1000
        row(f"picture {size[0]} x {size[1]} (processor {processor:.1f} ms)", taken)


def opened(folder: Path) -> Volume:
    found = parsed(folder)
    voxels = np.stack([decode_frame(f.path, f.source) for f in found.frames])
    first = found.frames[0].source
    assert found.world_from_voxel is not None
    assert found.spacing_mm is not None
    return Volume(
        voxels=voxels,
        world_from_voxel=found.world_from_voxel,
        slope=first.slope,
        intercept=first.intercept,
        unit=first.unit,
        spacing_mm=found.spacing_mm,
        frame_of_reference=found.frame_of_reference,
        series_uid=found.series_uid,
        stored_minimum=first.stored_minimum,
        stored_maximum=first.stored_maximum,
        source=first,
    )


@pytest.mark.parametrize("name", SERIES)
def test_drawing(shared_data: Path, name: str) -> None:
    begun = time.perf_counter()
    resampling.warm_up()
    print(f"\n{name}: kernels warm after {time.perf_counter() - begun:.2f} s")
    box = opened(shared_data / name)
    presentation = Presentation(voi=WindowVoi(center=40, width=400))
    for plane in ("axial", "coronal", "sagittal"):
        state = ViewState(kind="plane", plane=plane)
        for slab in (None, Slab(mode="maximum", thickness_mm=20.0)):

            def draw(module: Any, plane: Any = plane, state: Any = state, slab: Any = slab) -> Any:
                return module(box, plane, None, presentation, state, size=CANVAS, slab=slab)

            ours = median_ms(lambda draw=draw: draw(picture_of_plane))
            vtk = median_ms(lambda draw=draw: draw(vtk_reslice.picture_of_plane), times=3)
            thick = "20 mm maximum" if slab else "thin"
            row(f"{plane}, {thick}, 1000 x 800", ours, "vtkImageReslice", vtk)
