"""The bill of a stay as it is presented at the exit, before it is paid (docs/rules/checkout.md)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.stays import check_out as rules
from chalicelib.domain.stays import online_exit
from chalicelib.domain.stays.online_exit import may_leave
from chalicelib.gateways.payments.protocol import GatewayRefused
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking
from chalicelib.services.stays import check_out

log = logging.getLogger("berth")


@dataclass(frozen=True)
class Quote:
    """The bill of a stay as it is presented before it is paid: as of `at`, and until when it
    holds (None where the stay has ended). `may_leave` where the gate may open all the same: the
    bill was paid online, or the car is let out unpaid."""

    booking: Booking
    bill: Bill
    at: datetime
    until: datetime | None
    may_leave: bool = False


def quote_exit(deps: Deps, actor: Actor, code: str, *, plate: str | None) -> Quote:
    """Freeze the bill of a stay and present it: one read, and one transaction unless a bill that
    was presented before still holds. Of a stay that has ended unpaid the bill that is due, of one
    that was just paid online its bill. The gateway is asked before a bill is made anew that is
    being paid. Raises UnknownCode, Forbidden, PlateMismatch, NotCheckedIn, AlreadyEnded."""
    claims = deps.tokens.read_qr(code)

    def once() -> Quote:
        booking = check_out.read_at_gate(deps, actor, claims, plate)
        with audit_events.about(booking.booking_id, booking.site):
            return _quoted(deps, booking, deps.now())

    return deps.retry_on_conflict(once)


def _quoted(deps: Deps, booking: Booking, now: datetime) -> Quote:
    if _is_being_paid_late(booking, now):
        booking = asked(deps, booking)
    if booking.bill is not None and (rules.amount_due(booking) or may_leave(booking, now)):
        return ended_quote(booking, now)
    # What the answer shows is read before the commit: after it nothing may fail.
    tz = places.site_of(deps, booking).tz
    places.zone_of(deps, booking)
    if not booking.is_live or rules.quote_until(booking, now) is None:
        change = rules.quote(booking, at=now)
        deps.commit(change)
        booking = change.booking
    bill = rules.bill_at(booking, now, tz)
    return Quote(booking, bill, booking.quoted_at or now, rules.quote_until(booking, now))


def ended_quote(booking: Booking, now: datetime) -> Quote:
    """The bill of a stay that has ended, or of a no-show."""
    assert booking.bill is not None
    left = may_leave(booking, now) or online_exit.is_let_out(booking)
    return Quote(booking, booking.bill, booking.actual_end or now, None, left)


def _is_being_paid_late(booking: Booking, now: datetime) -> bool:
    """Whether a payment is awaited for a bill that holds no more."""
    is_old = booking.status is Status.ACTIVE and rules.quote_until(booking, now) is None
    return is_old and online.awaited(booking) is not None


def asked(deps: Deps, booking: Booking) -> Booking:
    """The booking after its gateway was asked for the payment that is awaited: one call, and one
    transaction where something is new. A gateway that does not answer changes nothing."""
    payment = online.awaited(booking)
    if payment is None or payment.state != "open":
        return booking
    try:
        return asking.ask_read(deps, booking, payment, source="api")
    except (errors.Unavailable, GatewayRefused) as failure:
        facts = {"payment": payment.reference, "why": str(failure)}
        log.warning("order not asked about", extra=facts)
        return booking
