"""The judges themselves: an Orthanc that restarts with its data, DCMTK from the system and not from the environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.peers import Orthanc, require_program


def test_programs_of_the_environment_do_not_stand_in_for_the_system_s() -> None:
    assert Path(require_program("sh")).parent == Path("/usr/bin")


def test_a_missing_program_skips_and_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-judge"):
        require_program("no-such-judge")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-judge"):
        require_program("no-such-judge")


def test_orthanc_keeps_its_data_over_stop_and_kill(orthanc: Orthanc, shared_data: Path) -> None:
    picture = next((shared_data / "demo" / "dx_chest_nih").glob("*.dcm"))
    storescu = require_program("storescu")
    archive = [orthanc.host, str(orthanc.port)]
    command = [storescu, "--propose-jls-lossless", "-aec", orthanc.aet, *archive, str(picture)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    held = json.loads(orthanc.rest("/instances"))
    assert len(held) == 1
    for end in (orthanc.stop, orthanc.kill):
        end()
        assert not orthanc.running
        orthanc.start()
        assert json.loads(orthanc.rest("/instances")) == held
