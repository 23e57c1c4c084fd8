"""What can be paid online on the page of a pay link, and what has come of a payment: of a booking,
or of a season pass (docs/decisions/pay-page.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import dropwhile
from typing import Literal

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.site import Site
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

Outcome = Literal["due", "paid", "returned", "late", "nothing"]
"""What there is to say: something is due, or what has come of it."""


@dataclass(frozen=True)
class Payable:
    """A booking or a season pass with the amount that can be paid for it online now, until when,
    and the payment that the link is about: the one it names, otherwise the last. `is_open` says
    whether the order is open at the gateway, so that the payer may have been there."""

    subject: Booking | SeasonPass
    site: Site
    due: Money
    until: datetime | None
    payment: Payment | None
    outcome: Outcome
    is_open: bool

    @property
    def code(self) -> str:
        """How the payer knows it: the code of the booking, the plate of the season pass."""
        return self.subject.plate if isinstance(self.subject, SeasonPass) else self.subject.code


def of_booking(deps: Deps, booking: Booking, name: str) -> Payable:
    """What can be paid of a booking; `name` is that of the link."""
    awaited, due = online.awaited(booking), online.amount_due(booking)
    lapses = booking.deadline.at if booking.status is Status.PENDING and booking.deadline else None
    payment = online.find(booking, name) or awaited or _last(booking)
    over: Outcome = "late" if booking.status is Status.EXPIRED else "nothing"
    if booking.payment_status == "paid":
        over = "paid"
    return Payable(
        booking,
        places.site_of(deps, booking),
        due,
        lapses or (awaited.expires_at if awaited is not None else None),
        payment,
        _outcome(due, payment, over),
        _is_open(awaited),
    )


def of_season_pass(deps: Deps, held: SeasonPass, name: str) -> Payable:
    """What can be paid of a season pass; `name` is that of the link."""
    now = deps.now()
    awaited, due = held.awaited, held.due(now)
    payment = _of_link(held, name)
    over: Outcome = "late" if held.state(now) in ("lapsed", "over") else "nothing"
    return Payable(
        held,
        deps.catalogue.site(held.site),
        due,
        held.pay_until(now),
        payment,
        _outcome(due, payment, over),
        _is_open(awaited),
    )


def _outcome(due: Money, payment: Payment | None, over: Outcome) -> Outcome:
    """What there is to say; `over` where nothing is due and the payment has brought no money."""
    if due:
        return "due"
    if payment is not None and payment.received:
        return "returned" if payment.kept <= 0 else "paid"
    return over


def _of_link(held: SeasonPass, name: str) -> Payment | None:
    """The payment that the link of a pass is about: of the one that it names and those made after
    it, the one that is awaited, otherwise the last that brought money."""
    named = held.payments
    if name != held.pass_id:
        named = tuple(dropwhile(lambda payment: payment.reference != name, named))
    received = (payment for payment in reversed(named) if payment.received)
    return held.awaited or next(received, named[-1] if named else None)


def _last(subject: Booking | SeasonPass) -> Payment | None:
    return subject.payments[-1] if subject.payments else None


def _is_open(awaited: Payment | None) -> bool:
    return awaited is not None and awaited.order_id is not None
