"""From stored values to grey: rescale, VOI window or lookup table, inversion.

The order is DICOM's (PS3.3 C.11.1, C.11.2, C.11.6; PS3.4 N.2): modality transformation, VOI,
presentation. `facts` says what must be known, `windows` what a VOI is, `header` which one a header
asks for and in which unit, `grey` does the arithmetic. Knows no pixels in files and no screens.
"""

from viewer.voi.facts import GreyFacts, Table, VoiFacts, Window
from viewer.voi.grey import (
    QUANTUM,
    Grey,
    grey_table,
    grey_values,
    linear_grey,
    padding_to_hide,
    rescaled,
)
from viewer.voi.header import default_voi, header_vois, header_window, spanning_voi
from viewer.voi.windows import LutVoi, Preset, Voi, WindowVoi, presets

__all__ = [
    "QUANTUM",
    "Grey",
    "GreyFacts",
    "LutVoi",
    "Preset",
    "Table",
    "Voi",
    "VoiFacts",
    "Window",
    "WindowVoi",
    "default_voi",
    "grey_table",
    "grey_values",
    "header_vois",
    "header_window",
    "linear_grey",
    "padding_to_hide",
    "presets",
    "rescaled",
    "spanning_voi",
]
