"""What is written beside the code: docstrings, reasons for exceptions, and nothing of a machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import REPOSITORY, Source, product, published_files, suite

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
# A rule is set aside by its name, and with the reason: behind it, or as a comment on the line above;
# where one file sets the same rule aside again, the reason is not repeated.
SET_ASIDE = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[(?P<code>[\w, -]+)\])?|noqa(?::\s*(?P<rule>[A-Z]+[0-9]+))?)\s*(?P<reason>.*)",
    re.IGNORECASE,
)
THIS_FILE = "tests/architecture/test_words.py"
TEXT_ENDINGS = {
    "", ".py", ".md", ".toml", ".txt", ".lock", ".json", ".yml", ".yaml", ".cfg", ".svg", ".ts",
    ".spec", ".sql", ".csv", ".qss",
}  # fmt: skip
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])(?:/(?:root|work|home/\w[\w.-]*|opt/pypi[\w-]*)/|[A-Z]:\\Users)"
)
INDEX_HOST = re.compile(
    r"--(?:extra-)?index-url|--find-links|--trusted-host|files\.pythonhosted\.org"
    r"|pypi\.org|registry\.npmjs\.org|artifactory|devpi",
    re.IGNORECASE,
)


def test_every_module_says_what_it_is() -> None:
    wrong = {}
    for source in product():
        count = len((ast.get_docstring(source.tree) or "").splitlines())
        if not 3 <= count <= 12:
            wrong[source.place] = f"{count} lines of docstring, 3 to 10 are wanted"
    assert not wrong


def test_every_test_file_says_what_it_tells() -> None:
    assert not {source.place for source in suite() if not ast.get_docstring(source.tree)}


def undocumented(source: Source, node: ast.AST, name: str = "") -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        own = f"{name}.{child.name}" if name else child.name
        if child.name.startswith("_"):
            continue
        if not ast.get_docstring(child) and not inherited(child):
            yield f"{source.place}:{own}"
        if isinstance(child, ast.ClassDef):
            yield from undocumented(source, child, own)


def inherited(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Overloads, setters and overrides are told where they are first declared."""
    marks = {ast.unparse(mark) for mark in node.decorator_list}
    told_elsewhere = {"override", "typing.override", "overload", "typing.overload"}
    return bool(marks & told_elsewhere) or any(mark.endswith(".setter") for mark in marks)


def test_every_public_name_says_what_it_does() -> None:
    assert not {fault for source in product() for fault in undocumented(source, source.tree)}


def test_nothing_is_left_unfinished() -> None:
    assert not {
        f"{source.place}:{number}: {line.strip()}"
        for source in (*product(), *suite())
        if source.place != THIS_FILE
        for number, line in enumerate(source.text.splitlines(), 1)
        if UNFINISHED.search(line)
    }


def unexplained(source: Source) -> Iterator[str]:
    explained: set[str] = set()
    above = ""
    for number, line in enumerate(source.text.splitlines(), 1):
        found = SET_ASIDE.search(line)
        if found:
            name = found["code"] or found["rule"] or ""
            if name and (found["reason"] or above.lstrip().startswith("#")):
                explained.add(name)
            if name not in explained:
                yield f"{source.place}:{number}: {line.strip()}"
        above = line


def test_every_rule_set_aside_is_named_with_its_reason() -> None:
    assert not {
        fault
        for source in (*product(), *suite())
        if source.place != THIS_FILE
        for fault in unexplained(source)
    }


def test_a_rule_set_aside_without_a_name_or_a_reason_is_found() -> None:
    text = "a = 1  # noqa: E501  (a table)\nb = 2  # noqa: E501\nc = 3  # noqa\nd = 4  # type: ignore[misc]\n"
    source = Source(path=suite()[0].path, text=text, tree=ast.parse(text))
    assert [fault.split(":")[1] for fault in unexplained(source)] == ["3", "4"]


def published_lines() -> Iterator[tuple[str, str]]:
    for path in published_files():
        place = path.relative_to(REPOSITORY).as_posix()
        if path.suffix in TEXT_ENDINGS and place != THIS_FILE:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield f"{place}:{number}", line


def test_no_file_names_a_machine_or_a_package_index() -> None:
    assert not {
        f"{where}: {line.strip()[:120]}"
        for where, line in published_lines()
        if MACHINE_PATH.search(line) or INDEX_HOST.search(line)
    }


def test_the_machine_rule_knows_a_path_when_it_sees_one() -> None:
    assert MACHINE_PATH.search("see /home/reader/cosight/x.py")
    assert not MACHINE_PATH.search("docs/root/ and https://example.org/home/x/")
