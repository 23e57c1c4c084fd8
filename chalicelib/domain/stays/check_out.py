"""Check-out: the one way a stay ends (docs/rules/checkout.md), and payment of what stayed due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import ends
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.payments.ledger import LedgerEntry, Posting
from chalicelib.domain.payments.tender import Tender
from chalicelib.domain.pricing import bill as bills
from chalicelib.domain.pricing import covered
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.sites import nights
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.stays.auto_checkout import AutoCheckout
from chalicelib.domain.stays.earlier_end import EarlierEnd

QUOTE_HOLDS: Final = timedelta(minutes=15)
"""How long a bill that was presented holds: the customer pays what they were shown."""


def bill_at(booking: Booking, at: datetime, tz: ZoneInfo) -> Bill:
    """The bill of the stay if it ends at `at`; one that was presented holds for QUOTE_HOLDS. Raises
    NotCheckedIn before it has begun."""
    if booking.actual_start is None:
        raise errors.NotCheckedIn()
    return bill_of(booking, Interval.of_stay(booking.actual_start, _billed_until(booking, at)), tz)


def _billed_until(booking: Booking, at: datetime) -> datetime:
    quoted = booking.quoted_at
    return at if quoted is None or quote_until(booking, at) is None else min(at, quoted)


def quote_until(booking: Booking, at: datetime) -> datetime | None:
    """Until when the bill that was presented last holds; None where it holds no more at `at`."""
    if booking.quoted_at is None:
        return None
    until = booking.quoted_at + QUOTE_HOLDS
    return until if at <= until else None


def quote(booking: Booking, *, at: datetime) -> BookingChange:
    """Freeze the bill of a stay at `at`, to be presented before it is paid. Raises NotCheckedIn,
    AlreadyEnded."""
    require_stay(booking)
    return closing_lost(booking, BookingChange.of(quoted(booking, at)))


def closing_lost(booking: Booking, change: BookingChange) -> BookingChange:
    """`change`, with a task for each payment that is not awaited any more: its order is closed."""
    lost = payments.lost(booking.payments, change.booking.payments)
    return change.sending(*(effect.ask_gateway(payment.reference) for payment in lost))


def quoted(booking: Booking, at: datetime) -> Booking:
    """The next version, whose bill is frozen at `at`. What was awaited for an earlier bill is not
    awaited any more."""
    return replace(
        booking,
        version=booking.version + 1,
        updated_at=at,
        quoted_at=at,
        payments=payments.closed(booking.payments),
    )


def bill_of(booking: Booking, stay: Interval, tz: ZoneInfo) -> Bill:
    """The bill of `stay` under the tariff of the booking, with what a season pass covers of it; for
    nights see `nights.billed`."""
    tariff, booked = booking.tariff, booking.booked
    late = bills.is_late(tariff, booked.end, stay.end, tz)
    billed = nights.billed(booked, stay) if tariff.kind == "nightly" else stay
    bill = bills.make(tariff, billed, tz, paid=booking.amount_kept, late=late)
    if booking.cover is not None:
        bill = covered.bill(bill, tariff, billed, tz, until=booking.cover.until)
    return replace(bill, duration_minutes=stay.minutes)


def check_out(
    booking: Booking,
    *,
    by: Actor,
    source: Source,
    at: datetime,
    tz: ZoneInfo,
    policy: Policy,
    entry_id: str,
    tender: Tender | None,
    reason: str = "",
    earlier: EarlierEnd | None = None,
) -> BookingChange:
    """End the stay at `at`: bill it, take the `tender` (None: what is due stays due), free the
    space, close the attachments, mark the room as dirty. The bill of a stay with an `earlier` end
    follows that instant; all else happens at `at`. The `reason` of a destructive check-out, or that
    of the earlier end, stands on the timeline and in the history of the room. Raises NotCheckedIn,
    AlreadyEnded, CheckoutFailed, NotEnoughCash, Invalid for an impossible end."""
    require_stay(booking)
    if earlier is not None:
        earlier.require_within(booking, at)
        reason = earlier.note
    end = at if earlier is None else earlier.at
    bill = bill_at(booking, end, tz)
    if tender is not None:
        tender.require_covers(bill.amount_due)
    over = ended(
        booking,
        bill,
        by=by,
        source=source,
        at=at,
        end=end,
        note=reason,
        by_time=by == SYSTEM,
    )
    change = freed(
        booking, _billed(over, bill, tender), by=by, source=source, policy=policy, reason=reason
    )
    posting: Posting = {"entry_id": entry_id, "at": at, "actor": by.account_id}
    change = change.posting(*_entries(booking, bill, tender, posting))
    return change.counting(*_debts(change.booking))


def ended(
    booking: Booking,
    bill: Bill,
    *,
    by: Actor,
    source: Source,
    at: datetime,
    end: datetime,
    note: str = "",
    by_time: bool = False,
) -> Booking:
    """The next version, with a stay that has ended at `end` with `bill`; `by_time` where a deadline
    has ended it."""
    return booking.stepped(
        Step.CHECK_OUT,
        at=at,
        by=by,
        source=source,
        note="AUTO" if by_time else note,
        actual_end=end,
        auto_checkout=by_time,
        checked_out_by=by.account_id,
        deadline=None,
        bill=bill,
    )


def freed(
    booking: Booking,
    over: Booking,
    *,
    by: Actor,
    source: Source,
    policy: Policy,
    reason: str = "",
) -> BookingChange:
    """The change that saves `over`, the stay that has ended: its space is free, its room is to be
    cleaned."""
    how = f"checked out: {reason}" if reason else "checked out"
    edits = turnover.vacate(
        booking.room, booking.booking_id, policy, by=by, at=over.updated_at, how=how, source=source
    )
    change = ends.freeing(booking, over).turning(*edits)
    return change.saving(*AutoCheckout.of(over))


def _billed(ended: Booking, bill: Bill, tender: Tender | None) -> Booking:
    """The stay with its bill: paid by the tender or where nothing is due, otherwise left due."""
    if tender is None and bill.amount_due:
        return replace(ended, bill=bill, payment_status="due")
    paid = ended.paid + bill.amount_due.minor
    return replace(ended, bill=bill, paid=paid, payment_status="paid")


def require_stay(booking: Booking) -> None:
    """Require a stay that can be checked out. Raises NotCheckedIn, AlreadyEnded, CheckoutFailed."""
    booking.require_step(Step.CHECK_OUT)
    if not booking.number:
        raise errors.CheckoutFailed()


def _entries(
    booking: Booking, bill: Bill, tender: Tender | None, posting: Posting
) -> Iterator[LedgerEntry]:
    """The entry of a stay that costs something: paid at the exit, or left due."""
    if not bill.charged:
        return
    if tender is None or not bill.amount_due:
        yield ledger.left_due(booking, bill, **posting)
    else:
        yield ledger.exit_paid(booking, bill, tender.method, **posting)


def _debts(ended: Booking) -> Iterator[Tally]:
    """One unpaid stay more in the tally of the customer, where it is left due."""
    if ended.payment_status == "due" and ended.user_id is not None:
        yield _debt(ended).arises(ended.locator)


def amount_due(booking: Booking) -> Money:
    """The amount left to pay for a stay that has ended, or for a no-show; zero unless its payment
    is due."""
    return booking.amount_owed


def has_owed(booking: Booking) -> bool:
    """Whether it is a stay that has ended, or a no-show with something to pay, paid or not: a
    repeated check-out answers as the first one."""
    if booking.status is Status.COMPLETED:
        return booking.bill is not None
    return not booking.is_live and booking.bill is not None and bool(booking.bill.amount_due)


def pay_due(
    booking: Booking, tender: Tender, *, by: Actor, source: Source, at: datetime, entry_id: str
) -> BookingChange:
    """Take the `tender` for a stay that has ended unpaid, or for a no-show. Raises NothingDue,
    NotEnoughCash."""
    due = _require_due(booking)
    tender.require_covers(due)
    paid = booking.after(
        "paid",
        at=at,
        by=by,
        source=source,
        paid=booking.paid + due.minor,
        payment_status="paid",
        payments=payments.closed(booking.payments),
    )
    entry = ledger.due_paid(
        booking,
        due,
        tender.method,
        surplus=paid.prepaid - booking.prepaid,
        entry_id=entry_id,
        at=at,
        actor=by.account_id,
    )
    return _count_as_paid(BookingChange.of(paid).posting(entry), booking)


def waive(
    booking: Booking, *, by: Actor, reason: str, at: datetime, entry_id: str
) -> BookingChange:
    """Waive what is due, with a reason. Raises NothingDue."""
    due = _require_due(booking)
    waived = booking.after(
        "waived",
        at=at,
        by=by,
        source="staff_api",
        note=reason,
        payment_status="paid",
        payments=payments.closed(booking.payments),
    )
    entry = ledger.waived(booking, due, entry_id=entry_id, at=at, actor=by.account_id)
    return _count_as_paid(BookingChange.of(waived).posting(entry), booking)


def _debt(booking: Booking) -> Debt:
    return Debt(booking.booking_id, booking.site)


def _require_due(booking: Booking) -> Money:
    due = amount_due(booking)
    if not due:
        raise errors.NothingDue()
    return due


def _count_as_paid(change: BookingChange, booking: Booking) -> BookingChange:
    """With one unpaid stay less in the tally of the customer, and with the orders closed that would
    pay it once more."""
    change = closing_lost(booking, change)
    if booking.user_id is None:
        return change
    return change.counting(_debt(booking).ends(booking.locator))
