"""What the tour checks from outside: pictures against ``cosight render``, the released report against DCMTK.

Both run as processes of their own, so that nothing the window holds in memory can help.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.services.archive_process import program
from workstation.ui.tour_hand import TourFailure

if TYPE_CHECKING:
    from viewer.qt.viewport import Viewport
    from workstation.settings import Node

_AXIS = {"sagittal": 0, "coronal": 1, "axial": 2}
_SECONDS = 60
# The environment's own folder holds programs of the same names that are not DCMTK's.
_DCMTK_FOLDERS = os.pathsep.join(("/usr/bin", "/usr/local/bin", "C:\\Program Files\\dcmtk\\bin"))


class Proof:
    """Judges one station's pictures and what was released.

    Args:
        home: the station's folder.
        folder: where the final report is kept.
        compared: gathers what was compared and found equal.
    """

    def __init__(self, home: Path, folder: Path, compared: list[str]) -> None:
        self._compared = compared
        self._home = home
        self._folder = folder

    def same_picture(self, viewport: Viewport, what: str) -> None:
        """The painted picture equals the command line's, pixel by pixel.

        Raises:
            TourFailure: it does not, or cannot be compared.
        """
        import numpy as np
        from PIL import Image

        shown = viewport.picture()
        if shown is None:
            raise TourFailure("There is no {what} on the screen", what=what)
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "rendered.png"
            self._cosight("render", viewport.series_uid, "--out", str(out), *_order(viewport))
            with Image.open(out) as image:
                rendered = np.asarray(image)
        if rendered.shape != shown.shape or not np.array_equal(rendered, shown):
            raise TourFailure(
                "The {what} on the screen is not what cosight render draws", what=what
            )
        self._compared.append(what)

    def final_report(self, study_uid: str) -> dict[str, str]:
        """Keep the prevailing report as SR and as text; returns where it lies in the archive."""
        for form, name in (("sr", "final_report.dcm"), ("text", "final_report.txt")):
            out = str(self._folder / name)
            self._cosight("report", "export", study_uid, "--format", form, "--out", out)
        shown = json.loads(self._cosight("report", "show", study_uid))
        released: dict[str, str] = shown["prevailing"]["released"]
        return {key: released[key] for key in ("study_uid", "series_uid", "sop_uid")}

    def dcmtk_verifies(self, node: Node, study_uid: str, released: dict[str, str]) -> str:
        """DCMTK's getscu fetches the released SR from the archive; dcmsign verifies it.

        Returns:
            what was found, in one line; that DCMTK is not installed is told, not hidden.

        Raises:
            TourFailure: DCMTK does not get it, or does not verify it.
        """
        getscu = shutil.which("getscu", path=_DCMTK_FOLDERS)
        dcmsign = shutil.which("dcmsign", path=_DCMTK_FOLDERS)
        if getscu is None or dcmsign is None:
            return "DCMTK is not installed here: the released SR was not judged by it"
        with tempfile.TemporaryDirectory() as scratch:
            keys = (
                "QueryRetrieveLevel=IMAGE",
                f"StudyInstanceUID={study_uid}",
                f"SeriesInstanceUID={released['series_uid']}",
                f"SOPInstanceUID={released['sop_uid']}",
            )
            command = [getscu, "-S", "-aec", node.aet, "-od", scratch]
            command += [part for key in keys for part in ("-k", key)]
            _run([*command, node.host, str(node.port)])
            fetched = [path for path in Path(scratch).iterdir() if path.is_file()]
            if len(fetched) != 1:
                raise TourFailure("getscu fetched {count} objects, not one", count=len(fetched))
            root = self._home / "region" / "root.pem"
            _run([dcmsign, "--verify", "+rs", "+cf", str(root), str(fetched[0])])
        return "DCMTK fetched the released SR and dcmsign verified its signature"

    def _cosight(self, *arguments: str) -> str:
        return _run([*program(), *arguments, "--json", "--home", str(self._home)])


def _order(viewport: Viewport) -> list[str]:
    """The options of ``cosight render`` that ask for what the viewport shows."""
    state, voi = viewport.state, viewport.presentation.voi
    width, height = viewport.canvas_size()
    order = ["--size", f"{width}x{height}"]
    center, extent = getattr(voi, "center", None), getattr(voi, "width", None)
    if center is not None and extent is not None:
        order += [f"--window={center!r},{extent!r}"]
    if state.kind == "stack":
        return [*order, "--frame", str(state.index + 1)]
    if state.point_world is None:
        return [*order, "--plane", state.plane]
    at = float(state.point_world[_AXIS[state.plane]])
    return [*order, "--plane", state.plane, f"--at={at!r}"]


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TourFailure("{program} did not answer", program=Path(command[0]).name) from error
    if done.returncode:
        raise TourFailure(
            "{program} failed: {why}",
            program=Path(command[0]).name,
            why=" ".join((done.stderr or done.stdout).split())[-300:],
        )
    return done.stdout
