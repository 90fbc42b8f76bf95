"""From stored values to grey: rescale, VOI window or lookup table, inversion.

The order is DICOM's (PS3.3 C.11.1, C.11.2, C.11.6; PS3.4 N.2): modality transformation, VOI,
presentation. Header windows therefore apply to rescaled values for every modality; IHE BIR 5.4
has viewers ignore the rescale of MR, PET and XA for windowing, which differs only where a header
carries both a rescale and a window in stored units. Knows no pixels in files and no screens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
# Grey is quantised downwards, as DCMTK does; this keeps whole results from falling one short.
QUANTUM = 1e-6
# Without a window the span leaves out the few darkest and brightest pixels, which carry no anatomy.
_SPAN_PERCENT = (0.1, 99.9)
_ENOUGH_TO_SPAN = 1 << 18
_PROJECTION = frozenset({"CR", "DX", "MG", "IO", "PX", "RG"})


class Table(Protocol):
    """A lookup table as a frame's header gives it."""

    @property
    def first_mapped(self) -> int:
        """The input that maps to the first entry."""

    @property
    def bits(self) -> int:
        """Depth of the entries."""

    @property
    def values(self) -> npt.NDArray[np.uint16]:
        """The entries."""

    @property
    def explanation(self) -> str:
        """What the header calls it."""


class Window(Protocol):
    """A window as a frame's header gives it."""

    @property
    def center(self) -> float:
        """Window Center."""

    @property
    def width(self) -> float:
        """Window Width."""

    @property
    def function(self) -> str:
        """VOI LUT Function."""

    @property
    def explanation(self) -> str:
        """What the header calls it."""


class GreyFacts(Protocol):
    """What turns stored values into modality values; frames and volumes both have it."""

    @property
    def stored_minimum(self) -> int:
        """Smallest stored value possible."""

    @property
    def stored_maximum(self) -> int:
        """Largest stored value possible."""

    @property
    def slope(self) -> float:
        """Rescale Slope."""

    @property
    def intercept(self) -> float:
        """Rescale Intercept."""

    @property
    def modality_lut(self) -> Table | None:
        """Modality LUT, which then replaces the rescale."""

    @property
    def inverse(self) -> bool:
        """Whether grey is inverted after the VOI."""


class VoiFacts(GreyFacts, Protocol):
    """What a frame's header says about its look."""

    @property
    def modality(self) -> str:
        """Modality."""

    @property
    def bits_stored(self) -> int:
        """Bits Stored."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """Window Center and Width pairs."""

    @property
    def voi_luts(self) -> tuple[Table, ...]:
        """VOI LUT Sequence."""

    @property
    def pixel_padding(self) -> tuple[float, float] | None:
        """Stored values that are no image, both ends included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowVoi:
    """A window in modality units (HU for CT). `function` is LINEAR, LINEAR_EXACT or SIGMOID."""

    center: float
    width: float
    function: str = "LINEAR"
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LutVoi:
    """A VOI lookup table: inputs are modality values, outputs have `bits` bits."""

    first_mapped: int
    bits: int
    values: tuple[int, ...]
    name: str = ""


Voi = WindowVoi | LutVoi


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A window a reader asks for by name; `key` is stable, `name` is translated."""

    key: str
    name: str
    center: float
    width: float

    @property
    def voi(self) -> WindowVoi:
        """The window."""
        return WindowVoi(center=self.center, width=self.width, name=self.name)


_CT_PRESETS = (
    Preset(key="lung", name="Lung", center=-600, width=1500),
    Preset(key="mediastinum", name="Mediastinum", center=40, width=400),
    Preset(key="bone", name="Bone", center=500, width=2000),
    Preset(key="brain", name="Brain", center=40, width=80),
    Preset(key="abdomen", name="Abdomen", center=50, width=350),
    Preset(key="liver", name="Liver", center=60, width=150),
    Preset(key="subdural", name="Subdural", center=75, width=215),
    Preset(key="stroke", name="Stroke", center=35, width=35),
    Preset(key="angio", name="Angiography", center=300, width=600),
)


def presets(modality: str) -> tuple[Preset, ...]:
    """Windows by name, in the order of the keys 1-9. Only CT has units that mean the same anywhere."""
    return _CT_PRESETS if modality == "CT" else ()


def header_vois(facts: VoiFacts) -> tuple[Voi, ...]:
    """Every usable VOI of the header, the one to start with first.

    A radiograph starts with its lookup table where it has one (IHE RAD-16), others with the first
    window. Windows without a width and tables without a use are left out.
    """
    windows: list[Voi] = [_window(window) for window in facts.windows if _is_usable(window)]
    tables: list[Voi] = [_table(table) for table in facts.voi_luts if len(table.values) > 1]
    return tuple(tables + windows if facts.modality in _PROJECTION else windows + tables)


def header_window(facts: VoiFacts, center: float, width: float) -> WindowVoi:
    """A window with the VOI LUT Function of the header: what setting or dragging a window gives."""
    functions = [window.function for window in facts.windows]
    return WindowVoi(center=center, width=width, function=functions[0] if functions else "LINEAR")


def default_voi(facts: VoiFacts, stored: npt.NDArray[Any] | None = None) -> Voi:
    """The VOI to start with: the header's first, else what the pixels (if given) span.

    `stored` are stored values of the frame; without them the span of Bits Stored is taken.
    A CT in Hounsfield units without a window starts with the mediastinum's.
    """
    found = header_vois(facts)
    if found:
        return found[0]
    if facts.modality == "CT" and facts.intercept < 0:  # Hounsfield units
        return _CT_PRESETS[1].voi
    return _spanning(facts, stored)


def grey_table(facts: GreyFacts, voi: Voi, *, inverted: bool) -> Grey:
    """Grey for every stored value: index = stored value - `facts.stored_minimum`.

    Only for up to 16 bits stored; wider pixels go through `grey_values`.
    """
    stored = np.arange(facts.stored_minimum, facts.stored_maximum + 1, dtype=np.float64)
    return grey_values(stored, facts, voi, inverted=inverted)


def grey_values(stored: npt.NDArray[Any], facts: GreyFacts, voi: Voi, *, inverted: bool) -> Grey:
    """Grey 0-255 of stored values of any shape, also between integers (interpolated).

    MONOCHROME1 and Presentation LUT Shape INVERSE invert after the VOI; `inverted` does so again.
    """
    shares = _shares_of_white(rescaled(stored, facts), voi)
    if facts.inverse != inverted:
        shares = 1.0 - shares
    return np.floor(shares * 255.0 + QUANTUM).astype(np.uint8)


def rescaled(stored: npt.NDArray[Any], facts: GreyFacts) -> npt.NDArray[np.float64]:
    """Modality values (HU, optical density, ...) of stored values (C.11.1)."""
    if facts.modality_lut is None:
        scaled = np.asarray(stored, dtype=np.float64) * facts.slope + facts.intercept
        return np.asarray(scaled, dtype=np.float64)
    entries = facts.modality_lut.values
    index = np.floor(np.asarray(stored, dtype=np.float64) + 0.5) - facts.modality_lut.first_mapped
    found = entries[np.clip(index, 0, len(entries) - 1).astype(np.int64)]
    return np.asarray(found, dtype=np.float64)


def linear_grey(facts: GreyFacts, voi: Voi, *, inverted: bool) -> tuple[float, float] | None:
    """(gain, offset) with grey = floor(clip(gain * stored + offset, 0, 255)), `QUANTUM` included.

    None where it is no line.
    """
    if facts.modality_lut is not None or isinstance(voi, LutVoi) or voi.function == "SIGMOID":
        return None
    exact = voi.function == "LINEAR_EXACT"
    center, width = (voi.center, voi.width) if exact else (voi.center - 0.5, voi.width - 1.0)
    if width <= 0.0:
        return None
    gain = 255.0 * facts.slope / width
    offset = 255.0 * ((facts.intercept - center) / width + 0.5)
    if facts.inverse != inverted:
        return -gain, 255.0 - offset + QUANTUM
    return gain, offset + QUANTUM


def _window(window: Window) -> WindowVoi:
    return WindowVoi(
        center=window.center, width=window.width, function=window.function, name=window.explanation
    )


def _is_usable(window: Window) -> bool:
    least = 1.0 if window.function == "LINEAR" else 0.0
    finite = math.isfinite(window.center) and math.isfinite(window.width)
    return finite and window.width >= least and window.width > 0.0


def _table(table: Table) -> LutVoi:
    """Vendors state too few bits: the depth is raised to what the entries need."""
    values = tuple(table.values.tolist())
    bits = max(table.bits, max(values).bit_length())
    return LutVoi(first_mapped=table.first_mapped, bits=bits, values=values, name=table.explanation)


def _spanning(facts: VoiFacts, stored: npt.NDArray[Any] | None) -> WindowVoi:
    ends = np.array([facts.stored_minimum, facts.stored_maximum], dtype=np.float64)
    if stored is not None and facts.bits_stored > 8:
        kept = stored
        if facts.pixel_padding is not None:
            low, high = facts.pixel_padding
            kept = stored[(stored < low) | (stored > high)]
        if kept.size:
            sparse = kept.reshape(-1)[:: max(1, kept.size // _ENOUGH_TO_SPAN)]
            ends = np.percentile(sparse, _SPAN_PERCENT)
    low_value, high_value = np.sort(rescaled(ends, facts))
    width = max(float(high_value - low_value), 1e-9)
    center = float(low_value + high_value) / 2.0
    return WindowVoi(center=center, width=width, function="LINEAR_EXACT")


def _shares_of_white(x: npt.NDArray[np.float64], voi: Voi) -> npt.NDArray[np.float64]:
    if isinstance(voi, LutVoi):
        return _through_table(x, voi)
    return _through_window(x, voi)


def _through_window(x: npt.NDArray[np.float64], voi: WindowVoi) -> npt.NDArray[np.float64]:
    """Shares of full white, 0-1 (C.11.2.1.2.1, C.11.2.1.3.1, C.11.2.1.3.2)."""
    if voi.function == "SIGMOID":
        power = np.clip(-4.0 * (x - voi.center) / voi.width, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(power)), dtype=np.float64)
    exact = voi.function == "LINEAR_EXACT"
    center, width = (voi.center, voi.width) if exact else (voi.center - 0.5, voi.width - 1.0)
    if width <= 0.0:
        return (x > center).astype(np.float64)
    return np.asarray(np.clip((x - center) / width + 0.5, 0.0, 1.0), dtype=np.float64)


def _through_table(x: npt.NDArray[np.float64], voi: LutVoi) -> npt.NDArray[np.float64]:
    entries = np.array(voi.values, dtype=np.float64) / float((1 << voi.bits) - 1)
    index = np.clip(np.floor(x + 0.5) - voi.first_mapped, 0, len(entries) - 1)
    return np.asarray(entries[index.astype(np.int64)], dtype=np.float64)
