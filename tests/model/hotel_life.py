"""A hotel with everything: guests, a desk, housekeeping, a waitlist, clock changes, mails, events,
and calls that break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from chalicelib import wiring
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core.change import Change
from chalicelib.services.realtime import publish
from tests.model import event_reference
from tests.model import hotel_calendar as calendar
from tests.model.doors import DOORS
from tests.model.event_reference import EventReference
from tests.model.hall_life import A_SECOND
from tests.model.housekeeping import Housekeeping
from tests.model.invariants import Stored
from tests.model.life import steps
from tests.model.room_bookings import SITE

MOST = 100_000

BEGINS = (
    None,
    datetime(2027, 3, 26, 9, tzinfo=UTC),  # clocks go forward on the 28th
    datetime(2027, 10, 29, 20, tzinfo=UTC),  # and back on the 31st
    datetime(2026, 12, 30, 14, tzinfo=UTC),
)
HOURS = st.sampled_from([0, 0, calendar.COMES, calendar.COMES, calendar.LEAVES, calendar.LEAVES])


class HotelLife(Housekeeping):
    """A life of a hotel. Each step is held against the references of bookings, rooms, waitlist and
    events."""

    zones: ClassVar = ("rooms", "rooms", "suites")
    passing: ClassVar = (1, 30, 60, 240, 720, 1440)
    sweeping: ClassVar = (
        None, None, "auto-checkout", "auto-checkout", "expire-bookings", "waitlist-expiry",
    )  # fmt: skip

    def __init__(self) -> None:
        self.events = EventReference()
        self.guests: dict[str, tuple[Guest, ...]] = {}
        self.day = self._ordinary()
        super().__init__()
        wiring.use(self.world.deps)

    @initialize(begins=st.sampled_from(BEGINS), comes=st.sampled_from([-1, 0, 300]))
    def opens(self, begins: datetime | None, comes: int) -> None:
        """An autumn day, or shortly before clocks change, or before New Year; with two guests."""
        if begins is not None:
            self.clock.set(begins)
            self._sign_in()
        self.come(who="guest", zone="rooms", number="A-001", nights=2, door="the desk", late=comes)
        self.walk_in(zone="suites", number=None, nights=1, override=False, key=False)

    def _written(self, change: Change) -> None:
        super()._written(change)
        try:
            self.events.committed(change)
            self._guests_are_kept(change)
        except AssertionError as broken:  # a sweep goes on with the next: say it afterwards
            self.wrong.append(broken)
            raise

    @rule()
    def the_day_goes_on(self) -> None:
        """The next step of an ordinary stay, between all the others."""
        next(self.day)()

    def _ordinary(self) -> Iterator[Callable[[], None]]:
        """Guests arrive, sleep and check out, by one door after the other, from a suite a little
        late; rooms are cleaned."""
        for door, zone in zip(cycle(("the desk", "the gate", *DOORS)), cycle(self.zones[1:])):
            late = 1 if zone == "suites" else -1
            yield partial(self.come, "guest", zone, None, nights=1, door="the desk", late=0)
            yield partial(self.the_clock_strikes, calendar.LEAVES, by=late, sweep=True)
            yield partial(self.look_around, days=0)
            yield partial(self.check_out, pick=1, door=door, cash=None)
            yield lambda: self.bulk_check_out(which={1, 2})
            yield from (partial(self.make_up, which=which, from_=0) for which in range(3))
            yield lambda: self.come("other", "rooms", None, nights=1, door="the desk", late=-1)
            yield lambda: self.bulk_check_in(which={0, 1, 2})

    def _guests_are_kept(self, change: Change) -> None:
        """The guests of a booking never change."""
        for record in change.saves:
            if isinstance(record, Booking):
                assert (
                    self.guests.setdefault(record.booking_id, record.details.guests)
                    == record.details.guests
                )

    @rule(hour=HOURS, by=A_SECOND, sweep=st.booleans())
    def the_clock_strikes(self, hour: int, by: int, sweep: bool) -> None:
        """Midnight, the hour of arrival or of departure, or a second before or after it."""
        at = calendar.next_time(hour, self.clock.now()) + timedelta(seconds=by)
        self.clock.set(max(at, self.clock.now()))
        self._settled()
        steps[f"it strikes {hour}"] += 1
        if sweep:
            self._sweep("auto-checkout")

    def _look_at_everything(self) -> Stored:
        stored, deps = super()._look_at_everything(), self.world.deps
        log = deps.events.after(SITE, publish.START, limit=MOST)
        batches = deps.outbox.due(self.clock.now() + timedelta(days=9), limit=MOST)
        left = [effect for batch in batches for effect in batch.effects]
        event_reference.check_log(log, self.events.posted, left)
        if self.in_order:
            event_reference.check_order(log)
        if not left:
            event_reference.check_last(log, stored)
        self._the_desk_has_a_mail_of_each_overstay(stored)
        return stored

    def _the_desk_has_a_mail_of_each_overstay(self, stored: Stored) -> None:
        for booking in stored.bookings.values():
            noticed = sum(entry.what == "overstayed" for entry in booking.timeline)
            told = [
                of for name, of in self.posted if name == "overstay" and booking.booking_id in of
            ]
            assert len(told) == noticed, (booking, told)
