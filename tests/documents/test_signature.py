"""Signatures against DCMTK: what dcmsign signs we verify, and no re-encoding of ours breaks one."""

from __future__ import annotations

import datetime as dt
import io
import random
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from cryptography.hazmat.primitives import serialization
from pydicom.dataset import Dataset

from tests.documents.judges import Judge, join, run, split
from tests.documents.reading_people import (
    FIRST,
    NOW,
    act,
    key_of,
    publication,
    root,
    signed,
    signed_act,
    trust,
)
from workstation.documents import act_document, sr_header
from workstation.documents import publication as publications
from workstation.documents.keys import Subject, issue, make_root
from workstation.documents.part10 import file_bytes, open_dataset
from workstation.documents.publication import PublicationKind
from workstation.documents.signature import Purpose, Trust, Verified, sign, verify
from workstation.domain.act import ActKind
from workstation.domain.errors import BadInput, SignatureFailure

ENCODINGS = {
    "implicit": ("+ti",),
    "explicit": ("+te",),
    "big endian": ("+tb",),
    "deflated": ("+td",),
    "undefined lengths": ("-e",),
    "group lengths": ("+g=",),
    "implicit, undefined lengths, group lengths": ("+ti", "-e", "+g="),
}
SIGNATURE_TAGS = {0x4FFE0001, 0xFFFAFFFA}


def unsigned(data: bytes) -> bytes:
    head, elements = split(data)
    return join(head, [e for e in elements if e.tag not in SIGNATURE_TAGS])


class Signer:
    """dcmsign with the key of a person."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        key = key_of(FIRST)
        (folder / "cert.pem").write_bytes(key.certificate_pem)
        (folder / "key.pem").write_bytes(
            key.private_key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )

    def sign(self, data: bytes, *options: str, tags: frozenset[int] = frozenset()) -> bytes:
        source, out, names = (self.folder / n for n in ("in.dcm", "out.dcm", "tags.txt"))
        source.write_bytes(data)
        present = {e.tag for e in split(data)[1]} & tags
        names.write_text("".join(f"({t >> 16:04x},{t & 0xFFFF:04x})\n" for t in sorted(present)))
        chosen = ["-tf", names] if tags else []
        key = self.folder / "key.pem", self.folder / "cert.pem"
        code, said = run("dcmsign", "+s", *key, *options, *chosen, source, out)
        assert code == 0, said
        return out.read_bytes()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path)


@pytest.mark.peers
@pytest.mark.parametrize("options", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("what", ["act", "publication"])
def test_no_encoding_breaks_a_signature(what: str, options: tuple[str, ...], judge: Judge) -> None:
    document = signed_act(ActKind.COSIGN) if what == "act" else signed(publication())
    data = judge.convert(document.data, *options)
    assert data != document.data
    assert judge.verifies(data)
    read = act_document.read if what == "act" else publications.read
    assert (read(data, trust()).fault, read(data, trust()).digest) == ("", document.digest)


@pytest.mark.peers
def test_what_dcmsign_signs_we_verify(signer: Signer) -> None:
    data = unsigned(signed_act(ActKind.COSIGN).data)
    made = signer.sign(data, "+m2", "+sp", "1", tags=sr_header.ACT_SIGNED)
    verified = verify(open_dataset(made), sr_header.ACT_SIGNED, trust())
    assert verified.fault == ""
    assert verified.person_id == FIRST.person_id
    assert verified.purpose == "1"
    assert verified.certificate_fingerprint == key_of(FIRST).fingerprint


@pytest.mark.peers
def test_the_profile_of_the_standard_is_too_little_for_us(signer: Signer, judge: Judge) -> None:
    """PS3.15 C.4 leaves flags, authors and the instance's UID unsigned; dcmsign accepts that, we do not."""
    named = frozenset({0x00080018})
    made = signer.sign(unsigned(signed(publication()).data), "+m2", "+pv", tags=named)
    assert judge.verifies(made)
    fault = verify(open_dataset(made), sr_header.PUBLICATION_SIGNED, trust()).fault
    assert fault == "The signature does not cover everything it must"


@pytest.mark.peers
def test_a_weaker_hash_is_refused(signer: Signer, judge: Judge) -> None:
    made = signer.sign(unsigned(signed_act().data), "+ms", tags=sr_header.ACT_SIGNED)
    assert judge.verifies(made)
    fault = verify(open_dataset(made), sr_header.ACT_SIGNED, trust()).fault
    assert fault == "The signature uses another algorithm than RSA with SHA-256"


@pytest.mark.peers
def test_two_signatures_are_refused(signer: Signer, judge: Judge) -> None:
    made = signer.sign(signed_act().data, "+m2", tags=sr_header.ACT_SIGNED)
    assert judge.verifies(made)
    fault = verify(open_dataset(made), sr_header.ACT_SIGNED, trust()).fault
    assert fault == "The object carries more than one signature"


@pytest.mark.peers
@pytest.mark.parametrize("padding", [b"    ", b"  "])
def test_superfluous_padding_is_signed_as_it_stands(
    padding: bytes, signer: Signer, judge: Judge
) -> None:
    head, elements = split(unsigned(signed_act().data))
    padded = [e._replace(value=e.value + padding) if e.tag == 0x00081030 else e for e in elements]
    made = signer.sign(join(head, padded), "+m2", tags=sr_header.ACT_SIGNED)
    assert verify(open_dataset(made), sr_header.ACT_SIGNED, trust()).fault == ""
    head, elements = split(made)
    bare = [
        e._replace(value=e.value.rstrip() + b" " * (len(e.value.rstrip()) % 2))
        if e.tag == 0x00081030
        else e
        for e in elements
    ]
    data = join(head, bare)
    ours = verify(open_dataset(data), sr_header.ACT_SIGNED, trust()).fault == ""
    assert ours == judge.verifies(data)


def small_report(charset: str, seed: int) -> Dataset:
    """A small SR with random words in a character set."""
    choice = random.Random(seed)
    dataset = sr_header.start(f"1.2.3.{seed}.1", "1.2.3", f"1.2.3.{seed}", NOW)
    dataset.SpecificCharacterSet = charset
    dataset.PatientName = "Li^Lei=李^雷"
    dataset.PatientID = "1"
    dataset.InstanceNumber = seed
    dataset.StudyDescription = "胸部" * choice.randint(0, 5)
    words = "".join(choice.choice("双肺纹理清晰ab c\n结节") for _ in range(choice.randint(1, 300)))
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "TEXT"
    item.TextValue = words.strip() or "-"
    dataset.ContentSequence = [item] * choice.randint(0, 3)
    return dataset


@pytest.mark.peers
@pytest.mark.parametrize("charset", ["GB18030", "GBK", "ISO_IR 192"])
def test_any_character_set_is_signed(charset: str, judge: Judge, signer: Signer) -> None:
    tags = sr_header.ACT_SIGNED
    for seed in range(1, 4):
        dataset = small_report(charset, seed)
        sign(dataset, tags, key_of(FIRST), purpose=Purpose.AUTHOR, time=NOW, signature_uid="1.2.9")
        data = file_bytes(dataset)
        assert judge.verifies(data)
        assert verify(open_dataset(data), tags, trust()).fault == ""
        theirs = signer.sign(file_bytes(small_report(charset, seed)), "+m2", tags=tags)
        assert verify(open_dataset(theirs), tags, trust()).fault == ""


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.peers
@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192"])
def test_a_thousand_random_reports_both_ways(charset: str, judge: Judge, signer: Signer) -> None:
    tags = sr_header.ACT_SIGNED
    for seed in range(500):
        dataset = small_report(charset, seed)
        sign(dataset, tags, key_of(FIRST), purpose=Purpose.AUTHOR, time=NOW, signature_uid="1.2.9")
        encoding = list(ENCODINGS.values())[seed % len(ENCODINGS)]
        data = judge.convert(file_bytes(dataset), *encoding)
        assert judge.verifies(data), seed
        assert verify(open_dataset(data), tags, trust()).fault == "", seed
        theirs = signer.sign(file_bytes(small_report(charset, seed)), "+m2", tags=tags)
        theirs = judge.convert(theirs, *encoding)
        assert verify(open_dataset(theirs), tags, trust()).fault == "", seed


def test_an_unsigned_object_says_so() -> None:
    data = unsigned(signed_act().data)
    read = act_document.read(data, trust())
    assert read.fault == "The object is not signed"
    assert read.digest == ""


def test_an_unknown_root_is_refused() -> None:
    other = make_root("Elsewhere", NOW, 2048)
    stranger = Trust(roots=(other.certificate_der,))
    fault = "The certificate was not issued by a trusted root"
    read = act_document.read(signed_act().data, stranger)
    assert (read.fault, read.digest) == (fault, signed_act().digest)
    both = Trust(roots=(other.certificate_der, root().certificate_der))
    assert act_document.read(signed_act().data, both).fault == ""
    assert act_document.read(signed_act().data, Trust(roots=())).fault == fault


@pytest.mark.parametrize("days", [-2, 800])
def test_a_certificate_holds_for_its_time_only(days: int) -> None:
    late = replace(act(), time=NOW + dt.timedelta(days=days))
    read = act_document.read(act_document.encode(late, key_of(FIRST)).data, trust())
    assert read.fault == "The certificate was not valid when the object was signed"


def test_a_subordinate_of_a_person_is_no_issuer() -> None:
    """A person's key cannot certify others: only what the root itself signed counts."""
    forged = issue(
        key_of(FIRST), Subject(person_id="hanmei", name="x", organisation="x"), NOW, 2048
    )
    it = replace(act(), certificate=forged.fingerprint)
    read = act_document.read(act_document.encode(it, forged).data, trust())
    assert read.fault == "The certificate was not issued by a trusted root"


def test_who_signs_a_final_is_its_verifier() -> None:
    data = publications.encode(publication(), key_of(FIRST)).data
    read = publications.read(data, trust())
    assert read.fault == "Somebody else than the verifying reader signed the publication"


@pytest.mark.parametrize("tag", [0x00091001, 0x00020010, 0x4FFE0001, 0xFFFAFFFA, 0x00080000])
def test_what_cannot_be_signed_is_refused(tag: int) -> None:
    dataset = small_report("ISO_IR 192", 1)
    with pytest.raises(SignatureFailure):
        sign(dataset, [tag], key_of(FIRST), purpose=Purpose.AUTHOR, time=NOW, signature_uid="1.2")


def test_unknown_content_in_a_signed_set_is_refused() -> None:
    """A private element inside a sequence, and a known element as UN, as a foreign writer may leave them."""
    dataset = small_report("ISO_IR 192", 7)
    item = Dataset()
    item.add_new(0x00091001, "LO", "AB")
    dataset.ConceptNameCodeSequence = [item]
    tags = [0x0040A043]
    with pytest.raises(SignatureFailure, match="private"):
        sign(dataset, tags, key_of(FIRST), purpose=Purpose.AUTHOR, time=NOW, signature_uid="1.2")
    head, elements = split(signed_act().data)
    spoiled = [e._replace(vr="UN") if e.tag == 0x00081030 else e for e in elements]
    fault = verify(open_dataset(join(head, spoiled)), sr_header.ACT_SIGNED, trust()).fault
    assert fault == "An element of unknown value representation is in the signed set"


def test_signing_twice_is_refused() -> None:
    dataset = open_dataset(signed_act().data)
    with pytest.raises(SignatureFailure):
        sign(
            dataset,
            [0x00080018],
            key_of(FIRST),
            purpose=Purpose.AUTHOR,
            time=NOW,
            signature_uid="1",
        )


def test_hostile_bytes_end_in_a_fault() -> None:
    """Bytes of the signature and its parameters changed, one at a time: a fault or BadInput, never another error."""
    document = signed_act(ActKind.OPEN_REVIEW)
    head, elements = split(document.data)
    for element in (e for e in elements if e.tag in SIGNATURE_TAGS):
        others = [e for e in elements if e.tag != element.tag]
        for at in range(0, len(element.value), 7):
            value = bytearray(element.value)
            value[at] ^= 0x41
            data = join(head, [*others, element._replace(value=bytes(value))])
            verified = judged(data)
            assert verified is None or verified.fault or verified.digest == document.digest


def judged(data: bytes) -> Verified | None:
    try:
        return verify(open_dataset(data), sr_header.ACT_SIGNED, trust())
    except BadInput:
        return None


def test_values_that_were_looked_at_verify_the_same() -> None:
    dataset = pydicom.dcmread(io.BytesIO(signed_act(ActKind.COSIGN).data))
    assert str(dataset)
    assert verify(dataset, sr_header.ACT_SIGNED, trust()).fault == ""


def test_preliminary_and_final_are_signed_for_what_they_are() -> None:
    preliminary = publications.read(signed(publication(PublicationKind.PRELIMINARY)).data, trust())
    final = publications.read(signed(publication()).data, trust())
    assert (preliminary.fault, final.fault) == ("", "")
    assert preliminary.digest != final.digest
