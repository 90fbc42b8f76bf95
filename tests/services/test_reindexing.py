"""An index that another version of the program wrote: the files are read anew, and the study opens all the same."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from pydicom import dcmread

from viewer.sandbox import Sandbox, SandboxError
from viewer.volume import ImageError, parse_frames
from workstation.services.importing import Importing
from workstation.services.reindexing import Reindexing
from workstation.services.studies import Studies
from workstation.store import Store

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
IMAGES = 6


@pytest.fixture
def study_uid(store: Store, sandbox: Sandbox, shared_data: Path) -> str:
    files = sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))[:IMAGES]
    service = Importing(store=store, sandbox=sandbox, clock=lambda: NOW, changed=lambda: None)
    assert service.import_paths(files, lambda _d, _t: None, lambda: False).stored == IMAGES
    return str(dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)


def make_old(store: Store) -> None:
    """Every text as version 1 wrote it: other fields, another number."""
    old = json.dumps({"version": 1, "common": {}, "frames": []}, separators=(",", ":"))
    with store.database.writing() as db:
        db.conn.execute("UPDATE instances SET frames = ?, frame_count = 9", [old])


def texts(store: Store, study_uid: str) -> list[str]:
    return [image.text for image in store.index.frames(study_uid)]


def test_a_study_of_an_older_index_opens_and_is_kept_renewed(
    store: Store, studies: Studies, study_uid: str
) -> None:
    before, kept = studies.frames(study_uid), texts(store, study_uid)
    make_old(store)
    with pytest.raises(ImageError):
        parse_frames(texts(store, study_uid)[0])
    assert studies.frames(study_uid) == before
    assert texts(store, study_uid) == kept
    assert {i.frame_count for i in store.index.instances(study_uid)} == {1}
    (shown,) = studies.display_sets(study_uid)
    assert len(shown.frames) == IMAGES


def test_broken_texts_are_renewed_too(store: Store, studies: Studies, study_uid: str) -> None:
    before = studies.frames(study_uid)
    with store.database.writing() as db:
        db.conn.execute("UPDATE instances SET frames = '{\"version\":2,'")
    assert studies.frames(study_uid) == before


def test_the_whole_store_is_renewed_in_the_background(
    store: Store, sandbox: Sandbox, study_uid: str
) -> None:
    kept = texts(store, study_uid)
    reindexing = Reindexing(store=store, sandbox=sandbox, clock=lambda: NOW)
    assert reindexing.renew(lambda: False) == 0
    make_old(store)
    assert reindexing.renew(lambda: True) == 0
    assert reindexing.renew(lambda: False) == IMAGES
    assert texts(store, study_uid) == kept


def test_one_file_that_is_gone_hides_no_other_and_is_told(
    store: Store, sandbox: Sandbox, studies: Studies, study_uid: str
) -> None:
    make_old(store)
    gone = store.index.frames(study_uid)[0]
    Path(gone.path).unlink()
    frames = studies.frames(study_uid)
    assert len(frames) == IMAGES - 1
    assert gone.sop_uid not in {f.source.sop_uid for f in frames}
    (refused,) = store.rejected.all()
    assert refused.name == gone.sop_uid
    reindexing = Reindexing(store=store, sandbox=sandbox, clock=lambda: NOW)
    assert reindexing.renew(lambda: False) == 0
    assert len(store.rejected.all()) == 1


def test_a_study_of_which_nothing_can_be_read_says_why(
    store: Store, studies: Studies, study_uid: str
) -> None:
    make_old(store)
    for image in store.index.frames(study_uid):
        Path(image.path).write_bytes(b"no longer DICOM" * 20)
    with pytest.raises(ImageError):
        studies.frames(study_uid)


def test_the_end_of_the_program_refuses_no_image(store: Store, study_uid: str) -> None:
    make_old(store)
    with Sandbox(2 << 30, 20.0) as ended:
        ended.close()
        studies = Studies(
            store=store, reindexing=Reindexing(store=store, sandbox=ended, clock=lambda: NOW)
        )
        with pytest.raises(SandboxError):
            studies.frames(study_uid)
    assert store.rejected.all() == ()
