"""Which VOI a header asks for, in which unit it means it, and what to show where it asks for none.

The standard applies windows to modality values; IHE's rule for MR, PET, NM, XA and RF applies them
to stored values. Vendors do either, so that for those modalities the pixels decide: a window that
plainly misses the rescaled pixels and fits the stored ones is taken to count stored values, and is
converted with its own frame's rescale (docs/decisions/0010). Knows no pixels in files.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.voi.facts import Table, VoiFacts, Window
from viewer.voi.grey import rescaled
from viewer.voi.windows import LutVoi, Voi, WindowVoi, presets

Span = tuple[float, float]

# Without a window the span leaves out the few darkest and brightest pixels, which carry no anatomy.
_SPAN_PERCENT = (0.1, 99.9)
_ENOUGH_TO_SPAN = 1 << 18
_PROJECTION = frozenset({"CR", "DX", "MG", "IO", "PX", "RG"})
_PERHAPS_STORED = frozenset({"MR", "PT", "NM", "XA", "RF"})
_CLEARLY_BETTER = 2.0
_LEAST_FIT = 0.1
_LUT_INPUTS = 1 << 16


def header_vois(facts: VoiFacts, stored: npt.NDArray[Any] | None = None) -> tuple[Voi, ...]:
    """Every usable VOI of the header in displayed units, the one to start with first.

    A radiograph starts with its lookup table where it has one (IHE RAD-16), others with the first
    window. Windows without a width and tables without a use are left out. `stored` are stored
    values of the same frame: with them a window counted in stored values is recognised by what it
    covers, without them only where Bits Stored proves that no pixel could lie in it.
    """
    windows: list[Voi] = [_window(w, facts, stored) for w in facts.windows if _is_usable(w)]
    tables: list[Voi] = [_table(table, facts) for table in facts.voi_luts if _has_use(table)]
    return tuple(tables + windows if facts.modality in _PROJECTION else windows + tables)


def header_window(facts: VoiFacts, center: float, width: float) -> WindowVoi:
    """A window with the VOI LUT Function of the header: what setting or dragging a window gives.

    `center` and `width` are in the displayed unit.
    """
    functions = [window.function for window in facts.windows]
    return WindowVoi(center=center, width=width, function=functions[0] if functions else "LINEAR")


def default_voi(facts: VoiFacts, stored: npt.NDArray[Any] | None = None) -> Voi:
    """The VOI to start with: the header's first, else what the pixels (if given) span.

    `stored` are stored values of the frame; without them the span of Bits Stored is taken.
    A CT in Hounsfield units without a window starts with the mediastinum's.
    """
    found = header_vois(facts, stored)
    if found:
        return found[0]
    if facts.modality == "CT" and facts.intercept < 0:  # Hounsfield units
        return next(preset.voi for preset in presets("CT") if preset.key == "mediastinum")
    if stored is None or facts.bits_stored <= 8:
        return _covering(_possible(facts), facts)
    return _covering(_span(facts, stored), facts)


def spanning_voi(values: npt.NDArray[Any]) -> WindowVoi:
    """A window over what these displayed values span, without the few outermost ones."""
    low, high = _percentiles(values)
    return _from_to(low, high)


def _window(window: Window, facts: VoiFacts, stored: npt.NDArray[Any] | None) -> WindowVoi:
    if _counts_stored_values(window, facts, stored):
        # LINEAR's half and whole units are steps between stored values, of no meaning after it.
        return WindowVoi(
            center=window.center * facts.slope + facts.intercept,
            width=window.width * abs(facts.slope),
            function="LINEAR_EXACT" if window.function == "LINEAR" else window.function,
            name=window.explanation,
        )
    return WindowVoi(
        center=window.center, width=window.width, function=window.function, name=window.explanation
    )


def _counts_stored_values(window: Window, facts: VoiFacts, stored: npt.NDArray[Any] | None) -> bool:
    """Whether a window is plainly one of stored values: see docs/decisions/0010."""
    if facts.modality not in _PERHAPS_STORED or facts.modality_lut is not None:
        return False
    if (facts.slope, facts.intercept) == (1.0, 0.0):
        return False
    meant = (window.center - window.width / 2.0, window.center + window.width / 2.0)
    span = _possible(facts) if stored is None else _span(facts, stored)
    low, high = sorted(float(end) for end in rescaled(np.array(span), facts))
    if stored is None:  # what is possible says nothing of what is there: look for impossible ones
        as_stored, as_shown = _part_inside(meant, span), _part_inside(meant, (low, high))
    else:
        as_stored, as_shown = _overlap(meant, span), _overlap(meant, (low, high))
    return as_stored >= _LEAST_FIT and as_stored > _CLEARLY_BETTER * as_shown


def _overlap(a: Span, b: Span) -> float:
    """Length of the intersection as a part of the union."""
    union = max(a[1], b[1]) - min(a[0], b[0])
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / union if union > 0.0 else 0.0


def _part_inside(a: Span, b: Span) -> float:
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / (a[1] - a[0])


def _is_usable(window: Window) -> bool:
    least = 1.0 if window.function == "LINEAR" else 0.0
    finite = math.isfinite(window.center) and math.isfinite(window.width)
    return finite and window.width >= least and window.width > 0.0


def _has_use(table: Table) -> bool:
    return len(table.values) > 1 and int(table.values.max()) > 0


def _table(table: Table, facts: VoiFacts) -> LutVoi:
    """Vendors state too few bits: the depth is raised to what the entries need."""
    values = tuple(table.values.tolist())
    return LutVoi(
        first_mapped=_first_mapped(table, facts),
        bits=max(table.bits, max(values).bit_length()),
        values=values,
        name=table.explanation,
    )


def _first_mapped(table: Table, facts: VoiFacts) -> int:
    """The first input, with the sign it was meant with.

    The descriptor's 16 bits are read by Pixel Representation, but a VOI table maps modality values
    (C.11.2.1.1), which a rescale makes signed or unsigned. The reading that meets any is right.
    """
    ends = rescaled(np.array(_possible(facts)), facts)
    if facts.modality_lut is not None:
        ends = facts.modality_lut.values.astype(np.float64)
    low, high = float(ends.min()), float(ends.max())
    first, count = table.first_mapped, len(table.values)
    for candidate in (first, first - _LUT_INPUTS, first + _LUT_INPUTS):
        if candidate <= high and candidate + count > low and -_LUT_INPUTS < candidate < _LUT_INPUTS:
            return candidate
    return first


def _possible(facts: VoiFacts) -> Span:
    """The span of stored values that Bits Stored allows; floats are taken to lie in 0-1."""
    if facts.pixel_type != "integer":
        return (0.0, 1.0)
    return (float(facts.stored_minimum), float(facts.stored_maximum))


def _span(facts: VoiFacts, stored: npt.NDArray[Any]) -> Span:
    """What stored values span, without padding and the few outermost."""
    kept = stored.reshape(-1)
    kept = kept[:: max(1, kept.size // _ENOUGH_TO_SPAN)]
    if facts.pixel_padding is not None:
        low, high = facts.pixel_padding
        kept = kept[(kept < low) | (kept > high)]
    return _percentiles(kept) if kept.size else _possible(facts)


def _percentiles(values: npt.NDArray[Any]) -> Span:
    kept = values.reshape(-1)
    kept = kept[:: max(1, kept.size // _ENOUGH_TO_SPAN)]
    if kept.dtype.kind == "f":
        kept = kept[np.isfinite(kept)]
    if not kept.size:
        return (0.0, 1.0)
    low, high = (float(end) for end in np.percentile(kept, _SPAN_PERCENT))
    if low == high:  # few pixels differ from the others: they are what there is to see
        low, high = float(kept.min()), float(kept.max())
    return (low, high)


def _covering(span: Span, facts: VoiFacts) -> WindowVoi:
    low, high = sorted(float(end) for end in rescaled(np.array(span), facts))
    return _from_to(low, high)


def _from_to(low: float, high: float) -> WindowVoi:
    return WindowVoi(
        center=(low + high) / 2.0, width=max(high - low, 1e-9), function="LINEAR_EXACT"
    )
