"""What the grey scale must know of a frame or a volume, and no more.

Protocols only: `viewer.volume` has the values, and knows nothing of windows. Stored values are those
of the file before any transformation, modality values those after the Modality LUT (PS3.3 C.11.1).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


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
    def pixel_type(self) -> str:
        """Either "integer" or the type of Float and Double Float Pixel Data."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """Window Center and Width pairs."""

    @property
    def voi_luts(self) -> tuple[Table, ...]:
        """VOI LUT Sequence."""

    @property
    def pixel_padding(self) -> tuple[float, float] | None:
        """Stored values that are no image, both ends included."""
