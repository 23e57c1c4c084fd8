"""A stay that is paid online at the exit: its bill is frozen, its payment is awaited, and the money
ends it (docs/rules/payments.md, At the exit)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import online, online_capture, online_refund
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.stays import check_out

PAID_ONLINE = "ONLINE"
"""The note of the check-out that a payment brought."""

SCANNED = "exit_scanned"
LET_OUT = "let_out"
"""The words on the timeline for the scan that lets a car out after its payment, and for a car that
is let out unpaid."""


def intend(
    booking: Booking,
    gateway: GatewayName,
    tz: ZoneInfo,
    *,
    by: Actor,
    source: Source,
    now: datetime,
) -> BookingChange:
    """Await a payment of the bill of a stay, as long as the bill holds: the one that was presented,
    or one that is frozen now. Raises NotCheckedIn, AlreadyEnded, NothingDue."""
    check_out.require_stay(booking)
    billed = booking
    if check_out.quote_until(booking, now) is None:
        billed = replace(check_out.quoted(booking, now), version=booking.version)
    due, until = check_out.bill_at(billed, now, tz).amount_due, check_out.quote_until(billed, now)
    assert until is not None
    if not due:
        raise errors.NothingDue()
    asked = billed.after(
        "payment_asked",
        at=now,
        by=by,
        source=source,
        note=due.text(),
        payment_method=PaymentMethod.ONLINE,
        payments=payments.closed(booking.payments),
    )
    awaiting = online.intending(asked, gateway, due, "exit", now, until)
    change = check_out.closing_lost(booking, BookingChange.of(awaiting))
    return change.sending(effect.await_payment(awaiting.payments[-1].reference))


def frozen(booking: Booking, tz: ZoneInfo) -> Bill | None:
    """The bill of a stay that was presented last, also where it holds no more, less what was paid
    since; None where none was."""
    if booking.status is not Status.ACTIVE or booking.actual_start is None:
        return None
    if booking.quoted_at is None:
        return None
    stay = Interval.of_stay(booking.actual_start, booking.quoted_at)
    return check_out.bill_of(booking, stay, tz)


def record(
    booking: Booking,
    seen: Payment,
    *,
    policy: Policy,
    tz: ZoneInfo,
    source: Source,
    now: datetime,
    entry_id: str,
) -> BookingChange | None:
    """The change that records `seen`, a payment asked for at the exit, as the gateway shows it now;
    None where nothing is new. Money for the bill that was presented last ends the stay, however
    late it comes; less than that is kept towards the bill. What a stay that has ended needs no more
    goes back."""
    bill = frozen(booking, tz)
    new = online_capture.is_new_money(booking, seen) and seen.is_settled
    if bill is None or not bill.amount_due or not new:
        return online_capture.record(
            booking, seen, policy=policy, source=source, now=now, entry_id=entry_id
        )
    if online_capture.came(booking, seen) < bill.amount_due.minor:
        return online_capture.keep(booking, seen, source=source, now=now, entry_id=entry_id)
    return _completed(booking, seen, bill, policy, source, now, entry_id)


def _completed(
    booking: Booking,
    seen: Payment,
    bill: Bill,
    policy: Policy,
    source: Source,
    now: datetime,
    entry_id: str,
) -> BookingChange:
    """The change that ends the stay with its bill; money beyond the bill goes back."""
    over = check_out.ended(
        booking, bill, by=SYSTEM, source=source, at=now, end=now, note=PAID_ONLINE
    )
    before = online.find(booking, seen.reference)
    assert before is not None
    paid = online_capture.with_money(over, before, seen, source, now)
    paid = replace(paid, payment_method=PaymentMethod.ONLINE, payment_status="paid")
    surplus = seen.kept - before.kept - bill.amount_due.minor
    back = online_refund.returning(paid, surplus, now)
    change = check_out.freed(booking, back, by=SYSTEM, source=source, policy=policy)
    money = online_refund.posted(booking, change.booking, entry_id, now)
    return online_refund.joined(change, money).sending(*online_capture.mails_of(paid, back))


def paid_at(booking: Booking) -> datetime | None:
    """When an online payment has paid a stay that has ended, and since when its car may leave; None
    where none has, or the car was let out by a scan since then."""
    if booking.status is not Status.COMPLETED or booking.payment_status == "due":
        return None
    for entry in reversed(booking.timeline):
        if entry.what == SCANNED:
            return None
        by_check_out = entry.what == Step.CHECK_OUT and entry.note == PAID_ONLINE
        if by_check_out or (entry.what == "paid" and entry.actor == SYSTEM.account_id):
            return entry.at
    return None


def may_leave(booking: Booking, now: datetime) -> bool:
    """Whether a stay was paid online so short a time ago that its car is on its way out."""
    at = paid_at(booking)
    return at is not None and now <= at + check_out.QUOTE_HOLDS


def is_let_out(booking: Booking) -> bool:
    """Whether the last step of a stay was to let its car out unpaid."""
    return booking.timeline[-1].what == LET_OUT


def let_out(
    change: BookingChange, *, by: Actor, source: Source, reason: str, now: datetime
) -> BookingChange:
    """`change`, which leaves a stay unpaid, with its car let out all the same."""
    out = change.booking.noting("let_out", at=now, by=by, source=source, note=reason)
    return replace(change, saves=(out, *change.saves[1:]))


def scanned(booking: Booking, *, by: Actor, source: Source, now: datetime) -> BookingChange:
    """Let out, once, the car of a stay that was paid online."""
    return BookingChange.of(booking.after("exit_scanned", at=now, by=by, source=source))
