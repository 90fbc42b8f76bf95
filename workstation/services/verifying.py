"""Proof on demand: are signatures, journals, levels, released reports and the audit chain what they claim to be?

Every byte is judged anew in the child; what the store once noted about a signature counts for nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.domain.act import ActKind
from workstation.domain.errors import CosightError
from workstation.domain.journal import JournalReport, inspect
from workstation.domain.report import SignedAct, fold
from workstation.services.reading_back import ReadBack
from workstation.services.sending import act_record
from workstation.store.acts import ActRecord

if TYPE_CHECKING:
    from workstation.services.station import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked: what, whether it holds, and why not."""

    what: str
    sound: bool
    detail: str = ""


def verify_files(station: Station, paths: Sequence[Path]) -> tuple[Finding, ...]:
    """Verify every file; then, over the acts among them, journals and the rules of the reading room."""
    findings: list[Finding] = []
    acts: list[SignedAct] = []
    for path in _files(paths):
        try:
            read = station.archive_reader.judge(path.read_bytes())
        except (CosightError, OSError) as error:
            findings.append(Finding(what=path.name, sound=False, detail=str(error)))
            continue
        detail = read.fault or (f"digest {read.digest}" if read.digest else "no signature")
        sound = bool(read.digest) and not read.fault
        findings.append(Finding(what=path.name, sound=sound, detail=detail))
        if read.act is not None:
            acts.append(SignedAct(act=read.act, digest=read.digest, fault=read.fault))
    findings += _journals(acts)
    findings += _rules(station, acts)
    return tuple(findings)


def verify_station(station: Station) -> tuple[Finding, ...]:
    """Verify everything this station holds, from the bytes up."""
    findings: list[Finding] = []
    acts: list[SignedAct] = []
    for key in sorted(station.store.acts.report_keys()):
        for record in station.store.acts.of_report(key):
            read, detail = _judged(station, record)
            findings.append(Finding(what=record.sop_uid, sound=not detail, detail=detail))
            if read is not None and read.act is not None:
                acts.append(SignedAct(act=read.act, digest=read.digest, fault=read.fault))
    findings += _released(station, acts)
    findings += _journals(acts)
    findings += _rules(station, acts)
    findings += _audited(station, acts)
    return tuple(findings)


def _judged(station: Station, record: ActRecord) -> tuple[ReadBack | None, str]:
    """An act as its bytes tell it, and what is wrong with it or with its row."""
    try:
        read = station.archive_reader.judge(record.content)
    except CosightError as error:
        return None, str(error)
    if read.fault:
        return read, read.fault
    act = read.act
    if act is None or record != act_record(act, read, record.received_at):
        return read, "The store's row says something else than the act"
    if station.histories.signed([record])[0].act != act:
        return read, "The store's decoded copy says something else than the act"
    return read, ""


def _audited(station: Station, acts: Iterable[SignedAct]) -> Iterator[Finding]:
    """The audit chain holds, names every act that was made here, and is the one that the acts were made on."""
    chain = station.store.audit.verify_chain()
    broken = "" if chain.is_whole else f"breaks at line {chain.broken_at}"
    lines = station.store.audit.lines()
    here = station.store.station.station_id
    own = {s.act.sop_uid: s.act.place.audit_head for s in acts if s.act.place.station_id == here}
    kinds = {kind.value for kind in ActKind}
    told = {line.detail for line in lines if line.what in kinds}
    heads = {"", *(line.hash for line in lines)}
    if not broken and told - own.keys():
        broken = f"names acts that are gone: {', '.join(sorted(told - own.keys()))}"
    if not broken and (cut := sorted(uid for uid, head in own.items() if head not in heads)):
        broken = f"lacks lines that acts name: {', '.join(cut)}"
    yield Finding(what="audit chain", sound=not broken, detail=broken)


def _released(station: Station, acts: Iterable[SignedAct]) -> Iterator[Finding]:
    here = station.store.station.station_id
    for signed in acts:
        reference = signed.act.publication
        if reference is None or signed.fault:
            continue
        records = station.store.publications.by_uid(reference.sop_uid)
        if not records and signed.act.place.station_id == here:
            yield Finding(what=reference.sop_uid, sound=False, detail="The release is gone")
        for record in records:
            try:
                read = station.archive_reader.judge(record.content)
            except CosightError as error:
                yield Finding(what=record.sop_uid, sound=False, detail=str(error))
                continue
            sound = not read.fault and read.digest == reference.digest
            detail = read.fault or ("" if sound else "not what was signed")
            yield Finding(what=record.sop_uid, sound=sound, detail=detail)


def _journals(acts: Iterable[SignedAct]) -> Iterator[Finding]:
    for report in inspect(acts):
        detail = _told(report)
        yield Finding(what=f"journal {report.station_id}", sound=report.is_whole, detail=detail)


def _told(report: JournalReport) -> str:
    parts = (("missing", report.missing), ("doubled", report.doubled), ("broken at", report.broken))
    return "; ".join(f"{name} {', '.join(map(str, numbers))}" for name, numbers in parts if numbers)


def _rules(station: Station, acts: Sequence[SignedAct]) -> Iterator[Finding]:
    reports: dict[str, list[SignedAct]] = {}
    for signed in acts:
        reports.setdefault(signed.act.report.key, []).append(signed)
    for key, belonging in sorted(reports.items()):
        history = fold(belonging, station.roster)
        for rejected in history.rejected:
            uid = rejected.signed.act.sop_uid
            yield Finding(what=f"report {key}", sound=False, detail=f"{uid}: {rejected.refusal}")
        if not history.rejected:
            yield Finding(what=f"report {key}", sound=True)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        else:
            yield path
