"""What is signed when, by whom, and on which number: two processes on one home, clocks, certificates."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.services.small_region import (
    MADE,
    TEXT,
    SmallRegion,
    facts,
    keep_study,
    key_of,
    root,
    session,
)
from workstation.documents import keys
from workstation.domain.errors import Refusal, SignatureFailure
from workstation.domain.journal import inspect
from workstation.domain.worklist import Status
from workstation.store.credentials import Credentials

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = """
import datetime as dt, json, sys, time
from pathlib import Path

from workstation.domain.act import ReportText
from workstation.domain.errors import CosightError
from workstation.services.sessions import Session
from workstation.wiring import build

if __name__ == "__main__":
    home, person, password, begin, *studies = sys.argv[1:]
    station = build(Path(home))
    reader = station.sessions.login(person, password)
    print("ready", flush=True)
    sys.stdin.readline()
    told = []
    for study in studies:
        try:
            signed = station.reporting.submit(study, reader, ReportText(findings=person))
            told.append([study, signed.act.place.number, ""])
        except CosightError as error:
            told.append([study, 0, getattr(error, "rule", str(error))])
    print(json.dumps(told), flush=True)
    station.close()
"""


def test_the_signing_time_is_a_second_after_the_newest_act_named(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    first = station.reporting.submit(study, session(station, "lilei"), TEXT)
    region.clock.time -= dt.timedelta(hours=1)
    opened = station.reporting.open_review(study, session(station, "hanmei"))
    signed = station.reporting.cosign(study, session(station, "hanmei"), TEXT)
    assert opened is not None
    assert opened.act.time == first.act.time + dt.timedelta(seconds=1)
    assert signed.act.time == opened.act.time + dt.timedelta(seconds=1)
    assert not station.reporting.open(study).history.rejected


def test_what_is_signed_for_a_later_moment_is_sent_now(region: SmallRegion) -> None:
    node, _ = region.archive()
    station = region.station()
    study = keep_study(station)
    station.add_node(node)
    station.syncing.sync_once()
    station.reporting.submit(study, session(station, "lilei"), TEXT)
    region.clock.time -= dt.timedelta(hours=1)
    station.reporting.recall(study, session(station, "lilei"))
    assert station.syncing.sync_once().confirmed == 1
    region.clock.forward(hours=1)
    assert station.syncing.sync_once().confirmed == 1


def test_nothing_is_signed_with_a_certificate_that_does_not_hold(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    reader = session(station, "lilei")
    region.clock.time = MADE + keys.PERSON_LIFE + dt.timedelta(days=2)
    with pytest.raises(SignatureFailure, match="certificate of lilei"):
        station.reporting.submit(study, reader, TEXT)
    assert station.store.acts.of_study(study) == ()


def test_a_key_that_the_roster_does_not_name_signs_nothing(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    subject = keys.Subject(person_id="lilei", name="lilei", organisation="Centre")
    unlisted = keys.issue(root("Test region"), subject, MADE, bits=keys.SMALLEST_KEY_BITS)
    with pytest.raises(Refusal) as refused:
        station.reporting.submit(study, session(station, "lilei", unlisted), TEXT)
    assert refused.value.rule == "CERTIFICATE"


def test_acts_are_chained_to_each_other_and_to_the_audit_trail(region: SmallRegion) -> None:
    station = region.station()
    study = keep_study(station)
    reader = session(station, "lilei")
    signed = [station.reporting.park(study, reader, TEXT) for _ in range(3)]
    assert [s.act.place.number for s in signed] == [1, 2, 3]
    assert [s.act.place.previous_digest for s in signed] == ["", *(s.digest for s in signed[:2])]
    lines = station.store.audit.lines()
    assert [s.act.place.audit_head for s in signed] == ["", *(line.hash for line in lines[:2])]
    assert [line.detail for line in lines] == [s.act.sop_uid for s in signed]


def test_two_processes_on_one_home_share_the_numbers(region: SmallRegion, tmp_path: Path) -> None:
    station = region.station()
    people = ("lilei", "zhoutao")
    home = region.folder / "a"
    for person in people:
        Credentials(home / "region").install_key(
            person, keys.lock(key_of(person, "Test region"), "secret")
        )
    studies = [keep_study(station, facts(f"1.2.3.{n}", accession=f"N{n}")) for n in range(6)]
    program = tmp_path / "submitting.py"
    program.write_text(PROGRAM)
    running = [
        subprocess.Popen(
            [sys.executable, str(program), str(home), person, "secret", "now", *studies],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        for person in people
    ]
    told = []
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    begun = time.monotonic()
    for process in running:
        out, _ = process.communicate(timeout=60)
        told.append(json.loads(out))
    assert time.monotonic() - begun < 60
    # Of each study exactly one submission counts; the other reader was refused by the state.
    for one, two in zip(*told, strict=True):
        assert sorted((one[2], two[2])) == ["", "STATE"]
    numbers = sorted(n for answers in told for _, n, _ in answers if n)
    assert numbers == list(range(1, len(studies) + 1))
    for study in studies:
        assert station.reporting.open(study).standing.status is Status.SUBMITTED
    records = station.store.acts.of_station(station.store.station.station_id)
    assert inspect(station.histories.signed(records))[0].is_whole
    assert station.store.audit.verify_chain().is_whole
