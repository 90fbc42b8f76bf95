"""The index: what is here, what is already here, and what is kept apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.records import CT, JPEG_LS, NOW, parsed, study
from workstation.documents.headers import ParsedFile
from workstation.domain.errors import BadInput
from workstation.domain.study import PatientIdentity
from workstation.store import Store
from workstation.store.index import OTHER_CONTENT, OTHER_ENCODING, Arrival, Kept


def add(store: Store, *files: ParsedFile) -> tuple[Kept, ...]:
    arrivals = [
        Arrival(parsed=p, staged=store.files.stage(p.content_digest.encode()), name=f"file {i}")
        for i, p in enumerate(files)
    ]
    return store.index.add_instances(arrivals, NOW)


def file_count(store: Store) -> int:
    return len(list((store.home / "files").rglob("*.dcm")))


def test_a_study_is_told_as_its_first_object_says(store: Store) -> None:
    add(
        store,
        parsed("1.2.3.4"),
        parsed("1.2.3.5", number=2),
        parsed("1.2.3.6", series_uid="9.9", modality="SR", frames=0),
    )
    (found,) = store.index.studies()
    assert found == study(modalities=("CT", "SR"), series_count=2, instance_count=3)
    assert store.index.study("1.2.3") == found
    assert store.index.study("nothing") is None
    series = store.index.series("1.2.3")
    assert [(s.facts.modality, s.instance_count, s.image_count) for s in series] == [
        ("CT", 2, 2),
        ("SR", 1, 0),
    ]


def test_frames_are_handed_out_as_they_were_given(store: Store) -> None:
    add(
        store,
        parsed("1.2.3.4", number=2),
        parsed("1.2.3.5", number=1),
        parsed("1.2.3.6", frames=0, number=3),
    )
    texts = store.index.frames("1.2.3")
    assert [image.text for image in texts] == ["frames of 1.2.3.5", "frames of 1.2.3.4"]
    assert store.index.frames("1.2.3", "nothing") == ()
    found = store.index.instance("1.2.3.4")
    assert found is not None
    assert (str(found.path), found.sop_class, found.transfer_syntax) == (texts[1].path, CT, JPEG_LS)


def test_the_same_object_again_is_already_here(store: Store) -> None:
    assert add(store, parsed("1.2.3.4")) == (Kept.STORED,)
    assert add(store, parsed("1.2.3.4")) == (Kept.ALREADY,)
    assert add(store, parsed("1.2.3.5"), parsed("1.2.3.5")) == (Kept.STORED, Kept.ALREADY)
    assert file_count(store) == 2
    assert store.rejected.all() == ()


@pytest.mark.parametrize(
    ("syntax", "verdict", "template"),
    [
        (JPEG_LS, Kept.OTHER_CONTENT, OTHER_CONTENT),
        ("1.2.840.10008.1.2.1", Kept.OTHER_ENCODING, OTHER_ENCODING),
    ],
)
def test_other_content_under_a_known_uid_is_kept_apart(
    store: Store, syntax: str, verdict: Kept, template: str
) -> None:
    add(store, parsed("1.2.3.4"))
    other = parsed("1.2.3.4", content=b"other", syntax=syntax)
    assert add(store, other) == (verdict,)
    assert add(store, other) == (verdict,)
    (apart,) = store.rejected.all()
    assert (apart.sop_uid, apart.reason.template) == ("1.2.3.4", template)
    assert apart.path is not None
    assert apart.path.read_bytes() == other.content_digest.encode()
    (here,) = store.index.instances("1.2.3")
    assert here.path.read_bytes() == parsed("1.2.3.4").content_digest.encode()
    assert file_count(store) == 2


def test_one_series_uid_in_two_studies_mixes_nothing(store: Store) -> None:
    add(
        store,
        parsed("1.2.3.4", series_uid="7"),
        parsed("1.2.4.4", study_facts=study("1.2.4"), series_uid="7"),
    )
    assert [i.sop_uid for i in store.index.instances("1.2.3")] == ["1.2.3.4"]
    assert [i.sop_uid for i in store.index.instances("1.2.4", "7")] == ["1.2.4.4"]


def test_one_study_uid_with_two_patients_is_told(store: Store) -> None:
    other = study(patient=PatientIdentity(patient_id="somebody else"))
    add(
        store,
        parsed("1.2.3.4"),
        parsed("1.2.3.5", study_facts=other),
        parsed("1.2.3.6", study_facts=other),
    )
    assert [(a.what, a.detail) for a in store.alarms.all()] == [("STUDY_OF_TWO_PATIENTS", "1.2.3")]
    (kept,) = store.index.studies()
    assert kept.patient.patient_id == "P1.2.3"


def test_refusals_are_listed_with_their_reasons(store: Store) -> None:
    reason = BadInput("The object has no valid {name}", name="SOP Instance UID")
    store.rejected.add("folder/文件.dcm", reason, NOW)
    store.rejected.add("folder/文件.dcm", reason, NOW)
    (told,) = store.rejected.all()
    assert (told.name, str(told.reason), told.path) == ("folder/文件.dcm", str(reason), None)


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, {"1.2.3", "1.2.4", "1.2.5"}),
        ({"PatientName": "*张*"}, {"1.2.3", "1.2.4"}),
        ({"PatientName": "李四"}, {"1.2.5"}),
        ({"PatientName": "zhang^*"}, {"1.2.3", "1.2.4"}),
        ({"PatientName": "Li^Si=李^四"}, {"1.2.5"}),
        ({"PatientName": "Wang*"}, set()),
        ({"StudyDate": "20260101-20260131"}, {"1.2.4"}),
        ({"StudyDate": "20260131-"}, {"1.2.3"}),
        ({"StudyDate": "-20260115"}, {"1.2.4", "1.2.5"}),
        ({"StudyDate": "20260115"}, {"1.2.4"}),
        ({"StudyDate": "20260115", "StudyTime": "1000-1100"}, {"1.2.4"}),
        ({"StudyInstanceUID": "1.2.3\\1.2.5"}, {"1.2.3", "1.2.5"}),
        ({"ModalitiesInStudy": "MR"}, {"1.2.4"}),
        ({"ModalitiesInStudy": "MR\\CR"}, {"1.2.4", "1.2.5"}),
        ({"AccessionNumber": "A1.2.?"}, {"1.2.3", "1.2.4", "1.2.5"}),
        ({"PatientID": "P1.2.4", "PatientName": "*三"}, {"1.2.4"}),
        ({"StudyDescription": "*ct"}, {"1.2.3", "1.2.4", "1.2.5"}),
        ({"SomethingUnknown": "x"}, {"1.2.3", "1.2.4", "1.2.5"}),
    ],
)
def test_studies_are_found(store: Store, keys: dict[str, str], found: set[str]) -> None:
    li = PatientIdentity(patient_id="P1.2.5", name="Li^Si=李^四")
    add(
        store,
        parsed("1", study_facts=study("1.2.3")),
        parsed("2", study_facts=study("1.2.4", date="20260115", time="103000"), modality="MR"),
        parsed("3", study_facts=study("1.2.5", date="20251231", patient=li), modality="CR"),
    )
    assert {m["StudyInstanceUID"] for m in store.index.find("STUDY", keys)} == found


def test_series_and_objects_are_found_below_their_study(store: Store) -> None:
    add(store, parsed("1"), parsed("2"), parsed("3", series_uid="7", modality="SR", frames=0))
    (series,) = store.index.find("SERIES", {"StudyInstanceUID": "1.2.3", "Modality": "SR"})
    assert (series["SeriesInstanceUID"], series["NumberOfSeriesRelatedInstances"]) == ("7", "1")
    objects = store.index.find(
        "IMAGE", {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.1"}
    )
    assert [(o["SOPInstanceUID"], o["SOPClassUID"], o["Rows"]) for o in objects] == [
        ("1", CT, "4"),
        ("2", CT, "4"),
    ]
    (study_found,) = store.index.find("STUDY", {})
    assert study_found["NumberOfStudyRelatedInstances"] == "3"
    assert study_found["ModalitiesInStudy"] == "CT\\SR"
    with pytest.raises(BadInput, match="level"):
        store.index.find("PATIENT", {})


def test_a_retrieval_must_name_what_it_wants(store: Store) -> None:
    add(store, parsed("1"), parsed("2"), parsed("3", study_facts=study("1.2.4")))
    named = store.index.selected("IMAGE", {"StudyInstanceUID": "1.2.3", "SOPInstanceUID": "2\\3"})
    assert [i.sop_uid for i in named] == ["2"]
    assert (
        len(store.index.selected("STUDY", {"StudyInstanceUID": "1.2.3", "PatientName": "x"})) == 2
    )
    with pytest.raises(BadInput, match="StudyInstanceUID"):
        store.index.selected("STUDY", {})


def test_counts_take_released_reports_that_the_archive_has(store: Store) -> None:
    from tests.store.records import publication

    add(store, parsed("1"))
    with store.writing() as tx:
        tx.add_publication(publication(1))
    assert store.index.counts() == {"1.2.3": 1}
    store.publications.add_received(replace(publication(2), received_at=NOW))
    assert store.index.counts() == {"1.2.3": 2}
    assert store.index.known(["1", "2"]) == {"1"}
