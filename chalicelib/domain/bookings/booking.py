"""The booking and its steps: values in, a Change out (docs/rules/lifecycle.md, Steps).

Each step checks the state it needs, raises a named refusal, and returns everything it writes. The
time is an argument: `now`, or the instant at which a deadline fell due.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, Self

from chalicelib.domain.bookings import confirmation, short_code
from chalicelib.domain.bookings import deadline as deadlines
from chalicelib.domain.bookings.allowance import Counts
from chalicelib.domain.bookings.attachment import Attachments
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.cover import Cover
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails
from chalicelib.domain.bookings.promise import News, Promise
from chalicelib.domain.bookings.status import LIVE, WHY_OVER, Status, Step, require_step
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Sentence
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Holding, Sheets
from chalicelib.domain.occupancy.periods import Paging, of_kind
from chalicelib.domain.payments import deposit as deposits
from chalicelib.domain.payments.deposit import Deposit
from chalicelib.domain.payments.payment import Payments
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.promos.redemption import Redeemed
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import ZoneKind

PaymentStatus = Literal["pending", "partial", "paid", "refunded", "partially_refunded", "due"]


@dataclass(frozen=True)
class Booking:
    """The reservation of one space for one interval, from booked to ended.

    `booked` is the reserved interval; `actual_start` and `actual_end` are those of the stay. Its
    bill was last presented at `quoted_at`.
    `tariff` is the tariff of the zone when the booking was made: later prices do not change it.
    `paid` is the money received so far, in minor units of `currency`, `by_hand` what of it went
    back from a drawer; `payments` are those through a gateway, with their refunds. `counted` is
    true while a quota counts the booking, `counts` are its parts in allowances,
    `redeemed` the counters of its promo code. `confirmation` is
    None where no confirmation is asked for: such a booking is confirmed from the start. `group_id`
    is the id of its group, if any. A `provisional` booking has named no space, and has none
    assigned by staff. For one `cancelled_by_site` the site answers, so everything paid goes back.
    It keeps the `free_cancel_window` it was made under, in minutes; None in records of earlier
    versions.
    `listed_through` is an instant of the last page that lists a noticed overstay; None before.
    `news` is the last change of its promise, and `pass_issue` counts the passes made anew.
    `first_day` is the UTC day of its first start, where it has left that day.
    `cover` is the season pass that covers its stay, and `renewals` counts how often that has
    renewed by itself. Its `deposit` is no part of what was `paid`. Instants are UTC.

    `before` is the stored version that this one was made from; None for a new booking. It is not
    part of the record. The unit of work adds the news, so two equal bookings may differ in it.
    """

    booking_id: str
    user_id: str | None
    site: str
    zone_id: str
    number: str
    kind: ZoneKind
    status: Status
    booked: Interval
    tariff: Tariff
    created_at: datetime
    updated_at: datetime
    actual_start: datetime | None = None
    actual_end: datetime | None = None
    quoted_at: datetime | None = None
    details: BookingDetails = NO_DETAILS
    auto_checkout: bool = False
    payment_method: PaymentMethod = PaymentMethod.CASH
    payment_status: PaymentStatus = "pending"
    paid: int = 0
    by_hand: int = 0
    payments: Payments = ()
    bill: Bill | None = None
    checked_out_by: str | None = None
    counted: bool = False
    counts: Counts = ()
    redeemed: Redeemed = ()
    confirmation: Confirmation | None = None
    deadline: Deadline | None = None
    group_id: str | None = None
    provisional: bool = False
    cancelled_by_site: bool = False
    free_cancel_window: int | None = None
    attachments: Attachments = ()
    timeline: tuple[TimelineEntry, ...] = field(default=())
    listed_through: datetime | None = None
    news: News | None = field(default=None, compare=False)
    pass_issue: int = 0
    first_day: int | None = None
    cover: Cover | None = None
    renewals: int = 0
    deposit: Deposit = deposits.NONE
    version: int = 1
    before: Booking | None = field(default=None, compare=False, repr=False)

    def as_stored(self) -> Self:
        """This version after it was stored: the next one is made from it."""
        stored = self if self.before is None else replace(self, before=None)
        return replace(self, before=stored)

    @property
    def promise(self) -> Promise:
        """What its guest counts on."""
        return Promise(self.booked, self.number)

    @property
    def space_id(self) -> str:
        return f"{self.zone_id}.{self.number}"

    @property
    def room(self) -> Room:
        """Its space, as a room that is ready."""
        return Room(self.zone_id, self.number)

    @property
    def code(self) -> str:
        """Its short code: the same for good."""
        first = self.first_day
        day = short_code.day_of(self.booked.start) if first is None else first
        return short_code.of(day, self.booking_id)

    @property
    def holder(self) -> str:
        """Its name on the sheets."""
        return self.booking_id

    @property
    def locator(self) -> str:
        """The partition the booking is stored in: its customer's."""
        return self.booking_id[2:10]

    @property
    def paging(self) -> Paging:
        """The periods of its sheets: days or months."""
        return of_kind(self.kind)

    @property
    def currency(self) -> str:
        return self.tariff.currency

    @property
    def amount_paid(self) -> Money:
        return Money(self.paid, self.currency)

    @property
    def returned(self) -> int:
        """The money paid back, or on its way back, in minor units; not that of the deposit."""
        online = sum(each.returned for each in self.payments)
        return self.by_hand + online - (self.deposit_back - self.deposit.by_hand)

    @property
    def gone(self) -> int:
        """The money that has left for good, by hand or as a refund that the gateway has processed,
        in minor units; not that of the deposit."""
        online = sum(each.processed for each in self.payments)
        return self.by_hand + online - self.deposit.processed(self.payments)

    @property
    def deposit_back(self) -> int:
        """What of the deposit went back, or is on its way back, in minor units."""
        return self.deposit.back(self.payments)

    @property
    def deposit_held(self) -> int:
        """What of the deposit is held: neither given back nor kept for good."""
        return self.deposit.taken - self.deposit.kept - self.deposit_back

    @property
    def kept(self) -> int:
        """The money received and not paid back, in minor units."""
        return self.paid - self.returned

    @property
    def amount_kept(self) -> Money:
        return Money(self.kept, self.currency)

    @property
    def amount_owed(self) -> Money:
        """What a stay that has ended, or a no-show, has left unpaid."""
        if self.payment_status != "due" or self.bill is None:
            return Money.zero(self.currency)
        return self.bill.amount_due

    @property
    def prepaid(self) -> int:
        """What is kept beyond what has been billed, in minor units."""
        billed = 0 if self.bill is None else self.bill.charged.minor
        return max(self.kept - billed, 0)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def confirmed_at(self) -> datetime | None:
        """When the booking was confirmed; None while it is not."""
        return self.created_at if self.confirmation is None else self.confirmation.confirmed_at

    @property
    def auto_cancel(self) -> TimelineEntry | None:
        """The timeline entry of an auto-cancel, or None."""
        return next((entry for entry in self.timeline if entry.what == Step.AUTO_CANCEL), None)

    @property
    def was_made(self) -> bool:
        """Whether it has ever been more than a hold."""
        if self.status is Status.PENDING:
            return False
        steps = (Step.LAPSE, Step.PAY)
        last = next((e.what for e in reversed(self.timeline) if e.what in steps), None)
        return last != Step.LAPSE

    @property
    def is_free(self) -> bool:
        """Whether its tariff has no price at all."""
        return self.tariff.is_free

    @property
    def occupied(self) -> Interval:
        """The interval it takes on the sheets: an early guest takes the time before the booked
        start too."""
        start = min(self.booked.start, self.actual_start or self.booked.start)
        return self.booked.starting(start)

    @property
    def holding(self) -> Holding:
        """What it takes on the sheets."""
        return Holding(
            self.zone_id,
            self.number,
            self.occupied,
            self.holder,
            self.paging,
            self.listed_through,
            self.is_space_provisional,
            self.lapses_at,
        )

    @property
    def lapses_at(self) -> datetime | None:
        """When a hold lapses; None for a booking."""
        if self.status is not Status.PENDING or self.deadline is None:
            return None
        return self.deadline.at

    @property
    def is_space_provisional(self) -> bool:
        """Whether it may still get another space of its zone: until check-in."""
        return self.provisional and self.status in (Status.PENDING, Status.BOOKED)

    @property
    def listed_until(self) -> datetime:
        """The end of the time whose sheets list it: its end, or later for an overstay."""
        end = self.occupied.end
        through = self.listed_through
        return end if through is None else max(end, through + timedelta(seconds=1))

    def overstays(self, now: datetime) -> bool:
        """Whether its guest is still in the space after the booked end."""
        return self.status is Status.ACTIVE and self.booked.end <= now

    def others_in(self, sheets: Sheets) -> dict[str, Interval]:
        """The other holders of its space, with their intervals."""
        taken = occupancy.held(sheets).get(self.number, {})
        return {holder: interval for holder, interval in taken.items() if holder != self.holder}

    @property
    def guests_in(self) -> str | None:
        """The number of the space its guests are in, during the stay; otherwise None."""
        return self.number if self.status is Status.ACTIVE else None

    @property
    def has_mailbox(self) -> bool:
        """Whether there is a mailbox to write to: of the customer, or of a guest."""
        return self.user_id is not None or self.guest_mailbox is not None

    @property
    def guest_mailbox(self) -> str | None:
        """The address of the first guest with one, if the booking has no customer."""
        if self.user_id is not None:
            return None
        return next((guest.email for guest in self.details.guests if guest.email), None)

    def after(
        self, what: str, *, at: datetime, by: Actor, source: Source, note: str = "",
        **changes: object,
    ) -> Self:  # fmt: skip
        """The next version, with `what` on its timeline."""
        noted = self.noting(what, at=at, by=by, source=source, note=note)
        return replace(
            noted,
            version=self.version + 1,
            updated_at=at,
            **changes,  # type: ignore[arg-type]
        )

    def noting(self, what: str, *, at: datetime, by: Actor, source: Source, note: str = "") -> Self:
        """This version, with `what` on its timeline too."""
        entry = TimelineEntry(at, what, by.account_id, source, note or by.device)
        return replace(self, timeline=(*self.timeline, entry))

    def stepped(
        self, step: Step, *, at: datetime, by: Actor, source: Source, note: str = "",
        **changes: object,
    ) -> Self:  # fmt: skip
        """The next version after `step`, in the status it leads to. Raises what `require_step`
        refuses."""
        status = require_step(step, self.status)
        next_version = self.after(step.value, at=at, by=by, source=source, note=note, **changes)
        return replace(next_version, status=status)

    def require_step(self, step: Step) -> None:
        """Require a status from which `step` is legal. Raises AlreadyEntered, NotCheckedIn,
        AlreadyEnded, IllegalTransition."""
        require_step(step, self.status)

    def started(self, at: datetime, *, by: Actor, source: Source, policy: Policy) -> Self:
        """The next version, with a stay that began at `at`."""
        return self.stepped(
            Step.CHECK_IN,
            at=at,
            by=by,
            source=source,
            actual_start=at,
            deadline=self._deadline_of_stay(at, policy, renews=self.renews(policy)),
        )

    def start(self, *, by: Actor, source: Source, policy: Policy) -> BookingChange:
        """Start the stay at the booked start, in a zone without check-in. Raises AlreadyEntered,
        AlreadyEnded."""
        return BookingChange.of(
            self.started(self.booked.start, by=by, source=source, policy=policy)
        )

    def started_if_due(self, *, by: Actor, source: Source, policy: Policy, now: datetime) -> Self:
        """This version, with the stay started where an auto-start is due; otherwise unchanged."""
        due = self.deadline
        if due is None or due.kind is not DeadlineKind.AUTO_START or not due.is_due(now):
            return self
        started = self.started(self.booked.start, by=by, source=source, policy=policy)
        return replace(started, version=self.version)

    def free_to_cancel(self, policy: Policy) -> timedelta:
        """How long after it was made a cancellation pays everything back: as promised then. A later
        edit of `policy` does not change it (docs/rules/refunds.md)."""
        kept = self.free_cancel_window
        return timedelta(minutes=policy.free_cancel_window if kept is None else kept)

    def modified(self, *, by: Actor, source: Source, now: datetime) -> BookingChange:
        """Save changed details of a live booking. Raises AlreadyEnded."""
        self.require_live()
        return BookingChange.of(self.after("modified", at=now, by=by, source=source))

    def require_live(self) -> None:
        """Refuse a booking that has ended (AlreadyEnded)."""
        if not self.is_live:
            raise errors.AlreadyEnded(self.why_over)

    @property
    def why_over(self) -> Sentence:
        """Why its status refuses a step."""
        return WHY_OVER[self.status]

    def next_deadline(self, policy: Policy) -> Deadline | None:
        """The next deadline that follows from its status and `policy`, or None. A hold keeps its
        own."""
        if self.status is Status.PENDING:
            return self.deadline
        if self.status is Status.BOOKED:
            return confirmation.next_deadline(self.confirmation, self.booked, policy)
        if self.status is Status.ACTIVE and self.actual_start is not None:
            return self._deadline_of_stay(self.actual_start, policy, renews=self.renews(policy))
        return None

    def renews(self, policy: Policy) -> bool:
        """Whether its stay is to renew by itself (docs/rules/auto-renewal.md)."""
        return self.details.auto_renew and self.kind != "room" and policy.auto_renew_most > 0

    def deadline_unless_renewed(self, policy: Policy) -> Deadline | None:
        """The deadline of its stay if it does not renew; its next one before the stay."""
        if self.actual_start is None:
            return self.deadline
        return self._deadline_of_stay(self.actual_start, policy, renews=False)

    def _deadline_of_stay(self, begun: datetime, policy: Policy, *, renews: bool) -> Deadline:
        return deadlines.of_stay(
            self.booked,
            begun,
            kind=self.kind,
            policy=policy,
            listed_through=self.listed_through,
            renewed=self.renewals > 0,
            renews=renews,
        )


@dataclass(frozen=True)
class BookingChange(Change):
    """A Change that saves bookings and no other records."""

    @classmethod
    def of(cls, booking: Booking) -> Self:
        """A change that saves `booking`."""
        return cls(saves=(booking,))

    @property
    def booking(self) -> Booking:
        """The first booking it saves."""
        return self.bookings[0]

    @property
    def bookings(self) -> tuple[Booking, ...]:
        """The bookings it saves."""
        return tuple(record for record in self.saves if isinstance(record, Booking))

    def with_check_in(
        self, room: Room, policy: Policy, *, by: Actor, source: Source, at: datetime
    ) -> Self:
        """The change of a walk-in: this new booking, and its check-in to `room`."""
        booking = self.booking
        if booking.status is Status.ACTIVE:
            return self
        started = booking.started(at, by=by, source=source, policy=policy)
        first = replace(started, version=booking.version)
        entered = turnover.occupy(
            room, first.booking_id, policy, by=by, at=at, until=first.booked.end, source=source
        )
        return replace(self, saves=(first, *self.saves[1:])).turning(*entered)
