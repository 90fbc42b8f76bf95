"""The golden table, made without a line of the program it judges.

    python tests/golden/make.py [FOLDER OF THE SHARED SERIES]     writes tests/golden/series.toml

Header facts come from pydicom's raw elements, stored pixels from GDCM (pydicom where GDCM has no decoder or reads
colour otherwise), places from equation C.7.6.2.1-1 of PS3.3 worked out here, and mosaics and multi-frame series a
second time from what dcm2niix makes of them. Imports nothing of the product; the test sees to that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import numpy.typing as npt
import pydicom
from by_dcm2niix import diffusion, nifti
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array

Pixels = npt.NDArray[Any]
Block = dict[str, Any]

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
TABLE = Path(__file__).with_name("series.toml")

# Folders of samples: every file stands alone, whatever series it names.
SAMPLES = (
    "pydicom_data", "pydicom_test_files/test_files", "transfer_syntaxes/dcm_qa_ts", "us_colour_and_misc", "dr_cr_mg",
    "objects_gsps", "ct_prior_current_sbu/",
)  # fmt: skip
# Folders whose files hold several slices each: dcm2niix says where the slices lie and what is in them.
PACKED = (
    "mr_dwi_uih_dir16", "mr_siemens_mosaic", "mr_enhanced", "mr_brain_siemens_multiseries/relCBF",
    "mr_brain_siemens_multiseries/Perfusion_Weighted", "mr_vendor_mix/philips_enhanced",
    "mr_vendor_mix/siemens_multiframe",
    "transfer_syntaxes/dcm_qa_ts",
)  # fmt: skip
WEIGHTED = ("mr_dwi_uih_dir16", "mr_vendor_mix/philips_enhanced/dti", "mr_vendor_mix/ge/dti")
MOSAICS = (*PACKED[:2], *PACKED[3:5], "transfer_syntaxes/dcm_qa_ts")
# Broken on purpose, or no sound file to be golden about: the table of bad files speaks of them.
BROKEN = frozenset(
    {
        "pydicom_test_files/test_files/MR_truncated.dcm",
        "pydicom_test_files/test_files/badVR.dcm",
        "pydicom_test_files/test_files/SC_rgb_rle_32bit.dcm",  # GDCM mixes its bytes
        "pydicom_test_files/test_files/SC_rgb_rle_32bit_2frame.dcm",
        "pydicom_data/JLSL_08_07_0_1F.dcm",  # GDCM, DCMTK and dicomsdl all refuse the stream
        "pydicom_data/emri_small_jpeg_2k_lossless_too_short.dcm",
        "pydicom_test_files/test_files/JPEG2000-embedded-sequence-delimiter.dcm",
    }
)
LOSSY = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 81, 91, 203))
JPEG_LS = frozenset({"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"})
HTJ2K = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203))
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
GDCM_DIES = frozenset(
    {"objects_gsps/overlay.dcm"}
)  # an overlay it does not understand ends its process
ANGLE_PLACES = 4
SAMPLED = 12  # frames of a series that a quick run adds up


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED)
    parser.add_argument("--out", type=Path, default=TABLE)
    options = parser.parse_args(arguments)
    options.out.write_text(table(options.folder))


def table(folder: Path) -> str:
    """The whole table as TOML, one block for every series under `folder`."""
    warnings.simplefilter("ignore")
    head = "# Made by tests/golden/make.py from the shared series, without the program it judges. Do not edit.\n"
    return "\n".join([head, *(_toml(block) for block in blocks(folder))])


def blocks(folder: Path) -> Iterator[Block]:
    """One block per series, by folder and series number; samples one block per file."""
    groups: dict[tuple[str, str], list[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or name in BROKEN or name.startswith("LICENSES"):
            continue
        series = _series_of(path)
        if series is None:
            continue
        alone = name.startswith(SAMPLES)
        groups.setdefault((name if alone else name.rpartition("/")[0], series), []).append(name)
    for (place, series), names in sorted(groups.items()):
        yield _block(folder, place, series, names)


def _series_of(path: Path) -> str | None:
    """The Series Instance UID of an image; None for everything else."""
    try:
        ds = pydicom.dcmread(path, force=True, defer_size=1024)
    except Exception:
        return None
    if (
        "Rows" not in ds
        or "SOPInstanceUID" not in ds
        or not any(keyword in ds for keyword in PIXELS)
    ):
        return None
    return str(ds.get("SeriesInstanceUID", ""))


def _block(folder: Path, place: str, series: str, names: list[str]) -> Block:
    heads = {
        name: pydicom.dcmread(folder / name, stop_before_pixels=True, force=True) for name in names
    }
    first = heads[names[0]]
    pixels = {name: _frames(folder / name) for name in names}
    block: Block = {
        "place": place, "series": series[-12:], "modality": str(first.get("Modality", "")), "files": len(names),
        "frames": sum(len(found) for _, found in pixels.values()),
        "rows": int(first.Rows), "columns": int(first.Columns), "samples": int(first.get("SamplesPerPixel", 1)),
        "syntaxes": sorted({_syntax(ds) for ds in heads.values()}), "judge": pixels[names[0]][0],
        "lossy": any(_syntax(ds) in LOSSY for ds in heads.values()),
    }  # fmt: skip
    stacked = [found for _, found in pixels.values()]
    block["stored_min"] = min(_plain(found.min()) for found in stacked)
    block["stored_max"] = max(_plain(found.max()) for found in stacked)
    sums = [_sum(one) for found in stacked for one in found]
    block["stored_sum"] = sum(sums)
    block["sampled_every"] = -(-len(sums) // SAMPLED)
    block["sampled_sum"] = sum(sums[:: block["sampled_every"]])
    slices = [
        _Slice(name, heads[name], index) for name in names for index in range(len(pixels[name][1]))
    ]
    if not place.startswith(MOSAICS):
        block |= _geometry(slices)
        block["points"] = [_point(slices[n], pixels, at) for n, at in _chosen(len(slices))]
    if place.startswith(PACKED):
        block["nifti"] = [nifti(folder / name, name) for name in names]
    if place.startswith(WEIGHTED):
        block["diffusion"] = diffusion(folder, names)
    return block


def _frames(path: Path) -> tuple[str, Pixels]:
    """Who decoded, and (frames, rows, columns) stored values or (frames, rows, columns, 3) RGB."""
    ds = pydicom.dcmread(path, force=True)
    colour = ds.get("SamplesPerPixel", 1) == 3
    if _syntax(ds) == DEFLATED_FRAMES:
        return "zlib", _inflated_bits(ds)
    dies = path.as_posix().endswith(tuple(GDCM_DIES))
    if not (colour or dies) and _syntax(ds) not in HTJ2K and ds.get("BitsAllocated", 0) in {8, 16}:
        found = _gdcm(path)
        if found is not None:
            return "GDCM", found
    if _syntax(ds) in JPEG_LS:
        return "DCMTK", _by_dcmtk(path)
    return "pydicom", _by_pydicom(ds)


def _by_pydicom(ds: Dataset) -> Pixels:
    if "TransferSyntaxUID" not in ds.file_meta:
        ds.file_meta.TransferSyntaxUID = _syntax(ds)
    found = pixel_array(ds)
    plain_dimensions = 3 if ds.get("SamplesPerPixel", 1) == 3 else 2
    return found[np.newaxis] if found.ndim == plain_dimensions else found


def _by_dcmtk(path: Path) -> Pixels:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.dcm"
        subprocess.run(
            ["/usr/bin/dcmdjpls", str(path), str(plain)], check=True, capture_output=True
        )
        return _by_pydicom(pydicom.dcmread(plain))


def _inflated_bits(ds: Dataset) -> Pixels:
    """Frames of single bits, each deflated on its own (PS3.5 A.4.12 and 8.1.1)."""
    count = int(ds.Rows) * int(ds.Columns)
    frames = generate_frames(ds.PixelData, number_of_frames=int(ds.NumberOfFrames))
    bits = [
        np.unpackbits(np.frombuffer(zlib.decompress(one, -15), np.uint8), bitorder="little")
        for one in frames
    ]
    return np.stack([one[:count].reshape(int(ds.Rows), int(ds.Columns)) for one in bits])


def _gdcm(path: Path) -> Pixels | None:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    if not reader.Read():
        return None
    image = reader.GetImage()
    sizes = list(image.GetDimensions())
    kind = image.GetPixelFormat()
    scalar = {
        gdcm.PixelFormat.UINT8: "u1", gdcm.PixelFormat.INT8: "i1", gdcm.PixelFormat.UINT16: "<u2",
        gdcm.PixelFormat.INT16: "<i2", gdcm.PixelFormat.UINT12: "<u2", gdcm.PixelFormat.INT12: "<i2",
    }.get(kind.GetScalarType())  # fmt: skip
    if scalar is None:
        return None
    buffer = image.GetBuffer()
    if buffer is None:
        return None
    raw = np.frombuffer(
        buffer.encode("utf-8", "surrogateescape") if isinstance(buffer, str) else buffer, scalar
    )
    columns, rows = sizes[:2]
    if raw.size == 0 or raw.size % (rows * columns):
        return None
    return _stored_bits(raw.reshape(-1, rows, columns), kind)


def _stored_bits(raw: Pixels, kind: Any) -> Pixels:
    """What lies between high bit and bits stored, with its sign: bits beside them are no pixels (PS3.5 8.1.1)."""
    stored, high, signed = (
        kind.GetBitsStored(),
        kind.GetHighBit(),
        bool(kind.GetPixelRepresentation()),
    )
    wide = (raw.astype(np.int64) >> (high + 1 - stored)) & ((1 << stored) - 1)
    return np.where(wide >> (stored - 1), wide - (1 << stored), wide) if signed else wide


def _syntax(ds: Dataset) -> str:
    named = getattr(getattr(ds, "file_meta", None), "TransferSyntaxUID", None)
    if named:
        return str(named)
    implicit, little = ds.original_encoding
    return "1.2.840.10008.1.2" if implicit else f"1.2.840.10008.1.2.{1 if little else 2}"


def _sum(pixels: Pixels) -> int | float:
    return _plain(pixels.sum(dtype=np.float64 if pixels.dtype.kind == "f" else np.int64))


def _plain(value: Any) -> int | float:
    number = value.item()
    return int(number) if isinstance(number, int | bool) else float(number)


class _Slice:
    """One frame's own facts: from its functional groups, the shared ones, or the data set (PS3.3 C.7.6.16)."""

    def __init__(self, name: str, ds: Dataset, index: int) -> None:
        self.name, self.frame, self.ds = name, index + 1, ds
        own = ds.get("PerFrameFunctionalGroupsSequence") or []
        shared = ds.get("SharedFunctionalGroupsSequence") or []
        self._parts = [*own[index : index + 1], *shared[:1]]

    def numbers(self, group: str, keyword: str) -> tuple[float, ...]:
        for part in self._parts:
            for item in part.get(group) or []:
                if keyword in item:
                    return _numbers(item, keyword)
        return _numbers(self.ds, keyword)

    @property
    def position(self) -> tuple[float, ...]:
        offsets = _numbers(self.ds, "GridFrameOffsetVector")
        if len(offsets) >= self.frame and offsets[0] == 0:  # planes of a dose (PS3.3 C.8.8.3.2)
            along = np.cross(self.orientation[:3], self.orientation[3:]) * offsets[self.frame - 1]
            return tuple(np.array(_numbers(self.ds, "ImagePositionPatient")) + along)
        return self.numbers("PlanePositionSequence", "ImagePositionPatient")

    @property
    def orientation(self) -> tuple[float, ...]:
        return self.numbers("PlaneOrientationSequence", "ImageOrientationPatient")

    @property
    def spacing(self) -> tuple[float, ...]:
        return self.numbers("PixelMeasuresSequence", "PixelSpacing")

    @property
    def is_placed(self) -> bool:
        return (len(self.position), len(self.orientation), len(self.spacing)) == (3, 6, 2)

    @property
    def rescale(self) -> tuple[float, float]:
        if "DoseGridScaling" in self.ds:
            return (float(self.ds.DoseGridScaling), 0.0)
        slope = self.numbers("PixelValueTransformationSequence", "RescaleSlope")
        intercept = self.numbers("PixelValueTransformationSequence", "RescaleIntercept")
        return (slope[0] if slope else 1.0, intercept[0] if intercept else 0.0)

    def world(self, row: int, column: int) -> list[float]:
        """Equation C.7.6.2.1-1: S + X di i + Y dj j; Pixel Spacing is between rows first."""
        x, y = np.array(self.orientation[:3]), np.array(self.orientation[3:])
        place = np.array(self.position) + x * self.spacing[1] * column + y * self.spacing[0] * row
        return [round(float(value), 4) for value in place]


def _numbers(ds: Dataset, keyword: str) -> tuple[float, ...]:
    value = ds.get(keyword)
    if value is None or value == "":
        return ()
    return tuple(
        float(part)
        for part in (
            value if isinstance(value, Sequence | pydicom.multival.MultiValue) else [value]
        )
    )


def _geometry(slices: list[_Slice]) -> Block:
    """Spacing, directions, window and how the slices follow each other, as far as the header says."""
    first = slices[0]
    found: Block = {}
    if first.spacing:
        found["spacing_mm"] = [round(value, 6) for value in first.spacing]
    window = [first.numbers("FrameVOILUTSequence", f"Window{part}") for part in ("Center", "Width")]
    if all(window):
        found["window"] = [window[0][0], window[1][0]]
    tilt = _numbers(first.ds, "GantryDetectorTilt")
    if tilt:
        found["gantry_tilt_degrees"] = tilt[0]
    if not all(one.is_placed for one in slices):
        return found
    across = np.cross(first.orientation[:3], first.orientation[3:])
    across /= np.linalg.norm(across)
    found["orientation"] = [round(value, 6) for value in first.orientation]
    found["normal_degrees"] = [
        round(float(np.degrees(np.arccos(value))), ANGLE_PLACES) for value in across
    ]
    places = np.array([one.position for one in slices])
    along = places @ across
    order = np.argsort(along, kind="stable")
    found["lowest_position"] = [round(float(v), 4) for v in places[order[0]]]
    found["highest_position"] = [round(float(v), 4) for v in places[order[-1]]]
    steps = np.diff(np.unique(np.round(along, 3)))
    if len(steps) and all(one.orientation == first.orientation for one in slices):
        found["steps_mm"] = [
            round(float(v), 3) for v in (steps.min(), np.median(steps), steps.max())
        ]
        whole = places[order[-1]] - places[order[0]]
        sideways = whole - across * (whole @ across)
        lean = np.degrees(np.arctan2(np.linalg.norm(sideways), abs(whole @ across)))
        found["lean_degrees"] = round(float(lean), 3)
    return found


def _chosen(count: int) -> list[tuple[int, tuple[float, float] | None]]:
    """Which slices, and where: the brightest pixel of the middle one, then a place in it, in the first and the last."""
    return [
        (count // 2, None),
        (count // 2, (0.5, 0.5)),
        (0, (0.25, 1 / 3)),
        (count - 1, (0.75, 2 / 3)),
    ]


def _point(
    one: _Slice, pixels: dict[str, tuple[str, Pixels]], at: tuple[float, float] | None
) -> Block:
    stored = pixels[one.name][1][one.frame - 1]
    if at is None:
        row, column = (int(v) for v in np.unravel_index(np.argmax(stored), stored.shape)[:2])
    else:
        row, column = int(stored.shape[0] * at[0]), int(stored.shape[1] * at[1])
    there = stored[row, column]
    point: Block = {
        "file": one.name.rpartition("/")[2],
        "frame": one.frame,
        "row": row,
        "column": column,
    }
    if stored.ndim == 3:
        point["rgb"] = [int(value) for value in there]
    else:
        point["stored"] = _plain(there)
        if "ModalityLUTSequence" not in one.ds:
            slope, intercept = one.rescale
            point["value"] = float(f"{float(there) * slope + intercept:.9g}")
    if one.is_placed:
        point["world"] = one.world(row, column)
    return point


def _toml(block: Block) -> str:
    lines = ["[[series]]"]
    tables = ("points", "nifti", "diffusion")
    lines += [f"{name} = {_value(value)}" for name, value in block.items() if name not in tables]
    for name in tables:
        rows = [f"  {_value(row)}," for row in block.get(name, ())]
        if rows:
            lines += [f"{name} = [", *rows, "]"]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return repr(value)


if __name__ == "__main__":
    sys.exit(main())
