"""Judges of pictures: DCMTK's dcm2pnm, and the standard's formulas written out over pydicom's pixels.

What dcm2pnm cannot decompress itself is decompressed first: by DCMTK's own tools where there is one, else by
pydicom's plugins (GDCM, OpenJPEG), which are not the decoders under test.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.encaps import get_frame
from pydicom.pixels import pixel_array

from tests.peers import require_program
from viewer.decoding import decode_frame, parse_file
from viewer.volume import Frame, FrameSource

JPEG = (
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
)
UNPACK = {
    **dict.fromkeys(JPEG, "dcmdjpeg"),
    "1.2.840.10008.1.2.4.80": "dcmdjpls",
    "1.2.840.10008.1.2.4.81": "dcmdjpls",
    "1.2.840.10008.1.2.5": "dcmdrle",
}


def unpacked(path: Path, folder: Path) -> Path:
    """A copy of the file that dcm2pnm can read."""
    plain = folder / "plain.dcm"
    meta = getattr(pydicom.dcmread(path, stop_before_pixels=True, force=True), "file_meta", {})
    syntax = str(meta.get("TransferSyntaxUID", ""))
    if syntax in UNPACK:
        command = [require_program(UNPACK[syntax]), str(path), str(plain)]
        subprocess.run(command, check=True, capture_output=True)
    elif syntax.startswith("1.2.840.10008.1.2.4"):
        ds = pydicom.dcmread(path)
        ds.decompress()
        ds.save_as(plain)
    else:
        shutil.copyfile(path, plain)
    return plain


def drawn(plain: Path, folder: Path, *options: str) -> np.ndarray:
    """dcm2pnm's picture of an unpacked file: the first frame unless the options say another."""
    out = folder / "out.pnm"
    program = require_program("dcm2pnm")
    subprocess.run([program, *options, str(plain), str(out)], check=True, capture_output=True)
    content = out.read_bytes()
    head = re.match(rb"P([56])\s+(?:#.*\n)*(\d+)\s+(\d+)\s+255\s", content)
    assert head is not None
    shape = (int(head[3]), int(head[2])) + ((3,) if head[1] == b"6" else ())
    return np.frombuffer(content, np.uint8, offset=head.end()).reshape(shape)


def dcmtk_picture(path: Path, folder: Path, *options: str) -> np.ndarray:
    """dcm2pnm's picture of the first frame, without overlays."""
    return drawn(unpacked(path, folder), folder, "-O", *options)


def ours(path: Path, number: int = 1) -> Frame:
    """A frame, counted from 1, as our decoder reads it."""
    source = parse_file(path)[1][number - 1]
    return Frame(pixels=decode_frame(path, source), source=source)


def tile(picture: np.ndarray, source: FrameSource) -> np.ndarray:
    """The part of a mosaic's picture that is this slice; other pictures as they are."""
    if source.tile is None:
        return picture
    assert picture.shape == (source.tile.coded_rows, source.tile.coded_columns)
    top, left = source.tile.top, source.tile.left
    return picture[top : top + source.rows, left : left + source.columns]


def apart(a: np.ndarray, b: np.ndarray) -> int:
    """The largest difference in grey levels."""
    assert a.shape == b.shape
    return int(np.abs(a.astype(int) - b).max())


def padded(ds: pydicom.Dataset, stored: np.ndarray) -> np.ndarray:
    """Where a file's own words say padding is (PS3.3 C.7.5.1.1.2)."""
    if "PixelPaddingValue" not in ds:
        return np.zeros(stored.shape, bool)
    ends = [int(ds.PixelPaddingValue), int(ds.get("PixelPaddingRangeLimit", ds.PixelPaddingValue))]
    return (stored >= min(ends)) & (stored <= max(ends))


def by_the_formulas(ds: pydicom.Dataset, number: int, center: float, width: float) -> np.ndarray:
    """Grey of a frame at a window: rescale, LINEAR (or the header's function), inversion, padding, in float64."""
    stored = stored_pixels(ds, number)
    x = modality_values(ds, number, stored)
    function = str(group(ds, number, "FrameVOILUTSequence").get("VOILUTFunction", "LINEAR"))
    if function == "SIGMOID":
        share = 1 / (1 + np.exp(-4 * (x - center) / width))
    elif width == 1 and function == "LINEAR":
        share = np.where(x <= center - 0.5, 0.0, 1.0)
    else:
        half, one = (0.0, 0.0) if function == "LINEAR_EXACT" else (0.5, 1.0)
        share = (x - (center - half)) / (width - one) + 0.5
    shape = ds.get("PresentationLUTShape", "")
    inverse = ds.PhotometricInterpretation == "MONOCHROME1"
    if shape in {"INVERSE", "IDENTITY"}:
        inverse = shape == "INVERSE"
    share = np.clip(share, 0, 1)
    grey = np.floor((1 - share if inverse else share) * 255 + 1e-6).astype(np.uint8)
    grey[padded(ds, stored)] = 0
    return grey


def stored_pixels(ds: pydicom.Dataset, number: int) -> np.ndarray:
    """pydicom's; it has no decoder for deflated frames of single bits (PS3.5 A.4.17), zlib has."""
    if ds.file_meta.TransferSyntaxUID != "1.2.840.10008.1.2.8.1":
        return pixel_array(ds, index=number - 1, raw=True)
    coded = get_frame(ds.PixelData, number - 1, number_of_frames=int(ds.NumberOfFrames))
    plain = np.frombuffer(zlib.decompress(coded, -15), np.uint8)
    bits = np.unpackbits(plain, bitorder="little")[: ds.Rows * ds.Columns]
    return bits.reshape(ds.Rows, ds.Columns)


def modality_values(ds: pydicom.Dataset, number: int, stored: np.ndarray) -> np.ndarray:
    """Rescaled by the frame's own functional group, or by the data set; a dose by its grid scaling."""
    if ds.get("Modality") == "RTDOSE":
        return stored.astype(float) * float(ds.DoseGridScaling)
    own = group(ds, number, "PixelValueTransformationSequence")
    return stored.astype(float) * float(own.get("RescaleSlope") or 1) + float(
        own.get("RescaleIntercept") or 0
    )


def group(ds: pydicom.Dataset, number: int, name: str) -> Any:
    """A functional group of a frame, its own or the shared one, or the data set of a classic image."""
    own = ds.get("PerFrameFunctionalGroupsSequence") or []
    shared = ds.get("SharedFunctionalGroupsSequence") or []
    for part in (*own[number - 1 : number], *shared[:1]):
        if part.get(name):
            return part[name][0]
    return ds
