"""A whole series of frames into one decoded file.

The parent calls this in the child by import path. A series is decoded by a few
threads (the codecs leave the interpreter's lock) starting with the frame to be shown first, each
frame written to its place in the file; what is done is reported frame by frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from viewer.decoding.frames import decode_frame
from viewer.volume import ImageError, LocatedFrame

DECODING_THREADS = 2


def fill(
    target: str,
    frames: Sequence[LocatedFrame],
    dtype: str,
    first_index: int,
    report: Callable[[object], None],
) -> int:
    """Decodes frames of one size into `target`, which exists; returns how many were written.

    Frame n lies at n * rows * columns * itemsize. Reports each index as it is written, the
    nearest to `first_index` first. ImageError of the first frame that fails ends it all.
    """
    order = iter(outwards(first_index, len(frames)))
    take, stop = threading.Lock(), threading.Event()

    def work() -> int:
        done = 0
        with Path(target).open("r+b", buffering=0) as out:
            while not stop.is_set():
                with take:
                    index = next(order, None)
                if index is None:
                    break
                _write(out, index, frames[index], np.dtype(dtype))
                report(index)
                done += 1
        return done

    def guarded() -> int:
        try:
            return work()
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(DECODING_THREADS) as pool:
        workers = [pool.submit(guarded) for _ in range(DECODING_THREADS)]
    return sum(worker.result() for worker in workers)


def outwards(first: int, count: int) -> list[int]:
    """All indices, the nearest to `first` first: first, first - 1, first + 1, ..."""
    return sorted(range(count), key=lambda index: (abs(index - first), index))


def _write(out: Any, index: int, frame: LocatedFrame, dtype: np.dtype[Any]) -> None:
    pixels = decode_frame(frame.path, frame.source)
    if pixels.ndim != 2:
        raise ImageError("Color images form no volume.")
    block = np.ascontiguousarray(pixels, dtype=dtype)
    out.seek(index * block.nbytes)
    waiting = block.data.cast("B")
    while len(waiting):
        waiting = waiting[out.write(waiting) :]
