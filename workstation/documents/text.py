"""A released report as plain text, for the command line and for systems that take nothing else.

The same lines as the document carries for foreign viewers, and every section. Knows no DICOM.
"""

from __future__ import annotations

from collections.abc import Iterator

from workstation.documents.publication_values import Publication
from workstation.documents.report_words import Words, shown_name, status_lines, words_for
from workstation.domain.act import ReportText


def as_text(publication: Publication, words: Words | None = None) -> str:
    """The report as plain text with LF line ends.

    Args:
        publication: what to print; the patient is the signed one.
        words: turns the fixed English words into another language; by default the report's own.
    """
    say = words or words_for(publication.text.language)
    lines = [
        say("Diagnostic imaging report"),
        "",
        *_heading(publication, say),
        "",
        *status_lines(publication, say),
        *_labelled(("Reason", publication.reason), ("Told to", publication.told_to), say=say),
        *_sections(publication.text, say),
    ]
    for addendum in publication.addenda:
        lines += ["", say("Addendum"), *_sections(addendum, say)]
    return "\n".join(lines) + "\n"


def _heading(publication: Publication, say: Words) -> Iterator[str]:
    patient, study = publication.patient, publication.study
    yield from _labelled(
        ("Patient", shown_name(patient.name)),
        ("Patient ID", patient.patient_id),
        ("Sex", say(patient.sex)),
        ("Birth date", _day(patient.birth_date)),
        ("Study", " ".join(part for part in (_day(study.date), study.description) if part)),
        ("Accession number", publication.report.accession or study.accession),
        say=say,
    )


def _sections(text: ReportText, say: Words) -> Iterator[str]:
    sections = (
        ("Technique", text.technique),
        ("Findings", text.findings),
        ("Impression", text.impression),
        ("Recommendation", text.recommendation),
    )
    for title, words in sections:
        if words:
            yield from ("", say(title), words)


def _labelled(*pairs: tuple[str, str], say: Words) -> Iterator[str]:
    for label, value in pairs:
        if value:
            yield f"{say(label)}: {value}"


def _day(da: str) -> str:
    return f"{da[:4]}-{da[4:6]}-{da[6:]}" if len(da) == 8 and da.isdigit() else da
