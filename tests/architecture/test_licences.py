"""Licences: Cosight is Apache-2.0 and may carry LGPL libraries beside itself, never GPL ones."""

from __future__ import annotations

import importlib.metadata
import re

from tests.architecture.sources import REPOSITORY, product

# Qt for Python's modules under the LGPL that we stand on; the others are GPL or not ours to use.
QT_MODULES = {"QtCore", "QtGui", "QtWidgets", "QtSvg", "QtPrintSupport", "QtTest", "QtMultimedia"}
GPL_DISTRIBUTIONS = {
    "pylibjpeg-libjpeg", "pyqt5", "pyqt6", "pyside6", "pyside6-addons", "pymupdf", "sqlcipher3",
}  # fmt: skip
GPL_IMPORTS = {"libjpeg", "PyQt5", "PyQt6", "fitz"}
# Named GPL in their own words and yet right to have, with the reason.
JUDGED = {
    "pyinstaller": "GPL with an exception for what it builds; a tool, not part of the program",
    "pyinstaller-hooks-contrib": "GPL part runs at build time only; its run-time hooks are Apache-2.0",
    "pyside6-essentials": "LGPL-3.0 is one of its licences",
    "shiboken6": "LGPL-3.0 is one of its licences",
}


def locked_names() -> set[str]:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    return {
        name.lower().replace("_", "-")
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)
    }


def stated_licence(name: str) -> str:
    try:
        facts = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""  # locked for another operating system
    classifiers = [line for line in facts.get_all("Classifier", []) if line.startswith("License")]
    stated = facts.get("License-Expression") or (facts.get("License") or "").split("\n", 1)[0]
    return " ".join([stated, *classifiers])


def test_the_lock_holds_no_gpl_distribution() -> None:
    assert not locked_names() & GPL_DISTRIBUTIONS


def test_every_locked_distribution_that_says_gpl_was_judged() -> None:
    says_gpl = {
        name
        for name in locked_names()
        if re.search(r"(?<!L)GPL|(?<!Lesser )General Public", stated_licence(name))
    }
    assert says_gpl <= set(JUDGED)


def test_only_qt_s_lgpl_modules_are_imported() -> None:
    assert not {
        f"{source.place} imports {name}"
        for source in product()
        for name in source.imported()
        if name.startswith("PySide6.") and name.split(".")[1] not in QT_MODULES
    }


def test_no_gpl_module_is_imported() -> None:
    assert not {
        f"{source.place} imports {name}"
        for source in product()
        for name in source.imported()
        if name.split(".")[0] in GPL_IMPORTS
    }


def test_the_licence_and_the_notice_lie_at_the_top() -> None:
    assert "Apache License" in (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    notice = (REPOSITORY / "NOTICE").read_text(encoding="utf-8")
    assert "LIDC-IDRI" in notice
    assert "NIH Clinical Center" in notice
