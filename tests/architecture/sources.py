"""The product's source files, for the tests that judge its shape: found on disk, parsed once."""

from __future__ import annotations

import ast
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("workstation", "viewer", "hanging_protocols", "resources")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """One Python file: where it lies, the name it is imported by, its text and its tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def place(self) -> str:
        """The path inside the repository, with forward slashes."""
        return self.path.relative_to(REPOSITORY).as_posix()

    @property
    def module(self) -> str:
        """The dotted name, `workstation.domain.report`; a package's `__init__` is the package."""
        return self.place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def imported(self) -> frozenset[str]:
        """Every dotted name this file imports, at the top or inside a function."""
        return _imported(self)


@cache
def _imported(source: Source) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


@cache
def product() -> tuple[Source, ...]:
    """Every file of the four packages, in order of its path."""
    return tuple(
        parsed(path)
        for package in PACKAGES
        for path in sorted((REPOSITORY / package).rglob("*.py"))
    )


@cache
def suite() -> tuple[Source, ...]:
    """Every file under tests/, in order of its path."""
    return tuple(parsed(path) for path in sorted((REPOSITORY / "tests").rglob("*.py")))


def parsed(path: Path) -> Source:
    """Read and parse one file."""
    text = path.read_text(encoding="utf-8")
    return Source(path=path, text=text, tree=ast.parse(text, filename=str(path)))


@cache
def published_files() -> tuple[Path, ...]:
    """Every file under version control; in a copy without its history, every file but build outputs."""
    if (REPOSITORY / ".git").exists() and shutil.which("git"):
        command = ["git", "-C", str(REPOSITORY), "ls-files", "-z"]
        listing = subprocess.run(command, check=True, capture_output=True).stdout.decode()
        found = (REPOSITORY / name for name in listing.split("\0") if name)
    else:
        left_out = {".git", ".venv", "build", "dist", "__pycache__"}
        found = (
            path
            for path in REPOSITORY.rglob("*")
            if not left_out & set(path.relative_to(REPOSITORY).parts)
            and not path.relative_to(REPOSITORY).parts[0].endswith("_cache")
        )
    return tuple(sorted(path for path in found if path.is_file()))
