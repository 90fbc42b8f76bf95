"""What a released report refers to: its request, its images, the documents that it continues.

PS3.3 C.17.2 and C.17.2.1. Predecessors are named with their signature and the digest that it covers, so that the
history of a report is a chain of hashes in plain DICOM. Knows no content tree.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage, ExplicitVRLittleEndian

from workstation.documents import sr_header
from workstation.documents.content import items_of, valid_uid
from workstation.documents.publication_values import EvidenceItem
from workstation.documents.signature import MAC_ALGORITHM
from workstation.domain.act import PublicationRef
from workstation.domain.errors import BadInput
from workstation.domain.study import StudyFacts

DIGEST_BYTES = 32


def request(study: StudyFacts) -> Dataset:
    """The item of the Referenced Request Sequence that links the report to its order."""
    item = Dataset()
    item.StudyInstanceUID = study.study_uid
    item.ReferencedStudySequence = []
    sr_header.copy_value(item, "AccessionNumber", study.accession)
    item.PlacerOrderNumberImagingServiceRequest = ""
    item.FillerOrderNumberImagingServiceRequest = ""
    sr_header.copy_value(item, "RequestedProcedureID", study.procedure_id)
    sr_header.copy_value(item, "RequestedProcedureDescription", study.description)
    item.RequestedProcedureCodeSequence = []
    return item


def add_evidence(dataset: Dataset, images: Sequence[EvidenceItem]) -> None:
    """Name the images: those of the document's own study as current evidence, the others as other evidence."""
    home = dataset.StudyInstanceUID
    own = [image for image in images if image.study_uid == home]
    other = [image for image in images if image.study_uid != home]
    if own:
        dataset.CurrentRequestedProcedureEvidenceSequence = _evidence(own)
    if other:
        dataset.PertinentOtherEvidenceSequence = _evidence(other)


def evidence(dataset: Dataset) -> tuple[EvidenceItem, ...]:
    """The images that the document names, those of its own study first."""
    keywords = ("CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence")
    return tuple(
        EvidenceItem(
            study_uid=study_uid,
            series_uid=series_uid,
            sop_class_uid=str(instance.ReferencedSOPClassUID),
            sop_uid=str(instance.ReferencedSOPInstanceUID),
        )
        for keyword in keywords
        for study_uid, series_uid, instance in _instances(dataset, keyword)
    )


def add_predecessors(dataset: Dataset, references: Sequence[PublicationRef]) -> None:
    """Name the documents that this one continues, each with its signature and digest."""
    if references:
        dataset.PredecessorDocumentsSequence = [_predecessor(r) for r in references]


def predecessors(dataset: Dataset) -> tuple[PublicationRef, ...]:
    """The documents that this one continues.

    Raises:
        BadInput: one that is named without its signature or digest.
    """
    return tuple(
        _reference(study_uid, series_uid, instance)
        for study_uid, series_uid, instance in _instances(dataset, "PredecessorDocumentsSequence")
    )


def _evidence(images: Iterable[EvidenceItem]) -> list[Dataset]:
    studies: dict[str, dict[str, list[Dataset]]] = {}
    for image in images:
        instance = Dataset()
        instance.ReferencedSOPClassUID = valid_uid(image.sop_class_uid, "EVIDENCE")
        instance.ReferencedSOPInstanceUID = valid_uid(image.sop_uid, "EVIDENCE")
        series = studies.setdefault(image.study_uid, {})
        series.setdefault(image.series_uid, []).append(instance)
    return [
        _study_item(study_uid, [_series_item(s, instances) for s, instances in series.items()])
        for study_uid, series in studies.items()
    ]


def _predecessor(reference: PublicationRef) -> Dataset:
    signature = Dataset()
    signature.DigitalSignatureUID = reference.signature_uid
    signature.Signature = base64.b64decode(reference.signature, validate=True)
    mac = Dataset()
    mac.MACCalculationTransferSyntaxUID = ExplicitVRLittleEndian
    mac.MACAlgorithm = MAC_ALGORITHM
    mac.DataElementsSigned = sorted(sr_header.PUBLICATION_SIGNED)
    mac.MAC = bytes.fromhex(reference.digest)
    instance = Dataset()
    instance.ReferencedSOPClassUID = EnhancedSRStorage
    instance.ReferencedSOPInstanceUID = valid_uid(reference.sop_uid, "PREDECESSOR")
    instance.ReferencedDigitalSignatureSequence = [signature]
    instance.ReferencedSOPInstanceMACSequence = [mac]
    return _study_item(reference.study_uid, [_series_item(reference.series_uid, [instance])])


def _reference(study_uid: str, series_uid: str, instance: Dataset) -> PublicationRef:
    signatures = items_of(instance, "ReferencedDigitalSignatureSequence")
    macs = items_of(instance, "ReferencedSOPInstanceMACSequence")
    if len(signatures) != 1 or len(macs) != 1 or len(macs[0].MAC) != DIGEST_BYTES:
        raise BadInput("A predecessor is named without its signature")
    return PublicationRef(
        sop_uid=str(instance.ReferencedSOPInstanceUID),
        digest=bytes(macs[0].MAC).hex(),
        study_uid=study_uid,
        series_uid=series_uid,
        signature_uid=str(signatures[0].DigitalSignatureUID),
        signature=base64.b64encode(signatures[0].Signature).decode(),
    )


def _instances(dataset: Dataset, keyword: str) -> Iterator[tuple[str, str, Dataset]]:
    for study in items_of(dataset, keyword):
        for series in items_of(study, "ReferencedSeriesSequence"):
            for instance in items_of(series, "ReferencedSOPSequence"):
                yield str(study.StudyInstanceUID), str(series.SeriesInstanceUID), instance


def _study_item(study_uid: str, series: list[Dataset]) -> Dataset:
    item = Dataset()
    item.StudyInstanceUID = valid_uid(study_uid, "STUDY")
    item.ReferencedSeriesSequence = series
    return item


def _series_item(series_uid: str, instances: list[Dataset]) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = valid_uid(series_uid, "SERIES")
    item.ReferencedSOPSequence = instances
    return item
