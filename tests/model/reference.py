"""The reference of bookings: the product in two hundred slow lines, for a few zones, without a
store.

Every deadline that has passed is carried out before the reference is asked, as if a sweep ran every
second. Real sweeps may be late, but no answer may show it. Only the instant at which a reminder
left comes from the life: its mail starts the wait for an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.sites.policy import METERED_LIMIT, Policy
from chalicelib.domain.sites.site import default_policy
from tests import builders
from tests.model import arrangement
from tests.model.arrangement import Taker

NUMBERS = ("A-001", "A-002")
PARKING: dict[str, Policy] = {
    "metered": builders.METERED,
    "timed": builders.TIMED,
    "timer": builders.TIMER,
    "rationed": Policy(auto_checkout_after=None, no_show_after=20, quota_per_user=2),
}
VENUES: dict[str, Policy] = {
    "halls": builders.VENUE,
    "stage": Policy(
        check_in="staff", auto_checkout_after=None, no_show_after=30, quota_per_user=2,
        confirmation=True,
        reminder_lead=600, auto_cancel_lead=90, min_confirm_window=45,
    ),
}  # fmt: skip
ROOMS: dict[str, Policy] = {
    "rooms": default_policy("room"),
    "suites": replace(
        default_policy("room"),
        early_check_in=180, auto_checkout_after=1, overstay_grace=120, no_show_after=1080,
        claim_window=30,
    ),
}  # fmt: skip
ZONES = PARKING | VENUES | ROOMS
FREE_OF_CHARGE = frozenset({"timer", *VENUES})
LIVE = (Status.PENDING, Status.BOOKED, Status.ACTIVE)
MINUTE = timedelta(minutes=1)


@dataclass
class Known:
    """One booking as it must be. `unanswered` while it must still be confirmed that the guest will
    come, `reminded_at` when the mail that asks for it left, `given_up_at` when time ran out.
    `promise` counts how often it was asked for: once, and again with every other start. A
    `provisional` one has named no space. One whose fee is to be paid is held until `lapses_at`."""

    booking_id: str
    zone: str
    number: str
    booked: Interval
    status: Status
    came: datetime | None = None
    left: datetime | None = None
    owed: bool = False
    unanswered: bool = False
    reminded_at: datetime | None = None
    given_up_at: datetime | None = None
    promise: int = 0
    provisional: bool = False
    lapses_at: datetime | None = None

    def agrees_with(self, stored: Booking) -> bool:
        """Whether a booking that was just read agrees with this one."""
        given_up = stored.auto_cancel
        return (
            self.status, self.number, self.booked, self.came, self.left, self.owed,
            self.unanswered, self.given_up_at, self.provisional,
        ) == (
            stored.status, stored.number, stored.booked, stored.actual_start, stored.actual_end,
            stored.payment_status == "due", stored.confirmed_at is None, given_up and given_up.at,
            stored.provisional,
        )  # fmt: skip

    @property
    def policy(self) -> Policy:
        return ZONES[self.zone]

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def stays_on(self) -> bool:
        """Whether time does not end its stay."""
        by_hand = self.zone not in PARKING and self.policy.check_in != "none"
        return by_hand and self.policy.auto_checkout_after is None

    def overstays(self, now: datetime) -> bool:
        """Whether its guest should have left."""
        return self.status is Status.ACTIVE and self.booked.end <= now

    @property
    def remind_at(self) -> datetime:
        return self.booked.start - self.policy.reminder_lead * MINUTE

    def give_up_at(self) -> datetime | None:
        """When it is cancelled unless it is confirmed; None before the reminder has left, and where
        the time to answer is not over before the start."""
        if not self.unanswered or self.reminded_at is None:
            return None
        latest = self.booked.start - self.policy.auto_cancel_lead * MINUTE
        at = max(latest, self.reminded_at + self.policy.min_confirm_window * MINUTE)
        return at if at < self.booked.start else None

    def ask(self, now: datetime) -> None:
        """Made or moved `now`: a confirmation is asked for, or counts as given."""
        self.unanswered = self.policy.confirmation and now < self.remind_at
        self.reminded_at, self.promise = None, self.promise + 1

    def move_to(self, interval: Interval, now: datetime) -> None:
        """Another time; another start needs another confirmation."""
        asks = interval.start != self.booked.start
        self.booked = interval
        if asks:
            self.ask(now)

    def settle(self, now: datetime) -> None:
        """Carry out the deadlines that have passed."""
        if self.status is Status.PENDING and self.lapses_at is not None and now >= self.lapses_at:
            self.status = Status.EXPIRED
        given_up = self.give_up_at()
        if self.status is Status.BOOKED and given_up is not None and now >= given_up:
            self.status, self.given_up_at = Status.CANCELLED, given_up
        if self.status is Status.BOOKED and now >= self._lapse():
            self._lapse_or_begin()
        limit = self._limit() if self.status is Status.ACTIVE else None
        if limit is not None and now >= limit:
            self.status, self.left = Status.COMPLETED, limit
            self.owed = self.zone not in FREE_OF_CHARGE

    def _lapse(self) -> datetime:
        if self.policy.check_in == "none":
            return self.booked.start
        late = (self.policy.no_show_after or 10**6) * MINUTE
        return min(self.booked.start + late, self.booked.end)

    def _lapse_or_begin(self) -> None:
        if self.policy.check_in == "none":
            self.status, self.came = Status.ACTIVE, self.booked.start
        else:
            self.status = Status.EXPIRED

    def _limit(self) -> datetime | None:
        """When time ends its stay; None where guests stay until they are checked out."""
        assert self.came is not None
        if self.policy.check_in == "none":
            return self.booked.end
        if self.zone not in PARKING:
            grace = self.policy.overstay_grace * MINUTE
            return None if self.stays_on else self.booked.end + grace
        if self.policy.auto_checkout_after is None:
            return max(self.came + METERED_LIMIT, self.booked.end)
        return self.came + self.policy.auto_checkout_after * MINUTE

    def planned_end(self) -> datetime:
        """Its booked end, or the fixed time after which a car park ends a stay."""
        fixed = self.zone in PARKING and self.policy.auto_checkout_after is not None
        limit = self._limit() if fixed and self.status is Status.ACTIVE else None
        return limit or self.booked.end

    @property
    def holds(self) -> Interval:
        """The time it keeps its space from others."""
        return self.booked if self.came is None else _from(self.booked, self.came)

    def stands_in_the_way(self, interval: Interval, now: datetime) -> bool:
        """Whether it keeps its space from others for `interval`."""
        if not self.is_live:
            return False
        mine = self.holds
        return mine.overlaps(interval) or (interval.start <= now and mine.end <= now)

    def makes_way(self, now: datetime) -> bool:
        """Whether it might be given another space: none was named, and it has not begun."""
        return self.provisional and self.status is Status.BOOKED and now < self.booked.start


@dataclass
class Reference:
    """Every booking, live or over, and every space. `held` gives the offers by number, those of
    `loose` named no space, `is_closed` says whether there is a blackout in the way, and `shut` are
    the spaces that cannot be had from an instant on."""

    bookings: dict[str, Known] = field(default_factory=dict)
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(lambda: {*NUMBERS}))
    held: Callable[[str, datetime], Mapping[str, Iterable[Interval]]] = lambda zone, now: {}
    loose: Callable[[str, datetime], Mapping[str, Iterable[Interval]]] = lambda zone, now: {}
    is_closed: Callable[[str, Interval], bool] = lambda zone, interval: False
    shut: Callable[[str, datetime], set[str]] = lambda zone, start: set()

    def add(self, made: Booking, now: datetime) -> Known:
        known = Known(made.booking_id, made.zone_id, made.number, made.booked, Status.BOOKED)
        known.provisional, known.lapses_at = made.provisional, made.lapses_at
        if known.lapses_at is not None:
            known.status = Status.PENDING
        known.ask(now)
        self.bookings[made.booking_id] = known
        return known

    def settle(self, now: datetime) -> None:
        for known in self.bookings.values():
            known.settle(now)

    def free(
        self,
        zone: str,
        numbers: Iterable[str],
        interval: Interval,
        now: datetime,
        *,
        but: Known | None = None,
    ) -> set[str]:
        """The spaces that can be booked for `interval`; `but` is not in the way."""
        if self.is_closed(zone, interval):
            return set()
        return self.empty(zone, numbers, interval, now, but=but)

    def empty(
        self,
        zone: str,
        numbers: Iterable[str],
        interval: Interval,
        now: datetime,
        *,
        but: Known | None = None,
    ) -> set[str]:
        """The spaces that are not taken; a blackout does not count for those who have booked."""
        held = self.held(zone, now)
        kept = {number for number in held if any(map(interval.overlaps, held[number]))}
        taken = {
            known.number
            for known in self.bookings.values()
            if known is not but and known.zone == zone and known.stands_in_the_way(interval, now)
        }
        return set(numbers) - taken - kept

    def committed(self, change: Change) -> None:
        """Learn which bookings have made way in a change that was just written."""
        for record in change.saves:
            if not isinstance(record, Booking) or record.timeline[-1].what != "rearranged":
                continue
            known = self.bookings[record.booking_id]
            if known.number != record.number:
                assert known.makes_way(record.updated_at), known
                shut = self.shut(known.zone, known.booked.start) - _put_back(change, known.zone)
                assert record.number not in shut, record
                known.number = record.number

    def obtainable(
        self,
        zone: str,
        numbers: Iterable[str],
        interval: Interval,
        now: datetime,
        *,
        but: Known | None = None,
    ) -> set[str]:
        """The spaces that can be booked for `interval` if others make way."""
        if self.is_closed(zone, interval):
            return set()
        among = set(numbers) - self.shut(zone, interval.start)
        if interval.start <= now:
            among -= {k.number for k in self._live_in(zone) if k is not but and k.holds.end <= now}
        others = arrangement.near(interval, self._takers(zone, now, but))
        return arrangement.obtainable(interval, among, others)

    def fits(self, zone: str, interval: Interval, count: int, now: datetime) -> bool:
        """Whether so many spaces can be booked at once for `interval`."""
        among = frozenset(self.numbers[zone])
        others = arrangement.near(interval, self._takers(zone, now, None))
        return arrangement.fits([arrangement.Taker(interval, among)] * count, others)

    def _live_in(self, zone: str) -> list[Known]:
        return [k for k in self.bookings.values() if k.zone == zone and k.is_live]

    def _takers(self, zone: str, now: datetime, but: Known | None) -> list[Taker]:
        takers = [
            self._taker(zone, known.holds, known.number, known.makes_way(now))
            for known in self._live_in(zone)
            if known is not but
        ]
        loose = self.loose(zone, now)
        for number, intervals in self.held(zone, now).items():
            for each in intervals:
                takers.append(self._taker(zone, each, number, each in loose.get(number, ())))
        return takers

    def _taker(self, zone: str, interval: Interval, number: str, makes_way: bool) -> Taker:
        if not makes_way:
            return Taker(interval, frozenset({number}))
        elsewhere = self.numbers[zone] - self.shut(zone, interval.start)
        return Taker(interval, frozenset({number, *elsewhere}))

    def outstayer(self, known: Known, now: datetime) -> bool:
        """Whether a guest who should have left is still in its space."""
        return any(
            other.is_live and other.booked.end <= now
            for other in self.bookings.values()
            if other is not known and (other.zone, other.number) == (known.zone, known.number)
        )


def _put_back(change: Change, zone: str) -> set[str]:
    """The rooms that a change puts back into service."""
    return {
        edit.number
        for edit in change.rooms
        if edit.zone_id == zone and edit.was is Condition.OUT_OF_SERVICE
    }


def _from(interval: Interval, start: datetime) -> Interval:
    return interval.starting(min(interval.start, start))
