"""The client of a DICOM archive: C-ECHO, C-FIND, C-GET and C-STORE over one association per call.

What comes is handed on as the bytes that came; nothing is decoded. Every failure is one LineFailure whose sentence
names the archive and the operation, never a patient. PS3.4 annexes B and C, PS3.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workstation.domain.study import StudyFacts
from workstation.network import contexts, identifiers
from workstation.network.answers import (
    IMAGE_KEYS,
    SERIES_KEYS,
    STUDY_KEYS,
    RemoteInstance,
    RemoteSeries,
    Retrieval,
    StoreAnswer,
    Taking,
    never,
    number_of,
    retrieval_keys,
    study_of,
    unwatched,
)
from workstation.network.association import Line
from workstation.network.objects import (
    ReceivedObject,
    WireObject,
    context_for,
    send_object,
    wire_object,
)
from workstation.settings import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveClient:
    """Talks to one archive. Every call opens and closes an association of its own and may run on any thread.

    Attributes:
        node: the archive.
        our_aet: what we call ourselves.
        connect_seconds: how long to wait for the connection and the association.
        answer_seconds: how long to wait for each answer.
    """

    node: Node
    our_aet: str
    connect_seconds: float = 10.0
    answer_seconds: float = 60.0
    _store_batch: int = field(default=100)

    @property
    def _line(self) -> Line:
        return Line(
            node=self.node,
            our_aet=self.our_aet,
            connect_seconds=self.connect_seconds,
            answer_seconds=self.answer_seconds,
        )

    def echo(self) -> None:
        """Ask whether the archive is there. Raises LineFailure."""
        from pynetdicom import build_context

        with self._line.associated([build_context(contexts.VERIFICATION)], "C-ECHO") as association:
            self._line.check(association, association.send_c_echo(), "C-ECHO")

    def find_studies(
        self,
        *,
        patient_id: str = "",
        patient_name: str = "",
        accession: str = "",
        dates: str = "",
        modality: str = "",
        study_uid: str = "",
    ) -> tuple[StudyFacts, ...]:
        """The studies that match; empty filters ask for all. ``dates`` is a DA value or range.

        Raises:
            LineFailure: unreachable, refused or failed.
        """
        keys = dict.fromkeys(STUDY_KEYS, "") | {
            "PatientID": patient_id,
            "PatientName": patient_name,
            "AccessionNumber": accession,
            "StudyDate": dates,
            "ModalitiesInStudy": modality,
            "StudyInstanceUID": study_uid,
        }
        found = self._find("STUDY", keys, STUDY_KEYS)
        return tuple(study_of(texts) for texts in found if texts["StudyInstanceUID"])

    def find_series(self, study_uid: str) -> tuple[RemoteSeries, ...]:
        """The series of a study. Raises LineFailure."""
        keys = dict.fromkeys(SERIES_KEYS, "") | {"StudyInstanceUID": study_uid}
        found = self._find("SERIES", keys, SERIES_KEYS)
        return tuple(
            RemoteSeries(
                series_uid=texts["SeriesInstanceUID"],
                modality=texts["Modality"],
                number=number_of(texts["SeriesNumber"]),
                description=texts["SeriesDescription"],
                body_part=texts["BodyPartExamined"],
                instance_count=number_of(texts["NumberOfSeriesRelatedInstances"]),
            )
            for texts in found
        )

    def find_objects(self, study_uid: str, series_uid: str) -> tuple[RemoteInstance, ...]:
        """The objects of a series with their classes. Raises LineFailure."""
        keys = dict.fromkeys(IMAGE_KEYS, "") | {
            "StudyInstanceUID": study_uid,
            "SeriesInstanceUID": series_uid,
        }
        found = self._find("IMAGE", keys, IMAGE_KEYS)
        return tuple(
            RemoteInstance(
                sop_uid=texts["SOPInstanceUID"],
                series_uid=series_uid,
                sop_class=texts["SOPClassUID"],
            )
            for texts in found
        )

    def list_objects(
        self, study_uid: str, series_uid: str | None = None
    ) -> tuple[RemoteInstance, ...]:
        """The objects of a study or of one of its series, with their classes. Raises LineFailure."""
        if series_uid is not None:
            return self.find_objects(study_uid, series_uid)
        found: list[RemoteInstance] = []
        for series in self.find_series(study_uid):
            found += self.find_objects(study_uid, series.series_uid)
        return tuple(found)

    def find_instances(self, study_uid: str, series_uid: str | None = None) -> tuple[str, ...]:
        """The SOP Instance UIDs of a study or of one of its series. Raises LineFailure."""
        return tuple(found.sop_uid for found in self.list_objects(study_uid, series_uid))

    def get(
        self,
        study_uid: str,
        series_uid: str | None = None,
        sop_uids: Sequence[str] | None = None,
        *,
        sink: Callable[[ReceivedObject], None],
        progress: Callable[[int, int], None] = unwatched,
        cancelled: Callable[[], bool] = never,
        listed: Sequence[RemoteInstance] | None = None,
    ) -> Retrieval:
        """Retrieve a study, one series, or named objects of a series; each goes to ``sink`` as it came.

        ``sink`` runs on another thread; its bytes are valid only inside the call. What it raises ends the transfer
        and is raised here. When ``cancelled`` turns true the transfer ends and what came so far is reported.
        ``listed`` are the objects of study or series where the caller has asked for them already.

        Raises:
            LineFailure: unreachable, refused or failed; what had come before went to the sink.
        """
        wanted = self.list_objects(study_uid, series_uid) if listed is None else listed
        if sop_uids is not None:
            named = set(sop_uids)
            wanted = [found for found in wanted if found.sop_uid in named]
        if not wanted:
            return Retrieval(received=0, failed=0)
        classes = sorted({found.sop_class for found in wanted if found.sop_class})
        taking = Taking(sink=sink, progress=progress, cancelled=cancelled, total=len(wanted))
        failed = 0
        progress(0, len(wanted))
        with self._line.associated(contexts.retrieval(classes), "C-GET", taking) as association:
            for keys in retrieval_keys(study_uid, series_uid, sop_uids, wanted):
                failed += self._get_once(association, keys, taking)
        return Retrieval(received=taking.received, failed=failed)

    def get_bytes(
        self, study_uid: str, series_uid: str, sop_uids: Sequence[str]
    ) -> tuple[bytes, ...]:
        """Named objects of a series as PS3.10 files in memory; what the archive does not have is left out."""
        taken: list[bytes] = []
        self.get(
            study_uid,
            series_uid,
            sop_uids,
            sink=lambda received: taken.append(received.file_bytes()),
        )
        return tuple(taken)

    def store(self, content: bytes) -> StoreAnswer:
        """Send one PS3.10 file as it is. Raises LineFailure where the line fails, not where the archive refuses."""
        return self.store_all([content])[0]

    def store_all(self, contents: Sequence[bytes]) -> tuple[StoreAnswer, ...]:
        """Send PS3.10 files as they are over one association.

        Returns:
            one answer per file, in order; a status above 0xA000 is the archive's refusal of that object.

        Raises:
            LineFailure: the line failed; which objects arrived is unknown.
        """
        wires = [wire_object(content) for content in contents]
        answers: list[StoreAnswer] = []
        for start in range(0, len(wires), self._store_batch):
            answers += self._store_some(wires[start : start + self._store_batch])
        return tuple(answers)

    def _store_some(self, wires: Sequence[WireObject]) -> list[StoreAnswer]:
        pairs = [(wire.sop_class, wire.transfer_syntax) for wire in wires]
        answers = []
        with self._line.associated(contexts.storage(pairs), "C-STORE") as association:
            for number, wire in enumerate(wires, start=1):
                context = context_for(association, wire.sop_class, wire.transfer_syntax)
                if context is None:
                    answers.append(StoreAnswer(sop_uid=wire.sop_uid, status=0x0122))
                    continue
                status = send_object(association, wire, context, number)
                if "Status" not in status:
                    raise self._line.silence(association, "C-STORE")
                comment = str(status.get("ErrorComment", ""))
                answers.append(
                    StoreAnswer(sop_uid=wire.sop_uid, status=int(status.Status), comment=comment)
                )
        return answers

    def _find(
        self, level: str, keys: Mapping[str, str], wanted: Sequence[str]
    ) -> list[dict[str, str]]:
        from pynetdicom import build_context

        plain = [contexts.EXPLICIT_LITTLE, contexts.IMPLICIT_LITTLE]
        proposed = [build_context(contexts.STUDY_ROOT_FIND, plain)]
        found = []
        with self._line.associated(proposed, "C-FIND") as association:
            question = identifiers.question(level, keys)
            for status, answer in association.send_c_find(question, contexts.STUDY_ROOT_FIND):
                self._line.check(association, status, "C-FIND")
                if answer is not None:
                    found.append(identifiers.texts(answer, wanted))
        return found

    def _get_once(self, association: Any, keys: Mapping[str, str], taking: Taking) -> int:
        """One C-GET; returns how many objects the archive could not send."""
        level = keys["QueryRetrieveLevel"]
        question = identifiers.question(level, {k: v for k, v in keys.items() if k[0] != "Q"})
        failed = 0
        for status, _ in association.send_c_get(question, contexts.STUDY_ROOT_GET):
            if taking.error is not None:
                association.abort()
                raise taking.error
            if taking.cancelled():
                association.abort()
                return failed
            failed = int(status.get("NumberOfFailedSuboperations", 0) or 0)
            if status.get("Status") not in {0xB000, 0xA702}:
                self._line.check(association, status, "C-GET")
        return failed
