"""Damaged files through the imaging engine: a sample in every run, thousands in a long one.

Whatever is done to a file, it ends as a picture, as no image, or as one sentence; the child neither dies nor writes
nor takes more than its limit. And where a child does die, the next file does not notice.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.fuzz import mutations
from tests.fuzz.corpus import corpus
from tests.fuzz.elements import UNDEFINED, deflated, elements, inflated
from tests.fuzz.mutate import MEMORY_BYTES, Mutants, Result, Walker, examine
from viewer.decoding import decode_frame, parse_file
from viewer.sandbox import Child, Sandbox, SandboxError

SAMPLE = 300
LONG = 5000
CT = Path(get_testdata_file("CT_small.dcm", download=False) or "")


def unsound(results: list[Result]) -> list[Result]:
    """What nobody may see: findings, and more memory than the child was given."""
    return [r for r in results if r.is_finding or r.peak_bytes > MEMORY_BYTES]


def test_a_sample_of_damaged_files_ends_well(tmp_path: Path) -> None:
    results = list(examine(Mutants(7, corpus(with_shared=False)), range(SAMPLE), tmp_path))
    assert not unsound(results)
    outcomes = {result.outcome for result in results}
    assert outcomes >= {"picture", "sentence"}, (
        "the damage is so great, or so small, that nothing is tried"
    )


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_thousands_of_damaged_files_end_well(shared_data: Path, tmp_path: Path) -> None:
    assert shared_data.is_dir()
    assert not unsound(list(examine(Mutants(8, corpus()), range(LONG), tmp_path)))


def test_a_damaged_file_is_the_same_every_time() -> None:
    first, second = Mutants(3, corpus(with_shared=False)), Mutants(3, corpus(with_shared=False))
    assert [first.file(n) for n in range(40)] == [second.file(n) for n in range(40)]
    assert len({first.file(n)[1] for n in range(40)}) == 40
    assert first.file(5) != Mutants(4, corpus(with_shared=False)).file(5)


def test_elements_are_found_where_pydicom_finds_them() -> None:
    data = CT.read_bytes()
    ds = pydicom.dcmread(CT)
    top = {int(element.tag): element for element in ds}
    found = {element.tag: element for element in elements(data)}
    assert set(top) <= set(found)
    rows = found[0x00280010]
    assert struct.unpack_from("<H", data, rows.value_at) == (ds.Rows,)
    assert found[0x7FE00010].length == len(ds.PixelData)


def test_a_deflated_file_is_mutated_inside() -> None:
    data = Path(get_testdata_file("image_dfl.dcm", download=False) or "").read_bytes()
    plain = inflated(data)
    assert len(plain) > 5 * len(data)
    assert inflated(deflated(plain)) == plain


@pytest.mark.parametrize("kind", mutations._KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_damage_changes_the_file(kind: mutations.Mutation) -> None:
    data = CT.read_bytes()
    made = {bytes(kind(bytearray(data), random.Random(n))) for n in range(20)}
    assert len(made - {data}) >= 10


def test_damage_reaches_what_it_aims_at() -> None:
    data = CT.read_bytes()
    rows = set()
    for n in range(400):
        changed = bytes(mutations.number(bytearray(data), random.Random(n)))
        rows |= {
            changed[e.value_at : e.end]
            for e in elements(changed)
            if e.tag == 0x00280010 and e.length != UNDEFINED
        }
    assert len(rows) > 5
    assert b"\xff\xff" in rows


def test_a_dead_child_is_told_and_replaced(tmp_path: Path) -> None:
    """The walker of the tool sees a crash as an outcome, and goes on with the next file."""
    walker = Walker(tmp_path)
    try:
        assert walker.walk(CT).outcome == "picture"
        assert walker._child is not None
        walker._child.kill()
        assert walker.walk(CT).outcome == "picture"
        assert walker.replaced == 1
    finally:
        walker.close()


def test_a_crash_costs_one_file_and_the_next_is_a_picture() -> None:
    """As a codec's segmentation fault would: the child dies inside a call, the program and the next file do not."""
    (source,) = parse_file(CT)[1]
    with Sandbox(2 << 30, 60.0, ("viewer.decoding",), children=1) as sandbox:
        for fault in ("segmentation_fault", "abort"):
            with pytest.raises(SandboxError) as caught:
                sandbox.call(f"tests.fuzz.dying:{fault}")
            assert caught.value.kind == "crash"
            pixels = sandbox.call("viewer.decoding:decode_frame", str(CT), source)
            assert (pixels == decode_frame(CT, source)).all()


def test_memory_beyond_the_limit_is_one_sentence(tmp_path: Path) -> None:
    child = Child(1 << 30, 60.0)
    try:
        with pytest.raises(SandboxError) as caught:
            child.call("tests.fuzz.dying:eat", 2 << 30)
        assert caught.value.kind == "memory"
    finally:
        child.kill()


def test_the_watch_sees_a_file_written_anywhere(tmp_path: Path) -> None:
    child = Child(4 << 30, 60.0)
    try:
        scratch, elsewhere = tmp_path / "scratch", tmp_path / "elsewhere"
        scratch.mkdir()
        child.call("tests.fuzz.walking:settle", str(scratch), seconds=120)
        deeds = child.call("tests.fuzz.dying:writing", str(elsewhere))
        assert any(str(elsewhere) in deed for deed in deeds), "the watch is blind"
        assert elsewhere.exists()
        assert child.call("tests.fuzz.walking:walk", str(CT), on_report=print).deeds == ()
    finally:
        child.kill()
