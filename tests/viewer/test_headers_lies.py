"""Whatever bytes stand where a value should be, a header becomes facts or one sentence, and facts are finite."""

from __future__ import annotations

import dataclasses
import math
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

import viewer.decoding
from tests.viewer.phantoms import dicom
from viewer.decoding.headers import frame_sources
from viewer.decoding.layout import pixel_layout
from viewer.volume import FrameSource, ImageError, dump_frames, parse_frames

LIES = [
    b"",
    b"1e400",
    b"NaN ",
    b"-inf",
    b"9" * 30,
    b"abc\\def ",
    b"\\\\\\ ",
    b"1\\2\\3\\4\\5\\6 ",
    b"1e308\\1e308\\1e308\\-1e308\\1e308\\1e308 ",
    b"-1",
    b"0 ",
    b"1.5 ",
    b"\xff" * 8,
    b"\0" * 8,
    b"\0" * 7,
    struct.pack("<d", math.nan),
    struct.pack("<d", math.inf),
    struct.pack("<6d", *[1e308] * 6),
]
KINDS = [
    ("CT", "1.2.840.10008.5.1.4.1.1.2"),
    ("MR", "1.2.840.10008.5.1.4.1.1.4"),
    ("NM", "1.2.840.10008.5.1.4.1.1.20"),
    ("PT", "1.2.840.10008.5.1.4.1.1.128"),
    ("XA", "1.2.840.10008.5.1.4.1.1.12.1"),
    ("US", "1.2.840.10008.5.1.4.1.1.6.1"),
    ("RTDOSE", "1.2.840.10008.5.1.4.1.1.481.2"),
]


def keywords() -> list[str]:
    """Every DICOM keyword that the code names."""
    folder = Path(viewer.decoding.__file__).parent
    words = {
        word
        for path in folder.glob("*.py")
        for word in re.findall(r'"([A-Z][A-Za-z0-9]{3,})"', path.read_text())
    }
    found = sorted(word for word in words if tag_for_keyword(word) is not None)
    assert len(found) > 150
    return found


def lying(modality: str, sop_class: str, keyword: str, lie: bytes, frames: int) -> Dataset:
    """A data set, one of whose values is these bytes, as they come out of a file."""
    ds = dicom(
        Modality=modality,
        SOPClassUID=sop_class,
        Manufacturer="GE",
        ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"],
    )
    if frames > 1:
        ds.NumberOfFrames = frames
    tag = Tag(keyword)
    kind = dictionary_VR(tag).split(" ")[0]
    ds[tag] = RawDataElement(tag, kind, len(lie), lie, 0, False, True)
    return ds


def facts(value: Any) -> Iterator[float]:
    """Every float in a value."""
    if dataclasses.is_dataclass(value):
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, float):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from facts(part)


def sources(ds: Dataset) -> list[FrameSource]:
    with config.disable_value_validation():
        layout = pixel_layout(ds)
        ranges = [((0, 8),)] * layout.frames
        return frame_sources(ds, layout, ranges, transfer_syntax="1.2.840.10008.1.2.1")


@pytest.mark.parametrize("kind", KINDS, ids=[modality for modality, _ in KINDS])
@pytest.mark.filterwarnings("ignore")
def test_no_value_raises_or_becomes_infinite(kind: tuple[str, str]) -> None:
    for n, keyword in enumerate(keywords()):
        for m, lie in enumerate(LIES):
            if (n + m) % len(KINDS) != KINDS.index(kind):
                continue  # every keyword meets every lie once, spread over the kinds
            frames = 1 if keyword == "NumberOfFrames" else 1 + m % 2 * 2
            try:
                found = sources(lying(*kind, keyword, lie, frames))
            except ImageError:
                continue
            assert all(math.isfinite(value) for value in facts(found)), (keyword, lie)
            assert parse_frames(dump_frames(found)) == found
