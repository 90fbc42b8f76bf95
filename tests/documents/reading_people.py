"""Sample people, keys, acts and publications for the documents' tests; keys are made once per run."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache

from workstation.documents import publication as publications
from workstation.documents.act_document import SignedDocument, encode
from workstation.documents.keys import SigningKey, Subject, issue, make_root
from workstation.documents.publication import (
    EvidenceItem,
    Publication,
    PublicationKind,
    PublicationUids,
)
from workstation.documents.signature import Trust
from workstation.domain.act import (
    Act,
    ActKind,
    Comment,
    Grade,
    Observer,
    Outcome,
    Place,
    PublicationRef,
    ReportIdentity,
    ReportText,
    SeenAct,
    SeriesCoverage,
)
from workstation.domain.roster import Level
from workstation.domain.study import PatientIdentity, StudyFacts

CHINA = dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2026, 11, 22, 19, 30, 5, 123456, tzinfo=CHINA)
ROOT_UID = "2.25.303203203203203203203203203203203203203"
STUDY_UID = "1.2.826.0.1.3680043.8.498.1"
CT = "1.2.840.10008.5.1.4.1.1.2"

FIRST = Observer(person_id="lilei", name="Li^Lei=李^雷", organisation="Dongshan Township Hospital")
SECOND = Observer(person_id="hanmei", name="Han^Mei=韩^梅", organisation="中心医院")
PATIENT = PatientIdentity(
    patient_id="P-1042",
    issuer="DONGSHAN",
    name="Wang^Xiaodong=王^晓东",
    birth_date="19600131",
    sex="M",
)
STUDY = StudyFacts(
    study_uid=STUDY_UID,
    patient=PATIENT,
    accession="A20261122001",
    procedure_id="RP7",
    date="20261122",
    time="081500",
    description="胸部CT平扫",
    referring_physician="Zhao^Yi=赵^一",
    age="066Y",
    study_id="7",
)
REPORT = ReportIdentity(study_uid=STUDY_UID, accession="A20261122001", part="CHEST")
TEXT = ReportText(
    findings="双肺纹理清晰，右肺上叶见一约5 mm结节。\n心影不大。 \\ ^ = end",
    impression="右肺上叶小结节，建议随访。",
    technique="Non-contrast CT, 3 mm.",
    recommendation="12 个月后复查",
    language="zh-CN",
)
DIGEST = "0123456789abcdef" * 4


@cache
def root() -> SigningKey:
    return make_root("Demonstration region", NOW, 2048)


@cache
def key_of(person: Observer) -> SigningKey:
    subject = Subject(
        person_id=person.person_id,
        name=person.name.partition("=")[2].replace("^", ""),
        organisation=person.organisation,
    )
    return issue(root(), subject, NOW, 2048)


@cache
def trust() -> Trust:
    return Trust(roots=(root().certificate_der,))


def place(number: int) -> Place:
    before = DIGEST if number > 1 else ""
    return Place(
        station_id="DS-1",
        uid_root=ROOT_UID,
        number=number,
        previous_digest=before,
        audit_head="fe" * 32,
    )


def act(kind: ActKind = ActKind.SUBMIT, number: int = 7) -> Act:
    """An act of that kind with every row that it may carry."""
    senior = kind in {
        ActKind.OPEN_REVIEW,
        ActKind.RETURN,
        ActKind.COSIGN,
        ActKind.GRADE,
        ActKind.WITHDRAW,
    }
    actor = SECOND if senior else FIRST
    whole = Act(
        kind=kind,
        place=place(number),
        time=NOW,
        clock_error_s=0.25,
        actor=actor,
        actor_level=Level.SECOND if senior else Level.FIRST,
        certificate=key_of(actor).fingerprint,
        roster_digest="cd" * 32,
        report=REPORT,
        patient=PATIENT,
        seen=(SeenAct(sop_uid=f"{ROOT_UID}.1.3", digest=DIGEST),) * 2,
        writers=(FIRST, SECOND),
        attestor=FIRST,
        attested_at=NOW - dt.timedelta(minutes=9),
        reason="急诊" if kind is ActKind.RELEASE_PRELIMINARY else "Left and right exchanged.",
        coverage=(SeriesCoverage(series_uid="1.2.3.4", seen=90, total=92),),
    )
    return replace(whole, **_rows_of(kind))


def _rows_of(kind: ActKind) -> dict[str, object]:
    k = ActKind
    comment = Comment(
        text="See image", section="findings", quoted="结节", start=9, sop_uid="1.2.3.5", frame=2
    )
    released = PublicationRef(
        sop_uid=f"{ROOT_UID}.2.7",
        digest=DIGEST,
        study_uid=STUDY_UID,
        series_uid=f"{ROOT_UID}.5.7",
        signature_uid=f"{ROOT_UID}.7.7",
        signature="QUJDRA==",
    )
    texts = {k.PARK, k.HAND_OVER, k.TAKE_OVER, k.ATTEST, k.SUBMIT, k.COSIGN, k.ADDEND, k.AMEND}
    rows: dict[str, object] = {}
    if kind in texts | {k.RESOLVE_FORK}:
        rows["text"] = TEXT
    if kind in {k.RETURN, k.COSIGN, k.GRADE}:
        rows["comments"] = (comment, Comment(text="Words only"))
    if kind is k.HAND_OVER:
        rows["recipient"] = SECOND
    if kind in {k.RELEASE_PRELIMINARY, k.COSIGN, k.GRADE, k.AMEND, k.WITHDRAW, k.RESOLVE_FORK}:
        rows["told_to"] = "急诊科 Dr. Zhou, by telephone"
    if kind is k.GRADE:
        rows["grade"] = Grade.MINOR
    if kind is k.RESOLVE_FORK:
        rows |= {"outcome": Outcome.FINAL, "chosen": f"{ROOT_UID}.1.3"}
    if kind in {k.RELEASE_PRELIMINARY, k.COSIGN, k.WITHDRAW, k.RESOLVE_FORK, k.RECONCILE_IDENTITY}:
        rows["publication"] = released
    return rows


def signed_act(kind: ActKind = ActKind.SUBMIT) -> SignedDocument:
    it = act(kind)
    return encode(it, key_of(it.actor))


EVIDENCE = tuple(
    EvidenceItem(
        study_uid=study, series_uid=f"{study}.{s}", sop_class_uid=CT, sop_uid=f"{study}.{s}.{n}"
    )
    for study in (STUDY_UID, "1.2.826.0.1.3680043.8.498.2")
    for s in (1, 2)
    for n in (1, 2, 3)
)


def publication(kind: PublicationKind = PublicationKind.FINAL, number: int = 8) -> Publication:
    """A publication of that kind; what follows others names a preliminary or final one before it."""
    k = PublicationKind
    final = Publication(
        kind=kind,
        uids=PublicationUids.at(place(number)),
        study=STUDY,
        patient=PATIENT,
        report=REPORT,
        time=NOW,
        text=TEXT,
        authors=(FIRST, SECOND),
        attestor=FIRST,
        attested_at=NOW - dt.timedelta(minutes=9),
        modified_at_review=True,
        verifier=SECOND,
        verified_at=NOW,
        evidence=EVIDENCE,
    )
    if kind is k.FINAL:
        return final
    if kind is k.PRELIMINARY:
        return replace(
            final,
            authors=(FIRST,),
            modified_at_review=False,
            verifier=None,
            verified_at=None,
            told_to="急诊科",
            reason="Emergency",
        )
    before = replace(final, kind=k.FINAL, uids=PublicationUids.at(place(5)))
    follows = replace(final, predecessors=(publications.reference(before, signed(before)),))
    if kind is k.ADDENDUM:
        return replace(follows, addenda=(ReportText(findings="补充：未见骨折。"), TEXT))
    if kind is k.AMENDMENT:
        return replace(follows, reason="Left and right exchanged.")
    return replace(
        follows,
        text=ReportText(language="en-US"),
        authors=(SECOND,),
        attestor=None,
        attested_at=None,
        modified_at_review=False,
        reason="Reported under the wrong patient.",
    )


def signed(it: Publication) -> SignedDocument:
    return publications.encode(it, key_of(it.verifier or FIRST))
