"""Where frames lie in their file: offset tables that help, tables that lie, pieces without any."""

from __future__ import annotations

import io
import itertools
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.viewer.phantoms import dicom, encapsulated, saved
from tests.viewer.test_decoding import items, located
from viewer.decoding import decode_frame, parse_file
from viewer.decoding import fragments as fragments_module
from viewer.decoding.fragments import PixelElement, encapsulated_frames
from viewer.volume import ImageError

SOI, EOI = b"\xff\xd8\xff\xe0", b"\xff\xd9"
A, B, C = SOI + b"aaaaaa" + EOI, SOI + b"bb" + EOI, SOI + b"cccc" + EOI


def pieces(stream: bytes, *cuts: int) -> list[bytes]:
    bounds = [0, *cuts, len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(bounds)]


@pytest.mark.parametrize(
    "table",
    [
        b"",
        struct.pack("<3I", 0, 7, 9),  # points nowhere
        struct.pack("<3I", 0, 0, 0),
        struct.pack("<3I", 20, 0, 40),  # not in order
        struct.pack("<2I", 0, 20),  # of too few frames
        b"\x01\x02\x03",
    ],
)
def test_a_table_that_does_not_fit_is_not_believed(table: bytes) -> None:
    parts = [*pieces(A, 6), *pieces(B, 4), *pieces(C, 4, 8)]
    assert located(items(*parts, table=table), 3) == [A, B, C]


def test_an_extended_table_goes_before_the_basic_one() -> None:
    parts = [b"11", b"22", b"33"]
    basic = struct.pack("<2I", 0, 10)
    assert located(items(*parts, table=basic), 2, (0, 20)) == [b"1122", b"33"]
    assert located(items(*parts, table=basic), 2, (0, 21)) == [b"11", b"2233"]


def test_a_piece_that_looks_like_a_start_is_none_inside_a_stream() -> None:
    """A preview inside a header starts with SOI too; before a frame's own start another has ended."""
    parts = [SOI + b"head", SOI + b"preview" + b"rest", b"data" + EOI, B[:6], B[6:]]
    assert located(items(*parts), 2) == [b"".join(parts[:3]), B]


def test_a_padded_end_counts() -> None:
    parts = [SOI + b"head", SOI + b"preview", b"data!" + EOI + b"\0", B]
    assert located(items(*parts), 2) == [b"".join(parts[:3]), B]


def test_frames_beyond_the_count_are_left_alone() -> None:
    assert located(items(A[:4], A[4:], B, C), 2) == [A, B]


def test_one_fragment_for_several_frames_is_said() -> None:
    with pytest.raises(ImageError, match="holds 1 of 3 frames"):
        located(items(A + B + C), 3)


def test_pieces_without_any_start_are_said() -> None:
    with pytest.raises(ImageError, match="holds 1 of 2 frames"):
        located(items(b"11", b"22", b"33"), 2)


def test_empty_pixel_data_are_said() -> None:
    with pytest.raises(ImageError, match="empty"):
        located(b"", 1)
    with pytest.raises(ImageError, match="holds 0 of 1 frames"):
        located(items(), 1)


def test_an_item_of_undefined_length_is_said() -> None:
    data = items(b"11")[:-8] + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    with pytest.raises(ImageError, match="damaged after 2 items"):
        located(data, 1)


def test_more_pieces_than_anyone_needs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments_module, "MOST_ITEMS", 50)
    with pytest.raises(ImageError, match="in more than 50 pieces"):
        located(items(*[b""] * 60), 1)


def test_a_table_of_another_size_is_not_even_read() -> None:
    class Counting(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.largest = max(self.largest, size or 0)
            return super().read(size)

    data = items(A, B[:4], B[4:], table=bytes(1 << 20))
    stream = Counting(data)
    element = PixelElement(offset=0, length=0xFFFFFFFF)
    assert len(encapsulated_frames(stream, element, 2, len(data))) == 2
    assert stream.largest <= 8


@pytest.mark.parametrize("frames", [2**31 - 1, 200_000])
def test_a_count_of_frames_that_lies_makes_no_objects(tmp_path: Path, frames: int) -> None:
    ds = dicom(NumberOfFrames=frames)
    with pytest.raises(ImageError, match=f"says it has {frames} frames; more than 131072"):
        parse_file(saved(ds, tmp_path / "a.dcm"))


def test_rle_frames_in_several_pieces_are_joined_by_the_table(tmp_path: Path) -> None:
    """PS3.5 A.4.2 wants one piece per frame; more are joined where a table tells whose they are."""
    values = np.arange(40, dtype=np.uint16).reshape(2, 4, 5) * 100
    streams = []
    for frame in values:
        planes = [frame >> 8, frame & 0xFF]
        segments = [b"\x13" + plane.astype(np.uint8).tobytes() + b"\0" for plane in planes]
        header = struct.pack("<16I", 2, 64, 64 + len(segments[0]), *[0] * 13)
        streams.append(header + b"".join(segments))
    parts = [streams[0][:70], streams[0][70:], streams[1]]
    second = len(streams[0]) + 16
    data = items(*parts, table=struct.pack("<2I", 0, second))
    ds = encapsulated(dicom(values, NumberOfFrames=2), streams, "1.2.840.10008.1.2.5")
    path = saved(ds, tmp_path / "a.dcm")
    content = path.read_bytes()
    at = content.index(b"\xe0\x7f\x10\0OB")
    path.write_bytes(content[: at + 12] + data)
    found = [decode_frame(path, source) for source in parse_file(path)[1]]
    np.testing.assert_array_equal(found, values)
