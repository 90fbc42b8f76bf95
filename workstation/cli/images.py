"""``cosight import``, ``worklist``, ``fetch``, ``images``, ``hang``, ``render``: images in, and pictures out.

A rejected file is listed with its reason and the rest goes on; the status is 1 where nothing could be done, or where
something that came from the archive is not what was signed.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.opening import station_at
from workstation.cli.printing import Printer, table
from workstation.domain.errors import BadInput, NotFound
from workstation.domain.study import age_text

if TYPE_CHECKING:
    from hanging_protocols.model import Rule
    from viewer.volume import DisplaySet
    from workstation.services.station import Station

LARGEST_SIDE = 8192


def declare(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this module."""
    take = commands.add_parser("import", parents=[common], help="files and folders -> local store")
    take.add_argument("paths", nargs="+", type=Path)
    take.set_defaults(run=_import)
    worklist = commands.add_parser("worklist", parents=[common], help="the studies, here and there")
    worklist.add_argument("--local", action="store_true", help="do not ask the archive")
    worklist.set_defaults(run=_worklist)
    fetch = commands.add_parser("fetch", parents=[common], help="a study from the archive")
    fetch.add_argument("study", help="Study Instance UID or accession number")
    fetch.set_defaults(run=_fetch)
    hang = commands.add_parser("hang", parents=[common], help="which protocol matches, and why")
    hang.add_argument("study")
    hang.set_defaults(run=_hang)
    images = commands.add_parser(
        "images",
        parents=[common],
        help="how a study's series are split and sorted, and what forms a volume",
    )
    images.add_argument("study", help="Study Instance UID or accession number")
    images.set_defaults(run=_images)
    _declare_render(commands, common)


def _declare_render(commands: Any, common: argparse.ArgumentParser) -> None:
    render = commands.add_parser(
        "render", parents=[common], help="the picture the window shows, without annotation"
    )
    render.add_argument("source", help="Series Instance UID of a series here, or a file")
    render.add_argument("--out", type=Path, required=True)
    render.add_argument(
        "--set", type=int, help="which set of images of the series, from 1, as `images` lists them"
    )
    render.add_argument("--frame", type=int, default=1, help="from 1, in reading order")
    render.add_argument("--plane", choices=("axial", "coronal", "sagittal"))
    render.add_argument(
        "--at", type=float, help="mm along the patient's axis across the plane (LPS)"
    )
    render.add_argument("--slab", help="MODE,MM: maximum, minimum or mean over a thickness")
    render.add_argument("--window", help="C,W in the image's unit")
    render.add_argument("--size", help="WxH; without it one pixel per image pixel")
    render.set_defaults(run=_render)


def _import(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        report = station.importing.import_paths(
            args.paths, progress=lambda _done, _total: None, cancelled=lambda: False
        )
    rejected = [{"name": r.name, "why": str(r.reason)} for r in report.rejected]
    answer = {"stored": report.stored, "already": report.already, "rejected": rejected}
    lines = [f"stored {report.stored}, already here {report.already}, rejected {len(rejected)}"]
    lines += [f"{r['name']}: {r['why']}" for r in rejected]
    printer.answer(answer, "\n".join(lines))
    return 1 if rejected and not (report.stored or report.already) else 0


def _worklist(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        if not args.local:
            station.worklist.refresh()
        rows = station.worklist.rows()
    text = table(
        [
            (
                r.standing.status.value, r.facts.patient.display_name, r.facts.patient.sex,
                age_text(r.facts), "/".join(r.facts.modalities), r.facts.description,
                r.facts.accession, f"{r.facts.date} {r.facts.time[:4]}",
                f"{r.here}/{'?' if r.total is None else r.total}", r.facts.study_uid,
            )
            for r in rows
        ]
    )  # fmt: skip
    printer.answer(rows, text)
    return 0


def _fetch(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        study_uid = _study_of(station, args.study)
        report = station.fetching.fetch(
            study_uid,
            progress=lambda done, total: printer.line(f"{done}/{total}") if done == total else None,
            cancelled=lambda: False,
        )
        alarms = station.released.check(study_uid)
    rejected = [{"name": r.name, "why": str(r.reason)} for r in report.rejected]
    answer = {"stored": report.stored, "rejected": rejected, "alarms": [str(a) for a in alarms]}
    lines = [f"stored {report.stored}, rejected {len(rejected)}"]
    lines += [f"{r['name']}: {r['why']}" for r in rejected]
    printer.answer(answer, "\n".join(lines))
    for alarm in alarms:
        printer.refuse(alarm)
    return 1 if alarms or rejected else 0


def _study_of(station: Station, name: str) -> str:
    """The study of that UID or accession number; the archive is asked only where nobody here knows it."""
    found = station.reporting.study_of(name)
    if found is None:
        station.worklist.refresh()
        found = station.reporting.study_of(name)
    if found is None:
        raise NotFound("Neither this station nor the archive knows the study {name}", name=name)
    return found


def _hang(args: argparse.Namespace, printer: Printer) -> int:
    from workstation.services.hanging import matches

    with station_at(args) as station:
        study_uid = _study_of(station, args.study)
        found = matches(station.studies.display_sets(study_uid))
    lines = [
        f"{m.protocol.id}  {m.score}  + {_facts(m.passed)}  - {_facts(m.failed)}".rstrip(" -+")
        for m in found
    ]
    printer.answer(found, "\n".join(lines))
    return 0


def _facts(rules: Iterable[Rule]) -> str:
    return ", ".join(rule.fact for rule in rules)


def _render(args: argparse.Namespace, printer: Printer) -> int:
    from workstation.services.rendering import Order, draw

    order = Order(
        frame=args.frame,
        plane=args.plane,
        at_mm=_at(args.at),
        slab=_slab(args.slab),
        window=_window(args.window),
        size=_size(args.size),
    )
    with station_at(args) as station:
        shown = _display_set(station, args)
        picture = draw(station.loader, shown, order)
        is_plane = order.plane is not None
        reduction = station.loader.reduction_of(shown) if is_plane else (1, 1, 1)
    from PIL import Image

    args.out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(args.out, format="PNG")
    height, width = picture.shape[:2]
    answer = {"out": args.out, "width": width, "height": height, "reduction": reduction}
    printer.answer(answer, "\n".join([str(args.out), *_reduced(reduction)]))
    return 0


def _reduced(reduction: tuple[int, int, int]) -> list[str]:
    """What a plane of a volume over the memory budget lost, as the window says it."""
    if max(reduction) == 1:
        return []
    columns, rows, slices = reduction
    told = f"reduced {columns} x {rows} x {slices} (columns, rows, slices)"
    return [f"{told}: the whole volume is above images.volume_mb"]


def _display_set(station: Station, args: argparse.Namespace) -> DisplaySet:
    """The display set of a series here, or of a file: the one asked for, else the first that has the frame."""
    from workstation.services.rendering import display_sets_of_file

    path = Path(args.source)
    sets = (
        display_sets_of_file(station.sandbox, path)
        if path.is_file()
        else station.studies.display_sets_of_series(args.source)
    )
    if not sets:
        raise NotFound("There is no file or series {source} with images here", source=args.source)
    if args.set is None:
        return next((s for s in sets if args.frame <= len(s.frames)), sets[0])
    if not 1 <= args.set <= len(sets):
        listed = "; ".join(f"{n} {_told(s)}" for n, s in enumerate(sets, start=1))
        raise BadInput(
            "--set {number}: the series has {count}: {sets}",
            number=args.set, count=len(sets), sets=listed,
        )  # fmt: skip
    chosen: DisplaySet = sets[args.set - 1]
    return chosen


def _told(shown: DisplaySet) -> str:
    """A set in a few words: what sets it apart, and how many images it has."""
    parts = [f"{part.kind} {part.value}".strip() for part in shown.parts]
    return ", ".join([*parts, f"{len(shown.frames)} images"])


def _images(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        sets = station.studies.display_sets(_study_of(station, args.study))
    numbers: Counter[str] = Counter()
    answer: list[dict[str, Any]] = []
    for shown in sets:
        numbers[shown.series_uid] += 1
        answer.append(_described(shown, numbers[shown.series_uid]))
    printer.answer(answer, "\n".join(_lines_of(one) for one in answer))
    return 0


def _described(shown: DisplaySet, number: int) -> dict[str, Any]:
    """A set for programs: ``set`` counts from 1 within its series; ``refusal`` is '' where it forms a volume."""
    first = shown.frames[0].source
    return {
        "series_uid": shown.series_uid,
        "set": number,
        "series_number": first.series_number,
        "modality": first.modality,
        "description": first.series_description,
        "parts": [{"kind": part.kind, "value": part.value} for part in shown.parts],
        "frames": len(shown.frames),
        "rows": first.rows,
        "columns": first.columns,
        "volume": shown.is_volume,
        "spacing_mm": shown.spacing_mm,
        "refusal": "" if shown.refusal is None else str(shown.refusal),
        "findings": [{"warns": found.warns, "text": str(found)} for found in shown.findings],
    }


def _lines_of(one: dict[str, Any]) -> str:
    """The same for people: one line, below it why there is no volume and what was found."""
    parts = ", ".join(f"{part['kind']} {part['value']}".strip() for part in one["parts"])
    number = "-" if one["series_number"] is None else one["series_number"]
    form = "stack"
    if one["volume"]:
        form = "volume " + " x ".join(f"{side:.4g}" for side in one["spacing_mm"]) + " mm"
    words = (
        f"{number}/{one['set']}", one["modality"], one["description"], parts,
        f"{one['frames']} x {one['rows']} x {one['columns']}", form, one["series_uid"],
    )  # fmt: skip
    told = [one["refusal"], *(f["text"] for f in one["findings"])]
    return "\n    ".join(["  ".join(word for word in words if word), *(t for t in told if t)])


def _pair(text: str | None, option: str) -> tuple[float, float] | None:
    if text is None:
        return None
    parts = [_number(part) for part in text.split(",")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        raise BadInput("{option} takes two numbers with a comma, not {given}", option=option,
                       given=repr(text))  # fmt: skip
    return parts[0], parts[1]


def _window(text: str | None) -> tuple[float, float] | None:
    window = _pair(text, "--window")
    if window is not None and window[1] <= 0:
        raise BadInput("--window takes a width above 0, not {given}", given=repr(text))
    return window


def _number(text: str) -> float | None:
    """A finite number, None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _at(value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise BadInput("--at takes a number of millimetres, not {given}", given=value)
    return value


def _slab(text: str | None) -> tuple[str, float] | None:
    if text is None:
        return None
    mode, _, thickness = text.partition(",")
    thickness_mm = _number(thickness)
    if mode not in {"maximum", "minimum", "mean"} or thickness_mm is None or thickness_mm <= 0:
        raise BadInput(
            "--slab takes maximum, minimum or mean, a comma and millimetres, not {given}",
            given=repr(text),
        )
    return mode, thickness_mm


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = [int(s) if s.isdecimal() else 0 for s in text.lower().split("x")]
    if len(sides) != 2 or not all(0 < side <= LARGEST_SIDE for side in sides):
        raise BadInput(
            "--size takes WxH in pixels, at most {largest} each, not {given}",
            largest=LARGEST_SIDE,
            given=repr(text),
        )
    return sides[0], sides[1]
