"""Frame sources keep every fact on their way through the index."""

from __future__ import annotations

import json
import pickle
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.phantoms import source
from viewer.volume import (
    ImageError,
    LookupTable,
    OverlaySource,
    Palette,
    Tile,
    UltrasoundRegion,
    VoiWindow,
    dump_frames,
    parse_frames,
)

floats = st.floats(allow_nan=False, allow_infinity=False, width=64)
tables = st.builds(
    LookupTable,
    first_mapped=st.integers(-40000, 70000),
    bits=st.integers(1, 16),
    data=st.binary(max_size=40).map(lambda b: b[: len(b) // 2 * 2]),
    explanation=st.text(max_size=8),
)
windows = st.builds(
    VoiWindow,
    center=floats,
    width=floats,
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    explanation=st.text(max_size=8),
)
TILE = ("number", "left", "top", "coded_columns", "coded_rows")
pairs = st.tuples(st.integers(-99, 9999), st.integers(-99, 9999))
overlays = st.builds(
    OverlaySource,
    group=st.integers(0x6000, 0x601E),
    rows=st.integers(1, 9999),
    columns=st.integers(1, 9999),
    origin=pairs,
    label=st.text(max_size=8),
    fragment=st.none() | pairs,
    bit=st.none() | st.integers(0, 15),
)
regions = st.builds(
    UltrasoundRegion,
    bounds=st.tuples(*[st.integers(0, 9999)] * 4),
    spatial_format=st.integers(0, 5),
    data_type=st.integers(0, 18),
    units=pairs,
    deltas=st.tuples(floats, floats),
    reference_px=st.none() | pairs,
)
sources = st.builds(
    source,
    frame=st.integers(1, 9999),
    fragments=st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 2**31))).map(tuple),
    position=st.none() | st.tuples(floats, floats, floats),
    slope=floats,
    windows=st.lists(windows, max_size=3).map(tuple),
    voi_luts=st.lists(tables, max_size=2).map(tuple),
    modality_lut=st.none() | tables,
    palette=st.none() | st.builds(Palette, red=tables, green=tables, blue=tables),
    pixel_padding=st.none() | st.tuples(st.integers(), st.integers()),
    patient_orientation=st.none() | st.tuples(st.just("L"), st.just("F")),
    series_description=st.text(),
    facts=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple),
    deflated=st.booleans(),
    tile=st.none() | st.builds(Tile, **dict.fromkeys(TILE, st.integers(0, 9999))),
    overlays=st.lists(overlays, max_size=2).map(tuple),
    regions=st.lists(regions, max_size=2).map(tuple),
    dimensions=st.lists(st.integers(0, 999), max_size=4).map(tuple),
    diffusion_direction=st.none() | st.tuples(floats, floats, floats),
    b_value=st.none() | floats,
    cardiac_phase=st.none() | floats,
    stack=st.text(max_size=4),
)


@given(st.lists(sources, max_size=4))
def test_round_trip(frames: list[object]) -> None:
    assert parse_frames(dump_frames(frames)) == frames  # type: ignore[arg-type]  # built by Hypothesis


def test_frames_that_share_their_facts_are_small() -> None:
    frames = [source(frame=n, series_description="x" * 500) for n in range(1, 201)]
    assert len(dump_frames(frames)) < 200 * 120


def test_another_version_is_refused() -> None:
    text = json.dumps({"version": 99, "common": {}, "frames": []})
    with pytest.raises(ImageError, match="version 99"):
        parse_frames(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "5",
        '{"version":2,"common":{},"frames":[{"x":1}]}',
        '{"version":2,"common":{},"frames":[{}]}',
        '{"version":2,"common":5,"frames":[]}',
        '{"version":2,"common":{"windows":[5]},"frames":[]}',
        '{"version":2,"common":{"palette":{"red":{"data":"*"}}},"frames":[]}',
        '{"version":2,"common":' + "[" * 100_000,
    ],
)
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ImageError, match="image index"):
        parse_frames(text)


def test_stored_range_follows_bits_stored_and_sign() -> None:
    unsigned, signed = source(), source(pixel_representation=1)
    assert (unsigned.stored_minimum, unsigned.stored_maximum) == (0, 4095)
    assert (signed.stored_minimum, signed.stored_maximum) == (-2048, 2047)


@pytest.mark.parametrize(
    ("bits", "signed", "kind"),
    [(8, 0, "uint8"), (8, 1, "int16"), (12, 0, "uint16"), (16, 1, "int16"), (32, 0, "uint32")],
)
def test_stored_type(bits: int, signed: int, kind: str) -> None:
    assert source(bits_stored=bits, pixel_representation=signed).stored_type == kind


def test_the_presentation_lut_shape_decides_before_monochrome1() -> None:
    mono1 = source(photometric="MONOCHROME1")
    assert mono1.inverse
    assert replace(mono1, presentation_lut_shape="INVERSE").inverse
    assert not replace(mono1, presentation_lut_shape="IDENTITY").inverse
    assert source(presentation_lut_shape="INVERSE").inverse


def test_errors_travel_between_processes_with_their_fields() -> None:
    dumped = pickle.dumps(ImageError("{n} of {m}", n=1, m=2))
    error = pickle.loads(dumped)  # noqa: S301 - made one line above
    assert (str(error), error.template, error.fields) == ("1 of 2", "{n} of {m}", {"n": 1, "m": 2})


def test_the_texts_of_a_series_are_read_while_nobody_waits() -> None:
    """300 single-frame files: measured 10 ms; the bound is wide because a test machine may be busy."""
    texts = [dump_frames([source(sop_uid=str(n), instance_number=n)]) for n in range(300)]
    started = time.perf_counter()
    for text in texts:
        parse_frames(text)
    assert time.perf_counter() - started < 0.3
