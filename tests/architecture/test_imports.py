"""Who may know whom: the contracts of pyproject.toml, and what import-linter cannot say itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PACKAGES, REPOSITORY, Source, product

# Qt and VTK live here and nowhere else; every other module must import without them.
WINDOW_SIDE = (
    "workstation.app",
    "workstation.ui",
    "viewer.qt",
    "viewer.render.vtk_reslice",
    "viewer.render.volume_rendering",
)
SLOW_TO_IMPORT = {"PySide6", "vtkmodules", "numba", "highdicom", "pynetdicom"}

BLOCKER = """
import importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"PySide6", "shiboken6", "vtkmodules", "vtk"}:
            raise ImportError(f"{name} is blocked here")

sys.meta_path.insert(0, Blocked())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def under(source: Source, *packages: str) -> bool:
    return any(f"{source.module}.".startswith(f"{package}.") for package in packages)


def test_every_import_contract_is_kept() -> None:
    lint_imports = "from importlinter import cli; cli.lint_imports_command()"
    run = subprocess.run(
        [sys.executable, "-c", lint_imports], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("package", ["workstation.domain", "hanging_protocols"])
def test_the_pure_packages_import_the_standard_library_only(package: str) -> None:
    allowed = sys.stdlib_module_names | {"__future__"}
    foreign = {
        f"{source.place} imports {name}"
        for source in product()
        if under(source, package)
        for name in source.imported()
        if name.split(".")[0] not in allowed and not f"{name}.".startswith(f"{package}.")
    }
    assert not foreign


def test_the_pure_packages_reach_for_no_file_socket_or_clock() -> None:
    doors = {"socket", "ssl", "sqlite3", "subprocess", "threading", "multiprocessing", "requests"}
    assert not {
        f"{source.place} imports {name}"
        for source in product()
        if under(source, "workstation.domain")
        for name in source.imported() & doors
    }


def test_only_the_store_speaks_sqlite() -> None:
    assert not {
        f"{source.place} imports {name}"
        for source in product()
        if not under(source, "workstation.store")
        for name in source.imported()
        if name.split(".")[0] in {"sqlite3", "sqlite_utils"}
    }


def windowless_modules() -> Iterator[str]:
    for source in product():
        if not under(source, *WINDOW_SIDE):
            yield source.module


def test_everything_but_the_windows_imports_without_qt_and_vtk() -> None:
    modules = list(windowless_modules())
    assert {module.split(".")[0] for module in modules} == set(PACKAGES)
    run = subprocess.run(
        [sys.executable, "-c", BLOCKER, *modules], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_the_blocker_really_blocks() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKER, "PySide6.QtCore"], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "PySide6 is blocked here" in run.stderr


def test_the_command_line_starts_without_the_slow_libraries() -> None:
    question = "import sys, workstation.cli; print(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", question], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert not SLOW_TO_IMPORT & set(run.stdout.split())
