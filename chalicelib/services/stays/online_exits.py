"""Exits that are paid online, and cars that leave unpaid: a gate never traps a car
(docs/rules/payments.md, At the exit)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.domain.stays import check_out as rules
from chalicelib.domain.stays import online_exit
from chalicelib.gateways.passes import QrClaims
from chalicelib.services.bookings import ending
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import orders
from chalicelib.services.stays import check_out, exit_quotes
from chalicelib.services.stays.check_out import Exit
from chalicelib.services.stays.exit_quotes import Quote

BEING_OPENED: Final = timedelta(seconds=10)
"""How long another request may still be about to create an order: the longest call of a gateway,
and a little more. Nobody creates it a second time meanwhile."""


def scan_exit(
    deps: Deps,
    actor: Actor,
    code: str,
    *,
    tender: TenderRequest | None,
    plate: str | None = None,
    source: Source = "gate_exit",
) -> Exit | Quote:
    """Check out by an exit scan. Where anything is due and is to be paid online, its payment is
    awaited: the bill that is frozen, and the stay goes on until the money has come. The scan
    repeated asks the gateway, and lets the car out once it is paid. Raises what
    `check_out.scan_exit` refuses, and PaymentMethodUnavailable where there is no gateway."""
    if tender is None or tender.method is not PaymentMethod.ONLINE:
        return check_out.scan_exit(deps, actor, code, tender=tender, plate=plate, source=source)
    claims = deps.tokens.read_qr(code)
    return deps.retry_on_conflict(lambda: _scan_once(deps, actor, claims, tender, plate, source))


def _scan_once(
    deps: Deps,
    actor: Actor,
    claims: QrClaims,
    tender: TenderRequest,
    plate: str | None,
    source: Source,
) -> Exit | Quote:
    booking = check_out.read_at_gate(deps, actor, claims, plate)
    with audit_events.about(booking.booking_id, booking.site):
        deps.as_expected(booking)
        booking = exit_quotes.asked(deps, booking)
        now = deps.now()
        is_paid = online_exit.may_leave(booking, now)
        if is_paid or not check_out.amount_due(deps, booking, now):
            return check_out.exit_settled(deps, actor, booking, tender=tender, source=source)
        return _quote(deps, _awaiting(deps, actor, booking, source, now), now)


def _awaiting(deps: Deps, actor: Actor, booking: Booking, source: Source, now: datetime) -> Booking:
    """The booking with a payment that is awaited, and its order as far as the gateway answers."""
    payment = online.awaited(booking)
    if payment is None or payment.has_lost_page or not _holds(booking, payment, now):
        return _intended(deps, actor, booking, source, now)
    if payment.state == "intended" and now > payment.created_at + BEING_OPENED:
        return orders.opened(deps, booking, again=True)
    return booking


def _holds(booking: Booking, payment: Payment, now: datetime) -> bool:
    """Whether what is awaited is still what is to be paid."""
    if booking.status is Status.ACTIVE:
        return rules.quote_until(booking, now) is not None
    return payment.expires_at > now


def _intended(deps: Deps, actor: Actor, booking: Booking, source: Source, now: datetime) -> Booking:
    """The booking with a new payment: one transaction, then the call that creates its order and
    one more transaction."""
    gateway = deps.gateways.default
    if gateway is None:
        raise errors.PaymentMethodUnavailable()
    tz = places.site_of(deps, booking).tz
    if booking.status is Status.ACTIVE:
        change = online_exit.intend(booking, gateway, tz, by=actor, source=source, now=now)
    else:
        intended = BookingChange.of(online.intend(booking, gateway, now))
        change = rules.closing_lost(booking, intended)
    deps.commit(change)
    return orders.opened(deps, change.booking)


def _quote(deps: Deps, booking: Booking, now: datetime) -> Quote:
    if booking.bill is not None:
        return exit_quotes.ended_quote(booking, now)
    bill = rules.bill_at(booking, now, places.site_of(deps, booking).tz)
    return Quote(booking, bill, booking.quoted_at or now, rules.quote_until(booking, now))


def let_out(deps: Deps, actor: Actor, code: str, *, reason: str, plate: str | None = None) -> Quote:
    """Let a car out unpaid, with a reason: the stay ends, what it costs is due, and a payment that
    is on its way still pays it. One read and one transaction, audited; repeated it changes nothing.
    Raises UnknownCode, Forbidden, PlateMismatch, NotCheckedIn, AlreadyEnded."""
    claims = deps.tokens.read_qr(code)

    def once() -> Quote:
        booking = check_out.read_at_gate(deps, actor, claims, plate)
        with audit_events.about(booking.booking_id, booking.site):
            return _let_out(deps, actor, booking, reason)

    return deps.retry_on_conflict(once)


def _let_out(deps: Deps, actor: Actor, booking: Booking, reason: str) -> Quote:
    now = deps.now()
    if not (booking.amount_owed and online_exit.is_let_out(booking)):
        deps.as_expected(booking)
        change = _out(deps, actor, booking, reason, now)
        event = audit_events.of_booking(deps, actor, booking, "let_out", detail=reason)
        deps.commit(change.auditing(event))
        booking = change.booking
    assert booking.bill is not None
    return Quote(booking, booking.bill, booking.actual_end or now, None, may_leave=True)


def _out(deps: Deps, actor: Actor, booking: Booking, reason: str, now: datetime) -> BookingChange:
    """The change that ends a stay, or finds it ended unpaid, and lets its car out."""
    if booking.amount_owed:
        change = BookingChange.of(replace(booking, version=booking.version + 1, updated_at=now))
    else:
        change = ending.end_stay(deps, booking, by=actor, source="gate_exit", at=now, tender=None)
    if not change.booking.amount_owed:
        return change
    return online_exit.let_out(change, by=actor, source="gate_exit", reason=reason, now=now)
