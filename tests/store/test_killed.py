"""kill -9 at any moment: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workstation.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]


def killed_after(home: Path, seconds: float) -> list[str]:
    """What the program acknowledged before it was killed, that long after it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writing_until_killed", str(home)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    rest = process.stdout.read().splitlines(keepends=True)
    process.wait(30)
    process.stdout.close()
    assert first == "ready\n"
    return [line.strip() for line in rest if line.endswith("\n")]


def check(home: Path, promised: list[str]) -> None:
    store = Store.open(home)
    acts = store.acts.of_station(store.station.station_id)
    numbers = [a.number for a in acts]
    assert numbers == list(range(1, len(acts) + 1))
    uids = [a.sop_uid for a in acts]
    assert [i.sop_uid for i in store.outbox.items()] == uids
    assert [line.detail for line in store.audit.lines()] == uids
    assert store.audit.verify_chain().is_whole
    objects = {i.sop_uid: i.path for i in store.index.instances("1.2.3")}
    for uid, path in objects.items():
        assert path.read_bytes() == uid.encode() * 500
    assert set((home / "files").rglob("*.dcm")) == set(objects.values())
    assert not [f for f in (home / "incoming").rglob("*") if f.is_file()]
    kept = {f"act {n}" for n in numbers} | {f"object {uid}" for uid in objects}
    assert set(promised) <= kept
    store.close()


def kill_again_and_again(home: Path, times: int) -> None:
    chance = random.Random(20260304)
    promised: list[str] = []
    for _ in range(times):
        promised += killed_after(home, chance.uniform(0.0, 0.15))
        check(home, promised)
    assert promised


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 8)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_in_400_kills(tmp_path: Path) -> None:
    for part in range(10):
        kill_again_and_again(tmp_path / str(part), 40)
