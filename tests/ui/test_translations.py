"""Nothing a person may read is left in English where Chinese was asked for."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui import translations
from workstation.domain.act import ActKind
from workstation.domain.errors import Refusal
from workstation.domain.report import RULES
from workstation.domain.worklist import Status
from workstation.ui import words

FIELD = re.compile(r"\{\w*\}")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The translation file as it would be after an update."""
    copy = tmp_path_factory.mktemp("ts") / translations.SOURCE.name
    shutil.copy(translations.SOURCE, copy)
    translations.update(copy)
    return copy


def test_every_sentence_has_its_chinese(fresh: Path) -> None:
    assert [key for key, told in translations.messages(fresh).items() if not told] == []


def test_no_sentence_is_kept_that_nobody_says(fresh: Path) -> None:
    kept, said = translations.messages(translations.SOURCE), translations.messages(fresh)
    assert set(kept) - set(said) == set()


def test_the_program_s_file_is_made_from_the_sentences(tmp_path: Path) -> None:
    made = tmp_path / "made.qm"
    translations.release(translations.SOURCE, made)
    assert made.read_bytes() == translations.SOURCE.with_suffix(".qm").read_bytes()


def test_fields_survive_translation(fresh: Path) -> None:
    wrong = {
        english
        for (_, english), told in translations.messages(fresh).items()
        if sorted(set(FIELD.findall(english))) != sorted(set(FIELD.findall(told)))
    }
    assert wrong == set()


def test_templates_of_errors_are_found_in_the_source() -> None:
    found = translations.error_templates()
    assert set(RULES.values()) <= found
    assert "Wrong password" in found


def test_the_window_speaks_chinese_when_asked(qtbot: QtBot, qapp: QApplication) -> None:
    words.install_language(qapp, "zh_CN")
    try:
        assert words.status_name(Status.SUBMITTED) == "待审"
        refusal = Refusal(
            "OTHER_PERSON", RULES["OTHER_PERSON"], act=ActKind.COSIGN.value, person="lilei"
        )
        told = words.error_text(refusal, lambda _id: "李雷")
        assert told == "审核签发须由另一人进行：李雷 书写或确认过这份文字"
    finally:
        words.install_language(qapp, "en")
    assert words.status_name(Status.SUBMITTED) == "To review"
