"""Where one frame lies in its file and every header fact needed to decode, show and place it.

A `FrameSource` is made once, at import, and kept as text (`frame_text`): opening a study parses no
DICOM. It holds no patient identity. Facts follow PS3.3 C.7.6.3 (pixels), C.11 (grey), C.7.6.2 and C.7.6.16 (place).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from viewer.geometry import Vector

SpacingKind = Literal["patient", "fiducial", "geometry", "magnified", "detector", "none"]
StoredType = Literal["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]
PixelType = Literal["integer", "float32", "float64"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiWindow:
    """One Window Center and Width pair of the header, with its VOI LUT Function (C.11.2.1.2)."""

    center: float
    width: float
    function: str = "LINEAR"
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupTable:
    """A lookup table of the header: `values[v - first_mapped]`, clamped at both ends.

    `bits` is the depth of its outputs; `data` holds the entries as unsigned 16 bit little endian.
    """

    first_mapped: int
    bits: int
    data: bytes
    explanation: str = ""

    @property
    def values(self) -> npt.NDArray[np.uint16]:
        """The entries."""
        return np.frombuffer(self.data, dtype="<u2").astype(np.uint16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The three tables of a PALETTE COLOR image (C.7.6.3.1.5)."""

    red: LookupTable
    green: LookupTable
    blue: LookupTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """The part of a coded frame that is one slice: the n-th tile of a mosaic, counted from 1.

    (`left`, `top`) is its first pixel in the coded frame of `coded_columns` x `coded_rows` pixels.
    """

    number: int
    left: int
    top: int
    coded_columns: int
    coded_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlaySource:
    """Where the bits of one overlay plane lie (PS3.3 C.9.2); groups 6000 to 601E.

    `origin` is (row, column) of its first pixel in the image, counted from 1. With `bit` None the
    bits are packed in `fragment` of the file, this frame's first at bit `first_bit`; otherwise bit
    `bit` of every allocated pixel of the frame is the overlay (retired, still met). `kind` is "G"
    for graphics or "R" for a region of interest.
    """

    group: int
    rows: int
    columns: int
    origin: tuple[int, int] = (1, 1)
    kind: str = "G"
    label: str = ""
    fragment: tuple[int, int] | None = None
    first_bit: int = 0
    bit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UltrasoundRegion:
    """One calibrated region of an ultrasound image (PS3.3 C.8.5.5).

    `bounds` are (left, top, right, bottom) in pixels, all inside; `spatial_format` and `data_type`
    are the standard's numbers; `units` and `deltas` are those of one pixel along x and y.
    """

    bounds: tuple[int, int, int, int]
    spatial_format: int
    data_type: int
    units: tuple[int, int]
    deltas: tuple[float, float]
    reference_px: tuple[int, int] | None = None
    reference_values: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSource:
    """One frame of one instance.

    `fragments` are (offset, length) in the file; with `deflated` they are in the inflated stream
    after the file meta information, and the file has to be inflated up to them; `word_swapped`
    says that bytes were stored as big endian words.
    `tile` says that this frame is a part of the coded one; `rows` and `columns` are then the part's.
    `icc_profile` is where the profile's bytes lie. Of `pixel_padding` both ends are padding.

    `rescale` values are identity where the header has none; `unit` is what rescaled values are in
    (Rescale Type, Units of PET), "" if unknown.

    `pixel_spacing_mm` is (between rows, between columns); `spacing_kind` says in which plane it is
    true (PS3.3 10.7): "patient" for slices; for projections "fiducial" (calibrated by an object
    of known size), "geometry" (calibrated for an assumed depth), "magnified" (Imager Pixel Spacing
    divided by Estimated Radiographic Magnification Factor), "detector" (Imager Pixel Spacing as it
    is); or "none", then it is None. `spacing_note` is Pixel Spacing Calibration Description.

    What tells the parts of a series apart: `acquisition` (Acquisition Number), `echo_ms` (echo
    time), `b_value` in s/mm2 and `diffusion_direction` (unit vector in world, None for b = 0 or a
    trace), `temporal_position` (1, 2, ... in time, from the header or from times), `time_ms`
    (trigger time, trigger delay or time offset of this frame), `acquisition_time_s` (seconds since
    midnight, with fractions), `cardiac_phase` in percent,
    `stack` (Stack ID) and `in_stack` (In-Stack Position Number), `dimensions` (Dimension Index
    Values), `component` ("M", "P", "R", "I" of a complex image), `kernel` (Convolution Kernel).

    Instances of one `concatenation` (its UID) are one multi-frame image cut into pieces, this one
    being number `in_concatenation` (C.7.6.16.2.2.4).

    `gantry_tilt_degrees` is what the header says; geometry is taken from positions, not from it.
    `facts` are (name, text) pairs of basic technique for the corner: "kVp", "mAs", ...
    """

    sop_uid: str
    sop_class: str
    series_uid: str
    study_uid: str
    modality: str
    frame: int = 1
    number_of_frames: int = 1
    instance_number: int | None = None

    transfer_syntax: str
    fragments: tuple[tuple[int, int], ...]
    deflated: bool = False
    word_swapped: bool = False

    rows: int
    columns: int
    samples: int = 1
    planar: int = 0
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int = 0
    pixel_type: PixelType = "integer"
    photometric: str
    palette: Palette | None = None
    tile: Tile | None = None
    overlays: tuple[OverlaySource, ...] = ()
    icc_profile: tuple[int, int] | None = None

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    modality_lut: LookupTable | None = None
    windows: tuple[VoiWindow, ...] = ()
    voi_luts: tuple[LookupTable, ...] = ()
    presentation_lut_shape: str = ""
    pixel_padding: tuple[float, float] | None = None

    position: Vector | None = None
    orientation: tuple[float, ...] | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    spacing_kind: SpacingKind = "none"
    spacing_note: str = ""
    pixel_aspect: tuple[float, float] | None = None
    regions: tuple[UltrasoundRegion, ...] = ()
    slice_thickness_mm: float | None = None
    gantry_tilt_degrees: float | None = None
    patient_position: str = ""
    frame_of_reference: str = ""
    patient_orientation: tuple[str, str] | None = None

    image_type: tuple[str, ...] = ()
    laterality: str = ""
    body_part: str = ""
    view_position: str = ""
    contrast: str = ""
    acquired: str = ""
    lossy: str = ""
    frame_time_ms: float | None = None
    series_number: int | None = None
    series_description: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    acquisition: int | None = None
    echo_ms: float | None = None
    b_value: float | None = None
    diffusion_direction: Vector | None = None
    temporal_position: int | None = None
    time_ms: float | None = None
    acquisition_time_s: float | None = None
    cardiac_phase: float | None = None
    stack: str = ""
    in_stack: int | None = None
    dimensions: tuple[int, ...] = ()
    component: str = ""
    kernel: str = ""
    concatenation: str = ""
    in_concatenation: int | None = None

    @property
    def stored_minimum(self) -> int:
        """The smallest value Bits Stored and Pixel Representation allow."""
        return -(1 << (self.bits_stored - 1)) if self.pixel_representation else 0

    @property
    def stored_maximum(self) -> int:
        """The largest value Bits Stored and Pixel Representation allow."""
        bits = self.bits_stored - 1 if self.pixel_representation else self.bits_stored
        return (1 << bits) - 1

    @property
    def stored_type(self) -> StoredType:
        """The type of this frame's stored pixels, as numpy names it."""
        if self.pixel_type != "integer":
            return self.pixel_type
        if self.pixel_representation:
            return "int16" if self.bits_stored <= 16 else "int32"
        if self.bits_stored <= 8:
            return "uint8"
        return "uint16" if self.bits_stored <= 16 else "uint32"

    @property
    def inverse(self) -> bool:
        """Whether grey is inverted after the VOI.

        Presentation LUT Shape says so where there is one, else MONOCHROME1; never both at once.
        """
        if self.presentation_lut_shape in {"IDENTITY", "INVERSE"}:
            return self.presentation_lut_shape == "INVERSE"
        return self.photometric == "MONOCHROME1"

    @property
    def is_colour(self) -> bool:
        """Whether the picture of this frame is RGB."""
        return self.samples == 3 or self.palette is not None

    @property
    def is_localizer(self) -> bool:
        """Whether Image Type says this is a scout."""
        return "LOCALIZER" in self.image_type


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFrame:
    """A frame source and the path of the file it lies in.

    `content_hash` is what the file's bytes hashed to at import, "" where nobody hashed them: with
    it pixels decoded earlier are known to be this file's.
    """

    path: str
    source: FrameSource
    content_hash: str = ""
