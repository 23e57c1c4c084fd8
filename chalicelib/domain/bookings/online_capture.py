"""What a gateway shows of a payment, recorded with its booking: money that books it or settles what
is due, money that goes back, refunds that are decided (docs/rules/payments.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import online_refund, reschedule
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.online import amount_due, find
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.sites.policy import Policy


def is_new_money(booking: Booking, seen: Payment) -> bool:
    """Whether `seen` shows money that the booking does not know, and that has not gone back."""
    before = find(booking, seen.reference)
    return before is not None and seen.received > before.received and seen.kept > 0


def is_payable(booking: Booking, seen: Payment) -> bool:
    """Whether the new money of `seen` is what the booking waits for."""
    if not (is_new_money(booking, seen) and seen.is_settled):
        return False
    if seen.purpose == "fee":
        return booking.status is Status.PENDING
    return booking.payment_status == "due" and amount_due(booking) == seen.amount


def may_return(booking: Booking, seen: Payment) -> bool:
    """Whether the new money of `seen` came after its hold has lapsed: then the booking may be had
    again."""
    lapsed = booking.timeline[-1].what == Step.LAPSE
    return lapsed and seen.purpose == "fee" and is_new_money(booking, seen) and seen.is_settled


def record(
    booking: Booking,
    seen: Payment,
    *,
    policy: Policy,
    source: Source,
    now: datetime,
    entry_id: str,
) -> BookingChange | None:
    """The change that records `seen`, a payment as the gateway shows it now; None where nothing is
    new. Money that the booking waits for books it, or settles what is due; any other goes back in
    full."""
    before = find(booking, seen.reference)
    if before is None or seen == before:
        return None
    came = seen.received - before.received
    if is_payable(booking, seen):
        paid = _with_money(_after_step(booking, policy, source, now), before, seen, source, now)
        surplus = seen.kept - seen.amount.minor
        return online_refund.posted(
            booking, online_refund.returning(paid, surplus, now), entry_id, now
        )
    noted = replace(booking, version=booking.version + 1, updated_at=now)
    noted = _with_money(noted, before, seen, source, now)
    if came <= 0:
        return online_refund.posted(booking, noted, entry_id, now)
    back = online_refund.returning(noted, min(came, seen.kept), now)
    change = online_refund.posted(booking, back, entry_id, now)
    if booking.has_mailbox and back.returned > noted.returned:
        return change.sending(effect.mail("payment_returned", mail_subject(seen)))
    return change


def mail_subject(payment: Payment) -> str:
    """The subject of the mail about a payment: its booking, and which of its payments it is.

    >>> due = Money(5000, "INR")
    >>> now = datetime(2026, 11, 21)
    >>> mail_subject(Payment("BK7Q2M9X4T1NG1QR00005_2", "razorpay", due, "fee", now, now))
    'BK7Q2M9X4T1NG1QR00005/2'
    """
    return payment.reference.replace("_", "/")


def rebook(
    lapsed: Booking,
    made: BookingChange,
    seen: Payment,
    *,
    policy: Policy,
    source: Source,
    now: datetime,
    entry_id: str,
) -> BookingChange:
    """The change that books again what had lapsed, as `made` takes it, and records its money
    `seen`."""
    again = made.booking
    held = replace(
        lapsed,
        status=Status.PENDING,
        booked=again.booked,
        number=again.number,
        provisional=again.provisional,
        confirmation=again.confirmation,
        counted=again.counted,
        counts=again.counts,
        first_day=reschedule.first_day(lapsed, again.booked),
    )
    paid = record(held, seen, policy=policy, source=source, now=now, entry_id=entry_id)
    assert paid is not None
    moved = reschedule.forwarded(lapsed, paid.booking)
    return replace(
        made, saves=(*paid.saves, *made.saves[1:]), ledger=paid.ledger, effects=paid.effects
    ).saving(*moved)


def _with_money(
    booking: Booking, before: Payment, seen: Payment, source: Source, now: datetime
) -> Booking:
    """This version with `seen` and its money: refunds that the gateway has decided stand on the
    timeline."""
    noted = replace(
        booking,
        paid=booking.paid + seen.received - before.received,
        payments=payments.put(booking.payments, seen),
    )
    known = {payments.name(refund): refund.state for refund in before.refunds}
    for refund in seen.refunds:
        if refund.state != known.get(payments.name(refund), "pending"):
            amount = Money(refund.minor, booking.currency).text()
            if refund.state == "processed":
                noted = noted.noting("refunded", at=now, by=SYSTEM, source=source, note=amount)
            else:
                noted = noted.noting("refund_failed", at=now, by=SYSTEM, source=source, note=amount)
    return noted


def _after_step(booking: Booking, policy: Policy, source: Source, now: datetime) -> Booking:
    """The next version, after the step that the new money is for."""
    if booking.status is not Status.PENDING:
        return booking.after("paid", at=now, by=SYSTEM, source=source, payment_status="paid")
    booked = booking.stepped(Step.PAY, at=now, by=SYSTEM, source=source)
    booked = replace(booked, deadline=booked.next_deadline(policy))
    return booked.started_if_due(by=SYSTEM, source=source, policy=policy, now=now)
