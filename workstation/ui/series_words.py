"""What is said of a series' images: what tells them apart from the rest of the series, what their slices show.

Values of the viewer come in as English words and templates and leave in the reader's language. It shows nothing.
"""

from __future__ import annotations

from viewer.volume import DisplaySet, Finding, Part
from workstation.ui.words import translate


def parts_text(images: DisplaySet) -> str:
    """What tells a set apart from the others of its series, as "b 1000, phase 2"; "" where it is the whole."""
    return ", ".join(_part_text(part) for part in images.parts)


def finding_text(found: Finding) -> str:
    """One finding as a sentence; its template is looked up where the errors' templates are."""
    return translate("errors", found.template).format(**dict(found.fields))


def notes(images: DisplaySet) -> tuple[str, ...]:
    """What a reader must be told without asking."""
    return tuple(finding_text(found) for found in images.findings if found.warns)


def _part_text(part: Part) -> str:
    kinds = {
        "localizer": translate("Series", "localizer"),
        "color": translate("Series", "color"),
        "matrix": translate("Series", "matrix"),
        "orientation": translate("Series", "orientation"),
        "type": translate("Series", "type"),
        "kernel": translate("Series", "kernel"),
        "echo": translate("Series", "echo"),
        "b-value": translate("Series", "b"),
        "stack": translate("Series", "stack"),
        "phase": translate("Series", "phase"),
        "time": translate("Series", "time"),
        "acquisition": translate("Series", "acquisition"),
        "instance": translate("Series", "instance"),
        "position": translate("Series", "position"),
    }
    return f"{kinds.get(part.kind, part.kind)} {part.value}".strip()
