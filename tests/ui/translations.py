"""Finds every sentence a person may read and brings the translation files up to date with them.

Strings of the windows are found by Qt's own pyside6-lupdate; the templates of errors are found in the source tree and
handed to it as the context `errors`. `python -m tests.ui.translations` updates resources/translations and makes the
.qm files; the tests call the same functions and change nothing.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import REPOSITORY, product

FOLDER = REPOSITORY / "resources" / "translations"
SOURCE = FOLDER / "cosight_zh_CN.ts"
SPOKEN = ("workstation/ui/", "workstation/app.py", "viewer/qt/", "viewer/overlay.py")
ROOTS = {"CosightError", "ImageError"}


def error_classes() -> dict[str, int]:
    """The names of all error classes for people, and which argument their template is; findings are told alike."""
    bases = {
        node.name: {ast.unparse(base).split(".")[-1] for base in node.bases}
        for source in product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    }
    found = set(ROOTS)
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    refusals = {"Refusal"}
    while more := {name for name, of in bases.items() if of & refusals} - refusals:
        refusals |= more
    # How a child ended is told to the reader in the words of the sandbox.
    told = {"finding": 0, "SandboxError": 1}
    return {name: 1 if name in refusals else 0 for name in found} | told


def error_templates() -> set[str]:
    """The English template of every error that the product can raise."""
    classes = error_classes()
    found: set[str] = set()
    for source in product():
        constants = dict(_locals(source.tree)) | dict(_constants(source.tree))
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                place = classes.get(ast.unparse(node.func).split(".")[-1])
                if place is not None and len(node.args) > place:
                    found |= set(_texts(node.args[place], constants))
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if ast.unparse(target) == "RULES":
                    for value in node.value.values:
                        found |= set(_texts(value, constants))
    return found


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _locals(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What functions call `template` before they hand it on: all of a file's such texts as one choice."""
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "template"
    ]
    if found:
        choice = found[0]
        for other in found[1:]:
            choice = ast.IfExp(test=ast.Constant(value=True), body=choice, orelse=other)
        yield "template", choice


def _texts(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    """The texts an expression may be: a literal, a named constant, a choice of two, a look-up in a constant table."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id in constants:
        yield from _texts(constants[node.id], constants)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, constants)
        yield from _texts(node.orelse, constants)
    elif isinstance(node, ast.Subscript):
        table = constants.get(ast.unparse(node.value))
        if isinstance(table, ast.Dict):
            for value in table.values:
                yield from _texts(value, constants)


def window_files() -> list[Path]:
    """The files whose strings a window shows."""
    return [source.path for source in product() if source.place.startswith(SPOKEN)]


def update(ts: Path) -> None:
    """Bring a .ts file up to date: new sentences come in unfinished, those no longer said go."""
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "errors.py"
        lines = [f"translate('errors', {text!r})" for text in sorted(error_templates())]
        errors.write_text("\n".join(lines) + "\n", encoding="utf-8")
        files = [str(path) for path in (*window_files(), errors)]
        _run("pyside6-lupdate", *files, "-ts", str(ts), "-no-obsolete", "-locations", "none",
             "-source-language", "en", "-target-language", "zh_CN")  # fmt: skip


def release(ts: Path, qm: Path) -> None:
    """Make the .qm file that the program loads."""
    _run("pyside6-lrelease", str(ts), "-qm", str(qm))


def messages(ts: Path) -> dict[tuple[str, str], str]:
    """(context, English) -> translation; '' where there is none yet."""
    found = {}
    for context in ET.parse(ts).getroot().iter("context"):  # noqa: S314 - our own file
        for message in context.iter("message"):
            translation = message.find("translation")
            told = "" if translation is None else translation.text or ""
            if translation is not None and translation.get("type"):
                told = ""
            key = (context.findtext("name") or "", message.findtext("source") or "")
            found[key] = told
    return found


def _run(program: str, *arguments: str) -> None:
    beside = Path(sys.executable).parent / program
    path = str(beside) if beside.exists() else shutil.which(program)
    if path is None:
        raise FileNotFoundError(program)
    subprocess.run([path, *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    update(SOURCE)
    release(SOURCE, SOURCE.with_suffix(".qm"))
    for (context, english), told in messages(SOURCE).items():
        if not told:
            print(f"{context}: {english}")
