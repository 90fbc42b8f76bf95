"""The Image Pixel Module of a header (PS3.3 C.7.6.3), checked before a byte of pixels is read.

What it says decides how bytes become pixels, so that nothing here is guessed: an attribute that is
missing, contradicts another or asks for more memory than a picture may take refuses the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.tables import palette
from viewer.decoding.values import needed, number, numbers, pair, text, whole
from viewer.volume import ImageError

MOST_FRAME_BYTES = 1 << 29
_ALLOCATED = (1, 8, 16, 32)
_PHOTOMETRIC = {
    1: ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"),
    3: ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelLayout:
    """The Image Pixel Module (C.7.6.3), checked."""

    frames: int
    rows: int
    columns: int
    samples: int
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    photometric: str

    @property
    def frame_bits(self) -> int:
        """Size of one native frame; YBR_FULL_422 shares its colours between two pixels."""
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return self.rows * self.columns * samples * self.bits_allocated


def pixel_layout(dataset: Dataset) -> PixelLayout:
    """The pixel attributes, or ImageError naming the one that cannot be."""
    stored = needed(dataset, "BitsStored", "BitsAllocated")
    layout = PixelLayout(
        frames=max(1, whole(dataset, "NumberOfFrames", 1)),
        rows=needed(dataset, "Rows"),
        columns=needed(dataset, "Columns"),
        samples=whole(dataset, "SamplesPerPixel", 1),
        planar=whole(dataset, "PlanarConfiguration", 0),
        bits_allocated=needed(dataset, "BitsAllocated"),
        bits_stored=stored,
        high_bit=whole(dataset, "HighBit", stored - 1),
        pixel_representation=whole(dataset, "PixelRepresentation", 0),
        photometric=text(dataset, "PhotometricInterpretation").upper() or "MONOCHROME2",
    )
    _check(layout)
    return layout


def pixel_facts(ds: Dataset, layout: PixelLayout) -> dict[str, Any]:
    """The fields of a `FrameSource` that say how its bytes become pixels; the same for all frames."""
    has_palette = layout.photometric == "PALETTE COLOR"
    return {
        "rows": layout.rows,
        "columns": layout.columns,
        "samples": layout.samples,
        "planar": layout.planar,
        "bits_allocated": layout.bits_allocated,
        "bits_stored": layout.bits_stored,
        "high_bit": layout.high_bit,
        "pixel_representation": layout.pixel_representation,
        "photometric": layout.photometric,
        "palette": palette(ds) if has_palette else None,
        "presentation_lut_shape": text(ds, "PresentationLUTShape"),
        "pixel_padding": _padding(ds),
        "pixel_aspect": pair(numbers(ds, "PixelAspectRatio")),
    }


def _check(layout: PixelLayout) -> None:
    if layout.bits_allocated not in _ALLOCATED:
        raise ImageError(
            "{bits} bits allocated per pixel cannot be shown.", bits=layout.bits_allocated
        )
    if not layout.bits_stored <= layout.high_bit + 1 <= layout.bits_allocated:
        raise ImageError(
            "Bits stored {stored}, high bit {high} and bits allocated {allocated} contradict.",
            stored=layout.bits_stored,
            high=layout.high_bit,
            allocated=layout.bits_allocated,
        )
    if layout.photometric not in _PHOTOMETRIC.get(layout.samples, ()):
        raise ImageError(
            "{samples} samples per pixel as {photometric} cannot be shown.",
            samples=layout.samples,
            photometric=layout.photometric,
        )
    if layout.samples == 3 and layout.bits_allocated not in {8, 16}:
        raise ImageError(
            "Color of {bits} bits per sample cannot be shown.", bits=layout.bits_allocated
        )
    if layout.frame_bits > MOST_FRAME_BYTES * 8:
        raise ImageError(
            "A frame of {rows} x {columns} pixels is too large.",
            rows=layout.rows,
            columns=layout.columns,
        )


def _padding(ds: Dataset) -> tuple[int, int] | None:
    value = number(ds, "PixelPaddingValue")
    if value is None:
        return None
    limit = number(ds, "PixelPaddingRangeLimit")
    ends = sorted((int(value), int(value if limit is None else limit)))
    return (ends[0], ends[1])
