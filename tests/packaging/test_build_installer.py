"""The built program: it starts without the checkout, carries its resources, and no GPL part of Qt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
GPL_PARTS = (
    "VirtualKeyboard",
    "Charts",
    "DataVisualization",
    "Graphs",
    "NetworkAuth",
    "HttpServer",
)

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    places = ["--distpath", str(folder / "dist"), "--workpath", str(folder / "work")]
    spec = str(REPOSITORY / "build_installer.spec")
    command = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
        *places,
        spec,
    ]
    subprocess.run(command, check=True, cwd=folder)
    return folder / "dist" / "cosight"


def started(built: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the built program as on a machine that has neither the checkout nor a Python."""
    name = "cosight.exe" if sys.platform == "win32" else "cosight"
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "VIRTUAL_ENV", "COSIGHT"))
    }
    return subprocess.run(
        [str(built / name), *arguments],
        cwd=built,
        env={**environment, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["node", "--help"], ["demo", "--help"]])
def test_it_starts(built: Path, arguments: list[str]) -> None:
    run = started(built, *arguments)
    assert run.returncode == 0, run.stderr
    assert "usage" in run.stdout


@pytest.mark.parametrize(
    "series", ["ct_chest_lidc_0314_3mm", "mr_brain_t1_defaced", "dx_chest_nih"]
)
def test_it_renders_its_own_demo_images(built: Path, tmp_path: Path, series: str) -> None:
    folder = next(built.rglob(f"resources/demo/{series}"))
    picture = tmp_path / "picture.png"
    image = str(min(folder.glob("*.dcm")))
    home = str(tmp_path / "home")
    run = started(built, "--home", home, "render", image, "--out", str(picture))
    assert run.returncode == 0, run.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_it_carries_no_gpl_part_of_qt(built: Path) -> None:
    files = [path.name for path in built.rglob("*") if path.is_file()]
    assert any("Qt6Core" in name or "QtCore" in name for name in files)
    assert not [
        name
        for name in files
        if any(f"Qt6{part}" in name or f"Qt{part}" in name for part in GPL_PARTS)
    ]
    assert not [name for name in files if "virtualkeyboard" in name.lower()]


def test_it_carries_its_licences_and_protocols(built: Path) -> None:
    names = {
        path.relative_to(built).as_posix().removeprefix("_internal/") for path in built.rglob("*")
    }
    assert {
        "LICENSE",
        "NOTICE",
        "resources/demo/README.md",
        "resources/demo/LICENSES/CC-BY-3.0.txt",
        "hanging_protocols/protocols/ct.toml",
    } <= names
