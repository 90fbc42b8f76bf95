"""Runs in a child: nothing but the codec, on bytes in memory, into an array that is already there."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

Work = tuple[Callable[[bytes, Any], Any], list[bytes], np.ndarray[Any, Any]]
_held: list[Work] = []


def prepare(codec: str, places: list[tuple[str, int, int]], shape: tuple[int, int]) -> int:
    """Reads the code streams; the array's memory is touched once before."""
    streams = []
    for path, offset, length in places:
        with Path(path).open("rb") as stream:
            stream.seek(offset)
            streams.append(stream.read(length))
    out = np.ones((len(streams), *shape), dtype=np.uint16)
    _held[:] = [(CODECS[codec], streams, out)]
    return len(streams)


def run() -> float:
    """Decodes them all; the seconds it took."""
    ((decode, streams, out),) = _held
    begun = time.perf_counter()
    for data, target in zip(streams, out, strict=True):
        decode(data, target)
    return time.perf_counter() - begun


def _run_length(data: bytes, out: np.ndarray[Any, Any]) -> None:
    ends = [*struct.unpack("<2I", data[4:12]), len(data)]
    planes = out.view(np.uint8).reshape(*out.shape, 2)
    for n in range(2):
        plane = imagecodecs.packbits_decode(data[ends[n] : ends[n + 1]])
        planes[..., 1 - n] = np.frombuffer(plane, np.uint8, out.size).reshape(out.shape)


CODECS: dict[str, Callable[[bytes, Any], Any]] = {
    "JPEG-LS": lambda data, out: imagecodecs.jpegls_decode(data, out=out),
    "JPEG 2000": lambda data, out: imagecodecs.jpeg2k_decode(data, numthreads=1, out=out),
    "JPEG lossless": lambda data, out: imagecodecs.ljpeg_decode(data, out=out),
    "RLE": _run_length,
}
