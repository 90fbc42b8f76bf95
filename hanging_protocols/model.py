"""What a hanging protocol is: rules about a study, selectors of its series, and stages of viewports.

All values are frozen and compare by content, so a protocol read from its file equals the one that
was written. They know no DICOM library: whoever has the headers fills `StudyFacts` in. The nouns
follow PS3.3 C.23 (Hanging Protocol): definition, image sets, display sets, presentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FactKind = Literal["text", "number", "yes_no"]
FactValue = str | int | float | bool
Plane = Literal["axial", "coronal", "sagittal"]
ViewportKind = Literal["stack", "plane"]
Test = Literal["equals", "one_of", "contains", "at_least", "at_most"]


class ProtocolError(ValueError):
    """A protocol file that cannot be used.

    Attributes: `template`, an English sentence with named fields, and `fields`, its values; the
    window translates the template. `fields` always holds "file" and "key".
    """

    def __init__(self, template: str, **fields: object) -> None:
        super().__init__(template.format_map(fields))
        self.template = template
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """What is known of one series of the study.

    `key` is the caller's own name for it and no fact a rule may ask for, and neither is `rank`: what
    was one series and is offered in parts has the main part at 0 and the others behind it; `plane` is
    that of the acquired slices, None when oblique or none; `slice_thickness_mm` None when not stated.
    """

    key: str
    rank: int = 0
    modality: str = ""
    body_part: str = ""
    description: str = ""
    view: str = ""
    laterality: str = ""
    image_type: tuple[str, ...] = ()
    plane: Plane | None = None
    number: int | None = None
    image_count: int = 0
    slice_thickness_mm: float | None = None
    is_volume: bool = False

    def values(self, fact: str) -> tuple[FactValue, ...]:
        """Return what this series says of `fact`: none when it is silent, several for lists."""
        return _values(getattr(self, fact))


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """What is known of the study to be hung, and its series in the caller's order."""

    description: str = ""
    body_part: str = ""
    series: tuple[SeriesFacts, ...] = ()

    def values(self, fact: str) -> tuple[FactValue, ...]:
        """Return what the study says of `fact`; modality and body part are also its series'."""
        match fact:
            case "modality":
                return _values(tuple(series.modality for series in self.series))
            case "body_part":
                return _values((self.body_part, *(series.body_part for series in self.series)))
            case "series_count":
                return (len(self.series),)
            case "image_count":
                return (sum(series.image_count for series in self.series),)
            case _:
                return _values(getattr(self, fact))


# What a rule may ask for, and the kind of its answer.
STUDY_FACTS: tuple[tuple[str, FactKind], ...] = (
    ("modality", "text"),
    ("body_part", "text"),
    ("description", "text"),
    ("series_count", "number"),
    ("image_count", "number"),
)
SERIES_FACTS: tuple[tuple[str, FactKind], ...] = (
    ("modality", "text"),
    ("body_part", "text"),
    ("description", "text"),
    ("view", "text"),
    ("laterality", "text"),
    ("image_type", "text"),
    ("plane", "text"),
    ("number", "number"),
    ("image_count", "number"),
    ("slice_thickness_mm", "number"),
    ("is_volume", "yes_no"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """What a fact must be. Texts compare without regard to case; "contains" looks inside a text."""

    test: Test
    value: FactValue | tuple[str, ...]

    def holds(self, values: tuple[FactValue, ...]) -> bool:
        """Whether any of `values` satisfies this constraint; a silent fact satisfies none."""
        return any(self._holds_for(value) for value in values)

    def _holds_for(self, value: FactValue) -> bool:
        wanted = self.value
        if isinstance(wanted, tuple):
            return _folded(value) in {_folded(each) for each in wanted}
        if self.test == "equals":
            return _folded(value) == _folded(wanted)
        if self.test == "contains":
            return str(_folded(wanted)) in str(_folded(value))
        if isinstance(value, str) or isinstance(wanted, str):
            return False
        return value >= wanted if self.test == "at_least" else value <= wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fact, what it must be, what it is worth, and whether nothing goes without it."""

    fact: str
    constraint: Constraint
    weight: int = 1
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A name for a kind of series, and the rules that find the best of them first."""

    name: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """One place on the screen: the `place`-th best series (from 0) of the selector `series`.

    A "stack" shows the slices as acquired; a "plane" is computed in `plane` and takes volumes only.
    `preset` is the key of one of the viewer's window presets, None for the series' own window.
    """

    kind: ViewportKind
    series: str
    place: int = 0
    plane: Plane | None = None
    preset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One screenful: a grid filled row by row; fewer viewports than places leave the rest empty."""

    name_zh: str
    name_en: str
    rows: int
    columns: int
    viewports: tuple[Viewport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """How studies of one kind are hung: which studies, which series, in which stages."""

    id: str
    name_zh: str
    name_en: str
    rules: tuple[Rule, ...]
    selectors: tuple[Selector, ...]
    stages: tuple[Stage, ...]


def _folded(value: FactValue) -> FactValue:
    return value.casefold() if isinstance(value, str) else value


def _values(found: FactValue | tuple[str, ...] | None) -> tuple[FactValue, ...]:
    """Return the answers in `found`, without the empty texts that mean silence."""
    answers = found if isinstance(found, tuple) else (found,)
    return tuple(answer for answer in answers if answer is not None and answer != "")
