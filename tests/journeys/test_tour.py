"""The demonstration walks by itself, as a process; what it leaves is judged here once more, by others and by eye."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.journeys.region import REPOSITORY, tag
from tests.peers import END_WITH_US, require_program

SIZE = (1680, 1000)
MOST_SECONDS = 280
POSITIVE = "DCMTK fetched the released SR and dcmsign verified its signature"
COSIGNED = "建议 3 个月后复查薄层 CT。"
BEFORE_REVIEW = "建议随访。"
# A blank window or one that shows only its frame has a handful of greys and almost no edges.
LEAST_COLOURS = 60
LEAST_DEVIATION = 6.0


def walk(folder: Path, *options: str) -> Path:
    """Run the tour into ``folder``/tour; returns the region's root certificate, caught while it ran."""
    scratch, root = folder / "scratch", folder / "root.pem"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "workstation", "demo", "--tour", str(folder / "tour")]
    said = folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [*END_WITH_US, *command, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=REPOSITORY,
        )
        deadline = time.monotonic() + MOST_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            _catch(scratch, root)
            time.sleep(0.1)
        process.kill()
    assert process.wait() == 0, said.read_text(encoding="utf-8")[-2000:]
    assert not list(scratch.glob("cosight-tour-*")), "the tour's region is left behind"
    return root


def _catch(scratch: Path, root: Path) -> None:
    """Keep the root certificate of the tour's own region, which is gone when it ends."""
    if root.exists():
        return
    for found in scratch.glob("cosight-tour-*/region/station-b/region/root.pem"):
        content = found.read_bytes()
        if content.rstrip().endswith(b"-----END CERTIFICATE-----"):
            root.write_bytes(content)


def judge_pictures(folder: Path, names: list[str]) -> None:
    """Every picture of the list is there, of the window's size, and shows something."""
    assert sorted(p.name for p in folder.glob("*.png")) == sorted(names)
    assert [int(name[:2]) for name in names] == list(range(1, len(names) + 1))
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+\.png", name) for name in names)
    seen = set()
    for name in names:
        with Image.open(folder / name) as picture:
            assert picture.size == SIZE, name
            pixels = np.asarray(picture.convert("RGB"), dtype=np.uint32)
        packed = pixels @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
        assert len(np.unique(packed)) >= LEAST_COLOURS, name
        assert pixels.std() >= LEAST_DEVIATION, name
        seen.add(packed.tobytes())
    assert len(seen) == len(names), "two pictures are the same"


def judge_report(folder: Path, root: Path, scratch: Path) -> None:
    """The final report is what the second reader signed, for DCMTK and for dicom3tools."""
    text = (folder / "final_report.txt").read_text(encoding="utf-8")
    assert COSIGNED in text
    assert BEFORE_REVIEW not in text
    report = folder / "final_report.dcm"

    def said(program: str, *words: str) -> tuple[int, str]:
        done = subprocess.run([require_program(program), *words, str(report)], capture_output=True)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")

    status, verdict = said("dcmsign", "--verify", "+rs", "+rg", "+cf", str(root))
    assert status == 0, verdict
    assert "Signature Verification : OK" in verdict
    _, validity = said("dciodvfy")
    assert "EnhancedSR" in validity
    assert "Error" not in validity
    status, tree = said("dsrdump", "+U8", "+Pl")
    assert status == 0, tree
    assert "\nE:" not in tree
    assert COSIGNED in tree
    content = report.read_bytes()
    assert tag(content, "CompletionFlag", scratch) == "COMPLETE"
    assert tag(content, "VerificationFlag", scratch) == "VERIFIED"
    assert tag(content, "PreliminaryFlag", scratch) == "FINAL"


@pytest.mark.parametrize(
    "options", [(), pytest.param(("--language", "en"), marks=pytest.mark.long)], ids=["zh", "en"]
)
def test_the_tour_walks_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    for program in ("dcmsign", "dciodvfy", "dsrdump", "dcmdump", "getscu"):
        require_program(program)
    begun = time.monotonic()
    root = walk(tmp_path, *options)
    whole = time.monotonic() - begun
    folder = tmp_path / "tour"
    summary = json.loads((folder / "tour.json").read_text(encoding="utf-8"))
    assert len(set(summary["compared"])) >= 3
    assert any("coronal" in what or "sagittal" in what for what in summary["compared"])
    assert summary["dcmtk"] == POSITIVE
    judge_pictures(folder, summary["pictures"])
    judge_report(folder, root, tmp_path)
    with capsys.disabled():
        told = f"{summary['seconds']:.0f} s walking, {whole:.0f} s in all (target 120 s)"
        print(f"\ntour {' '.join(options)}: {told}")
    shutil.rmtree(folder)
