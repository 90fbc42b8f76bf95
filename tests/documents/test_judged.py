"""Every kind of act and publication before the programs of others: dciodvfy, dsrdump, dcmsign, TID 2000."""

from __future__ import annotations

import io

import pydicom
import pytest

from tests.documents.judges import Judge
from tests.documents.reading_people import (
    act,
    publication,
    signed,
    signed_act,
    trust,
)
from workstation.documents import act_document
from workstation.documents import publication as publications
from workstation.documents.publication import PublicationKind
from workstation.domain.act import ActKind

# PS3.16 TID 2000 and the templates it includes, in their order: relationship and concept.
TREE_ORDER = [
    ("HAS CONCEPT MOD", {"121049"}),
    ("HAS OBS CONTEXT", {"121005", "121008", "128774", "121009"}),
    ("HAS OBS CONTEXT", {"121018", "121022"}),
    ("HAS OBS CONTEXT", {"121024"}),
    ("HAS OBS CONTEXT", {"121029", "121030", "121031", "121032"}),
    ("CONTAINS", {"STATUS", "55111-9", "59776-5", "19005-8", "18783-1", "55107-7"}),
]


@pytest.mark.peers
@pytest.mark.parametrize("kind", ActKind)
def test_acts_are_valid_readable_and_signed(kind: ActKind, judge: Judge) -> None:
    document = signed_act(kind)
    assert judge.iod_errors(document.data) == []
    assert judge.verifies(document.data)
    dump = judge.dump(document.data)
    assert f"({kind.value},99COSIGHT," in dump
    assert "COSIGHT^JOURNAL" in dump
    read = act_document.read(document.data, trust())
    assert read.fault == ""
    assert read.act == act(kind)
    assert read.digest == document.digest


@pytest.mark.peers
@pytest.mark.parametrize("kind", PublicationKind)
def test_publications_are_valid_readable_and_signed(kind: PublicationKind, judge: Judge) -> None:
    document = signed(publication(kind))
    assert judge.iod_errors(document.data) == []
    assert judge.verifies(document.data)
    dump = judge.dump(document.data)
    preliminary = kind is PublicationKind.PRELIMINARY
    assert f"Preliminary Flag    : {'PRELIMINARY' if preliminary else 'FINAL'}" in dump
    assert f"Verification Flag   : {'UNVERIFIED' if preliminary else 'VERIFIED'}" in dump
    read = publications.read(document.data, trust())
    assert read.fault == ""
    assert read.publication == publication(kind)
    assert read.digest == document.digest
    assert read.reference == publications.reference(publication(kind), document)


@pytest.mark.parametrize("kind", PublicationKind)
def test_publications_follow_tid_2000(kind: PublicationKind) -> None:
    dataset = pydicom.dcmread(io.BytesIO(signed(publication(kind)).data))
    template = dataset.ContentTemplateSequence[0]
    assert (template.MappingResource, template.TemplateIdentifier) == ("DCMR", "2000")
    stages = [_stage(item) for item in dataset.ContentSequence]
    assert stages == sorted(stages)
    assert set(stages) == set(range(len(TREE_ORDER)))
    for section in dataset.ContentSequence:
        if section.ValueType == "CONTAINER":
            assert section.ContentSequence
            assert {i.ValueType for i in section.ContentSequence} <= {"TEXT", "CODE"}
            assert {i.RelationshipType for i in section.ContentSequence} == {"CONTAINS"}


def _stage(item: pydicom.Dataset) -> int:
    concept = item.ConceptNameCodeSequence[0].CodeValue
    found = [
        stage
        for stage, (relationship, concepts) in enumerate(TREE_ORDER)
        if concept in concepts and item.RelationshipType == relationship
    ]
    assert len(found) == 1, concept
    return found[0]


@pytest.mark.parametrize("kind", PublicationKind)
def test_any_viewer_shows_the_state_first(kind: PublicationKind, judge: Judge) -> None:
    dataset = pydicom.dcmread(io.BytesIO(signed(publication(kind)).data))
    sections = [i for i in dataset.ContentSequence if i.ValueType == "CONTAINER"]
    lines = [i.TextValue for i in sections[0].ContentSequence if i.ValueType == "TEXT"]
    expected = {
        PublicationKind.PRELIMINARY: "初步报告",
        PublicationKind.FINAL: "正式报告",
        PublicationKind.ADDENDUM: "补充报告",
        PublicationKind.AMENDMENT: "修订",
        PublicationKind.WITHDRAWAL: "withdrawn",
    }[kind]
    assert expected in lines[0]
    attested = kind is not PublicationKind.WITHDRAWAL
    assert any("李雷" in line for line in lines) == attested
    assert any("韩梅" in line for line in lines) == (kind is not PublicationKind.PRELIMINARY)
    modified = kind not in {PublicationKind.PRELIMINARY, PublicationKind.WITHDRAWAL}
    assert any("审核时有修改" in line for line in lines) == modified


def test_highdicom_reads_what_we_write() -> None:
    from highdicom.sr import EnhancedSR

    document = EnhancedSR.from_dataset(pydicom.dcmread(io.BytesIO(signed(publication()).data)))
    names = [item.name.meaning for item in document.content[0].ContentSequence]
    assert "Findings" in names
    assert len(document.get_evidence()) == 12
    assert len(document.get_evidence(current_procedure_only=True)) == 6
