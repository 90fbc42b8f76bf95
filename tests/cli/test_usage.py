"""Exit codes, homes, persons, JSON and start-up of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.calling import Cosight
from tests.services.small_region import SmallRegion, facts, keep_study, key_of
from workstation.documents import keys
from workstation.settings import Node
from workstation.store.credentials import Credentials

REPOSITORY = Path(__file__).resolve().parents[2]
STUDY = facts().study_uid
HEAVY = {
    "PySide6", "vtkmodules", "numba", "numpy", "pydicom", "pynetdicom", "highdicom",
    "cryptography", "sqlite_utils", "sqlite3", "PIL", "imagecodecs", "platformdirs",
}  # fmt: skip


@pytest.fixture
def ready(region: SmallRegion) -> SmallRegion:
    """A station with one study; lilei and hanmei can log in."""
    station = region.station("a")
    keep_study(station)
    credentials = Credentials(region.folder / "a" / "region")
    for person in ("lilei", "hanmei", "wuming"):
        credentials.install_key(person, keys.lock(key_of(person, "Test region"), f"pw-{person}"))
    return region


def program(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "workstation", *words],
        capture_output=True,
        cwd=REPOSITORY,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
    )


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    looked = (
        "import sys; from workstation.cli.main import parser; parser().format_help();"
        "print(sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", looked], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert set(eval(done.stdout)) & HEAVY == set()  # noqa: S307  a list that the line above printed
    spent = []
    for _ in range(3):
        before = os.times()
        assert program("--help").returncode == 0
        after = os.times()
        used = after.children_user + after.children_system
        spent.append(used - before.children_user - before.children_system)
    # Of the processor, so that a busy machine does not decide.
    assert min(spent) < 0.3


def test_wrong_usage_is_status_two(cosight: Cosight) -> None:
    for words in (["nothing"], ["render"], ["report", "submit"], ["report", "return", "1"]):
        answer = cosight(*words)
        assert answer.status == 2
        assert "usage" in answer.err


def test_json_before_and_after_every_word(cosight: Cosight) -> None:
    cosight("nodes", "add", "x", "AET@host:104")
    for words in (
        ["--json", "nodes", "list"],
        ["nodes", "--json", "list"],
        ["nodes", "list", "--json"],
    ):
        assert cosight(*words).value[0]["name"] == "x"
    assert cosight("nodes", "list").out.startswith("x ")


def test_home_by_option_or_environment(cosight: Cosight, tmp_path: Path) -> None:
    other = tmp_path / "other"
    cosight.monkeypatch.setenv("COSIGHT_HOME", str(other))
    assert cosight.bare("nodes", "list", "--json").value == []
    assert (other / "store.db").exists()
    cosight.bare("nodes", "add", "y", "A@h:1")
    assert [n["name"] for n in cosight.bare("nodes", "list", "--json").value] == ["y"]
    assert cosight.bare("nodes", "list", "--json", "--home", str(cosight.home)).value == []


def test_who_acts_before_and_after_the_verb(cosight: Cosight, ready: SmallRegion) -> None:
    words = ["--findings", "结节", "--json"]
    new = ["report", "new", STUDY, *words]
    assert cosight("--as", "lilei", *new, password="pw-lilei").value["state"] == "DRAFT"
    assert cosight(*new, "--as", "lilei", password="pw-lilei").value["state"] == "DRAFT"
    del ready


def test_who_acts_must_be_known_and_prove_it(cosight: Cosight, ready: SmallRegion) -> None:
    submit = ["report", "submit", STUDY, "--findings", "x"]
    assert "--as PERSON" in cosight(*submit).refusal
    assert "COSIGHT_PASSWORD" in cosight(*submit, "--as", "lilei").refusal
    assert "Wrong password" in cosight(*submit, "--as", "lilei", password="x").refusal
    assert "Wrong password" in cosight(*submit, "--as", "lilei", password="").refusal
    assert "no key" in cosight(*submit, "--as", "zhoutao", password="x").refusal
    assert "no key" in cosight(*submit, "--as", "../../x", password="x").refusal
    told = cosight(*submit, "--as", "wuming", "--json", password="pw-wuming")
    assert json.loads(told.refusal)["rule"] == "LEVEL"
    key = next((ready.folder / "a" / "region" / "keys").glob("*.json"))
    key.write_text("{")
    person = {"lilei", "hanmei", "wuming"}
    refusals = [cosight(*submit, "--as", p, password=f"pw-{p}") for p in sorted(person)]
    assert any(a.status == 1 and a.refusal for a in refusals)


@pytest.mark.parametrize(
    "content", ["[station\n", 'sync = "x"\n', "[sync]\ninterval_seconds = -1\n", "\xff"]
)
def test_wrong_settings_are_named(cosight: Cosight, content: str) -> None:
    cosight.home.mkdir(parents=True)
    (cosight.home / "settings.toml").write_bytes(content.encode("latin-1"))
    assert "settings.toml" in cosight("nodes", "list").refusal


def test_a_damaged_store_a_home_that_is_a_file_and_a_damaged_roster(
    cosight: Cosight, ready: SmallRegion, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    for home in (in_the_way, in_the_way / "below", Path("/proc/nothing")):
        assert cosight.bare("--home", str(home), "nodes", "list").refusal
    roster = cosight.home / "region" / "roster.json"
    good = roster.read_text()
    roster.write_text(good.replace("lilei", "lilej", 1))
    assert cosight("nodes", "list").refusal
    roster.write_text("{}")
    assert cosight("nodes", "list").refusal
    roster.write_text(good)
    ready.close()
    ready.stations.clear()
    (cosight.home / "store.db").write_bytes(b"no database" * 500)
    assert "damaged" in cosight("nodes", "list").refusal


def test_a_station_without_a_region_says_so(cosight: Cosight) -> None:
    assert cosight("worklist", "--json").value == []
    assert "no key" in cosight("report", "submit", "1", "--as", "lilei", password="x").refusal


def test_unknown_studies_nodes_and_files(
    cosight: Cosight, ready: SmallRegion, tmp_path: Path
) -> None:
    out = str(tmp_path / "x.png")
    for words in (
        ["report", "show", "9.9"],
        ["report", "export", "9.9", "--out", out],
        ["report", "export", STUDY, "--out", out],
        ["fetch", "9.9"],
        ["hang", "9.9"],
        ["render", "9.9", "--out", out],
        ["verify", str(tmp_path / "nothing")],
        ["nodes", "add", "x", "no address"],
        ["nodes", "add", "x", "AET@host:99999999"],
        ["nodes", "probe", "nobody"],
        ["import", str(tmp_path / "nothing"), "--json"],
    ):
        answer = cosight(*words)
        assert answer.status == 1, words
        assert "Traceback" not in answer.err
        if words[0] != "import":
            assert answer.refusal
    del ready


def test_an_unreachable_archive_is_one_line(cosight: Cosight, ready: SmallRegion) -> None:
    ready.stations[0].add_node(Node(name="away", aet="A", host="127.0.0.1", port=9))
    for words in (["worklist"], ["sync", "--once"], ["fetch", "9.9"]):
        assert "away" in cosight(*words).refusal
    probed = cosight("nodes", "probe", "--json")
    assert probed.status == 1
    assert probed.value[0]["answers"] is False
    assert cosight("worklist", "--local", "--json").value[0]["facts"]["accession"] == "CT1"


def test_every_answer_is_json_with_chinese_in_it(
    cosight: Cosight, ready: SmallRegion, tmp_path: Path
) -> None:
    node, _ = ready.archive()
    address = f"{node.aet}@127.0.0.1:{node.port}"
    assert cosight("nodes", "add", "archive", address, "--json").value["aet"] == "ARCHIVE"
    assert cosight("nodes", "probe", "--json").value[0]["answers"] is True
    rows = cosight("worklist", "--json").value
    assert rows[0]["facts"]["patient"]["name"] == "Wang^Xiuying=王^秀英"
    text = tmp_path / "report.txt"
    text.write_bytes("\ufeff右肺结节。\r\n---\r\n建议复查。".encode())
    first = {"password": "pw-lilei"}
    drafted = cosight(
        "report", "new", "CT1", "--from", str(text), "--as", "lilei", "--json", **first
    )
    assert drafted.value["state"] == "DRAFT"
    signed = cosight("report", "submit", "CT1", "--as", "lilei", "--json", **first).value
    assert signed["state"] == "SUBMITTED"
    shown = cosight("report", "show", signed["report"], "--json").value
    assert shown["heads"][0]["text"]["findings"] == "右肺结节。"
    assert shown["heads"][0]["text"]["impression"] == "建议复查。"
    words = ["report", "cosign", "CT1", "--grade", "CONCUR", "--as", "hanmei", "--json"]
    final = cosight(*words, password="pw-hanmei").value
    assert final["released"]["sop_uid"]
    assert cosight("report", "list", "--json").value[0]["state"] == "FINAL"
    synced = cosight("sync", "--once", "--json")
    assert synced.status == 0
    assert synced.value["report"]["confirmed"] == 4
    out = tmp_path / "new" / "report.txt"
    exported = cosight("report", "export", "CT1", "--out", str(out), "--json").value
    assert exported["bytes"] == len(out.read_bytes())
    assert "建议复查" in out.read_text(encoding="utf-8")
    assert all(f["sound"] for f in cosight("verify", "--json").value)
    refused = cosight(*words, password="pw-hanmei")
    assert json.loads(refused.refusal)["rule"] == "STATE"
    assert "王" not in refused.err


def test_answers_are_utf8_in_any_locale_and_survive_a_closed_pipe(ready: SmallRegion) -> None:
    home = str(ready.folder / "a")
    for environment in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}):
        done = program("worklist", "--local", "--home", home, **environment)
        assert done.returncode == 0, done.stderr
        assert "王 秀英".encode() in done.stdout
        told = program("worklist", "--local", "--json", "--home", home, **environment)
        assert json.loads(told.stdout)[0]["facts"]["description"] == "胸部平扫"
    listing = subprocess.Popen(
        [sys.executable, "-m", "workstation", "worklist", "--local", "--home", home],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    err = listing.stderr.read()
    assert listing.wait(60) == 1
    assert err == b""
    listing.stderr.close()


def test_an_archive_that_cannot_listen_says_so(ready: SmallRegion, tmp_path: Path) -> None:
    node, _ = ready.archive()
    for port in (str(node.port), "99999", "-1"):
        done = program("node", "--store", str(tmp_path / "n"), "--port", port)
        assert done.returncode in {1, 2}, done.stderr
        assert b"Traceback" not in done.stderr
        assert done.stderr.strip()


def test_the_archive_ends_with_its_starter(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "workstation",
        "node",
        "--store",
        str(tmp_path / "n"),
        "--port",
        "0",
    ]
    process = subprocess.Popen(
        [*command, "--json", "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert json.loads(process.stdout.readline())["port"] > 0
    begun = time.monotonic()
    process.stdin.close()
    assert process.wait(30) == 0
    assert time.monotonic() - begun < 20
    process.stdout.close()


def test_a_demo_that_cannot_be_laid_out_says_why(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    done = program("demo", "--prepare", str(in_the_way))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
