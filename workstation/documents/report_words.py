"""The fixed sentences of a report, in English and Chinese, and the lines that say what state it is in.

A released report must say in every form who attested and who verified it, when, and with what meaning (21 CFR
11.50; 电子病历应用管理规范). The English sentence is the key; another language is a function from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from workstation.documents.publication_values import Publication, PublicationKind
from workstation.domain.act import Observer

Words = Callable[[str], str]

_KIND_LINES = {
    PublicationKind.PRELIMINARY: "Preliminary report, not verified: the final report prevails",
    PublicationKind.FINAL: "Final report",
    PublicationKind.ADDENDUM: "Final report with addendum",
    PublicationKind.AMENDMENT: "Amended final report: replaces the earlier one",
    PublicationKind.WITHDRAWAL: "This report has been withdrawn and must no longer be used",
}

_CHINESE = {
    "Preliminary report, not verified: the final report prevails": "初步报告,未经审核,以正式报告为准",
    "Final report": "正式报告",
    "Final report with addendum": "正式报告(含补充报告)",
    "Amended final report: replaces the earlier one": "修订后的正式报告,取代此前的报告",
    "This report has been withdrawn and must no longer be used": "本报告已撤回,不得再作为诊断依据",
    "Attested by {name}, {time}": "报告医师:{name},{time}",
    "Attested by {name}, {time}; modified at review": "报告医师:{name},{time}(审核时有修改)",
    "Verified by {name}, {time}": "审核医师:{name},{time}",
    "Withdrawn by {name}, {time}": "撤回医师:{name},{time}",
    "Diagnostic imaging report": "影像诊断报告",
    "Patient": "患者",
    "Patient ID": "患者编号",
    "Sex": "性别",
    "M": "男",
    "F": "女",
    "O": "其他",
    "Birth date": "出生日期",
    "Accession number": "检查号",
    "Study": "检查",
    "Technique": "检查技术",
    "Findings": "影像所见",
    "Impression": "诊断意见",
    "Recommendation": "建议",
    "Addendum": "补充报告",
    "Reason": "原因",
    "Told to": "已告知",
}


def words_for(language: str) -> Words:
    """The fixed sentences in a report's language: Chinese for ``zh`` tags, else English."""
    if language.lower().split("-")[0] == "zh":
        return lambda english: _CHINESE.get(english, english)
    return lambda english: english


def shown_name(name: str) -> str:
    """A PN value as it is printed: the ideographic group where there is one, else the alphabetic one."""
    groups = name.split("=")
    ideographic = groups[1] if len(groups) > 1 else ""
    return ideographic.replace("^", "") or groups[0].replace("^", " ").strip()


def status_lines(publication: Publication, words: Words) -> tuple[str, ...]:
    """What the document is, who attested it and whether it was modified at review, who verified it."""
    lines = [words(_KIND_LINES[publication.kind])]
    if publication.attestor and publication.attested_at:
        modified = "; modified at review" if publication.modified_at_review else ""
        sentence = "Attested by {name}, {time}" + modified
        lines.append(_signed(words(sentence), publication.attestor, publication.attested_at))
    if publication.verifier and publication.verified_at:
        withdrawn = publication.kind is PublicationKind.WITHDRAWAL
        sentence = "Withdrawn by {name}, {time}" if withdrawn else "Verified by {name}, {time}"
        lines.append(_signed(words(sentence), publication.verifier, publication.verified_at))
    return tuple(lines)


def _signed(sentence: str, person: Observer, time: dt.datetime) -> str:
    # Names come from outside and may hold braces: replaced, never formatted.
    shown = f"{time:%Y-%m-%d %H:%M} ({time:%z})"
    return sentence.replace("{time}", shown).replace("{name}", shown_name(person.name))
