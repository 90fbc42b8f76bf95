"""``cosight report``: the whole life of a report. ``cosight sync``: the line.

One verb for each act; the words come from options, from a file, or go on from the person's draft. The rules are the
domain's: a refusal names its rule.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.cli.opening import session_of, station_at
from workstation.cli.printing import Printer, table
from workstation.domain.act import Grade, Outcome, ReportText
from workstation.domain.errors import BadInput, CosightError, NotFound
from workstation.domain.report import SignedAct, Version

if TYPE_CHECKING:
    from workstation.services.reporting import ReportCase
    from workstation.services.sessions import Session
    from workstation.services.station import Station


def declare(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this module."""
    sync = commands.add_parser(
        "sync", parents=[common], help="send what is signed, fetch what is new"
    )
    sync.add_argument("--once", action="store_true", help="one round instead of a loop")
    sync.set_defaults(run=_sync)
    report = commands.add_parser("report", parents=[common], help="write, review and sign reports")
    verbs = report.add_subparsers(required=True, metavar="VERB")
    for name, needs in _VERBS.items():
        verb = verbs.add_parser(name, parents=[common])
        verb.add_argument(
            "report",
            metavar="STUDY" if name == "new" else "REPORT",
            help="Study Instance UID, accession number or report key",
        )
        for option in needs:
            _OPTIONS[option](verb)
        verb.set_defaults(run=_act, verb=name)
    verbs.add_parser("list", parents=[common]).set_defaults(run=_list)
    show = verbs.add_parser("show", parents=[common])
    show.add_argument("report")
    show.set_defaults(run=_show)
    export = verbs.add_parser("export", parents=[common])
    export.add_argument("report")
    export.add_argument("--format", choices=("sr", "text"), default="text")
    export.add_argument("--out", type=Path, required=True)
    export.set_defaults(run=_export)


def _text_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--findings")
    verb.add_argument("--impression")
    verb.add_argument("--technique")
    verb.add_argument("--recommendation")
    verb.add_argument("--from", dest="source", type=Path,
                      help="a UTF-8 file: findings, a line of ---, impression")  # fmt: skip


def _reason(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--reason", required=True)


def _told_to(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--to", required=True)


def _grade(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--grade", choices=[g.value for g in Grade])


def _fork(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--choose", required=True, help="UID of the act whose text stands")
    verb.add_argument("--outcome", choices=[o.value for o in Outcome], default="FINAL")


_OPTIONS: Mapping[str, Callable[[argparse.ArgumentParser], None]] = {
    "text": _text_options,
    "reason": _reason,
    "to": _told_to,
    "grade": _grade,
    "fork": _fork,
}
_VERBS: Mapping[str, tuple[str, ...]] = {
    "new": ("text",),
    "edit": ("text",),
    "submit": ("text",),
    "recall": (),
    "review": (),
    "return": ("reason",),
    "release": ("to", "reason"),
    "cosign": ("text", "grade"),
    "addend": ("text",),
    "amend": ("text", "reason"),
    "withdraw": ("reason",),
    "park": ("text",),
    "hand-over": ("text", "to"),
    "take-over": ("reason",),
    "attest": (),
    "resolve": ("text", "fork"),
    "reconcile": ("reason",),
}


def _act(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        session = session_of(args, station)
        study_uid = _study_of(station, args.report)
        if args.verb in {"new", "edit"}:
            text = _text(args, _written(station, study_uid, session))
            saved = station.reporting.autosave(study_uid, session, text)
            case = station.reporting.open(study_uid)
            answer = {"report": case.identity.key, "state": case.standing.status, "saved_at": saved}
            printer.answer(answer, f"{case.identity.key}  {case.standing.status}")
            return 0
        signed = _do(args, station, session, study_uid)
        case = station.reporting.open(study_uid)
    answer = {
        "report": case.identity.key,
        "state": case.standing.status,
        "act": signed.act.sop_uid if signed else "",
        "released": signed.act.publication if signed else None,
    }
    printer.answer(answer, f"{case.identity.key}  {case.standing.status}")
    return 0


def _do(
    args: argparse.Namespace, station: Station, session: Session, study: str
) -> SignedAct | None:
    reporting = station.reporting
    written = _written(station, study, session)
    text = _text(args, written) if "findings" in args else written
    match args.verb:
        case "submit":
            coverage = station.studies.coverage(session.person.person_id, study)
            return reporting.submit(study, session, text, coverage)
        case "recall":
            return reporting.recall(study, session)
        case "review":
            return reporting.open_review(study, session)
        case "return":
            return reporting.return_(study, session, args.reason)
        case "release":
            return reporting.release_preliminary(study, session, args.to, args.reason)
        case "cosign":
            grade = Grade(args.grade) if args.grade else None
            coverage = station.studies.coverage(session.person.person_id, study)
            return reporting.cosign(study, session, text, grade, coverage)
        case "addend":
            return reporting.addend(study, session, _text(args, ReportText()))
        case "amend":
            return reporting.amend(study, session, text, args.reason)
        case "withdraw":
            return reporting.withdraw(study, session, args.reason)
        case _:
            return _do_with_draft(args, station, session, study, text)


def _do_with_draft(
    args: argparse.Namespace, station: Station, session: Session, study: str, text: ReportText
) -> SignedAct | None:
    reporting = station.reporting
    match args.verb:
        case "park":
            return reporting.park(study, session, text)
        case "hand-over":
            return reporting.hand_over(study, session, text, args.to)
        case "take-over":
            return reporting.take_over(study, session, args.reason)
        case "attest":
            return reporting.attest(study, session)
        case "reconcile":
            return reporting.reconcile_identity(study, session, args.reason)
        case _:
            chosen = reporting.open(study).history.versions.get(args.choose)
            if chosen is None:
                raise NotFound("The report has no act {uid}", uid=args.choose)
            resolved = _text(args, chosen.text)
            return reporting.resolve_fork(
                study, session, args.choose, resolved, Outcome(args.outcome)
            )


def _written(station: Station, study_uid: str, session: Session) -> ReportText:
    """The words to go on from: the person's draft, else the text of the head."""
    case = station.reporting.open(study_uid, session.person.person_id)
    if case.draft is not None:
        return case.draft.text
    head = case.history.head
    return (head.addition or head.text) if head else ReportText()


def _text(args: argparse.Namespace, start: ReportText) -> ReportText:
    from dataclasses import replace

    if args.source is not None:
        try:
            content = args.source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput("{file} cannot be read as UTF-8 text", file=args.source.name) from error
        findings, _, impression = content.partition("\n---\n")
        start = replace(start, findings=findings.strip(), impression=impression.strip())
    named = ("findings", "impression", "technique", "recommendation")
    said = {name: getattr(args, name) for name in named if getattr(args, name) is not None}
    return replace(start, **said)


def _study_of(station: Station, name: str) -> str:
    """The Study UID of a study, an accession number or a report key."""
    found = station.reporting.study_of(name)
    if found is None:
        raise NotFound("This station knows no study or report {name}", name=name)
    return found


def _list(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        cases = [station.reporting.open(uid) for uid in station.reporting.studies_with_reports()]
    rows = [
        (c.identity.key, c.standing.status.value, c.facts.accession, c.standing.first_reader,
         c.standing.second_reader)
        for c in cases
    ]  # fmt: skip
    printer.answer([_described(c) for c in cases], table(rows))
    return 0


def _show(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        case = station.reporting.open(_study_of(station, args.report), args.person)
        text = "\n\n".join(_version_text(v) for v in case.history.heads)
    lines = [f"{case.identity.key}  {case.standing.status}", *_history_lines(case), text]
    printer.answer(_described(case), "\n".join(line for line in lines if line))
    return 0


def _history_lines(case: ReportCase) -> list[str]:
    history = case.history
    lines = [
        f"{v.act.time:%Y-%m-%d %H:%M:%S%z}  {v.act.kind.value}  {v.act.actor.person_id}"
        for v in history.steps()
    ]
    lines += [f"does not count: {r.signed.act.sop_uid}: {r.refusal}" for r in history.rejected]
    if history.missing:
        lines.append(f"missing acts: {', '.join(sorted(history.missing))}")
    if history.is_fork:
        lines.append(f"FORK: {len(history.heads)} versions")
    return lines


def _version_text(version: Version) -> str:
    text = version.addition or version.text
    parts = [f"[{version.act.sop_uid}] {version.state.value}"]
    parts += [p for p in (text.technique, text.findings, text.impression, text.recommendation) if p]
    parts += [f"+ {a.findings} {a.impression}".rstrip() for a in version.addenda]
    return "\n".join(parts)


def _described(case: ReportCase) -> dict[str, object]:
    history = case.history
    prevailing = history.prevailing
    return {
        "report": case.identity.key,
        "study": case.identity.study_uid,
        "accession": case.identity.accession,
        "state": case.standing.status,
        "fork": history.is_fork,
        "heads": [_described_version(v) for v in history.heads],
        "prevailing": _described_version(prevailing) if prevailing else None,
        "rejected": [
            {"act": r.signed.act.sop_uid, "rule": r.refusal.rule, "why": str(r.refusal)}
            for r in history.rejected
        ],
        "missing": sorted(history.missing),
        "draft": case.draft,
    }


def _described_version(version: Version) -> dict[str, object]:
    return {
        "act": version.act.sop_uid,
        "kind": version.act.kind,
        "state": version.state,
        "by": version.act.actor.person_id,
        "attestor": version.attestor.person_id if version.attestor else "",
        "time": version.act.time,
        "text": version.text,
        "addenda": version.addenda,
        "addition": version.addition,
        "released": version.act.publication,
    }


def _export(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        study_uid = _study_of(station, args.report)
        content = station.reporting.exported(study_uid, args.format)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(content)
    printer.answer({"out": args.out, "bytes": len(content)}, str(args.out))
    return 0


def _sync(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        while True:
            report = station.syncing.sync_once()
            status = station.syncing.status()
            text = (
                f"confirmed {report.confirmed}, received {report.received}, offered again"
                f" {report.offered_again}, to send {status.to_send}"
            )
            told = {"report": _without_errors(report), "status": _without_errors(status)}
            printer.answer(told, text)
            for problem in report.problems:
                printer.refuse(problem)
            if args.once:
                return 1 if report.problems else 0
            time.sleep(station.settings.sync_seconds)


def _without_errors(value: Any) -> dict[str, Any]:
    """The fields of a value with its errors as sentences."""
    import dataclasses

    fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return {
        name: [str(v) for v in field]
        if isinstance(field, tuple)
        else str(field)
        if isinstance(field, CosightError)
        else field
        for name, field in fields.items()
    }
