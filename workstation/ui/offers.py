"""Which buttons the report panel offers in a view: one to do next, a few beside it, the rest under More.

Pure: a ``ReportView`` goes in, ``Offer`` values come out. Whether an act is legal was asked of the domain before; here
it only gets a name, a key and a place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workstation.domain.act import ActKind, ReportText
from workstation.domain.worklist import Status
from workstation.ui.report_view import Mode, ReportView
from workstation.ui.words import translate


class Place(StrEnum):
    """Where an offer stands."""

    PRIMARY = "PRIMARY"
    BESIDE = "BESIDE"
    MORE = "MORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One button. ``starts`` begins a new writing instead of doing the act; ``asks`` opens the line in place first."""

    kind: ActKind
    name: str
    text: str
    place: Place = Place.MORE
    key: str = ""
    go_on: bool = False
    asks: bool = False
    starts: bool = False
    enabled: bool = True


def offers(view: ReportView, text: ReportText) -> tuple[Offer, ...]:
    """The buttons for a view, given the text as it stands on screen."""
    match view.mode:
        case Mode.WRITE:
            return (*_writing(view, text), *_common(view))
        case Mode.REVIEW:
            return (*_reviewing(), *_common(view))
        case Mode.READ:
            return (*_reading(view), *_common(view))
        case _:
            return _common(view)


def attest_open(view: ReportView, text: ReportText) -> bool:
    """Whether a trainee's text still waits for a first-level reader to answer for it."""
    return view.needs_attest and view.attested_text != text


def _writing(view: ReportView, text: ReportText) -> tuple[Offer, ...]:
    if view.kind is None or view.kind not in view.offered:
        return (_hand_over(Place.PRIMARY), _park(Place.BESIDE))
    waits = attest_open(view, text) and ActKind.ATTEST in view.offered
    asks = view.kind is ActKind.AMEND
    dots = "…" if asks else ""
    names = {
        ActKind.SUBMIT: translate("Offers", "Submit"),
        ActKind.ADDEND: translate("Offers", "Submit addendum"),
        ActKind.AMEND: translate("Offers", "Submit amendment"),
    }
    submit = names[view.kind]
    following = translate("Offers", "{act} and next").format(act=submit)
    first: tuple[Offer, ...] = ()
    if waits:
        attest = translate("Offers", "Attest the trainee's text")
        first = (
            Offer(
                kind=ActKind.ATTEST,
                name="report.attest",
                text=attest,
                place=Place.PRIMARY,
                key="F10",
            ),
        )
    return (
        *first,
        Offer(
            kind=view.kind,
            name="report.submitNext",
            text=following + dots,
            place=Place.BESIDE if waits else Place.PRIMARY,
            key="F8",
            go_on=True,
            asks=asks,
            enabled=not waits,
        ),
        Offer(
            kind=view.kind,
            name="report.submit",
            text=submit + dots,
            place=Place.BESIDE,
            key="Ctrl+Return",
            asks=asks,
            enabled=not waits,
        ),
        *((_park(Place.MORE),) if ActKind.PARK in view.offered else ()),
        *((_hand_over(Place.MORE),) if ActKind.HAND_OVER in view.offered else ()),
    )


def _reviewing() -> tuple[Offer, ...]:
    return (
        Offer(
            kind=ActKind.COSIGN,
            name="review.cosign",
            text=translate("Offers", "Co-sign and next"),
            place=Place.PRIMARY,
            key="F9",
            go_on=True,
        ),
        Offer(
            kind=ActKind.RETURN,
            name="review.return",
            text=translate("Offers", "Return…"),
            place=Place.BESIDE,
            key="F7",
            asks=True,
        ),
    )


def _reading(view: ReportView) -> tuple[Offer, ...]:
    made = []
    if ActKind.RECALL in view.offered:
        text = translate("Offers", "Recall")
        made.append(Offer(kind=ActKind.RECALL, name="report.recall", text=text, place=Place.BESIDE))
    if ActKind.ADDEND in view.offered:
        text = translate("Offers", "Write an addendum")
        made.append(_starting(ActKind.ADDEND, "report.addendum", text))
    if ActKind.AMEND in view.offered:
        text = translate("Offers", "Write an amendment")
        made.append(_starting(ActKind.AMEND, "report.amendment", text, Place.MORE))
    if ActKind.SUBMIT in view.offered:
        anew = view.status is Status.WITHDRAWN
        again = translate("Offers", "Write a new report")
        here = translate("Offers", "Write here as well")
        made.append(_starting(ActKind.SUBMIT, "report.writeAnyway", again if anew else here))
    return tuple(made)


def _starting(kind: ActKind, name: str, text: str, place: Place = Place.BESIDE) -> Offer:
    return Offer(kind=kind, name=name, text=text, place=place, starts=True)


def _common(view: ReportView) -> tuple[Offer, ...]:
    """What stands under More wherever the rules allow it."""
    asked: tuple[tuple[ActKind, str, Callable[[], str]], ...] = (
        (
            ActKind.RELEASE_PRELIMINARY,
            "report.preliminary",
            lambda: translate("Offers", "Release as preliminary…"),
        ),
        (ActKind.TAKE_OVER, "report.takeOver", lambda: translate("Offers", "Take over…")),
        (ActKind.WITHDRAW, "report.withdraw", lambda: translate("Offers", "Withdraw the report…")),
    )
    mine = view.mode is Mode.WRITE
    made = [
        Offer(kind=kind, name=name, text=text(), asks=True)
        for kind, name, text in asked
        if kind in view.offered and not (mine and kind is ActKind.TAKE_OVER)
    ]
    if view.conflicted and ActKind.RECONCILE_IDENTITY in view.offered:
        text = translate("Offers", "Both are the same patient…")
        made.append(
            Offer(
                kind=ActKind.RECONCILE_IDENTITY,
                name="report.reconcile",
                text=text,
                asks=True,
                place=Place.BESIDE,
            )
        )
    return tuple(made)


def _park(place: Place) -> Offer:
    text = translate("Offers", "Park")
    return Offer(
        kind=ActKind.PARK, name="report.park", text=text, place=place, key="F6", go_on=True
    )


def _hand_over(place: Place) -> Offer:
    text = translate("Offers", "Hand over…")
    return Offer(kind=ActKind.HAND_OVER, name="report.handOver", text=text, place=place, asks=True)
