"""Single pictures: who waits is served first, large ones come smaller first, overlays come once."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest

from tests.viewer.callees import InProcess, ramp, series
from tests.viewer.phantoms import dicom, encapsulated, only_set, saved
from viewer.cache import FrameCache
from viewer.decoding import filling, parse_file
from viewer.geometry import transform, world_from_pixel
from viewer.loading import Loader, Priority
from viewer.volume import FrameSource, ImageError, LocatedFrame, Tile

JPEG_2000 = "1.2.840.10008.1.2.4.90"


def smooth(rows: int, columns: int) -> np.ndarray[Any, Any]:
    """Grey that changes slowly, so that a mean is like its neighbours."""
    row, column = np.mgrid[:rows, :columns]
    return ((row / rows + column / columns) * 2000).astype(np.uint16)


def large(folder: Path, rows: int = 1500, columns: int = 1400) -> LocatedFrame:
    pixels = smooth(rows, columns)
    stream = bytes(imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k"))
    path = saved(encapsulated(dicom(pixels), [stream], JPEG_2000), folder / "large.dcm")
    return LocatedFrame(path=str(path), source=parse_file(path)[1][0])


def loader_of(sandbox: InProcess, folder: Path) -> Loader:
    return Loader(sandbox, FrameCache(64 << 20), folder / "area")


def corner_world(source: FrameSource) -> np.ndarray[Any, Any]:
    """World points of the picture's first and last corner, outside edges of the pixels."""
    assert source.position is not None
    assert source.orientation is not None
    assert source.pixel_spacing_mm is not None
    affine = world_from_pixel(source.position, source.orientation, source.pixel_spacing_mm)
    far = (source.columns - 0.5, source.rows - 0.5, 0.0)
    return np.array([transform(affine, (-0.5, -0.5, 0.0)), transform(affine, far)])


def test_a_preview_is_smaller_in_the_same_place(tmp_path: Path) -> None:
    frame, sandbox = large(tmp_path), InProcess()
    loader = loader_of(sandbox, tmp_path)
    found = loader.preview(frame, 500)
    assert found is not None
    assert (found.source.rows, found.source.columns) == found.pixels.shape == (750, 700)
    assert found.source.pixel_spacing_mm == (1.0, 1.0)
    assert corner_world(found.source) == pytest.approx(corner_world(frame.source))
    full = smooth(1500, 1400).astype(np.float64)
    means = full.reshape(750, 2, 700, 2).mean(axis=(1, 3))
    assert np.abs(found.pixels - means).max() < 8
    assert sandbox.priorities == [Priority.INTERACTION]
    whole = loader.load_frame(frame)
    assert (whole.pixels == smooth(1500, 1400)).all()
    assert loader.preview(frame, 500) is None  # it is here already


@pytest.mark.parametrize(("rows", "columns", "most_px"), [(200, 200, 50), (1500, 1400, 900)])
def test_no_preview_where_the_whole_is_as_quick(
    tmp_path: Path, rows: int, columns: int, most_px: int
) -> None:
    sandbox = InProcess()
    assert loader_of(sandbox, tmp_path).preview(large(tmp_path, rows, columns), most_px) is None
    assert sandbox.targets == []


def test_thumbnails_of_large_frames_are_small_and_not_kept(tmp_path: Path) -> None:
    frame, sandbox = large(tmp_path), InProcess()
    cache = FrameCache(64 << 20)
    loader = Loader(sandbox, cache, tmp_path / "area")
    found = loader.load_thumbnail(frame, 100)
    assert 100 <= max(found.pixels.shape) < 200
    assert found.pixels.shape == (found.source.rows, found.source.columns)
    assert sandbox.priorities == [Priority.THUMBNAIL]
    assert cache.held_bytes == 0


def test_a_large_plain_frame_is_averaged_in_the_child(tmp_path: Path) -> None:
    pixels = smooth(1100, 1000)
    path = saved(dicom(pixels), tmp_path / "plain.dcm")
    frame = LocatedFrame(path=str(path), source=parse_file(path)[1][0])
    found = loader_of(InProcess(), tmp_path).load_thumbnail(frame, 100)
    assert found.pixels.shape == (100, 91)
    assert found.pixels[3, 4] == int(np.floor(pixels[33:44, 44:55].mean() + 0.5))


def test_a_thumbnail_of_a_small_frame_is_the_frame(tmp_path: Path) -> None:
    sandbox = InProcess()
    loader = loader_of(sandbox, tmp_path)
    frame = series(tmp_path, 1).frames[0]
    assert (loader.load_thumbnail(frame, 2).pixels == ramp(1)).all()
    assert loader.load_frame(frame).pixels.shape == (4, 5)
    assert sandbox.priorities == [Priority.THUMBNAIL]


def with_overlay(_number: int, ds: pydicom.Dataset) -> None:
    ds.add_new(0x60000010, "US", 4)
    ds.add_new(0x60000011, "US", 5)
    ds.add_new(0x60000040, "CS", "G")
    ds.add_new(0x60000050, "SS", [1, 1])
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", (0b10000_00001).to_bytes(4, "little"))


def test_overlays_are_decoded_once_and_asked_for_only_where_there_are_any(tmp_path: Path) -> None:
    sandbox = InProcess()
    loader = loader_of(sandbox, tmp_path)
    assert loader.load_overlays(series(tmp_path / "without", 1).frames[0]) == ()
    assert sandbox.targets == []
    frame = series(tmp_path / "with", 1, change=with_overlay).frames[0]
    (plane,) = loader.load_overlays(frame)
    assert np.argwhere(plane.bits).tolist() == [[0, 0], [1, 4]]
    assert not plane.bits.flags.writeable
    assert loader.load_overlays(frame)[0] is plane
    assert sandbox.targets == ["decode_overlays"]


def test_two_who_want_one_frame_wait_for_one_decoding(tmp_path: Path) -> None:
    frame = series(tmp_path, 1).frames[0]
    begun, go = threading.Event(), threading.Event()

    class Held(InProcess):
        def before(self, name: str, args: object) -> None:
            begun.set()
            assert go.wait(10)

    sandbox = Held()
    loader = loader_of(sandbox, tmp_path)
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(loader.load_frame(frame).pixels))
        for _ in range(2)
    ]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    while not loader._singles._pending:
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert all((pixels == ramp(1)).all() for pixels in found)
    assert len(sandbox.targets) == 1


def test_who_is_more_urgent_does_not_wait_for_who_is_less(tmp_path: Path) -> None:
    frame = series(tmp_path, 1).frames[0]
    begun, go = threading.Event(), threading.Event()

    class Held(InProcess):
        def before(self, name: str, args: object) -> None:
            if self.priorities[-1] is Priority.PREFETCH:
                begun.set()
                assert go.wait(10)

    loader = loader_of(Held(), tmp_path)
    early = threading.Thread(target=lambda: loader.load_frame(frame, priority=Priority.PREFETCH))
    early.start()
    assert begun.wait(10)
    assert (loader.load_frame(frame).pixels == ramp(1)).all()
    go.set()
    early.join()


def test_a_failure_is_told_to_all_and_not_kept(tmp_path: Path) -> None:
    frame = series(tmp_path, 1).frames[0]
    path = Path(frame.path)
    content = path.read_bytes()
    path.write_bytes(content[:-10])
    loader = loader_of(InProcess(), tmp_path)
    with pytest.raises(ImageError, match="truncated"):
        loader.load_frame(frame)
    path.write_bytes(content)
    assert (loader.load_frame(frame).pixels == ramp(1)).all()


def test_a_mosaic_is_decoded_once_for_all_its_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ramp(1, (8, 10))
    path = saved(dicom(whole), tmp_path / "mosaic.dcm")
    (coded,) = parse_file(path)[1]
    places = [(0, 0), (5, 0), (0, 4), (5, 4)]
    frames = [
        LocatedFrame(
            path=str(path),
            source=replace(
                coded,
                rows=4,
                columns=5,
                position=(0.0, 0.0, -2.0 * number),
                tile=Tile(number=number, left=left, top=top, coded_columns=10, coded_rows=8),
            ),
        )
        for number, (left, top) in enumerate(places, start=1)
    ]
    decodings: list[object] = []
    real = filling.decode_frame
    monkeypatch.setattr(
        filling, "decode_frame", lambda *args: (decodings.append(args), real(*args))[1]
    )
    loader = loader_of(InProcess(), tmp_path)
    volume = loader.load_volume(only_set(frames))
    for slice_, (left, top) in zip(volume.voxels, places, strict=True):
        assert (slice_ == whole[top : top + 4, left : left + 5]).all()
    assert len(decodings) == 1
    loader.close()
