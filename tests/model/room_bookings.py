"""Rooms that are booked by the night: bookings, other dates, the waitlist, attachments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.mail.message import Message
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.services.bookings import attachments, bookings
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests.model import hotel_calendar as calendar
from tests.model.broken_calls import BrokenCalls
from tests.model.customers import NUMBER, ZONE, Asked
from tests.model.life import PICK
from tests.model.reference import ZONES, Known
from tests.model.waitlist import OFTEN, SELDOM, WHO, Waitlist

SITE, DESK = "hotel", "desk@hotel.example"
ROOMS_EACH = {"rooms": 3, "suites": 2}
NIGHTLY = Tariff("nightly", "EUR", 12000, late_fee=3000)
GUEST = Guest("Ravi", email="ravi@example.com")
FOR_GUEST = BookingDetails(guests=(GUEST,))
COMES = st.sampled_from(["user", "other", "guest", "guest"])
DAYS = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 5])
NIGHTS = st.sampled_from([1, 1, 1, 2, 3, 7])
EARLIER_OR_LATER = st.sampled_from([-2, -1, 0, 0, 1, 1, 3])
KIND = st.sampled_from(["push_token", "chat_session"])


class RoomBookings(BrokenCalls, Waitlist):
    """A life in which rooms are booked by the night: by customers, or at the desk."""

    contact = DESK
    book = book_behind = renew = move = join = None  # type: ignore[assignment]

    def _add_zone(self, zone: str) -> None:
        if self.world.staff.works_at("central"):
            self._open_the_hotel()
        self.world.add_zone(
            zone, ZONES[zone], spaces=ROOMS_EACH[zone], site=SITE, kind="room", tariff=NIGHTLY
        )

    def _open_the_hotel(self) -> None:
        """A hotel that publishes its events, with staff and an owner."""
        world = self.world
        world.site = world.add_site(
            SITE, timezone="Europe/Dublin", currency="EUR", realtime=True, contact=DESK
        )
        world.staff = world.add_account("desk", Role.STAFF, SITE)
        world.owner = world.add_account("manager", Role.OWNER, SITE)

    def _overstay_leaves(self, subject_id: str, message: Message) -> None:
        booking_id = subject_id.partition("__")[0]
        known = self.reference.bookings[booking_id]
        end = str(known.booked.end)
        self._leaves((f"overstay {end}", booking_id, known.promise), message)
        assert message.to == DESK
        assert known.overstays(self.clock.now()), known

    def _address(self, booking_id: str) -> str:
        of_desk = self.owner[booking_id] == self.world.staff
        return str(GUEST.email) if of_desk else super()._address(booking_id)

    @rule(who=COMES, zone=ZONE, number=NUMBER, days=DAYS, nights=NIGHTS, says=PICK)
    def book_nights(
        self, who: str, zone: str, number: str | None, days: int, nights: int, says: int
    ) -> None:
        """From today or a later day on, by dates or by nights; sometimes the same request twice."""
        actor = self.world.staff if who == "guest" else getattr(self.world, who)
        now = self._settled()
        arrives = calendar.date_of(now) + days * calendar.A_DAY
        interval = calendar.stay(arrives, nights, now)
        order = Order(
            zone, number, calendar.as_day(arrives),
            calendar.as_day(arrives + nights * calendar.A_DAY) if says % 2 else None,
            nights=None if says % 2 else nights, details=FOR_GUEST,
        )  # fmt: skip
        numbers = {number} if number else self.reference.numbers[zone]
        once = says > 5 or self.trouble is not None
        self._booked(
            actor,
            Asked(zone, frozenset(numbers), interval),
            once,
            lambda deps: bookings.book(deps, actor, order),
        )

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, first=EARLIER_OR_LATER, last=EARLIER_OR_LATER, keep=st.booleans())
    def change_dates(self, pick: int, first: int, last: int, keep: bool) -> None:
        """Another date of arrival for as many nights (`keep`), or another date of departure."""
        known, now = self._pick(pick), self._settled()
        booked = known.booked
        if keep:
            arrives = calendar.date_of(booked.start) + first * calendar.A_DAY
            wanted = calendar.stay(arrives, calendar.count(booked), now)
            if not first:
                wanted = booked
            act = lambda: self._modify(known, start=calendar.as_day(arrives))  # noqa: E731
        else:
            leaves = calendar.date_of(booked.end) + last * calendar.A_DAY
            end = calendar.at(leaves, calendar.LEAVES)
            wanted = booked.ending(end) if end > booked.start else booked
            act = lambda: self._modify(known, end=calendar.as_day(leaves))  # noqa: E731
            if end <= max(booked.start, now):
                self._refused("change dates", errors.Invalid, act)
                return
        refusal, moved = self._try("change dates", act)
        self._dates_changed(known, wanted, refusal, moved)

    def _dates_changed(
        self, known: Known, wanted: Interval, refusal: Any, moved: Booking | None
    ) -> None:
        now, booked = self.clock.now(), known.booked
        other_start = wanted.start != booked.start
        if isinstance(refusal, errors.Invalid):  # into the past; or it should have begun by now
            assert min(wanted.start, wanted.end) < now
        elif not known.is_live:
            assert isinstance(refusal, errors.AlreadyEnded), refusal
        elif known.status is Status.ACTIVE and other_start:
            assert isinstance(refusal, errors.IllegalTransition), refusal
        else:
            self._moved(known, wanted, refusal, moved)

    @precondition(lambda self: self.owner)
    @rule(
        pick=PICK, who=WHO, days=EARLIER_OR_LATER, nights=NIGHTS, named=OFTEN, key=SELDOM,
    )  # fmt: skip
    def wait_for_nights(
        self, pick: int, who: int, days: int, nights: int, named: bool, key: bool
    ) -> None:
        """Wait for about the nights of a booking, in its room or in any."""
        known, now = self._pick(pick), self._settled()
        arrives = calendar.date_of(known.booked.start) + days * calendar.A_DAY
        interval = calendar.stay(arrives, nights, now)
        number = known.number if named else None
        wanted = WaitlistRequest(known.zone, number, interval.start, interval.end)
        self._joins(self.people[who], wanted, key=key or self.trouble is not None)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, kind=KIND, ref=st.sampled_from(["1", "2"]))
    def hang_on(self, pick: int, kind: Any, ref: str) -> None:
        """Another app attaches something to the stay."""
        known, _ = self._pick(pick), self._settled()
        deps, staff = self.world.deps, self.world.staff
        refusal, _ = self._try(
            "attach", lambda: attachments.attach(deps, staff, known.booking_id, kind, ref)
        )
        assert isinstance(refusal, errors.AlreadyEnded) == (not known.is_live), (refusal, known)
