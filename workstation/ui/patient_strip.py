"""Who lies before the reader: the strip that never leaves the screen, the same on every monitor.

Name large, sex, age, birth date, ID, examination, date and time, accession, site with its colour mark. When room is
short the examination gives way, nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workstation.domain.study import StudyFacts
from workstation.ui import words
from workstation.ui.pieces import ElidedLabel, label, row
from workstation.ui.theme import DARK, colour, set_role
from workstation.ui.words import translate
from workstation.ui.worklist_model import examination_text


class SiteMark(QWidget):
    """A small bar in the colour of a site."""

    def __init__(self) -> None:
        super().__init__()
        self._tint = DARK.dim
        self.setFixedSize(4, 16)

    def show_tint(self, tint: str) -> None:
        """Show another colour."""
        self._tint = tint
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill the bar."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(self._tint))
        painter.end()


class PatientStrip(QWidget):
    """One line about patient and examination; ``tail`` takes what a page puts at its right end."""

    def __init__(self, site_colours: Mapping[str, str]) -> None:
        super().__init__()
        self._colours = dict(site_colours)
        set_role(self, "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(DARK.bar)
        self._name = label(name="strip.name", role="name")
        self._sex = label(name="strip.sex")
        self._age = label(name="strip.age")
        self._born = label(name="strip.birthDate")
        self._id = label(name="strip.patientId", role="dim")
        self._examination = ElidedLabel(name="strip.examination", role="accent")
        self._time = label(name="strip.time", role="accent")
        self._accession = label(name="strip.accession", role="dim")
        self._mark = SiteMark()
        self._site = label(name="strip.site", role="dim")
        self._images = label(name="strip.images", role="cautionText")
        self.tail: QHBoxLayout = row(spacing=12)
        self._lay_out()

    def _lay_out(self) -> None:
        across = row(self, margins=(16, 0, 12, 0), spacing=12)
        for piece in (self._name, self._sex, self._age, self._born, self._id):
            across.addWidget(piece)
        for given in (self._examination, self._time, self._accession, self._mark, self._site):
            across.addWidget(given)
        across.addStretch(1)
        across.addWidget(self._images)
        across.addLayout(self.tail)

    def show_study(self, facts: StudyFacts) -> None:
        """Show whose study this is."""
        patient = facts.patient
        self._name.setText(words.patient_name(patient))
        self._sex.setText(words.sex_name(patient.sex))
        self._age.setText(words.age_name(facts))
        self._born.setText(words.date_text(patient.birth_date))
        self._id.setText(translate("Case", "ID {id}").format(id=patient.patient_id or "—"))
        what = f"{words.modality_names(facts.modalities)} {examination_text(facts)}"
        self._examination.show_text(what.strip())
        self._time.setText(words.study_time(facts))
        accession = translate("Case", "Accession {accession}")
        self._accession.setText(
            accession.format(accession=facts.accession) if facts.accession else ""
        )
        self._site.setText(facts.institution)
        self._mark.setVisible(bool(facts.institution))
        self._mark.show_tint(self._colours.get(facts.institution, DARK.dim))

    def show_images(self, here: int, total: int | None) -> None:
        """Say that the study is not whole; a whole one says nothing."""
        told = ""
        if total is not None and here < total:
            told = translate("Case", "{here} of {total} images").format(here=here, total=total)
        self._images.setText(told)
        self._images.setVisible(bool(told))


def identity_line(facts: StudyFacts) -> str:
    """``name · sex · age · part · accession``: the patient in words, repeated where one signs."""
    parts = (
        words.patient_name(facts.patient),
        words.sex_name(facts.patient.sex),
        words.age_name(facts),
        words.part_name(facts.body_part) or facts.description,
        facts.accession,
    )
    return " · ".join(part for part in parts if part)
