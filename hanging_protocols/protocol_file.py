"""The protocol file: TOML text to a `Protocol` and back, with every mistake named by file and key.

One file holds one protocol and starts with `version = 1`. The files of the product lie in
`protocols/`; a hospital's own folder is read by the same `read_folder`. Nothing is guessed: an
unknown key, a fact nobody knows or a viewport of an undeclared series is refused (ProtocolError).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar, get_args

from hanging_protocols.model import (
    SERIES_FACTS,
    STUDY_FACTS,
    Constraint,
    FactKind,
    FactValue,
    Plane,
    Protocol,
    ProtocolError,
    Rule,
    Selector,
    Stage,
    Test,
    Viewport,
    ViewportKind,
)

VERSION = 1
MOST_ROWS_AND_COLUMNS = 4
TESTS: tuple[Test, ...] = get_args(Test)
FactTable = tuple[tuple[str, FactKind], ...]
Word = TypeVar("Word", bound=str)


def built_in() -> tuple[Protocol, ...]:
    """Return the product's own protocols, by file name."""
    return read_folder(Path(str(files("hanging_protocols") / "protocols")))


def read_folder(folder: Path) -> tuple[Protocol, ...]:
    """Return the protocols of all *.toml files in `folder`, by file name; OSError, ProtocolError."""
    paths = sorted(folder.glob("*.toml"))
    return tuple(parse(_text(path), file=path.name) for path in paths)


def parse(text: str, *, file: str) -> Protocol:
    """Return the protocol that `text` describes; `file` names it in a ProtocolError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(
            "{file}: this is not TOML: {reason}", file=file, key="", reason=str(error)
        ) from error
    top = _Table(table, file=file, key="")
    version = top.whole("version", least=1)
    if version != VERSION:
        raise top.wrong("version", "version {found} is not {known}", found=version, known=VERSION)
    selectors = tuple(_selector(each) for each in top.tables("series"))
    protocol = Protocol(
        id=top.text("id"),
        name_zh=top.text("name_zh"),
        name_en=top.text("name_en"),
        rules=tuple(_rule(each, STUDY_FACTS) for each in top.tables("rules")),
        selectors=selectors,
        stages=tuple(
            _stage(each, {selector.name for selector in selectors}) for each in top.tables("stages")
        ),
    )
    if not protocol.stages:
        raise top.wrong("stages", "a protocol has at least one stage")
    top.finish()
    return protocol


def dump(protocol: Protocol) -> str:
    """Return the file's text; `parse` of it is equal to `protocol`."""
    lines = [f"version = {VERSION}"]
    lines += _pairs(id=protocol.id, name_zh=protocol.name_zh, name_en=protocol.name_en)
    for rule in protocol.rules:
        lines += ["", "[[rules]]", *_rule_lines(rule)]
    for selector in protocol.selectors:
        lines += ["", "[[series]]", *_pairs(name=selector.name)]
        for rule in selector.rules:
            lines += ["[[series.rules]]", *_rule_lines(rule)]
    for stage in protocol.stages:
        grid = {"rows": stage.rows, "columns": stage.columns}
        lines += ["", "[[stages]]", *_pairs(name_zh=stage.name_zh, name_en=stage.name_en, **grid)]
        for viewport in stage.viewports:
            lines += ["[[stages.viewports]]", *_viewport_lines(viewport)]
    return "\n".join(lines) + "\n"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError("{file}: this is not UTF-8", file=path.name, key="") from error


class _Table:
    """One TOML table being read: hands out typed values, and names the key of what is wrong."""

    def __init__(self, table: dict[str, object], *, file: str, key: str) -> None:
        self.table = table
        self.file = file
        self.key = key
        self._asked: set[str] = set()

    def wrong(self, key: str, sentence: str, **fields: object) -> ProtocolError:
        """Return the error for `key` of this table."""
        return ProtocolError(
            "{file}: {key}: " + sentence, file=self.file, key=self.key + key, **fields
        )

    def text(self, key: str) -> str:
        """Return the text under `key`, which must be there and not be empty."""
        found = self.given(key)
        if not isinstance(found, str) or not found:
            raise self.wrong(key, "a text is wanted here")
        return found

    def whole(
        self, key: str, *, least: int, most: int | None = None, absent: int | None = None
    ) -> int:
        """Return the whole number under `key`, or `absent` where it may be missing."""
        if key not in self.table and absent is not None:
            return absent
        found = self.given(key)
        if isinstance(found, bool) or not isinstance(found, int) or found < least:
            raise self.wrong(key, "a whole number from {least} on is wanted here", least=least)
        if most is not None and found > most:
            raise self.wrong(key, "at most {most} is possible", most=most)
        return found

    def word(self, key: str, words: tuple[Word, ...]) -> Word:
        """Return the one of `words` that stands under `key`."""
        found = self.given(key)
        for word in words:
            if found == word:
                return word
        raise self.wrong(key, "one of {words} is wanted here", words=", ".join(words))

    def yes_no(self, key: str) -> bool:
        """Return the truth value under `key`; False where it is missing."""
        if key not in self.table:
            return False
        found = self.given(key)
        if not isinstance(found, bool):
            raise self.wrong(key, "true or false is wanted here")
        return found

    def tables(self, key: str) -> list[_Table]:
        """Return the tables under `[[key]]`, each named with its number from 1; none is no error."""
        if key not in self.table:
            return []
        found = self.given(key)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.wrong(key, "tables [[{name}]] are wanted here", name=key)
        return [
            _Table(each, file=self.file, key=f"{self.key}{key}[{number}].")
            for number, each in enumerate(found, 1)
        ]

    def given(self, key: str) -> object:
        """Return what stands under `key`, which must be there."""
        self._asked.add(key)
        if key not in self.table:
            raise self.wrong(key, "this key is missing")
        return self.table[key]

    def finish(self) -> None:
        """Refuse the keys that nobody asked for: a misspelt one must not be silently without effect."""
        for key in self.table.keys() - self._asked:
            raise self.wrong(key, "this key is not known here")


def _rule(table: _Table, facts: FactTable) -> Rule:
    fact = table.word("fact", tuple(name for name, _kind in facts))
    given = [test for test in TESTS if test in table.table]
    if len(given) != 1:
        raise table.wrong("fact", "exactly one of {tests} is wanted", tests=", ".join(TESTS))
    rule = Rule(
        fact=fact,
        constraint=_constraint(table, given[0], dict(facts)[fact]),
        weight=table.whole("weight", least=0, absent=1),
        required=table.yes_no("required"),
    )
    table.finish()
    return rule


def _constraint(table: _Table, test: Test, kind: FactKind) -> Constraint:
    value = table.given(test)
    possible: dict[FactKind, tuple[Test, ...]] = {
        "text": ("equals", "one_of", "contains"),
        "number": ("equals", "at_least", "at_most"),
        "yes_no": ("equals",),
    }
    if test not in possible[kind]:
        raise table.wrong(test, "this fact takes {tests}", tests=", ".join(possible[kind]))
    if test == "one_of":
        if (
            not isinstance(value, list)
            or not value
            or not all(_fits(each, "text") for each in value)
        ):
            raise table.wrong(test, "a list of texts is wanted here")
        return Constraint(test=test, value=tuple(str(each) for each in value))
    if not isinstance(value, FactValue) or not _fits(value, kind):
        raise table.wrong(test, "a value of kind {kind} is wanted here", kind=kind)
    return Constraint(test=test, value=value)


def _fits(value: object, kind: FactKind) -> bool:
    match kind:
        case "text":
            return isinstance(value, str) and value != ""
        case "number":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and value == value  # noqa: PLR0124  (not-a-number differs from itself)
        case "yes_no":
            return isinstance(value, bool)


def _selector(table: _Table) -> Selector:
    rules = tuple(_rule(each, SERIES_FACTS) for each in table.tables("rules"))
    selector = Selector(name=table.text("name"), rules=rules)
    table.finish()
    return selector


def _stage(table: _Table, selector_names: set[str]) -> Stage:
    stage = Stage(
        name_zh=table.text("name_zh"),
        name_en=table.text("name_en"),
        rows=table.whole("rows", least=1, most=MOST_ROWS_AND_COLUMNS),
        columns=table.whole("columns", least=1, most=MOST_ROWS_AND_COLUMNS),
        viewports=tuple(_viewport(each, selector_names) for each in table.tables("viewports")),
    )
    places = stage.rows * stage.columns
    if not 1 <= len(stage.viewports) <= places:
        raise table.wrong("viewports", "from 1 to {places} viewports fit", places=places)
    table.finish()
    return stage


def _viewport(table: _Table, selector_names: set[str]) -> Viewport:
    kind: ViewportKind = table.word("kind", get_args(ViewportKind))
    series = table.text("series")
    if series not in selector_names:
        raise table.wrong("series", "no [[series]] is named {name}", name=series)
    planes: tuple[Plane, ...] = get_args(Plane)
    if kind == "stack" and "plane" in table.table:
        raise table.wrong("plane", "a stack shows its slices as acquired")
    viewport = Viewport(
        kind=kind,
        series=series,
        place=table.whole("place", least=0, absent=0),
        plane=table.word("plane", planes) if kind == "plane" else None,
        preset=table.text("preset") if "preset" in table.table else None,
    )
    table.finish()
    return viewport


def _rule_lines(rule: Rule) -> list[str]:
    lines = _pairs(fact=rule.fact, **{rule.constraint.test: rule.constraint.value})
    lines += _pairs(weight=rule.weight)
    return [*lines, "required = true"] if rule.required else lines


def _viewport_lines(viewport: Viewport) -> list[str]:
    lines = _pairs(kind=viewport.kind, series=viewport.series, place=viewport.place)
    if viewport.plane is not None:
        lines += _pairs(plane=viewport.plane)
    return lines if viewport.preset is None else lines + _pairs(preset=viewport.preset)


def _pairs(**values: FactValue | tuple[str, ...]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in values.items()]


def _toml(value: FactValue | Iterable[str]) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            # JSON's escapes are TOML's, but for DEL, which TOML wants escaped too.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return "[" + ", ".join(_toml(each) for each in value) + "]"
