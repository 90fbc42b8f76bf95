"""The look a frame starts with, while its reader has chosen none: the header's own window or table.

A set is first drawn with the VOI of one frame, and that one holds for all whose headers say the
same, so that nothing flickers. A frame with a window, a table or a rescale of its own (enhanced
objects, slices scaled one by one) starts with its own. Knows no widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from viewer.voi import Voi, default_voi, header_vois
from viewer.volume import FrameSource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Start:
    """What the header of `source` offers in displayed units, or what its pixels span: one at least.

    The first is in use until the reader chooses.
    """

    source: FrameSource
    vois: tuple[Voi, ...]

    @property
    def voi(self) -> Voi:
        """The one in use."""
        return self.vois[0]


def start_of(known: Start | None, source: FrameSource, stored: npt.NDArray[Any]) -> Start:
    """How a frame starts; `known` is the start of the set it belongs to, None for the first drawn.

    `stored` are the frame's stored values. Where its header offers nothing the set's start holds.
    """
    if known is not None and _says_the_same(source, known.source):
        return known
    found = header_vois(source, stored)
    if found:
        return Start(source=source, vois=found)
    return known or Start(source=source, vois=(default_voi(source, stored),))


def _says_the_same(one: FrameSource, other: FrameSource) -> bool:
    """Whether two headers ask for one look of the same values."""
    return one is other or (
        (one.slope, one.intercept) == (other.slope, other.intercept)
        and one.windows == other.windows
        and one.voi_luts == other.voi_luts
        and one.modality_lut == other.modality_lut
    )
