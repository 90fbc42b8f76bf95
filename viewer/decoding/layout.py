"""The Image Pixel Module of a header (PS3.3 C.7.6.3), checked before a byte of pixels is read.

What it says decides how bytes become pixels, so that nothing here is guessed: an attribute that is
missing, contradicts another or asks for more memory than a picture may take refuses the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.colour import MOST_PROFILE_BYTES, SHARED
from viewer.decoding.tables import palette
from viewer.decoding.value_places import value_place
from viewer.decoding.values import needed, number, numbers, pair, text, whole
from viewer.volume import ImageError
from viewer.volume.frame_source import PixelType

MOST_FRAME_BYTES = 1 << 29
# Far above any acquisition and the largest segmentations; every frame costs an object.
MOST_FRAMES = 1 << 17
_ALLOCATED = (1, 8, 12, 16, 32)
_FLOAT_BITS: dict[PixelType, int] = {"float32": 32, "float64": 64}
_PHOTOMETRIC = {
    1: ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"),
    3: ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT"),
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
    pixel_type: PixelType = "integer"

    @property
    def frame_bits(self) -> int:
        """Size of one native frame; 4:2:2 shares its colours between two pixels."""
        samples = 2 if self.photometric in SHARED else self.samples
        return self.rows * self.columns * samples * self.bits_allocated


def pixel_layout(dataset: Dataset, pixel_type: PixelType = "integer") -> PixelLayout:
    """The pixel attributes, or ImageError naming the one that cannot be.

    `pixel_type` is what the element that holds the pixels says; floats have no Bits Stored.
    """
    is_float = pixel_type != "integer"
    stored = needed(dataset, "BitsAllocated" if is_float else "BitsStored", "BitsAllocated")
    layout = PixelLayout(
        frames=max(1, whole(dataset, "NumberOfFrames", 1)),
        rows=needed(dataset, "Rows"),
        columns=needed(dataset, "Columns"),
        samples=whole(dataset, "SamplesPerPixel", 1),
        planar=whole(dataset, "PlanarConfiguration", 0),
        bits_allocated=needed(dataset, "BitsAllocated"),
        bits_stored=stored,
        high_bit=stored - 1 if is_float else whole(dataset, "HighBit", stored - 1),
        pixel_representation=0 if is_float else whole(dataset, "PixelRepresentation", 0),
        photometric=text(dataset, "PhotometricInterpretation").upper() or "MONOCHROME2",
        pixel_type=pixel_type,
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
        "pixel_type": layout.pixel_type,
        "photometric": layout.photometric,
        "icc_profile": icc_place(ds) if layout.samples == 3 else None,
        "palette": palette(ds, layout.pixel_representation) if has_palette else None,
        "presentation_lut_shape": text(ds, "PresentationLUTShape"),
        "pixel_padding": _padding(ds, layout),
        "pixel_aspect": pair(numbers(ds, "PixelAspectRatio")),
    }


def icc_place(ds: Dataset) -> tuple[int, int] | None:
    """(offset, length) of the value of the ICC profile (C.11.15) in the file; None without one."""
    found = value_place(ds, 0x00282000)
    return found if found is not None and 0 < found[1] <= MOST_PROFILE_BYTES else None


def _check(layout: PixelLayout) -> None:
    if layout.frames > MOST_FRAMES:
        raise ImageError(
            "The file says it has {frames} frames; more than {most} cannot be shown.",
            frames=layout.frames,
            most=MOST_FRAMES,
        )
    if layout.bits_allocated not in _allocated(layout):
        raise ImageError(
            "{bits} bits allocated per pixel cannot be shown.", bits=layout.bits_allocated
        )
    if not 1 <= layout.bits_stored <= layout.high_bit + 1 <= layout.bits_allocated:
        raise ImageError(
            "Bits stored {stored}, high bit {high} and bits allocated {allocated} contradict.",
            stored=layout.bits_stored,
            high=layout.high_bit,
            allocated=layout.bits_allocated,
        )
    if layout.pixel_representation not in {0, 1}:
        raise ImageError("{attribute} cannot be read.", attribute="PixelRepresentation")
    _check_colour(layout)
    if layout.frame_bits > MOST_FRAME_BYTES * 8:
        raise ImageError(
            "A frame of {rows} x {columns} pixels is too large.",
            rows=layout.rows,
            columns=layout.columns,
        )


def _allocated(layout: PixelLayout) -> tuple[int, ...]:
    if layout.pixel_type == "integer":
        return _ALLOCATED
    return (_FLOAT_BITS[layout.pixel_type],)


def _check_colour(layout: PixelLayout) -> None:
    is_known = layout.photometric in _PHOTOMETRIC.get(layout.samples, ())
    if not is_known or (layout.samples == 3 and layout.pixel_type != "integer"):
        raise ImageError(
            "{samples} samples per pixel as {photometric} cannot be shown.",
            samples=layout.samples,
            photometric=layout.photometric,
        )
    if layout.samples == 3 and layout.bits_allocated not in {8, 16, 32}:
        raise ImageError(
            "Color of {bits} bits per sample cannot be shown.", bits=layout.bits_allocated
        )


def _padding(ds: Dataset, layout: PixelLayout) -> tuple[float, float] | None:
    """The range of values that are no pixels (C.7.5.1.1.2), of whole numbers or floats."""
    for kind in ("", "Float", "DoubleFloat"):
        value = number(ds, f"{kind}PixelPaddingValue")
        if value is not None:
            limit = number(ds, f"{kind}PixelPaddingRangeLimit")
            ends = sorted(
                _as_stored(end, layout) for end in (value, value if limit is None else limit)
            )
            return (ends[0], ends[1])
    return None


def _as_stored(value: float, layout: PixelLayout) -> float:
    """A 16 bit value with the sign of the pixels: many writers give it the other sign's VR."""
    if layout.pixel_type != "integer" or layout.bits_allocated > 16:
        return value
    if layout.pixel_representation and value > 0x7FFF:
        return value - 0x10000
    return value + 0x10000 if not layout.pixel_representation and value < 0 else value
