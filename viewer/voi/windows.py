"""The VOI a picture is made with: a window or a lookup table; and windows that have a name.

A window is always in the unit that is displayed; `viewer.voi.header` brings a header's windows
there. Knows neither headers nor pixels.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowVoi:
    """A window in displayed units: modality values (HU for CT), whatever the header counted in.

    `function` is LINEAR, LINEAR_EXACT or SIGMOID (PS3.3 C.11.2.1.2, C.11.2.1.3).
    """

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
