"""Pixel spacing, and the plane in which it is true (PS3.3 10.7.1; C.8.x where a module adds to it).

A slice's spacing is true in the patient. A radiograph's is true at the detector unless something
says where the patient was: a calibration, a magnification factor, the distances of an angiograph.
Spacing that no device has (zero, negative, over ten metres, no number) counts as absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.ultrasound import region_spacing_mm, ultrasound_regions
from viewer.decoding.values import number, numbers, pair, text, within
from viewer.volume.frame_source import SpacingKind, UltrasoundRegion

Pair = tuple[float, float]

_PROJECTION = frozenset({"CR", "DX", "MG", "IO", "PX", "RG", "XA", "RF", "DF", "DR", "RTIMAGE"})
_ANGIOGRAPHY = frozenset({"XA", "RF", "DF"})
# Tomosynthesis and rotational angiography: slices, whatever the modality is called.
_SLICES_OF_X_RAYS = (
    "1.2.840.10008.5.1.4.1.1.13.1.1",
    "1.2.840.10008.5.1.4.1.1.13.1.2",
    "1.2.840.10008.5.1.4.1.1.13.1.3",
)
_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_LEAST_MM = 1e-6
_MOST_MM = 1e4
_MOST_MAGNIFICATION = 20.0
_SAME = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """(between rows, between columns) in mm, the plane it is true in, and who says so."""

    mm: Pair | None = None
    kind: SpacingKind = "none"
    note: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a `FrameSource`."""
        return {
            "pixel_spacing_mm": self.mm,
            "spacing_kind": self.kind,
            "spacing_note": self.note,
        }


def spacing(groups: FunctionalGroups, index: int, regions: tuple[UltrasoundRegion, ...]) -> Spacing:
    """The spacing of a frame (counted from 0)."""
    own = groups.ask(index, "PixelMeasuresSequence", _pixel_spacing)
    if not groups.whole(_is_projection):
        return _in_patient(own, regions, groups.dataset)
    calibrated = groups.ask(index, "ProjectionPixelCalibrationSequence", _object_spacing)
    if calibrated:
        return Spacing(mm=calibrated, kind="geometry")
    imager = groups.ask(index, "FramePixelDataPropertiesSequence", _imager_spacing)
    distances = groups.ask(index, "XRayGeometrySequence", _isocenter_magnification)
    return _projection(groups.dataset, own, imager, distances)


def regions_of(groups: FunctionalGroups) -> tuple[UltrasoundRegion, ...]:
    """The calibrated regions of an ultrasound image; the same for all frames."""
    return groups.whole(ultrasound_regions)


def _is_projection(ds: Dataset) -> bool:
    """Whether depth is lost in the picture; captures of unknown origin may be of radiographs."""
    sop_class, modality = text(ds, "SOPClassUID"), text(ds, "Modality")
    if sop_class in _SLICES_OF_X_RAYS:
        return False
    is_capture = sop_class == _CAPTURE or sop_class.startswith(f"{_CAPTURE}.")
    return modality in _PROJECTION or (is_capture and modality in {"", "OT", "SC"})


def _in_patient(own: Pair | None, regions: tuple[UltrasoundRegion, ...], ds: Dataset) -> Spacing:
    """Slices, photographs and nuclear medicine: Pixel Spacing is a distance in the patient.

    Ultrasound has regions instead; where they are there, they decide (C.8.5.5). A film that was
    scanned knows the distances on the film only (C.8.6.1: Nominal Scanned Pixel Spacing).
    """
    if regions:
        mm = region_spacing_mm(regions, ds)
        return Spacing(mm=mm, kind="patient") if mm else Spacing()
    if own:
        return Spacing(mm=own, kind="patient")
    scanned = _sound(numbers(ds, "NominalScannedPixelSpacing"))
    return Spacing(mm=scanned, kind="detector") if scanned else Spacing()


def _projection(
    ds: Dataset, own: Pair | None, imager: Pair | None, isocenter: float | None
) -> Spacing:
    """A radiograph (10.7.1.3).

    Pixel Spacing is calibrated where a type says how, or where it differs from the detector's: then
    it was corrected in an unknown way, and "geometry" is the weaker claim of the two. Pixel Spacing
    alone says nothing about its plane; it is taken for the detector's, and no magnification is
    applied to it, because it may hold one already. A factor of one is no correction.
    """
    calibration = text(ds, "PixelSpacingCalibrationType").upper()
    note = text(ds, "PixelSpacingCalibrationDescription")
    if own and calibration == "FIDUCIAL":
        return Spacing(mm=own, kind="fiducial", note=note)
    if own and (calibration == "GEOMETRY" or (imager and not _same(own, imager))):
        return Spacing(mm=own, kind="geometry", note=note)
    if imager is None:
        scanned = own or _sound(numbers(ds, "NominalScannedPixelSpacing")) or _portal_spacing(ds)
        return Spacing(mm=scanned, kind="detector") if scanned else Spacing()
    factor = _factor(number(ds, "EstimatedRadiographicMagnificationFactor"))
    if factor is None and text(ds, "Modality") in _ANGIOGRAPHY:
        factor = isocenter or _distance_factor(ds, "DistanceSourceToPatient")
    if factor is None or abs(factor - 1.0) < _SAME:
        return Spacing(mm=imager, kind="detector")
    return Spacing(mm=(imager[0] / factor, imager[1] / factor), kind="magnified")


def _isocenter_magnification(ds: Dataset) -> float | None:
    """Source to detector over source to isocenter of an enhanced angiogram (C.8.19.6.8)."""
    return _distance_factor(ds, "DistanceSourceToIsocenter")


def _distance_factor(ds: Dataset, to_patient: str) -> float | None:
    """How much larger than at the isocenter things are at the detector of an angiograph (C.8.7.5).

    Distance Source to Patient is there that to the isocenter, where the patient's organ is put.
    Other radiographs give the distance to the table's front by that name; it is not used.
    """
    detector, patient = number(ds, "DistanceSourceToDetector"), number(ds, to_patient)
    if detector is None or patient is None or patient <= 0:
        return None
    return _factor(detector / patient)


def _factor(value: float | None) -> float | None:
    """A magnification that an X-ray device can have: the patient is before the detector."""
    return within(value, 1.0, _MOST_MAGNIFICATION)


def _pixel_spacing(ds: Dataset) -> Pair | None:
    return _sound(numbers(ds, "PixelSpacing"))


def _imager_spacing(ds: Dataset) -> Pair | None:
    return _sound(numbers(ds, "ImagerPixelSpacing"))


def _object_spacing(ds: Dataset) -> Pair | None:
    return _sound(numbers(ds, "ObjectPixelSpacingInCenterOfBeam"))


def _portal_spacing(ds: Dataset) -> Pair | None:
    """Image Plane Pixel Spacing of a portal image: in the plane of the detector (C.8.8.2)."""
    return _sound(numbers(ds, "ImagePlanePixelSpacing"))


def _sound(values: tuple[float, ...]) -> Pair | None:
    found = pair(values)
    if found is None or not all(_LEAST_MM <= value <= _MOST_MM for value in found):
        return None
    return found


def _same(a: Pair, b: Pair) -> bool:
    return all(abs(x - y) <= _SAME * max(x, y) for x, y in zip(a, b, strict=True))
