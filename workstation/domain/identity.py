"""Whether the patient in the image header is the one the report was signed for.

Archives coerce patient attributes, so the header is never signed; the acts carry a signed copy instead. Where the two
differ nobody can release the case until a person has said that both are the same patient.
"""

from __future__ import annotations

from workstation.domain.act import ActKind
from workstation.domain.report import History, State
from workstation.domain.study import PatientIdentity

_COMPARED = ("patient_id", "issuer", "name", "birth_date", "sex")


def differences(signed: PatientIdentity, header: PatientIdentity) -> tuple[str, ...]:
    """The fields in which two identities differ, apart from padding, case and empty name components."""
    return tuple(
        field
        for field in _COMPARED
        if _plain(getattr(signed, field)) != _plain(getattr(header, field))
    )


def conflict(history: History, header: PatientIdentity) -> tuple[str, ...]:
    """The fields in which the header differs from what the report was signed for, unless reconciled.

    A RECONCILE_IDENTITY note on a step, signed for the identity that the header now shows, settles that step and all
    beneath it. A later step does not: it is signed for the header of its day, and would hide what stands beneath. What
    was withdrawn is another report.
    """
    reconciled = {
        seen.sop_uid
        for note in history.notes
        if note.act.kind is ActKind.RECONCILE_IDENTITY and not differences(note.act.patient, header)
        for seen in note.act.seen
    }
    fields: list[str] = []
    waiting, looked_at = list(history.heads), set[str]()
    while waiting:
        version = waiting.pop(0)
        uid = version.act.sop_uid
        if uid in reconciled or uid in looked_at:
            continue
        looked_at.add(uid)
        fields += differences(version.act.patient, header)
        if version.state is not State.WITHDRAWN:
            beneath = (history.versions.get(seen.sop_uid) for seen in version.act.seen)
            waiting += [v for v in beneath if v is not None]
    return tuple(dict.fromkeys(fields))


def _plain(value: str) -> str:
    groups = [group.rstrip("^ ").casefold() for group in value.split("=")]
    return "=".join(groups).rstrip("=").strip()
