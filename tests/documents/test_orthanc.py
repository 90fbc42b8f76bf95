"""Acts and publications through a real archive and back by DIMSE: every signature holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.documents.judges import Judge, run
from tests.documents.reading_people import publication, signed, signed_act, trust
from tests.peers import Orthanc
from workstation.documents import act_document
from workstation.documents import publication as publications
from workstation.documents.publication import PublicationKind
from workstation.domain.act import ActKind


@pytest.mark.parametrize("syntax", ["--propose-little", "--propose-implicit"])
def test_a_round_trip_through_orthanc(
    syntax: str, orthanc: Orthanc, judge: Judge, tmp_path: Path
) -> None:
    documents = {
        "act": signed_act(ActKind.COSIGN),
        "final": signed(publication(PublicationKind.AMENDMENT)),
        "preliminary": signed(publication(PublicationKind.PRELIMINARY, number=9)),
    }
    sent = tmp_path / "sent"
    sent.mkdir()
    for name, document in documents.items():
        (sent / f"{name}.dcm").write_bytes(document.data)
    proposed = "-xe" if syntax == "--propose-little" else "-xi"
    code, said = run(
        "storescu", proposed, "-aec", orthanc.aet, "+sd", orthanc.host, orthanc.port, sent
    )
    assert code == 0, said
    ids = json.loads(orthanc.rest("/instances"))
    assert len(ids) == 3
    back = [orthanc.rest(f"/instances/{i}/file") for i in ids]
    back += fetched(orthanc, documents["act"].sop_uid, tmp_path)
    for data in back:
        assert judge.verifies(data)
        assert verified(data) in {document.digest for document in documents.values()}
    assert len({verified(data) for data in back}) == 3


def fetched(orthanc: Orthanc, sop_uid: str, folder: Path) -> list[bytes]:
    """The act asked for by its UIDs alone with DCMTK's getscu."""
    place = act_document.decode(signed_act(ActKind.COSIGN).data)
    keys = {
        "QueryRetrieveLevel": "IMAGE",
        "StudyInstanceUID": place.place.study_uid(place.time),
        "SeriesInstanceUID": place.place.series_uid(place.time),
        "SOPInstanceUID": sop_uid,
    }
    out = folder / "fetched"
    out.mkdir()
    asked = [part for k, v in keys.items() for part in ("-k", f"{k}={v}")]
    code, said = run(
        "getscu", "-S", "-aec", orthanc.aet, *asked, "-od", out, orthanc.host, orthanc.port
    )
    assert code == 0, said
    found = [path.read_bytes() for path in out.iterdir()]
    assert len(found) == 1
    return found


def verified(data: bytes) -> str:
    """The digest of a document whose signature holds."""
    from workstation.documents.part10 import open_dataset

    if act_document.is_act(open_dataset(data)):
        read_act = act_document.read(data, trust())
        assert read_act.fault == ""
        return read_act.digest
    read = publications.read(data, trust())
    assert read.fault == ""
    return read.digest
