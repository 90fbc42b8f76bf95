"""Many frames in one call: into a file that the parent maps, or back to it.

The parent calls these functions in the child by import path, in batches of some ten milliseconds,
so that it can change its mind in between; what is decoded next is the parent's choice. A frame that
cannot be decoded is named and does not stop the others. Nothing is synced: the parent sees to that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from viewer.decoding.frames import coded, decode_frame, part
from viewer.volume import FrameSource, ImageError, LocatedFrame

Pixels = npt.NDArray[Any]
Failures = list[tuple[int, ImageError]]

_LITTLE_ENDIAN = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})


def fill(
    target: str, dtype: str, places: Sequence[tuple[int, LocatedFrame]]
) -> tuple[Failures, float]:
    """Decodes frames of one size into `target`, which exists: (who failed and why, seconds).

    Frame n lies at n * rows * columns * itemsize. OSError where `target` is gone or full.
    """
    begun = time.perf_counter()
    kind = np.dtype(dtype)
    failures: Failures = []
    with Path(target).open("r+b", buffering=0) as out, _Reader() as reader:
        for index, frame in places:
            try:
                pixels = reader.pixels(frame, kind)
            except ImageError as error:
                failures.append((index, error))
                continue
            _write(out, index * pixels.nbytes, pixels)
    return failures, time.perf_counter() - begun


def fill_reduced(
    target: str,
    dtype: str,
    block: tuple[int, int],
    places: Sequence[tuple[int, int, Sequence[LocatedFrame]]],
) -> tuple[Failures, float]:
    """As `fill`, each slice the mean of some frames over blocks of (columns, rows) pixels.

    `places` are (slice, number of its first frame, its frames); who failed is named by the frame's
    number. Blocks at the far edges are as large as what is left. Rounded half up, in stored values.
    """
    begun = time.perf_counter()
    kind = np.dtype(dtype)
    failures: Failures = []
    with Path(target).open("r+b", buffering=0) as out, _Reader() as reader:
        for index, first, frames in places:
            slices: list[Pixels] = []
            for number, frame in enumerate(frames, start=first):
                try:
                    slices.append(reader.pixels(frame, kind).copy())
                except ImageError as error:
                    failures.append((number, error))
            if len(slices) == len(frames):
                pixels = block_mean(slices, block)
                _write(out, index * pixels.nbytes, pixels)
    return failures, time.perf_counter() - begun


def decode_frames(
    frames: Sequence[tuple[int, LocatedFrame]],
) -> tuple[list[tuple[int, Pixels]], Failures, float]:
    """The pixels of frames of any kind: (index, pixels) each, who failed and why, seconds."""
    begun = time.perf_counter()
    found: list[tuple[int, Pixels]] = []
    failures: Failures = []
    with _Reader() as reader:
        for index, frame in frames:
            try:
                found.append((index, reader.pixels(frame, None)))
            except ImageError as error:
                failures.append((index, error))
    return found, failures, time.perf_counter() - begun


def block_mean(slices: Sequence[Pixels], block: tuple[int, int]) -> Pixels:
    """The mean over (columns, rows) blocks and over all slices, of their type, rounded half up."""
    columns, rows = block
    first = slices[0]
    shape = (-(-first.shape[0] // rows), -(-first.shape[1] // columns))
    total = np.zeros(shape, dtype=np.int64)
    count = np.zeros(shape, dtype=np.int64)
    for row in range(rows):
        for column in range(columns):
            for pixels in slices:
                part = pixels[row::rows, column::columns]
                within = (slice(part.shape[0]), slice(part.shape[1]))
                total[within] += part
                count[within] += 1
    mean: Pixels = (2 * total + count) // (2 * count)
    return mean.astype(first.dtype)


def decode_small(path: str, source: FrameSource, most_px: int) -> tuple[Pixels, int]:
    """A picture of at least `most_px` in its longer side, and by what it is reduced.

    For looking at in a list: what the codec cannot give smaller is averaged here, palette indices
    are picked.
    """
    from viewer.decoding.reduced import decode_reduced  # Pillow, where it is needed

    pixels, factor = decode_reduced(path, source, most_px)
    more = max(1, max(pixels.shape[:2]) // most_px)
    if more > 1 and (pixels.ndim != 2 or source.palette is not None or pixels.dtype.kind == "f"):
        pixels = np.ascontiguousarray(pixels[more // 2 :: more, more // 2 :: more])
    elif more > 1:
        pixels = block_mean([pixels], (more, more))
    return pixels, factor * more


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """The file read last: frames of one file follow each other."""

    path: str
    stream: FileIO


class _Reader:
    """Frames of a batch; what two of them share is opened and decoded once."""

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._buffer: Pixels | None = None
        self._mosaic: tuple[LocatedFrame, Pixels] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.stream.close()

    def pixels(self, frame: LocatedFrame, kind: np.dtype[Any] | None) -> Pixels:
        """A frame's pixels as `kind`, contiguous, valid until the next call; ImageError if none."""
        try:
            if kind is None:
                return np.ascontiguousarray(self._decoded(frame))
            if _is_plain(frame.source, kind):
                return self._plain(frame, kind)
            pixels = self._decoded(frame)
        except FileNotFoundError as error:
            raise ImageError("The image file is missing.") from error
        except OSError as error:
            raise ImageError("The image file cannot be read ({kind}).", kind=error.errno) from error
        if pixels.shape != (frame.source.rows, frame.source.columns):
            raise ImageError("Color images form no volume.")
        return np.ascontiguousarray(pixels, dtype=kind)

    def _decoded(self, frame: LocatedFrame) -> Pixels:
        """Any frame; a mosaic is decoded once for all its tiles."""
        source = frame.source
        if source.tile is None:
            return decode_frame(frame.path, source)
        known = self._mosaic
        if (
            known is None
            or known[0].path != frame.path
            or known[0].source.fragments != source.fragments
        ):
            known = self._mosaic = (frame, decode_frame(frame.path, coded(source)))
        return part(known[1], source)

    def _plain(self, frame: LocatedFrame, kind: np.dtype[Any]) -> Pixels:
        """Native pixels read into their place and brought to Bits Stored (PS3.5 8.1.1)."""
        source = frame.source
        shape = (source.rows, source.columns)
        if self._buffer is None or self._buffer.shape != shape:
            self._buffer = np.empty(shape, dtype=kind)
        pixels = self._buffer
        present = _read(self._stream(frame.path), source.fragments[0], pixels)
        if present < pixels.nbytes:
            raise ImageError(
                "The pixel data are truncated: {present} of {needed} bytes.",
                present=present,
                needed=pixels.nbytes,
            )
        unused = source.bits_allocated - source.bits_stored
        if unused and source.pixel_representation:
            np.left_shift(pixels, unused, out=pixels)
            np.right_shift(pixels, unused, out=pixels)
        elif unused:
            np.bitwise_and(pixels, kind.type((1 << source.bits_stored) - 1), out=pixels)
        return pixels

    def _stream(self, path: str) -> FileIO:
        if self._open is None or self._open.path != path:
            if self._open is not None:
                self._open.stream.close()
                self._open = None
            stream = Path(path).open("rb", buffering=0)  # noqa: SIM115 - closed by __exit__
            self._open = _Open(path=path, stream=stream)
        return self._open.stream


def _is_plain(source: FrameSource, kind: np.dtype[Any]) -> bool:
    """Whether the bytes in the file are the pixels, but for unused bits above them."""
    return (
        source.transfer_syntax in _LITTLE_ENDIAN
        and sys.byteorder == "little"
        and not (source.word_swapped or source.deflated or source.tile)
        and source.pixel_type == "integer"
        and source.samples == 1
        and len(source.fragments) == 1
        and source.bits_allocated == 8 * kind.itemsize
        and source.high_bit == source.bits_stored - 1
        and source.stored_type == kind.name
    )


def _read(stream: FileIO, fragment: tuple[int, int], pixels: Pixels) -> int:
    """Reads the head of a fragment into `pixels`; how many bytes there were."""
    offset, length = fragment
    waiting = pixels.data.cast("B")[:length]
    stream.seek(offset)
    done = 0
    while done < len(waiting):
        count = stream.readinto(waiting[done:])
        if not count:
            break
        done += count
    return done


def _write(out: Any, offset: int, pixels: Pixels) -> None:
    out.seek(offset)
    waiting = pixels.data.cast("B")
    while waiting.nbytes:
        waiting = waiting[out.write(waiting) :]
