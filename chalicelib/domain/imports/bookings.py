"""A booking of another system as one of ours: values in, a Change out (docs/migrate/import.md).

A live one takes its time on the sheets and gets the deadline, the quota and the allowances of its
zone, like one that was booked here. One that is over is history: it takes no time and no deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import allowance, confirmation
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails
from chalicelib.domain.bookings.status import LIVE, Status, Step
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.imports.imported import Imported, OldId
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays.auto_checkout import AutoCheckout

SOURCE: Final[Source] = "import"

COUNTED: Final = timedelta(days=8)
"""How long after its start a booking still counts in an allowance: a week is the longest period."""


@dataclass(frozen=True)
class OldBooking:
    """A booking as another system had it, with the place and the customer that it has here.

    `user_id` is None for a guest without an account. `ended_at` is when it was cancelled or
    expired. `charged` is the price of an ended stay, None where that is not known; `paid` is the
    money received for it. Both are minor units. One that names no space is `provisional`.
    """

    old: OldId
    zone: Zone
    number: str
    booked: Interval
    status: Status
    created_at: datetime
    user_id: str | None = None
    details: BookingDetails = NO_DETAILS
    entered_at: datetime | None = None
    left_at: datetime | None = None
    ended_at: datetime | None = None
    confirmed_at: datetime | None = None
    paid: int = 0
    charged: int | None = None
    method: PaymentMethod = PaymentMethod.CASH
    auto_checkout: bool = False
    provisional: bool = False
    reason: str = ""

    @property
    def occupied(self) -> Interval:
        """The interval that it takes on the sheets while it is live."""
        start = min(self.booked.start, self.entered_at or self.booked.start)
        return self.booked.starting(start)

    @property
    def is_live(self) -> bool:
        """Whether it takes its time."""
        return self.status in LIVE

    def as_of(self, now: datetime) -> OldBooking:
        """The booking with what time has done to it: one whose end has passed without a check-in
        is expired, or, in a zone without check-in, completed."""
        if self.status is not Status.BOOKED or self.booked.end > now:
            return self
        if self.zone.policy.check_in == "none":
            return replace(
                self,
                status=Status.COMPLETED,
                entered_at=self.booked.start,
                left_at=self.booked.end,
            )
        return replace(self, status=Status.EXPIRED, ended_at=self.booked.end)


def bring_over(
    old: OldBooking,
    *,
    booking_id: str,
    sheets: Sheets,
    tz: ZoneInfo,
    now: datetime,
    new_id: Callable[[str], str],
    mails: bool = False,
) -> BookingChange:
    """The booking with all that a booking has, and the record of its old id. `sheets` are those of
    its zone on its pages. With `mails` the customer of a live one gets its confirmation. Raises
    SpaceTaken."""
    old = old.as_of(now)
    booking = _with_steps(_booked(old, booking_id, now), old, now)
    booking = replace(booking, version=1, before=None)
    change = BookingChange.of(booking)
    if booking.is_live:
        change = _holding(change, old.zone.policy, sheets)
    steps = _allowances(old, booking, tz, now)
    if steps:
        counted = replace(booking, counts=allowance.counts(steps))
        change = replace(change, saves=(counted,)).counting(*steps)
    change = _with_money(change, old, new_id)
    if mails and booking.is_live and booking.has_mailbox:
        change = change.sending(effect.mail("booking_confirmed", booking_id))
    return change.saving(Imported(old.old, booking_id), *AutoCheckout.of(booking))


def _booked(old: OldBooking, booking_id: str, now: datetime) -> Booking:
    """The booking as it was made."""
    zone, created = old.zone, TimelineEntry(old.created_at, "created", SYSTEM.account_id, SOURCE)
    return Booking(
        booking_id=booking_id,
        user_id=old.user_id,
        site=zone.site,
        zone_id=zone.zone_id,
        number=old.number,
        kind=zone.kind,
        status=Status.BOOKED,
        booked=old.booked,
        tariff=zone.tariff,
        created_at=old.created_at,
        updated_at=old.created_at,
        details=old.details,
        payment_method=old.method,
        paid=old.paid,
        confirmation=_confirmation(old, now),
        provisional=old.provisional,
        free_cancel_window=zone.policy.free_cancel_window,
        timeline=(created,),
    )


def _confirmation(old: OldBooking, now: datetime) -> Confirmation | None:
    if not old.zone.policy.confirmation:
        return None
    if old.confirmed_at is not None:
        return Confirmation(confirmed_at=old.confirmed_at)
    return confirmation.of_new(old.booked.start, old.zone.policy, now=now)


def _with_steps(booking: Booking, old: OldBooking, now: datetime) -> Booking:
    """The booking after the steps it has taken."""
    policy = old.zone.policy
    match old.status:
        case Status.BOOKED:
            booking = replace(booking, deadline=booking.next_deadline(policy))
            return booking.started_if_due(by=SYSTEM, source=SOURCE, policy=policy, now=now)
        case Status.ACTIVE:
            entered = old.entered_at or old.booked.start
            return booking.started(entered, by=SYSTEM, source=SOURCE, policy=policy)
        case Status.COMPLETED:
            return _completed(booking, old)
        case Status.CANCELLED:
            return _over(booking, Step.CANCEL, old)
        case _:
            return _over(booking, Step.EXPIRE, old)


def _over(booking: Booking, step: Step, old: OldBooking) -> Booking:
    at = old.ended_at or booking.created_at
    over = booking.stepped(step, at=at, by=SYSTEM, source=SOURCE, note=old.reason)
    return replace(over, bill=_bill(booking, 0, None))


def _completed(booking: Booking, old: OldBooking) -> Booking:
    entered = old.entered_at or old.booked.start
    stay = Interval.of_stay(entered, old.left_at or old.booked.end)
    booking = booking.stepped(
        Step.CHECK_IN, at=entered, by=SYSTEM, source=SOURCE, actual_start=entered
    )
    bill = _bill(booking, stay.minutes, old.charged)
    due = bill is not None and bool(bill.amount_due)
    return booking.stepped(
        Step.CHECK_OUT,
        at=stay.end,
        by=SYSTEM,
        source=SOURCE,
        note="AUTO" if old.auto_checkout else "",
        actual_end=stay.end,
        auto_checkout=old.auto_checkout,
        checked_out_by=SYSTEM.account_id,
        bill=bill,
        payment_status="due" if due else "paid",
    )


def _bill(booking: Booking, minutes: int, charged: int | None) -> Bill | None:
    """The bill with the price that the old system asked for, or else with what it has kept; None
    where nothing is known."""
    if charged is None and not booking.paid:
        return None
    zero = Money.zero(booking.currency)
    price = booking.amount_paid if charged is None else Money(charged, booking.currency)
    return Bill(
        duration_minutes=minutes,
        units=1,
        rate=price,
        lines=(BillLine("Billed before", 1, price, None),),
        total=price,
        tax=(),
        booking_fee=zero,
        amount_paid=booking.amount_paid,
    )


def _holding(change: BookingChange, policy: Policy, sheets: Sheets) -> BookingChange:
    """With the time of a live booking taken, its room occupied during the stay, its quota
    counted."""
    booking = change.booking
    if any(each.overlaps(booking.occupied) for each in booking.others_in(sheets).values()):
        raise errors.SpaceTaken()
    if booking.is_free:
        booking = replace(booking, payment_status="paid")
    if policy.quota_per_user is not None and booking.user_id is not None:
        booking = replace(booking, counted=True)
        change = change.counting(Tally(booking.locator, f"quota.{booking.zone_id}", 1))
    if booking.status is Status.ACTIVE:
        entered = booking.actual_start or booking.booked.start
        change = change.turning(
            *turnover.occupy(
                booking.room,
                booking.booking_id,
                policy,
                by=SYSTEM,
                at=entered,
                until=booking.booked.end,
            )
        )
    taken = occupancy.take(booking.holding, sheets=sheets)
    return replace(change, saves=(booking,)).with_sheets(taken)


def _allowances(
    old: OldBooking, booking: Booking, tz: ZoneInfo, now: datetime
) -> tuple[Tally, ...]:
    """The steps that count it in its day and its week, which limit the bookings to come and not
    this one."""
    is_counted = booking.status is not Status.CANCELLED and old.booked.start > now - COUNTED
    if booking.user_id is None or not is_counted:
        return ()
    steps = allowance.tallies(booking.locator, old.zone.zone_id, old.zone.policy, old.booked, tz)
    return tuple(replace(step, limit=None) for step in steps)


def _with_money(
    change: BookingChange, old: OldBooking, new_id: Callable[[str], str]
) -> BookingChange:
    """With the ledger entry of what was paid and billed before, and a debt."""
    booking = change.booking
    if not (booking.paid or (booking.bill and booking.bill.charged)):
        return change
    entry = ledger.brought_over(
        booking,
        booking.bill,
        booking.amount_paid,
        entry_id=new_id("LE"),
        at=booking.updated_at,
        actor=SYSTEM.account_id,
    )
    change = change.posting(entry)
    if booking.payment_status == "due" and booking.user_id is not None:
        debt = Debt(booking.booking_id, booking.site)
        change = change.counting(debt.arises(booking.locator))
    return change
