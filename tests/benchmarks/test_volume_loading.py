"""How long a series takes to become a volume, beside its peers and the codec's own limit.

Printed, never asserted. Run with `-s` to read the tables, with `--long` for 300 slices and the
memory of 2,500. Everything is measured in one run; shared machines differ: read the ratios. On a
busy machine read the processor time: what ours and the codec alone used, all processes together.
"""

from __future__ import annotations

import gc
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import psutil
import pydicom
import pytest

from tests.benchmarks.series_on_disk import SYNTAXES, located, real_slices, written
from tests.viewer.phantoms import dicom, encapsulated, saved
from viewer.cache import FrameCache
from viewer.decoding import parse_file
from viewer.loading import Loader
from viewer.sandbox import Child, Sandbox
from viewer.volume import DisplaySet, LocatedFrame

PRELOAD = ("viewer.decoding.filling",)
LIMIT = "tests.benchmarks.codec_limit"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(4 << 30, 60.0, preload=PRELOAD) as running:
        yield running


@pytest.fixture(scope="module")
def slices(shared_data: Path) -> list[np.ndarray[Any, Any]]:
    return real_slices(shared_data / "ct_chest_thin_lidc_0314")


@pytest.fixture
def count(pytestconfig: pytest.Config) -> int:
    return 300 if pytestconfig.getoption("--long") else 8


def seconds(work: Callable[[], Any], times: int = 1) -> float:
    taken = []
    for _ in range(times):
        gc.collect()
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def line(what: str, taken: float, ours: float) -> None:
    print(f"  {what:44} {taken * 1000:9.1f} ms   ratio to ours {taken / ours:6.2f}")


class Bench:
    """One series in one syntax, loaded by us."""

    def __init__(self, sandbox: Sandbox, paths: list[Path], area: Path) -> None:
        self.sandbox = sandbox
        self.paths = paths
        self.found = located(paths)
        self.area = area
        self.cpu_s = float("inf")

    def cold(self) -> float:
        """From the display set in hand to the mapped volume, nothing decoded before."""
        shutil.rmtree(self.area, ignore_errors=True)
        loader = Loader(self.sandbox, FrameCache(1 << 20), self.area)
        before = cpu_seconds(self.sandbox.pids)
        taken = seconds(lambda: loader.load_volume(self.found))
        self.cpu_s = min(self.cpu_s, cpu_seconds(self.sandbox.pids) - before)
        loader.close()
        return taken

    def again(self) -> float:
        loader = Loader(self.sandbox, FrameCache(1 << 20), self.area)
        taken = seconds(lambda: loader.load_volume(self.found))
        loader.close()
        return taken

    def first(self) -> float:
        """One frame in a warm child."""
        loader = Loader(self.sandbox, FrameCache(1 << 20), self.area / "none")
        taken = seconds(lambda: loader.load_frame(self.found.frames[len(self.paths) // 2]))
        loader.close()
        return taken


def cpu_seconds(pids: list[int]) -> float:
    """What these processes and this one have used."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return time.process_time() + sum(each.user + each.system for each in times)


def codec_limit(codec: str, found: DisplaySet) -> tuple[float, float]:
    """Two processes, each with half of the code streams in memory: seconds, processor seconds."""
    places = [(f.path, *f.source.fragments[0]) for f in found.frames]
    shape = (found.frames[0].source.rows, found.frames[0].source.columns)
    pair = [Child(4 << 30, 600.0, (LIMIT,)) for _ in range(2)]
    try:
        for n, child in enumerate(pair):
            child.call(f"{LIMIT}:prepare", codec, places[n::2], shape)

        def both() -> None:
            threads = [threading.Thread(target=c.call, args=(f"{LIMIT}:run",)) for c in pair]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        used = []
        for _ in range(3):
            before = cpu_seconds([child.pid for child in pair if child.pid])
            used.append(
                (seconds(both), cpu_seconds([child.pid for child in pair if child.pid]) - before)
            )
        return min(wall for wall, _ in used), min(cpu for _, cpu in used)
    finally:
        for child in pair:
            child.kill()


def bare_read(found: DisplaySet) -> None:
    source = found.frames[0].source
    out = np.empty((len(found.frames), source.rows, source.columns), dtype=np.uint16)
    for n, frame in enumerate(found.frames):
        with open(frame.path, "rb", buffering=0) as stream:  # noqa: PTH123 - the barest
            stream.seek(frame.source.fragments[0][0])
            stream.readinto(out[n].data.cast("B"))


def bare_limit(found: DisplaySet) -> tuple[float, float]:
    """Seconds and processor seconds of the bare read."""
    used = []
    for _ in range(5):
        before = time.process_time()
        used.append((seconds(lambda: bare_read(found)), time.process_time() - before))
    return min(wall for wall, _ in used), min(cpu for _, cpu in used)


def plain_pydicom(paths: list[Path]) -> None:
    first = pydicom.dcmread(paths[0])
    out = np.empty((len(paths), first.Rows, first.Columns), dtype=np.uint16)
    for n, path in enumerate(paths):
        out[n] = pydicom.dcmread(path).pixel_array


def simple_itk(paths: list[Path]) -> None:
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames([str(path) for path in paths])
    SimpleITK.GetArrayViewFromImage(reader.Execute())


def itk_series(paths: list[Path]) -> None:
    import itk

    itk.imread([str(path) for path in paths], itk.SS)


def gdcm_files(paths: list[Path]) -> None:
    import gdcm

    for path in paths:
        reader = gdcm.ImageReader()
        reader.SetFileName(str(path))
        assert reader.Read()
        pixels = reader.GetImage().GetBuffer().encode("utf-8", errors="surrogateescape")
        np.frombuffer(pixels, dtype=np.uint16)


def dicom_sdl(paths: list[Path]) -> None:
    import dicomsdl

    out: np.ndarray[Any, Any] | None = None
    for n, path in enumerate(paths):
        found = dicomsdl.open(str(path)).pixelData(storedvalue=True)
        if out is None:
            out = np.empty((len(paths), *found.shape), dtype=np.uint16)
        out[n] = found


PEERS: dict[str, Callable[[list[Path]], None]] = {
    "dicomsdl, into one array": dicom_sdl,
    "SimpleITK ImageSeriesReader": simple_itk,
    "ITK imread of a series": itk_series,
    "GDCM, file by file": gdcm_files,
    "pydicom with its plugins, into one array": plain_pydicom,
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_series_into_a_volume(
    sandbox: Sandbox, slices: list[np.ndarray[Any, Any]], tmp_path: Path, syntax: str, count: int
) -> None:
    paths = written(tmp_path / "files", slices, syntax, count)
    bench = Bench(sandbox, paths, tmp_path / "area")
    bench.first()
    bare_read(bench.found)
    ours = min(bench.cold() for _ in range(3))
    print(f"\n{syntax}, {count} x 512 x 512, load {os.getloadavg()[0]:.1f}")
    line("ours: display set in hand to mapped volume", ours, ours)
    if syntax == "uncompressed":
        limit = "bare read into one array"
        wall, cpu = bare_limit(bench.found)
    else:
        limit = "the codec alone, two processes"
        wall, cpu = codec_limit(syntax, bench.found)
    line(limit, wall, ours)
    print(
        f"  {'processor time: ours, that limit':44} {bench.cpu_s * 1000:9.1f} ms"
        f" {cpu * 1000:9.1f} ms, ours to the limit {bench.cpu_s / cpu:5.2f}"
    )
    line("ours again, after a restart", min(bench.again() for _ in range(3)), ours)
    line("ours, one frame in a warm child", min(bench.first() for _ in range(5)), ours)
    for name, peer in PEERS.items():
        try:
            line(name, seconds(lambda peer=peer: peer(paths)), ours)
        except Exception as error:  # a peer that cannot read it is told, not judged
            print(f"  {name:44} {type(error).__name__}")


def test_a_large_radiograph(sandbox: Sandbox, shared_data: Path, tmp_path: Path) -> None:
    source = pydicom.dcmread(
        shared_data
        / "demo/dx_chest_nih"
        / next(path.name for path in sorted((shared_data / "demo/dx_chest_nih").iterdir()))
    )
    small = source.pixel_array.astype(np.uint16)
    wide = np.kron(small, np.ones((3, 3), np.uint16))[:3000, :2500] << 4
    wide = (wide + np.random.default_rng(3).integers(0, 16, wide.shape)).astype(np.uint16)
    stream = bytes(imagecodecs.jpeg2k_encode(wide, level=0, reversible=True, codecformat="j2k"))
    ds = encapsulated(dicom(wide, BitsStored=12, HighBit=11), [stream], SYNTAXES["JPEG 2000"])
    path = saved(ds, tmp_path / "dx.dcm")
    frame = LocatedFrame(path=str(path), source=parse_file(path)[1][0])
    print(f"\nJPEG 2000, 3000 x 2500, {len(stream) >> 10} kB, load {os.getloadavg()[0]:.1f}")

    def fresh() -> Loader:
        return Loader(sandbox, FrameCache(1 << 26), tmp_path / "area")

    fresh().preview(frame, 1000)
    full = min(seconds(lambda: fresh().load_frame(frame)) for _ in range(3))
    line("full frame", full, full)
    line("preview of 1000 pixels", seconds(lambda: fresh().preview(frame, 1000), 3), full)
    line("thumbnail of 208 pixels", seconds(lambda: fresh().load_thumbnail(frame, 208), 3), full)
    line("pydicom", seconds(lambda: pydicom.dcmread(path).pixel_array), full)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("many", [2500, 5000])
def test_memory_of_a_long_series(
    slices: list[np.ndarray[Any, Any]], tmp_path: Path, many: int
) -> None:
    """Peak PSS of this process and its children, while a long series opens within 2 GB."""
    found = located(written(tmp_path / "files", slices, "RLE", many))
    gc.collect()
    with Sandbox(4 << 30, 60.0, preload=PRELOAD) as sandbox:
        sandbox.call("os:getpid")
        before = tree_pss()
        peak, stopped = [0], threading.Event()

        def watch() -> None:
            while not stopped.wait(0.1):
                peak[0] = max(peak[0], tree_pss())

        watcher = threading.Thread(target=watch)
        watcher.start()
        loader = Loader(sandbox, FrameCache(256 << 20), tmp_path / "area")
        begun = time.perf_counter()
        volume = loader.load_volume(found)
        taken = time.perf_counter() - begun
        int(volume.voxels.max())  # every page is looked at
        peak[0] = max(peak[0], tree_pss())
        stopped.set()
        watcher.join()
        megabytes = volume.voxels.nbytes >> 20
        print(
            f"\n{many} slices: {taken:.1f} s, volume {megabytes} MB reduced {volume.reduction}, "
            f"peak PSS {peak[0] >> 20} MB, {(before >> 20)} MB before"
        )
        loader.close()


def tree_pss() -> int:
    """Proportional set size of this process and all its children, bytes."""
    me = psutil.Process()
    total = 0
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
