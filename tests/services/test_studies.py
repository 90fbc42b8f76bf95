"""The studies as the reading window asks for them: frames ready to load, and what was looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.services.conftest import studies_over
from viewer.sandbox import Sandbox
from workstation.domain.errors import NotFound
from workstation.services.importing import Importing
from workstation.services.studies import Studies
from workstation.store import Store

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)


@pytest.fixture
def ct(store: Store, sandbox: Sandbox, shared_data: Path) -> list[Path]:
    files = sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))[:12]
    service = Importing(store=store, sandbox=sandbox, clock=lambda: NOW, changed=lambda: None)
    assert service.import_paths(files, lambda _d, _t: None, lambda: False).stored == 12
    return files


def test_frames_lead_to_the_pixels_without_parsing(
    store: Store, studies: Studies, ct: list[Path]
) -> None:
    first = dcmread(ct[0])
    frames = {f.source.sop_uid: f for f in studies.frames(first.StudyInstanceUID)}
    assert len(frames) == 12
    located = frames[first.SOPInstanceUID]
    offset, length = located.source.fragments[0]
    whole = Path(located.path).read_bytes()
    assert located.content_hash == hashlib.sha256(whole).hexdigest()
    content = whole[offset : offset + length]
    # A JPEG-LS stream begins with the marker SOI and a start of frame SOF55 (ITU-T T.87 C.2.2).
    assert content[:2] == b"\xff\xd8"
    assert b"\xff\xf7" in content[:64]
    assert (located.source.rows, located.source.columns) == (512, 512)
    assert studies.frames(first.StudyInstanceUID, "1.2.3") == []


def test_series_and_facts(store: Store, studies: Studies, ct: list[Path]) -> None:
    first = dcmread(ct[0], stop_before_pixels=True)
    (series,) = studies.series(first.StudyInstanceUID)
    assert (series.series_uid, series.modality) == (first.SeriesInstanceUID, "CT")
    assert (series.instance_count, series.image_count) == (12, 12)
    assert studies.facts(first.StudyInstanceUID).patient.patient_id == first.PatientID
    with pytest.raises(NotFound):
        studies.facts("1.2.3")
    remote = studies.facts(first.StudyInstanceUID)
    object.__setattr__(remote, "study_uid", "9.9")
    store.remote.replace("node", [remote], NOW)
    assert studies.facts("9.9").study_uid == "9.9"


def test_what_was_seen_is_told_before_signing_and_after_a_restart(
    store: Store, sandbox: Sandbox, studies: Studies, ct: list[Path]
) -> None:
    heads = [dcmread(f, stop_before_pixels=True) for f in ct]
    study_uid, series_uid = heads[0].StudyInstanceUID, heads[0].SeriesInstanceUID
    for head in [*heads[:5], heads[0]]:
        studies.mark_seen("li", study_uid, series_uid, head.SOPInstanceUID, 1)
    seen = {(str(head.SOPInstanceUID), 1) for head in heads[:5]}
    assert studies.seen("li", study_uid) == seen
    (covered,) = studies.coverage("li", study_uid)
    assert (covered.series_uid, covered.seen, covered.total) == (series_uid, 5, 12)
    assert studies.coverage("wang", study_uid)[0].seen == 0
    assert studies_over(store, sandbox).coverage("li", study_uid) == (covered,)
