"""What a gateway shows of a payment, recorded with its booking: money that books it or settles what
is due, money that goes back, refunds that are decided (docs/rules/payments.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import online_refund, reschedule
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.online import find
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import movements
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.deposit import Deposit
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
    return 0 < booking.amount_owed.minor <= came(booking, seen)


def is_part(booking: Booking, seen: Payment) -> bool:
    """Whether `seen`, which was asked for at the exit, has brought new money, but less than what
    the stay has left due since then."""
    if not (seen.purpose == "exit" and is_new_money(booking, seen)):
        return False
    return came(booking, seen) < booking.amount_owed.minor


def came(booking: Booking, seen: Payment) -> int:
    """The money that `seen` shows and the booking does not know, in minor units."""
    before = find(booking, seen.reference)
    return 0 if before is None else seen.received - before.received


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
    new. Money that the booking waits for books it, or settles what is due; less than that from the
    exit is kept towards it; any other goes back in full."""
    before = find(booking, seen.reference)
    if before is None or seen == before:
        return None
    if is_payable(booking, seen):
        wanted = seen.amount if seen.purpose == "fee" else booking.amount_owed
        paid = with_money(_after_step(booking, policy, source, now), before, seen, source, now)
        back = online_refund.returning(paid, seen.kept - before.kept - wanted.minor, now)
        change = online_refund.posted(booking, back, entry_id, now)
        return change.sending(*mails_of(paid, back))
    if is_part(booking, seen):
        return keep(booking, seen, source=source, now=now, entry_id=entry_id)
    noted = replace(booking, version=booking.version + 1, updated_at=now)
    noted = with_money(noted, before, seen, source, now)
    back = online_refund.returning(noted, min(came(booking, seen), seen.kept), now)
    change = online_refund.posted(booking, back, entry_id, now)
    return change.sending(*mails_of(noted, back))


def keep(
    booking: Booking, seen: Payment, *, source: Source, now: datetime, entry_id: str
) -> BookingChange:
    """The change that keeps the new money of `seen` towards what the stay costs: the rest is to be
    paid. Orders for more than the rest are closed."""
    before = find(booking, seen.reference)
    assert before is not None
    amount = Money(came(booking, seen), booking.currency)
    kept = booking.after("part_paid", at=now, by=SYSTEM, source=source, note=amount.text())
    kept = with_money(kept, before, seen, source, now)
    kept = replace(kept, payments=payments.closed(kept.payments))
    if booking.bill is not None:
        bill = replace(booking.bill, amount_paid=booking.bill.amount_paid + amount)
        kept = replace(kept, bill=bill)
    lost = payments.lost(booking.payments, kept.payments)
    asked = (effect.ask_gateway(each.reference) for each in lost)
    return online_refund.posted(booking, kept, entry_id, now).sending(*asked)


def mails_of(noted: Booking, back: Booking) -> Iterator[Effect]:
    """The mail about each payment of which `back` pays back more than `noted`, by itself."""
    for payment in back.payments:
        before = find(noted, payment.reference)
        if back.has_mailbox and before is not None and payment.returned > before.returned:
            yield effect.mail("payment_returned", mail_subject(payment))


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
        redeemed=again.redeemed,
        first_day=reschedule.first_day(lapsed, again.booked),
    )
    paid = record(held, seen, policy=policy, source=source, now=now, entry_id=entry_id)
    assert paid is not None
    moved = reschedule.forwarded(lapsed, paid.booking)
    return replace(
        made, saves=(*paid.saves, *made.saves[1:]), ledger=paid.ledger, effects=paid.effects
    ).saving(*moved)


def with_money(
    booking: Booking, before: Payment, seen: Payment, source: Source, now: datetime
) -> Booking:
    """This version with `seen` and its money: refunds that the gateway has decided stand on the
    timeline."""
    noted = replace(
        booking,
        paid=booking.paid + seen.received - before.received,
        payments=payments.put(booking.payments, seen),
    )
    for refund in movements.decided(before, seen):
        amount = Money(refund.minor, booking.currency).text()
        if refund.state == "processed":
            noted = noted.noting("refunded", at=now, by=SYSTEM, source=source, note=amount)
        else:
            noted = noted.noting("refund_failed", at=now, by=SYSTEM, source=source, note=amount)
    return noted


def _after_step(booking: Booking, policy: Policy, source: Source, now: datetime) -> Booking:
    """The next version, after the step that the new money is for. The deposit in the money of a
    hold is not part of what is paid."""
    if booking.status is not Status.PENDING:
        return booking.after("paid", at=now, by=SYSTEM, source=source, payment_status="paid")
    booked = booking.stepped(Step.PAY, at=now, by=SYSTEM, source=source)
    if deposit := Money(booking.tariff.deposit, booking.currency):
        booked = booked.noting(
            "deposit_taken", at=now, by=SYSTEM, source=source, note=deposit.text()
        )
        taken = Deposit(deposit.minor)
        booked = replace(booked, deposit=taken, paid=booked.paid - deposit.minor)
    booked = replace(booked, deadline=booked.next_deadline(policy))
    return booked.started_if_due(by=SYSTEM, source=source, policy=policy, now=now)
