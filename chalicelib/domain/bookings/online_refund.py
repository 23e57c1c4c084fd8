"""Money of a booking that goes back, and what every movement of online money posts
(docs/rules/refunds.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking, BookingChange, PaymentStatus
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.payments import ledger, movements, paying_back
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.payments.ledger import Moved, Posting
from chalicelib.domain.pricing import bill as bills


def returning(booking: Booking, minor: int, now: datetime) -> Booking:
    """The booking with refunds of `minor` through the gateways."""
    part = min(minor, _refundable(booking))
    if part <= 0:
        return booking
    return replace(booking, payments=paying_back.pay_back(booking.payments, part, now)[0])


def _refundable(booking: Booking) -> int:
    """What may go back through the gateways of the money for the stay: not the deposit they hold,
    which goes back by itself."""
    held = 0 if booking.deposit.in_cash else booking.deposit_held
    return paying_back.refundable(booking.payments) - held


def pay_back(
    change: BookingChange, amount: Money, *, now: datetime, entry_id: str
) -> BookingChange:
    """`change`, which ends its booking without a bill, with the refund of `amount`, at most what is
    kept, of what was paid online. The rest is earned: it is billed in the same step
    (docs/rules/billing.md, What is kept)."""
    over = change.booking
    owed = min(amount.minor, over.kept)
    back = returning(over, owed, now)
    if earned := Money(over.kept - owed, over.currency):
        back = replace(back, bill=bills.kept(over.tariff, earned, on=now.date()))
    if back == over:
        return change
    return joined(change, posted(over, back, entry_id, now))


def joined(change: BookingChange, money: BookingChange) -> BookingChange:
    """`change`, which ends its booking, with the `money` that the same step moves."""
    return replace(
        change,
        saves=(money.booking, *change.saves[1:]),
        ledger=(*change.ledger, *money.ledger),
        effects=(*change.effects, *money.effects),
    )


def refund(
    booking: Booking, amount: Money, *, by: Actor, reason: str, now: datetime, entry_id: str
) -> BookingChange:
    """Pay back `amount`: through the gateways what came through them, the latest payment first; the
    rest by hand. Raises RefundTooHigh above what is kept, or for nothing."""
    if not 0 < amount.minor <= booking.kept:
        raise errors.RefundTooHigh(say("refund_most", most=booking.amount_kept))
    online = min(amount.minor, _refundable(booking))
    paid, left = paying_back.pay_back(booking.payments, online, now)[0], amount.minor - online
    if left:
        back = booking.after("refunded", at=now, by=by, source="staff_api", note=reason)
    else:
        back = replace(booking, version=booking.version + 1, updated_at=now)
    back = replace(back, payments=paid, by_hand=booking.by_hand + left)
    return posted(booking, back, entry_id, now, by=by)


def posted(
    before: Booking, after: Booking, entry_id: str, now: datetime, *, by: Actor = SYSTEM
) -> BookingChange:
    """The change that saves `after`, with its payment status, the ledger entry of what moved since
    `before`, the mail and the count of a step, and the task for refunds to ask for."""
    after = replace(after, payment_status=status_of(after))
    change = BookingChange.of(after)
    posting: Posting = {"entry_id": entry_id, "at": now, "actor": by.account_id}
    entry = ledger.moved(after, after.currency, _moved(before, after), **posting)
    if entry.lines:
        change = change.posting(entry)
    if before.status is Status.PENDING and after.status in (Status.BOOKED, Status.ACTIVE):
        change = change.with_sheets(occupancy.keep(after.holding)).sending(*_confirmed(after))
    if before.payment_status == "due" != after.payment_status and before.user_id is not None:
        debt = Debt(before.booking_id, before.site)
        change = change.counting(debt.ends(before.locator))
    return change.sending(*_asks(before, after))


def _confirmed(booked: Booking) -> Iterable[effect.Effect]:
    if booked.has_mailbox:
        yield effect.mail("booking_confirmed", booked.booking_id)


def _asks(before: Booking, after: Booking) -> Iterable[effect.Effect]:
    """A task for each payment with a refund that the gateway is to be asked for from now on."""
    for each in movements.with_refund_to_ask(before.payments, after.payments):
        yield effect.ask_gateway(each.reference)


def _moved(before: Booking, after: Booking) -> Moved:
    """What lies elsewhere after a step."""
    gateways, fees = movements.at_gateways(before.payments, after.payments)
    return Moved(
        gateways,
        fees=fees,
        cash=before.by_hand - after.by_hand + _cash_of_deposit(before, after),
        settled=before.amount_owed.minor - after.amount_owed.minor,
        prepaid=after.prepaid - before.prepaid,
        billed=after.bill if before.bill is None else None,
        untaxed=books.tax_back(after) - books.tax_back(before),
        deposits=after.deposit_held - before.deposit_held,
        forfeited=after.deposit.kept - before.deposit.kept,
        forfeited_tax=after.deposit.tax - before.deposit.tax,
    )


def _cash_of_deposit(before: Booking, after: Booking) -> int:
    """What came into a drawer for the deposit; below zero what went out."""
    taken = after.deposit.taken - before.deposit.taken if after.deposit.in_cash else 0
    return taken - (after.deposit.by_hand - before.deposit.by_hand)


def status_of(booking: Booking) -> PaymentStatus:
    """The payment status that follows from its money."""
    if booking.payment_status == "due" or not booking.paid:
        return booking.payment_status
    bill = booking.bill
    wanted = booking.tariff.booking_fee if bill is None else bill.charged.minor
    is_over = booking.status in (Status.CANCELLED, Status.EXPIRED)
    has_failed = not booking.returned and booking.payment_status in _RETURNED
    if (booking.kept >= wanted and not is_over) or has_failed:
        has_more = bill is None and bool(booking.tariff.rate or booking.tariff.bands)
        return "partial" if has_more else "paid"
    if not booking.returned:
        return booking.payment_status
    return "partially_refunded" if booking.kept else "refunded"


_RETURNED: Final = frozenset({"refunded", "partially_refunded"})
