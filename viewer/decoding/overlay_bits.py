"""The bits of overlay planes (PS3.3 C.9.2), out of the file or out of unused bits of the pixels.

The parent calls this in the child by import path. Which overlays there are was found at import.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.decoding.bits import single_bits, swapped_words
from viewer.decoding.codecs import cells
from viewer.decoding.reading import frame_bytes, ranges_of
from viewer.decoding.syntaxes import BIG_ENDIAN
from viewer.volume import FrameSource, OverlayPlane, OverlaySource


def decode_overlays(path: str | Path, source: FrameSource) -> tuple[OverlayPlane, ...]:
    """The overlay planes of one frame of a file, in the order of `source.overlays`.

    ImageError where the file does not hold the bytes it was said to hold.
    """
    embedded = None
    if source.tile is None and any(overlay.bit is not None for overlay in source.overlays):
        embedded = cells(frame_bytes(Path(path), source), source)
    planes = []
    for overlay in source.overlays:
        bits = None
        if overlay.fragment is not None:
            bits = _packed(Path(path), source, overlay, overlay.fragment)
        elif embedded is not None and overlay.bit is not None:
            bits = (embedded >> overlay.bit & 1).astype(bool)
        if bits is not None:
            bits.setflags(write=False)
            planes.append(
                OverlayPlane(
                    bits=bits, origin=overlay.origin, kind=overlay.kind, label=overlay.label
                )
            )
    return tuple(planes)


def _packed(
    path: Path, source: FrameSource, overlay: OverlaySource, fragment: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    (data,) = ranges_of(path, source, (fragment,))
    if source.transfer_syntax == BIG_ENDIAN:
        data = swapped_words(data)
    count = overlay.rows * overlay.columns
    bits = single_bits(data, overlay.first_bit, count)
    return bits.astype(bool).reshape(overlay.rows, overlay.columns)
