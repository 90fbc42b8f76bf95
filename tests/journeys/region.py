"""Playing a region from outside: stations as processes, the archive as a witness, no import of the product.

Everything a journey knows it learned as a user would: from the command line's answers, from Orthanc's own REST
interface, and from DCMTK.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.warm import WarmProgram
from tests.peers import Orthanc, require_program

REPOSITORY = Path(__file__).resolve().parent.parent.parent
KILLED = -9
STATIONS = ("station-a", "station-b")


@dataclass(frozen=True)
class Answer:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


class Station:
    """A station's home, driven through its command line."""

    def __init__(self, home: Path, passwords: dict[str, str], program: WarmProgram) -> None:
        self.home = home
        self.passwords = dict(passwords)
        self._program = program

    def run(
        self,
        *words: str,
        person: str = "",
        kill_at: str = "",
        fresh: bool = False,
        plain: bool = False,
    ) -> Answer:
        """Run one command with ``--json``, as a process of its own.

        With ``kill_at`` it is killed at that point; ``fresh`` starts it as a user would, with a new interpreter;
        ``plain`` asks for the text that people read.
        """
        command = [*words, *([] if plain else ["--json"]), "--home", str(self.home)]
        command += ["--as", person] if person else []
        environment = {"COSIGHT_PASSWORD": self.passwords[person]} if person else {}
        if not fresh:
            return Answer(*self._program.run(command, environment, kill_at))
        done = subprocess.run(
            [sys.executable, "-m", "workstation", *command],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=180,
            cwd=REPOSITORY,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def do(self, *words: str, person: str = "", fresh: bool = False) -> Any:
        """Run a command that must succeed; returns its answer."""
        answer = self.run(*words, person=person, fresh=fresh)
        assert answer.status == 0, f"{words}: {answer.err}\n{answer.out}"
        return answer.value if answer.out.strip() else None

    def refused(self, *words: str, person: str = "") -> dict[str, str]:
        """Run a command that must be refused in one line; returns that line's values."""
        answer = self.run(*words, person=person)
        assert answer.status == 1, f"{words}: {answer}"
        assert len(answer.err.splitlines()) == 1, answer.err
        told: dict[str, str] = json.loads(answer.err)
        return told

    def sync(self) -> Answer:
        """One round with the archive."""
        return self.run("sync", "--once")

    def report(self, study: str) -> Any:
        return self.do("report", "show", study)

    def acts(self, study: str = "") -> list[tuple[str, str]]:
        """(SOP Instance UID, kind) of every act here, or of one study, read past the program from its database."""
        with closing(sqlite3.connect(f"file:{self.home / 'store.db'}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT sop_uid, kind, study_uid FROM acts").fetchall()
        return [(uid, kind) for uid, kind, of in rows if study in {"", of}]


@dataclass(frozen=True)
class Region:
    """A prepared demo region and the stations in it."""

    folder: Path
    described: dict[str, Any]
    program: WarmProgram

    def station(self, name: str) -> Station:
        passwords = {p["login"]: p["password"] for p in self.described["people"]}
        return Station(self.folder / name, passwords, self.program)

    def study(self, accession: str) -> str:
        return str(self.described["studies"][accession])

    @property
    def root(self) -> Path:
        return self.folder / "station-a" / "region" / "root.pem"

    def copy(self, target: Path, *names: str) -> Region:
        """A region of its own with these parts of this one."""
        for name in names:
            shutil.copytree(self.folder / name, target / name)
        return Region(target, self.described, self.program)

    def use(self, archive: Orthanc) -> None:
        """Let the stations use that archive."""
        for name in STATIONS:
            address = f"{archive.aet}@{archive.host}:{archive.port}"
            self.station(name).do("nodes", "add", "archive", address)

    def fill(self, archive: Orthanc) -> None:
        """Put every object of the demo's archive into Orthanc."""
        for path in sorted((self.folder / "archive" / "files").rglob("*.dcm")):
            archive.rest("/instances", "POST", path.read_bytes())


def prepare(folder: Path, program: WarmProgram) -> Region:
    """Lay out a region through ``cosight demo --prepare``."""
    status, out, err = program.run(["demo", "--prepare", str(folder), "--json"], {})
    assert status == 0, err
    return Region(folder, json.loads(out), program)


def settle(*stations: Station) -> None:
    """One round each, and one more for what waited for its turn."""
    for station in (*stations, *stations):
        station.sync()


def objects(archive: Orthanc, patient_id: str = "", study_uid: str = "") -> dict[str, bytes]:
    """The archive's own list of SRs, by SOP Instance UID, as files."""
    query: dict[str, str] = {"Modality": "SR"}
    if patient_id:
        query["PatientID"] = patient_id
    if study_uid:
        query["StudyInstanceUID"] = study_uid
    body = json.dumps({"Level": "Instance", "Query": query, "Expand": True}).encode()
    found = json.loads(archive.rest("/tools/find", "POST", body))
    return {
        i["MainDicomTags"]["SOPInstanceUID"]: archive.rest(f"/instances/{i['ID']}/file")
        for i in found
    }


def dcmsign_says(content: bytes, root: Path, scratch: Path) -> bool:
    """Whether DCMTK verifies the signature of an object against the region's root."""
    path = scratch / "judged.dcm"
    path.write_bytes(content)
    done = subprocess.run(
        [require_program("dcmsign"), "--verify", "+rs", "+cf", str(root), str(path)],
        capture_output=True,
        text=True,
    )
    return done.returncode == 0


def tag(content: bytes, name: str, scratch: Path) -> str:
    """One top-level attribute as DCMTK's dcmdump prints it."""
    path = scratch / "dumped.dcm"
    path.write_bytes(content)
    done = subprocess.run(
        [require_program("dcmdump"), "-q", "-L", "+P", name, str(path)],
        capture_output=True,
        text=True,
        errors="replace",
    )
    line = next((x for x in done.stdout.splitlines() if x and not x.startswith(" ")), "")
    return line[line.find("[") + 1 : line.rfind("]")] if "[" in line else ""
