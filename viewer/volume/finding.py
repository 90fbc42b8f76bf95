"""What is told about a set of images: what sets it apart in its series, and what its slices show.

Both are values for labels: an English word or sentence to be translated, and what fills it in.
Decides nothing; `splitting` makes parts and `judging` makes findings.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What tells a set apart from the others of its series, for its label: a kind and its value.

    `kind` is an English word that is translated: "localizer", "color", "matrix", "orientation",
    "type", "kernel", "echo", "b-value", "stack", "phase", "time", "acquisition", "instance",
    "position". `value` is not translated and may be "".
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a reader must know about a set's slices, as a sentence for translation.

    Gaps, duplicates, mixed spacing, reversed numbering, a tilted gantry: `template` is the English
    sentence with `{fields}`, as in `ImageError`. With `warns` it is shown without being asked for.
    """

    template: str
    fields: tuple[tuple[str, str], ...] = ()
    warns: bool = True

    def __str__(self) -> str:
        """The English sentence."""
        return self.template.format(**dict(self.fields))


def finding(template: str, *, warns: bool, **fields: object) -> Finding:
    """A finding whose fields are written as text."""
    told = tuple((name, str(value)) for name, value in fields.items())
    return Finding(template=template, fields=told, warns=warns)
