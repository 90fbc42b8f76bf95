"""Bytes that travel with the program: icons, translations, and the demo studies under `demo/`.

`path(name)` finds one of them, in a checkout as in the built program; `demo_folder()` is where the
three demo series lie, with their sources and licences in its README.md. No logic lives here.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def path(name: str) -> Path:
    """Return where the resource `name` lies, "icons/window.svg"; FileNotFoundError if it is none.

    Names are ours, relative, with forward slashes; one that leaves the package is refused.
    """
    folder = Path(str(files(__name__))).resolve()
    found = (folder / name).resolve()
    if not found.is_relative_to(folder) or not found.exists():
        raise FileNotFoundError(f"there is no resource named {name}")
    return found


def demo_folder() -> Path:
    """Return the folder of the demo series: one folder of DICOM files each, README.md, LICENSES."""
    return path("demo")
