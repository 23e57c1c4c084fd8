"""The deposit of a booking: taken in cash, given back or kept, and when it comes back by itself
(docs/rules/deposits.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.domain.bookings import online_refund
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import deposit as deposits
from chalicelib.domain.payments.deposit import Deposit
from chalicelib.domain.payments.tender import Tender
from chalicelib.domain.pricing import taxing


def to_take(booking: Booking) -> Money:
    """The deposit that is still to be taken in cash; zero where there is none, or it was taken."""
    is_open = booking.status in (Status.BOOKED, Status.ACTIVE) and not booking.deposit.taken
    return Money(booking.tariff.deposit if is_open else 0, booking.currency)


def take(
    booking: Booking, tender: Tender, *, by: Actor, source: Source, now: datetime, entry_id: str
) -> BookingChange:
    """Take the deposit in cash, into the drawer of `by`. Raises IllegalTransition where none is to
    be taken, NotEnoughCash."""
    wanted = to_take(booking)
    if not wanted:
        raise errors.IllegalTransition(say("deposit_not_due"))
    tender.require_covers(wanted)
    taken = booking.after("deposit_taken", at=now, by=by, source=source, note=wanted.text())
    taken = replace(taken, deposit=Deposit(wanted.minor, in_cash=True))
    return online_refund.posted(booking, taken, entry_id, now, by=by)


def settle(
    booking: Booking,
    keep: Money,
    *,
    by: Actor,
    source: Source,
    reason: str,
    on: date,
    now: datetime,
    entry_id: str,
) -> BookingChange:
    """Give back what is held, the way it came, less what `keep` says: that is earned, with the tax
    of the local date `on` inside it. Raises IllegalTransition while the booking is live and where
    nothing is held, Invalid where less is held."""
    held = Money(booking.deposit_held, booking.currency)
    if booking.is_live:
        raise errors.IllegalTransition(say("deposit_after_stay"))
    if not held:
        raise errors.IllegalTransition(say("deposit_not_held"))
    if keep > held:
        raise errors.Invalid({"keep": say("must_be_at_most", most=held.text())})
    settled = _given_back(booking, held - keep, by=by, source=source, now=now)
    if keep:
        settled = _kept(settled, keep, by=by, source=source, reason=reason, on=on)
    change = online_refund.posted(booking, settled, entry_id, now, by=by)
    return change.sending(*_mails(settled))


def come_back(
    booking: Booking, *, source: Source, on: date, now: datetime, entry_id: str
) -> BookingChange:
    """Give all of a deposit back that nobody has decided on in time."""
    nothing = Money.zero(booking.currency)
    return settle(
        booking, nothing, by=SYSTEM, source=source, reason="", on=on, now=now, entry_id=entry_id
    )


def deadline(booking: Booking) -> Deadline | None:
    """When the deposit of a booking that has ended comes back by itself: after a stay that is paid,
    by the days of its tariff; at once where there was no stay. One taken in cash does not."""
    deposit = booking.deposit
    if not deposit.taken or deposit.in_cash or deposit.is_decided or booking.is_live:
        return None
    if not booking.deposit_held:
        return None
    if booking.actual_start is None:
        return Deadline(DeadlineKind.DEPOSIT_RETURN, booking.updated_at)
    if booking.payment_status == "due":
        return None
    ended = booking.actual_end or booking.updated_at
    days = timedelta(days=booking.tariff.deposit_return_days)
    return Deadline(DeadlineKind.DEPOSIT_RETURN, ended + days)


def _given_back(
    booking: Booking, back: Money, *, by: Actor, source: Source, now: datetime
) -> Booking:
    deposit, payments = deposits.pay_back(booking.deposit, booking.payments, back.minor, now)
    after = replace(
        booking,
        version=booking.version + 1,
        updated_at=now,
        deadline=None,
        deposit=deposit,
        payments=payments,
    )
    if not back:
        return after
    return after.noting("deposit_returned", at=now, by=by, source=source, note=back.text())


def _kept(
    booking: Booking, keep: Money, *, by: Actor, source: Source, reason: str, on: date
) -> Booking:
    tax = sum(line.amount.minor for line in taxing.inside(booking.tariff, keep, on))
    before = booking.deposit
    deposit = replace(before, kept=before.kept + keep.minor, tax=before.tax + tax, reason=reason)
    note = f"{keep.text()}: {reason}"
    at = booking.updated_at
    noted = booking.noting("deposit_kept", at=at, by=by, source=source, note=note)
    return replace(noted, deposit=deposit)


def _mails(settled: Booking) -> tuple[effect.Effect, ...]:
    if not settled.has_mailbox:
        return ()
    return (effect.mail("deposit_settled", settled.booking_id),)
