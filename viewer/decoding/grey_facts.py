"""From stored values to grey, as the header says: rescale, units, lookup tables, windows.

Modality LUT and rescale (PS3.3 C.11.1), VOI (C.11.2), the units of PET (C.8.9.1.1.3), of doses
(C.8.8.3) and real world values (C.7.6.16.2.11). A scale that cannot be one (zero, not finite,
beyond any quantity) counts as absent with its unit, so that no number is shown in a wrong unit.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.place import DOSE
from viewer.decoding.tables import lookup_table
from viewer.decoding.values import items, number, numbers, text, texts, within
from viewer.volume import LookupTable, VoiWindow

# X-ray angiography and radiofluoroscopy: their modality LUT leads back to the beam's intensity and
# is not part of the way to the screen (C.8.7.1.1.2). DCMTK shows both classes so, too.
_BEAM_INTENSITY = frozenset({"1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"})
_LEAST, _MOST = 1e-30, 1e30

# As written by some reformatting stations, beside the standard's defined terms.
_RESCALE_TYPES = {
    "US": "",
    "UNSPECIFIED": "",
    "PCT": "%",
    "HOUNSFIELD": "HU",
    "HOUNSFIELD UNIT": "HU",
    "HOUNSFIELD UNITS": "HU",
    "HOUNDSFIELD UNIT": "HU",
    "HOUNDSFIELD UNITS": "HU",
}
_PET_UNITS = {
    "CNTS": "counts",
    "PROPCNTS": "prop. counts",
    "CPS": "counts/s",
    "PROPCPS": "prop. counts/s",
    "BQML": "Bq/ml",
    "GML": "g/ml",
    "MGMINML": "mg/min/ml",
    "UMOLMINML": "umol/min/ml",
    "MLMING": "ml/min/g",
    "MLG": "ml/g",
    "1CM": "1/cm",
    "UMOLML": "umol/ml",
    "CM2": "cm2",
    "CM2ML": "cm2/ml",
    "PCNT": "%",
    "STDDEV": "SD",
    "NONE": "",
}
_SUV = {"BSA": "SUVbsa", "BW": "SUVbw", "LBM": "SUVlbm", "LBMJAMES128": "SUVlbm", "IBW": "SUVibw"}


def grey(groups: FunctionalGroups, index: int) -> dict[str, Any]:
    """The grey scale of a frame (counted from 0), as fields of a `FrameSource`."""
    rescale = groups.ask(index, "PixelValueTransformationSequence", _rescale)
    table, table_unit = groups.whole(_modality_lut)
    if groups.whole(_is_beam_intensity):
        rescale, table = None, None
    slope, intercept, unit = rescale if rescale is not None else (1.0, 0.0, "")
    if table is not None:
        slope, intercept, unit = 1.0, 0.0, table_unit
    elif not unit:
        mapping = groups.ask(index, "RealWorldValueMappingSequence", _mapping)
        unit = _unit(groups, mapping, (slope, intercept), is_rescaled=rescale is not None)
    windows, tables = groups.ask(index, "FrameVOILUTSequence", _voi)
    return {
        "slope": slope,
        "intercept": intercept,
        "unit": unit,
        "modality_lut": table,
        "windows": windows,
        "voi_luts": tables,
    }


def _unit(
    groups: FunctionalGroups,
    mapping: tuple[float | None, float | None, str],
    rescale: tuple[float, float],
    *,
    is_rescaled: bool,
) -> str:
    """The unit of rescaled values where Rescale Type does not name it.

    A real world value mapping is not applied on top of the rescale; it lends its unit where it is
    the same line, because the values are the same then.
    """
    if mapping[2] and mapping[:2] == rescale:
        return mapping[2]
    return groups.whole(_unit_of_kind) if is_rescaled else ""


def _rescale(ds: Dataset) -> tuple[float, float, str] | None:
    """Slope, intercept and unit; None where the header has none that can be used.

    Philips' private scale slope (2005,100E) is left alone: it leads from the displayed value to the
    scanner's floating point signal, which the standard's rescale, windows and other viewers do not
    mean. A dose is stored value x Dose Grid Scaling.
    """
    if text(ds, "SOPClassUID") == DOSE:
        scaling = _scale(number(ds, "DoseGridScaling"))
        unit = "Gy" if text(ds, "DoseUnits").upper() == "GY" else ""
        return None if scaling is None else (scaling, 0.0, unit)
    slope, intercept = number(ds, "RescaleSlope"), number(ds, "RescaleIntercept")
    if slope is None and intercept is None:
        return None
    slope = _scale(1.0 if slope is None else slope)
    intercept = within(0.0 if intercept is None else intercept, -_MOST, _MOST)
    if slope is None or intercept is None:
        return None
    return (slope, intercept, _shown_unit(text(ds, "RescaleType")))


def _shown_unit(kind: str) -> str:
    """Rescale Type as readers write it; enhanced PET names its units there (C.8.22.5)."""
    known = {**_PET_UNITS, **_RESCALE_TYPES}
    return known.get(kind.upper(), kind)


def _scale(value: float | None) -> float | None:
    return value if value is not None and _LEAST <= abs(value) <= _MOST else None


def _is_beam_intensity(ds: Dataset) -> bool:
    return text(ds, "SOPClassUID") in _BEAM_INTENSITY


def _modality_lut(ds: Dataset) -> tuple[LookupTable | None, str]:
    tables = items(ds, "ModalityLUTSequence")
    table = lookup_table(tables[0]) if tables else None
    if table is None:
        return None, ""
    return table, _shown_unit(text(tables[0], "ModalityLUTType"))


def _unit_of_kind(ds: Dataset) -> str:
    """What rescaled values are in where Rescale Type does not say: CT numbers and PET's Units."""
    modality = text(ds, "Modality")
    if modality == "CT":
        return "" if text(ds, "RescaleType") or _is_enhanced(ds) else "HU"
    units = text(ds, "Units").upper()
    if modality != "PT" or not units:
        return ""
    shown = _PET_UNITS.get(units, units)
    if units in {"GML", "CM2ML"}:
        # Without a type the division is by body weight; for CM2ML it is by surface (C.8.9.1.1.3).
        absent = "BW" if units == "GML" else "BSA"
        kind = text(ds, "SUVType").upper() or absent
        shown = f"{shown} ({_SUV.get(kind, kind)})"
    return shown


def _is_enhanced(ds: Dataset) -> bool:
    return "SharedFunctionalGroupsSequence" in ds


def _mapping(ds: Dataset) -> tuple[float | None, float | None, str]:
    """Slope, intercept and unit of the first real world value mapping, where it is a line."""
    mapped = items(ds, "RealWorldValueMappingSequence")
    item = mapped[0] if mapped else ds
    codes = items(item, "MeasurementUnitsCodeSequence")
    if not codes:
        return None, None, ""
    code = text(codes[0], "CodeValue")
    unit = "" if code in {"1", "{0:1}"} else code
    return number(item, "RealWorldValueSlope"), number(item, "RealWorldValueIntercept"), unit


def _voi(ds: Dataset) -> tuple[tuple[VoiWindow, ...], tuple[LookupTable, ...]]:
    tables = (lookup_table(item) for item in items(ds, "VOILUTSequence"))
    return _windows(ds), tuple(table for table in tables if table is not None)


def _windows(ds: Dataset) -> tuple[VoiWindow, ...]:
    """Pairs of Window Center and Width that are windows: a width that is not positive is none."""
    centers, widths = numbers(ds, "WindowCenter"), numbers(ds, "WindowWidth")
    explanations = texts(ds, "WindowCenterWidthExplanation")
    function = text(ds, "VOILUTFunction").upper()
    return tuple(
        VoiWindow(
            center=center,
            width=width,
            function=function if function in {"LINEAR_EXACT", "SIGMOID"} else "LINEAR",
            explanation=explanations[n].strip() if n < len(explanations) else "",
        )
        for n, (center, width) in enumerate(zip(centers, widths, strict=False))
        if 0.0 < width <= _MOST and abs(center) <= _MOST
    )
