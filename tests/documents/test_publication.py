"""Released reports: what PS3.3 C.17.2 asks of each kind, and that they come back as they went in."""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents.reading_people import (
    FIRST,
    NOW,
    PATIENT,
    REPORT,
    SECOND,
    STUDY,
    TEXT,
    key_of,
    place,
    publication,
    signed,
    signed_act,
    trust,
)
from tests.documents.test_act_document import names, texts, words
from workstation.documents import act_document
from workstation.documents import publication as publications
from workstation.documents.publication import (
    EvidenceItem,
    Publication,
    PublicationKind,
    PublicationUids,
)
from workstation.documents.text import as_text
from workstation.domain.act import Observer, ReportText
from workstation.domain.errors import BadInput
from workstation.domain.study import PatientIdentity

FINAL_KINDS = [k for k in PublicationKind if k is not PublicationKind.PRELIMINARY]


def dataset(kind: PublicationKind) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(signed(publication(kind)).data))


@pytest.mark.parametrize("kind", PublicationKind)
def test_flags_and_people_of_each_kind(kind: PublicationKind) -> None:
    it = dataset(kind)
    flags = (it.CompletionFlag, it.VerificationFlag, it.PreliminaryFlag)
    preliminary = kind is PublicationKind.PRELIMINARY
    withdrawal = kind is PublicationKind.WITHDRAWAL
    assert flags == (
        ("COMPLETE", "UNVERIFIED", "PRELIMINARY")
        if preliminary
        else ("COMPLETE", "VERIFIED", "FINAL")
    )
    verifiers = it.get("VerifyingObserverSequence") or []
    assert len(verifiers) == (0 if preliminary else 1)
    attestors = [p for p in it.get("ParticipantSequence") or [] if p.ParticipationType == "ATTEST"]
    assert len(attestors) == (0 if withdrawal else 1)
    if verifiers:
        assert verifiers[0].VerifyingObserverName == SECOND.name
        assert verifiers[0].VerifyingOrganization == SECOND.organisation
        assert verifiers[0].VerificationDateTime == "20261122193005.123456+0800"
        code = verifiers[0].VerifyingObserverIdentificationCodeSequence[0]
        assert (code.CodeValue, code.CodingSchemeDesignator) == ("hanmei", "99COSIGHT")
    if attestors:
        assert attestors[0].PersonName == FIRST.name
        assert attestors[0].ParticipationDateTime == "20261122192105.123456+0800"
    purpose = it.DigitalSignaturesSequence[0].DigitalSignaturePurposeCodeSequence[0]
    assert purpose.CodeValue == ("1" if preliminary else "5")


def test_authors_are_the_first_reader_and_who_changed_the_text() -> None:
    authors = dataset(PublicationKind.FINAL).AuthorObserverSequence
    assert [a.PersonName for a in authors] == [FIRST.name, SECOND.name]
    assert [a.PersonIdentificationCodeSequence[0].CodeValue for a in authors] == ["lilei", "hanmei"]
    unchanged = replace(publication(), authors=(FIRST,), modified_at_review=False)
    again = pydicom.dcmread(io.BytesIO(signed(unchanged).data))
    assert [a.PersonName for a in again.AuthorObserverSequence] == [FIRST.name]


def test_a_predecessor_is_named_with_its_signature() -> None:
    before = replace(publication(PublicationKind.FINAL), uids=PublicationUids.at(place(5)))
    made = pydicom.dcmread(io.BytesIO(signed(before).data))
    study = dataset(PublicationKind.AMENDMENT).PredecessorDocumentsSequence[0]
    named = study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert study.StudyInstanceUID == made.StudyInstanceUID
    assert study.ReferencedSeriesSequence[0].SeriesInstanceUID == made.SeriesInstanceUID
    assert named.ReferencedSOPInstanceUID == made.SOPInstanceUID
    link = named.ReferencedDigitalSignatureSequence[0]
    assert link.DigitalSignatureUID == made.DigitalSignaturesSequence[0].DigitalSignatureUID
    assert link.Signature == made.DigitalSignaturesSequence[0].Signature
    # The MAC of the reference is what the signature of the predecessor signs: RSA tells so.
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from cryptography.hazmat.primitives.hashes import SHA256

    mac = named.ReferencedSOPInstanceMACSequence[0]
    public_key = key_of(SECOND).certificate.public_key()
    public_key.verify(link.Signature, mac.MAC, PKCS1v15(), Prehashed(SHA256()))
    assert mac.DataElementsSigned == made.MACParametersSequence[0].DataElementsSigned


def test_request_and_evidence() -> None:
    it = dataset(PublicationKind.FINAL)
    request = it.ReferencedRequestSequence[0]
    assert (request.AccessionNumber, request.RequestedProcedureID) == ("A20261122001", "RP7")
    assert request.StudyInstanceUID == it.StudyInstanceUID == STUDY.study_uid
    current = it.CurrentRequestedProcedureEvidenceSequence
    assert [s.StudyInstanceUID for s in current] == [STUDY.study_uid]
    assert [len(s.ReferencedSOPSequence) for s in current[0].ReferencedSeriesSequence] == [3, 3]
    other = it.PertinentOtherEvidenceSequence
    assert [s.StudyInstanceUID for s in other] == ["1.2.826.0.1.3680043.8.498.2"]
    again = publications.decode(signed(publication()).data)
    assert again.evidence == publication().evidence


@st.composite
def released(draw: Callable) -> Publication:
    base = publication(draw(st.sampled_from(PublicationKind)))
    withdrawal = base.kind is PublicationKind.WITHDRAWAL
    text = draw(texts.filter(lambda t: not t.is_empty))
    language = text.language
    several = st.lists(texts.filter(lambda t: not t.is_empty), max_size=2)
    return replace(
        base,
        text=ReportText(language=language) if withdrawal else text,
        addenda=() if withdrawal else tuple(replace(a, language=language) for a in draw(several)),
        patient=draw(
            st.builds(
                PatientIdentity,
                patient_id=words,
                issuer=words,
                name=st.one_of(st.just(""), names),
                birth_date=st.one_of(st.sampled_from(["", "19600229", "1960", "20261301"]), words),
                sex=st.one_of(st.sampled_from(["M", "F", "O", ""]), words),
            )
        ),
        reason=draw(words.filter(bool)) if withdrawal else draw(words),
        told_to=draw(words),
        report=replace(REPORT, accession=draw(words), part=draw(words)),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(released())
def test_every_publication_comes_back(it: Publication) -> None:
    read = publications.read(signed(it).data, trust())
    assert read.publication == it
    assert read.fault == ""


FAULTS = {
    "author": {"authors": ()},
    "home study": {"report": replace(REPORT, study_uid="1.2.3")},
    "who verified": {"verifier": None},
    "who attested": {"attested_at": None},
    "different persons": {"verifier": FIRST},
    "has a text": {"text": ReportText()},
    "what it continues": {"kind": PublicationKind.AMENDMENT},
    "organisation": {"verifier": Observer(person_id="hanmei", name="Han^Mei")},
    "needs an offset": {"verified_at": dt.datetime(2026, 1, 1, 1, 1)},
    "no UID": {"uids": replace(PublicationUids.at(place(1)), sop_uid="1.2.x")},
}


@pytest.mark.parametrize("sentence", FAULTS)
def test_what_a_kind_does_not_allow_is_refused(sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        publications.encode(replace(publication(), **FAULTS[sentence]), key_of(SECOND))


def test_a_preliminary_names_no_verifier_and_a_withdrawal_a_reason() -> None:
    preliminary = publication(PublicationKind.PRELIMINARY)
    with pytest.raises(BadInput, match="who verified"):
        signed(replace(preliminary, verifier=SECOND, verified_at=NOW))
    with pytest.raises(BadInput, match="needs a reason"):
        signed(replace(publication(PublicationKind.WITHDRAWAL), reason=""))
    with pytest.raises(BadInput, match="has a text"):
        signed(replace(publication(PublicationKind.WITHDRAWAL), text=TEXT))


def test_odd_values_of_the_archive_do_not_stop_a_report() -> None:
    """Accession numbers, names and dates that are not valid DICOM are copied as they are."""
    odd = PatientIdentity(
        patient_id="P" * 80, name="Wang^Xiaodong" * 6, birth_date="1960.01.31", sex="W"
    )
    study = replace(
        STUDY,
        patient=odd,
        accession="A" * 40,
        date="2026",
        time="8:15",
        age="66",
        description="x" * 90,
    )
    it = replace(publication(), study=study, patient=odd)
    back = publications.read(signed(it).data, trust())
    assert (back.publication, back.fault, back.header_agrees) == (it, "", True)


def test_other_objects_are_no_publication() -> None:
    with pytest.raises(BadInput, match="no publication"):
        publications.decode(signed_act().data)
    with pytest.raises(BadInput, match="no act"):
        act_document.decode(signed(publication()).data)


def test_a_reference_names_the_document() -> None:
    document = signed(publication())
    named = publications.reference(publication(), document)
    assert named.digest == document.digest
    assert base64.b64decode(named.signature) == document.signature
    assert named.sop_uid == document.sop_uid == place(8).publication_uid
    assert named.series_uid == place(8).publication_series_uid


def test_many_images_are_named() -> None:
    images = tuple(
        EvidenceItem(
            study_uid=STUDY.study_uid, series_uid="1.2.9", sop_class_uid="1.2", sop_uid=f"1.2.9.{n}"
        )
        for n in range(1500)
    )
    it = replace(publication(), evidence=images)
    assert publications.decode(signed(it).data).evidence == images


def test_text_tells_people_state_and_every_section() -> None:
    addendum = publication(PublicationKind.ADDENDUM)
    text = as_text(addendum)
    for part in ("王晓东", "P-1042", "男", "1960-01-31", "A20261122001", "胸部CT平扫"):
        assert part in text
    for part in (TEXT.findings, TEXT.impression, TEXT.technique, TEXT.recommendation):
        assert part in text
    assert "李雷" in text
    assert "韩梅" in text
    assert "2026-11-22 19:21 (+0800)" in text
    assert "审核时有修改" in text
    assert text.index("影像所见") < text.index("诊断意见") < text.index("补充报告\n")
    assert "补充：未见骨折。" in text


def test_text_speaks_english_by_the_words_given() -> None:
    text = as_text(publication(PublicationKind.PRELIMINARY), lambda english: english)
    assert "Preliminary report, not verified: the final report prevails" in text
    assert "Told to: 急诊科" in text
    withdrawn = as_text(publication(PublicationKind.WITHDRAWAL))
    assert "withdrawn and must no longer be used" in withdrawn
    assert "Reason: Reported under the wrong patient." in withdrawn


def test_names_with_braces_are_printed_as_they_are() -> None:
    person = replace(SECOND, name="{time}^{name}")
    it = replace(publication(), verifier=person, text=replace(TEXT, language="en"))
    assert "Verified by {time} {name}, 2026-11-22" in as_text(it)


def test_the_patient_is_shown_as_signed() -> None:
    stranger = replace(PATIENT, name="Other^Name")
    it = replace(publication(), study=replace(STUDY, patient=stranger))
    back = publications.read(signed(it).data, trust())
    assert not back.header_agrees
    assert "王晓东" in as_text(back.publication)
