"""The arithmetic from stored values to grey 0-255 (PS3.3 C.11.1, C.11.2; PS3.4 N.2).

Rescale or modality table, then window or VOI table, then inversion (MONOCHROME1, Presentation LUT
Shape INVERSE, the reader's own). Grey is cut to whole numbers, as DCMTK does. A value that is no
number is black, and so is pixel padding: it is excluded from the grey scale (C.7.5.1.1.2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.voi.facts import GreyFacts
from viewer.voi.windows import LutVoi, Voi, WindowVoi

Grey = npt.NDArray[np.uint8]
# Grey is quantised downwards, as DCMTK does; this keeps whole results from falling one short.
QUANTUM = 1e-6
_WHITE = 255.0
# A range of padding is judged by its ends and some values between them.
_PADDING_JUDGED = 65


def grey_table(facts: GreyFacts, voi: Voi, *, inverted: bool) -> Grey:
    """Grey for every stored value: index = stored value - `facts.stored_minimum`.

    Only for up to 16 bits stored; wider pixels go through `grey_values`. Padding is not black yet.
    """
    stored = np.arange(facts.stored_minimum, facts.stored_maximum + 1, dtype=np.float64)
    return grey_values(stored, facts, voi, inverted=inverted)


def grey_values(stored: npt.NDArray[Any], facts: GreyFacts, voi: Voi, *, inverted: bool) -> Grey:
    """Grey 0-255 of stored values of any shape, also between integers (interpolated).

    MONOCHROME1 and Presentation LUT Shape INVERSE invert after the VOI; `inverted` does so again.
    NaN is black whichever way; infinities are the ends of the grey scale.
    """
    shares = _shares_of_white(rescaled(stored, facts), voi)
    if facts.inverse != inverted:
        shares = 1.0 - shares
    return np.floor(np.nan_to_num(shares, nan=0.0) * _WHITE + QUANTUM).astype(np.uint8)


def rescaled(stored: npt.NDArray[Any], facts: GreyFacts) -> npt.NDArray[np.float64]:
    """Modality values (HU, optical density, ...) of stored values (C.11.1)."""
    if facts.modality_lut is None:
        scaled = np.asarray(stored, dtype=np.float64) * facts.slope + facts.intercept
        return np.asarray(scaled, dtype=np.float64)
    entries = facts.modality_lut.values.astype(np.float64)
    return _looked_up(
        np.asarray(stored, dtype=np.float64), facts.modality_lut.first_mapped, entries
    )


def linear_grey(facts: GreyFacts, voi: Voi, *, inverted: bool) -> tuple[float, float] | None:
    """(gain, offset) with grey = floor(clip(gain * stored + offset, 0, 255)), `QUANTUM` included.

    None where it is no line.
    """
    if facts.modality_lut is not None or isinstance(voi, LutVoi) or voi.function == "SIGMOID":
        return None
    center, width = _ramp(voi)
    if width <= 0.0:
        return None
    gain = _WHITE * facts.slope / width
    offset = _WHITE * ((facts.intercept - center) / width + 0.5)
    if facts.inverse != inverted:
        return -gain, _WHITE - offset + QUANTUM
    return gain, offset + QUANTUM


def padding_to_hide(
    padding: tuple[float, float] | None, facts: GreyFacts, voi: Voi, *, inverted: bool
) -> tuple[float, float] | None:
    """The stored values (both ends) that must be hidden because they are padding and not black.

    Padding belongs to no grey scale (PS3.3 C.7.5.1.1.2) and is shown as the background, black, in
    MONOCHROME1 and inverted pictures too. Where its grey is black anyway, as that of the usual
    -2000 of a CT, there is nothing to hide and None is returned.
    """
    if padding is None:
        return None
    values = np.linspace(*padding, _PADDING_JUDGED)
    return padding if grey_values(values, facts, voi, inverted=inverted).any() else None


def _ramp(voi: WindowVoi) -> tuple[float, float]:
    """Middle and width of the slope; LINEAR's is half a unit lower and a unit narrower."""
    if voi.function == "LINEAR_EXACT":
        return voi.center, voi.width
    return voi.center - 0.5, voi.width - 1.0


def _shares_of_white(x: npt.NDArray[np.float64], voi: Voi) -> npt.NDArray[np.float64]:
    if isinstance(voi, LutVoi):
        entries = np.array(voi.values, dtype=np.float64) / float((1 << voi.bits) - 1)
        return _looked_up(x, voi.first_mapped, entries)
    return _through_window(x, voi)


def _through_window(x: npt.NDArray[np.float64], voi: WindowVoi) -> npt.NDArray[np.float64]:
    """Shares of full white, 0-1 (C.11.2.1.2.1, C.11.2.1.3.1, C.11.2.1.3.2)."""
    if voi.function == "SIGMOID":
        power = np.clip(-4.0 * (x - voi.center) / voi.width, -700.0, 700.0)
        return np.asarray(1.0 / (1.0 + np.exp(power)), dtype=np.float64)
    center, width = _ramp(voi)
    if width <= 0.0:  # LINEAR of width 1: a threshold, in which c - 0.5 itself is black
        return np.where(np.isnan(x), np.nan, (x > center).astype(np.float64))
    return np.asarray(np.clip((x - center) / width + 0.5, 0.0, 1.0), dtype=np.float64)


def _looked_up(
    x: npt.NDArray[np.float64], first: int, entries: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The entries at the nearest whole numbers, clamped at both ends; NaN stays NaN."""
    index = np.clip(np.floor(x + 0.5) - first, 0, len(entries) - 1)
    missing = np.isnan(index)
    found = entries[np.where(missing, 0, index).astype(np.int64)]
    return np.where(missing, np.nan, found)
