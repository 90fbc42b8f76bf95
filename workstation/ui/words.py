"""Every word that comes from a value: states, levels, acts, sexes, ages, times, errors; and the translator itself.

English source literals are the keys; ``resources/translations/cosight_zh_CN.qm`` holds the reading room's Chinese. An
error carries its English template and fields apart; its template is looked up in the context ``errors``. It formats
values for people and knows no window and no service.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from viewer.volume import ImageError
from workstation.domain.act import ActKind, Grade
from workstation.domain.errors import CosightError
from workstation.domain.report import State
from workstation.domain.roster import Level
from workstation.domain.study import PatientIdentity, StudyFacts, age_text
from workstation.domain.worklist import Question, Status

translate = QCoreApplication.translate

LANGUAGES = ("zh_CN", "en")


def language_of_system() -> str:
    """zh_CN where the system speaks Chinese, else en."""
    return "zh_CN" if QLocale.system().language() is QLocale.Language.Chinese else "en"


def install_language(application: QCoreApplication, language: str) -> None:
    """Speak ``zh_CN`` or ``en`` from now on; widgets already made keep their words.

    The translators are children of the application and replace those of an earlier call.
    """
    for old in application.findChildren(QTranslator):
        application.removeTranslator(old)
        old.deleteLater()
    QLocale.setDefault(QLocale(language))
    if language != "zh_CN":
        return
    qt_folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    own = Path(str(files("resources").joinpath("translations")))
    for file in (qt_folder / "qtbase_zh_CN.qm", own / "cosight_zh_CN.qm"):
        if file.is_file():
            application.installTranslator(_Sentences(file.read_bytes(), application))


class _Sentences(QTranslator):
    """A translation held in memory: Qt would map the file, and die when an update rewrites it under the window."""

    def __init__(self, data: bytes, parent: QCoreApplication) -> None:
        super().__init__(parent)
        self._data = data
        self.load(self._data)


def error_text(
    error: CosightError | ImageError, name_of: Callable[[str], str] | None = None
) -> str:
    """The error as one sentence in the window's language.

    Args:
        error: what was raised; its template is the key.
        name_of: gives a person's name for the person id that a rule names, where the caller has a roster.
    """
    sentence = translate("errors", error.template)
    fields = {key: _field(key, value, name_of) for key, value in error.fields.items()}
    return sentence.format(**fields) if fields else sentence


def _field(key: str, value: object, name_of: Callable[[str], str] | None) -> object:
    if isinstance(value, CosightError | ImageError):
        return error_text(value, name_of)
    if not isinstance(value, str):
        return value
    if key == "act" and value in set(ActKind):
        return deed_name(ActKind(value))
    if key == "state":
        return state_name(State(value)) if value in set(State) else status_name(Status.UNREAD)
    if key == "needed":
        return " / ".join(
            level_name(Level(v)) if v in set(Level) else v for v in value.split(" / ")
        )
    if key in {"person", "owner"} and name_of is not None:
        return name_of(value) or value
    return translate("errors", value) if value else value


def failure_text(error: Exception, name_of: Callable[[str], str] | None = None) -> str:
    """Any exception as one sentence; what was not foreseen is told without its inner words."""
    if isinstance(error, CosightError | ImageError):
        return error_text(error, name_of)
    return translate(
        "Words", "Something went wrong ({kind}). Nothing was lost; the log says where."
    ).format(kind=type(error).__name__)


def status_name(status: Status) -> str:
    """A worklist state as the list shows it."""
    names = {
        Status.UNREAD: translate("Words", "Unread"),
        Status.DRAFT: translate("Words", "Draft"),
        Status.SUBMITTED: translate("Words", "To review"),
        Status.RETURNED: translate("Words", "Returned"),
        Status.PRELIMINARY: translate("Words", "Preliminary"),
        Status.FINAL: translate("Words", "Signed"),
        Status.AMENDING: translate("Words", "Amending"),
        Status.WITHDRAWN: translate("Words", "Withdrawn"),
        Status.FORK: translate("Words", "Two versions"),
    }
    return names[status]


def state_name(state: State) -> str:
    """The state of one version."""
    return status_name(Status(state.value))


def question_name(question: Question) -> str:
    """A question by which work is listed."""
    names = {
        Question.ALL: translate("Words", "All studies"),
        Question.TO_WRITE: translate("Words", "To write"),
        Question.RETURNED_TO_ME: translate("Words", "Returned to me"),
        Question.MY_DRAFTS: translate("Words", "My drafts"),
        Question.SUBMITTED: translate("Words", "Submitted"),
        Question.TO_REVIEW: translate("Words", "To review"),
        Question.SIGNED_TODAY: translate("Words", "Signed today"),
    }
    return names[question]


def level_name(level: Level) -> str:
    """What a person is in the region."""
    names = {
        Level.TRAINEE: translate("Words", "Trainee"),
        Level.FIRST: translate("Words", "First-level reader"),
        Level.SECOND: translate("Words", "Second-level reader"),
        Level.QUALITY: translate("Words", "Quality controller"),
        Level.TECHNOLOGIST: translate("Words", "Technologist"),
        Level.ADMINISTRATOR: translate("Words", "Administrator"),
    }
    return names[level]


def highest_level(levels: frozenset[Level]) -> str:
    """The level a person is called by in the bar."""
    order = (Level.SECOND, Level.FIRST, Level.TRAINEE, Level.QUALITY, Level.ADMINISTRATOR)
    return next((level_name(level) for level in order if level in levels), "")


def act_name(kind: ActKind) -> str:
    """A deed on a report, as the history lists it."""
    names = {
        ActKind.PARK: translate("Words", "Parked"),
        ActKind.HAND_OVER: translate("Words", "Handed over"),
        ActKind.TAKE_OVER: translate("Words", "Taken over"),
        ActKind.ATTEST: translate("Words", "Attested"),
        ActKind.SUBMIT: translate("Words", "Submitted for review"),
        ActKind.RECALL: translate("Words", "Submission recalled"),
        ActKind.OPEN_REVIEW: translate("Words", "Review opened"),
        ActKind.RETURN: translate("Words", "Returned to the author"),
        ActKind.RELEASE_PRELIMINARY: translate("Words", "Preliminary report released"),
        ActKind.COSIGN: translate("Words", "Co-signed"),
        ActKind.GRADE: translate("Words", "Discrepancy graded"),
        ActKind.ADDEND: translate("Words", "Addendum submitted"),
        ActKind.AMEND: translate("Words", "Amendment submitted"),
        ActKind.WITHDRAW: translate("Words", "Report withdrawn"),
        ActKind.RESOLVE_FORK: translate("Words", "Versions resolved"),
        ActKind.RECONCILE_IDENTITY: translate("Words", "Identity reconciled"),
    }
    return names[kind]


def deed_name(kind: ActKind) -> str:
    """A deed as a rule speaks of it: ``Co-signing is not possible``."""
    names = {
        ActKind.PARK: translate("Words", "Parking"),
        ActKind.HAND_OVER: translate("Words", "Handing over"),
        ActKind.TAKE_OVER: translate("Words", "Taking over"),
        ActKind.ATTEST: translate("Words", "Attesting"),
        ActKind.SUBMIT: translate("Words", "Submitting"),
        ActKind.RECALL: translate("Words", "Recalling"),
        ActKind.OPEN_REVIEW: translate("Words", "Opening the review"),
        ActKind.RETURN: translate("Words", "Returning"),
        ActKind.RELEASE_PRELIMINARY: translate("Words", "A preliminary release"),
        ActKind.COSIGN: translate("Words", "Co-signing"),
        ActKind.GRADE: translate("Words", "Grading"),
        ActKind.ADDEND: translate("Words", "An addendum"),
        ActKind.AMEND: translate("Words", "An amendment"),
        ActKind.WITHDRAW: translate("Words", "Withdrawing"),
        ActKind.RESOLVE_FORK: translate("Words", "Resolving"),
        ActKind.RECONCILE_IDENTITY: translate("Words", "Reconciling the identity"),
    }
    return names[kind]


def grade_name(grade: Grade) -> str:
    """How far the co-signed text departs from the submitted one."""
    names = {
        Grade.CONCUR: translate("Words", "Concur"),
        Grade.WORDING: translate("Words", "Wording"),
        Grade.MINOR: translate("Words", "Minor"),
        Grade.MAJOR: translate("Words", "Major"),
    }
    return names[grade]


def sex_name(sex: str) -> str:
    """PS3.3 C.7.1.1 Patient's Sex as a word."""
    names = {
        "M": translate("Words", "M"),
        "F": translate("Words", "F"),
        "O": translate("Words", "other"),
    }
    return names.get(sex, "")


def age_name(facts: StudyFacts) -> str:
    """The age at the study: ``56 岁``, ``11 months``; empty when unknown."""
    age = age_text(facts)
    if len(age) != 4 or not age[:3].isdigit():
        return ""
    forms = {
        "Y": translate("Words", "{count} y"),
        "M": translate("Words", "{count} months"),
        "W": translate("Words", "{count} weeks"),
        "D": translate("Words", "{count} days"),
    }
    form = forms.get(age[3])
    return form.format(count=int(age[:3])) if form else ""


def patient_name(patient: PatientIdentity) -> str:
    """The patient's name for display; a study without one says so."""
    return patient.display_name or translate("Words", "(no name)")


def modality_names(modalities: tuple[str, ...]) -> str:
    """The modalities that make pictures, in the words of the list (CR and DX are DR)."""
    plain = (
        {"CR": "DR", "DX": "DR"}.get(m, m)
        for m in modalities
        if m not in {"SR", "PR", "KO", "SEG", "DOC"}
    )
    return "/".join(dict.fromkeys(plain))


def part_name(body_part: str) -> str:
    """Body Part Examined (PS3.16 Annex L, the common ones) as a word; other values as they were written."""
    names = {
        "HEAD": translate("Words", "head"),
        "BRAIN": translate("Words", "brain"),
        "SINUS": translate("Words", "paranasal sinuses"),
        "NECK": translate("Words", "neck"),
        "CHEST": translate("Words", "chest"),
        "BREAST": translate("Words", "breast"),
        "HEART": translate("Words", "heart"),
        "ABDOMEN": translate("Words", "abdomen"),
        "PELVIS": translate("Words", "pelvis"),
        "CSPINE": translate("Words", "cervical spine"),
        "TSPINE": translate("Words", "thoracic spine"),
        "LSPINE": translate("Words", "lumbar spine"),
        "SHOULDER": translate("Words", "shoulder"),
        "HIP": translate("Words", "hip"),
        "KNEE": translate("Words", "knee"),
        "HAND": translate("Words", "hand"),
        "FOOT": translate("Words", "foot"),
    }
    return names.get(body_part.strip().upper(), body_part)


def date_text(da: str) -> str:
    """A DA value as ISO date; partial and odd values as they are."""
    return f"{da[:4]}-{da[4:6]}-{da[6:8]}" if len(da) == 8 and da.isdigit() else da


def time_text(tm: str) -> str:
    """A TM value to the minute."""
    return f"{tm[:2]}:{tm[2:4]}" if len(tm) >= 4 and tm[:4].isdigit() else ""


def study_time(facts: StudyFacts) -> str:
    """Date and time of the study: ``2026-11-22 13:58``."""
    return f"{date_text(facts.date)} {time_text(facts.time)}".strip()


def moment(time: dt.datetime, now: dt.datetime) -> str:
    """A time as a row or a history shows it: today by the clock, else with its date."""
    here, today = time.astimezone(), now.astimezone().date()
    if here.date() == today:
        return f"{here:%H:%M}"
    return f"{here:%m-%d %H:%M}" if here.year == today.year else f"{here:%Y-%m-%d %H:%M}"


def clock(time: dt.datetime) -> str:
    """A time of today to the second: ``14:11:32``."""
    return f"{time.astimezone():%H:%M:%S}"
