"""Stored pixels as GDCM reads them: an independent judge of our decoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gdcm
import numpy as np


def gdcm_frames(path: Path) -> np.ndarray[Any, Any] | None:
    """(frames, rows, columns[, 3]) stored values of a file; None where GDCM cannot read it.

    Values are masked to Bits Stored and carry their sign; colours are as they lie in the file.
    """
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    if not reader.Read():
        return None
    image = reader.GetImage()
    pixels, kind = image.GetPixelFormat(), image.GetPixelFormat()
    buffer = image.GetBuffer()
    if not isinstance(buffer, (str, bytes)):
        return None
    data = buffer.encode("utf-8", "surrogateescape") if isinstance(buffer, str) else buffer
    columns, rows = image.GetDimension(0), image.GetDimension(1)
    frames = image.GetDimension(2) if image.GetNumberOfDimensions() == 3 else 1
    samples, allocated = kind.GetSamplesPerPixel(), kind.GetBitsAllocated()
    if allocated not in {8, 16, 32}:
        return None
    values = np.frombuffer(data, f"<u{allocated // 8}")
    if len(values) != frames * rows * columns * samples:
        return None
    values = masked(
        values, pixels.GetBitsStored(), pixels.GetHighBit(), pixels.GetPixelRepresentation()
    )
    if samples == 1:
        return values.reshape(frames, rows, columns)
    if image.GetPlanarConfiguration():
        return values.reshape(frames, samples, rows, columns).transpose(0, 2, 3, 1)
    return values.reshape(frames, rows, columns, samples)


def masked(
    cells: np.ndarray[Any, Any], stored: int, high_bit: int, signed: int
) -> np.ndarray[Any, Any]:
    """The stored values of unsigned cells, by plain arithmetic on 64 bit numbers (PS3.5 8.1.1)."""
    wide = cells.astype(np.int64) >> (high_bit + 1 - stored) & ((1 << stored) - 1)
    return np.where(wide >> (stored - 1), wide - (1 << stored), wide) if signed else wide
