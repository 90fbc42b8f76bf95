"""Values through a pipe between two processes, large arrays without copies in between.

An array travels beside the pickle (PEP 574), written from its own memory and read into its final
place: 15 MB take 5 ms, through `Connection.send` 50 ms. Knows pipes and pickles, not what they say.
"""

from __future__ import annotations

import os
import pickle
import sys
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

# Smaller ones are cheaper inside the pickle.
_LEAST_BYTES_BESIDE = 1 << 14


def send(pipe: Any, value: object) -> None:
    """Writes a value; what `pickle` raises is raised before anything is written."""
    beside: list[memoryview] = []

    def keep_inside(buffer: pickle.PickleBuffer) -> bool:
        content = buffer.raw()
        if content.nbytes < _LEAST_BYTES_BESIDE:
            return True
        beside.append(content)
        return False

    head = pickle.dumps(value, protocol=5, buffer_callback=keep_inside)
    pipe.send((head, [content.nbytes for content in beside]))
    for content in beside:
        _write(pipe, content)


def receive(pipe: Any) -> Any:
    """Reads a value written by `send`; EOFError or ConnectionError where the other side ended."""
    head, sizes = pipe.recv()
    beside = []
    for size in sizes:
        content = np.empty(size, dtype=np.uint8)
        _read(pipe, content)
        beside.append(content)
    return pickle.loads(head, buffers=beside)  # noqa: S301 - written by our own child


if sys.platform == "win32":  # pragma: no cover - message pipes there carry a buffer in one piece

    def _write(pipe: Connection, content: memoryview) -> None:
        pipe.send_bytes(content)

    def _read(pipe: Connection, content: np.ndarray[Any, Any]) -> None:
        pipe.recv_bytes_into(content)

else:

    def _write(pipe: Connection, content: memoryview) -> None:
        waiting, descriptor = content, pipe.fileno()
        while waiting.nbytes:
            waiting = waiting[os.write(descriptor, waiting) :]

    def _read(pipe: Connection, content: np.ndarray[Any, Any]) -> None:
        waiting, descriptor = content.data, pipe.fileno()
        while waiting.nbytes:
            count = os.readv(descriptor, [waiting])
            if not count:
                raise EOFError
            waiting = waiting[count:]
