"""Files of the store: whole or not there, named by us, and nothing of a killed process left behind."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.store.records import NOW, parsed
from workstation.domain.errors import StoreFailure
from workstation.store import Store
from workstation.store.files import Files

DEAD = "999999999-1-aa"


def everything(home: Path) -> list[Path]:
    return [
        f for folder in ("files", "incoming") for f in (home / folder).rglob("*") if f.is_file()
    ]


def test_bytes_come_back_under_an_id_of_our_own(store: Store) -> None:
    content = b"\0name: Wang^Li" * 1000
    staged = store.files.stage(iter([content[:5], content[5:]]))
    assert (staged.size, staged.digest) == (len(content), hashlib.sha256(content).hexdigest())
    store.index.add_instance(parsed("1.2.3.4"), staged, NOW)
    (file,) = everything(store.home)
    assert re.fullmatch(r"files/[0-9a-f]{2}/[0-9a-f]{32}\.dcm", str(file.relative_to(store.home)))
    assert store.files.read(staged.file_id) == content


def test_a_file_is_taken_from_disk_as_it_is(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "given.dcm"
    source.write_bytes(os.urandom(3_000_000))
    staged = store.files.stage(source)
    assert staged.path.read_bytes() == source.read_bytes()


def test_a_file_that_is_gone_is_told(store: Store) -> None:
    with pytest.raises(StoreFailure, match="missing"):
        store.files.read("ab" * 16)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(errno.ENOSPC, "full"), (errno.EROFS, "cannot be written"), (errno.EIO, "failed")],
)
def test_a_failing_disk_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreFailure, match=sentence):
        store.files.stage(b"bytes")
    assert everything(store.home) == []


def test_a_source_that_fails_leaves_nothing(store: Store) -> None:
    def chunks() -> object:
        yield b"begin"
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        store.files.stage(chunks())  # type: ignore[arg-type]  # a generator typed loosely on purpose
    assert everything(store.home) == []


def test_what_a_killed_process_left_is_removed_at_the_next_start(store: Store) -> None:
    kept = store.files.stage(b"kept")
    store.index.add_instance(parsed("1.2.3.4"), kept, NOW)
    dead = store.home / "incoming" / DEAD
    dead.mkdir()
    (dead / "half.dcm").write_bytes(b"half")
    orphan = "cd" * 16
    store.files.path(orphan).parent.mkdir(exist_ok=True)
    store.files.path(orphan).write_bytes(b"moved, not indexed")
    (dead / f"{orphan}.moving").touch()
    (dead / f"{kept.file_id}.moving").touch()
    again = Store.open(store.home)
    again.close()
    assert everything(store.home) == [store.files.path(kept.file_id)]


def test_what_a_living_process_is_receiving_is_left_alone(store: Store) -> None:
    staged = store.files.stage(b"arriving")
    Files(store.home, lambda _: False).close()
    assert staged.path.exists()
    assert store.files.stage(b"more").path.exists()


def test_closing_leaves_no_folder(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.files.stage(b"never kept")
    store.close()
    assert not list((tmp_path / "incoming").iterdir())
