"""Series made for measuring: real slices of a chest CT, repeated, in any of five syntaxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels import get_encoder
from pydicom.uid import UID, ExplicitVRLittleEndian, RLELossless

from tests.viewer.phantoms import dicom, saved
from viewer.decoding import decode_frame, parse_file
from viewer.volume import DisplaySet, LocatedFrame, display_sets

SYNTAXES = {
    "uncompressed": str(ExplicitVRLittleEndian),
    "JPEG-LS": "1.2.840.10008.1.2.4.80",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
    "RLE": str(RLELossless),
    "JPEG lossless": "1.2.840.10008.1.2.4.70",
}


def real_slices(folder: Path) -> list[np.ndarray[Any, Any]]:
    """The pixels of a series of the shared set, as uint16."""
    frames = [
        (path, source) for path in sorted(folder.glob("*.dcm")) for source in parse_file(path)[1]
    ]
    return [decode_frame(path, source).astype(np.uint16) for path, source in frames]


def encoded(pixels: np.ndarray[Any, Any], syntax: str) -> bytes:
    """One slice as its code stream."""
    if syntax == "JPEG-LS":
        return bytes(imagecodecs.jpegls_encode(pixels))
    if syntax == "JPEG 2000":
        return bytes(imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k"))
    if syntax == "JPEG lossless":
        return bytes(imagecodecs.ljpeg_encode(pixels, bitspersample=16))
    if syntax == "RLE":
        return get_encoder(RLELossless).encode(
            pixels.astype("<u2").tobytes(),
            rows=pixels.shape[0],
            columns=pixels.shape[1],
            samples_per_pixel=1,
            bits_allocated=16,
            bits_stored=16,
            pixel_representation=0,
            number_of_frames=1,
            photometric_interpretation="MONOCHROME2",
        )
    return pixels.astype("<u2").tobytes()


def written(
    folder: Path, slices: list[np.ndarray[Any, Any]], syntax: str, count: int
) -> list[Path]:
    """`count` files of one series, the slices taken again and again."""
    folder.mkdir()
    streams = [encoded(pixels, syntax) for pixels in slices[:count]]
    paths = []
    for number in range(1, count + 1):
        content = streams[(number - 1) % len(streams)]
        ds = dicom(slices[0], number=number, ImagePositionPatient=[0, 0, -0.7 * number])
        ds.file_meta.TransferSyntaxUID = UID(SYNTAXES[syntax])
        ds.PixelData = content if syntax == "uncompressed" else encapsulate([content])
        ds["PixelData"].VR = "OW" if syntax == "uncompressed" else "OB"
        paths.append(saved(ds, folder / f"{number:05}.dcm"))
    return paths


def located(paths: list[Path]) -> DisplaySet:
    """The one display set of these files."""
    frames = [
        LocatedFrame(path=str(path), source=source, content_hash=path.name)
        for path in paths
        for source in parse_file(path)[1]
    ]
    (found,) = display_sets(frames)
    return found
