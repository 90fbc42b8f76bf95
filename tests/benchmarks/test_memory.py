"""The memory of the whole process tree: idle at the worklist, while a CT is opened, and with it open. Printed only.

GDCM, a development package that pydicom imports where it finds it, is kept out: an installed station has none. Pages
shared with programs outside the tree are counted in part: on a machine that runs nothing else the figures are higher.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.test_opening import measured, station_with_ct

IDLE_TARGET_MB = 160
VOLUME_MB = 92 * 512 * 512 * 2 / (1 << 20)


@pytest.mark.journey
def test_memory_idle_and_with_a_ct_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    station, study = station_with_ct(tmp_path / "region")
    told = measured("tests.benchmarks.memory", station, study, before='sys.modules["gdcm"] = None')
    assert 0 < told["window_mb"] < told["idle_mb"]
    assert told["idle_mb"] < told["peak_mb"]
    # What is not used at the worklist is not imported there.
    assert not {"numba", "vtkmodules", "highdicom"} & set(told["imported_at_idle"])
    with capsys.disabled():
        children = ", ".join(f"{held:.0f}" for held in told["children_mb"])
        print()
        print(
            f"idle at the worklist: {told['idle_mb']:.0f} MB (target {IDLE_TARGET_MB} MB;"
            f" window {told['window_mb']:.0f}, children {children}); with a study chosen"
            f" {told['chosen_mb']:.0f} MB"
        )
        print(
            f"opening the 92-slice CT: peak {told['peak_mb']:.0f} MB"
            f" (target {VOLUME_MB + 450:.0f} MB), afterwards {told['opened_mb']:.0f} MB"
        )
