"""The doors of a hotel: the same step of the desk, by its own service or through a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Verbatim
from chalicelib.services.front_desk.bulk_result import BulkResult, Outcome
from tests.client import Client, Reply
from tests.model import hotel_calendar as calendar
from tests.model.car_park_life import CarParkLife
from tests.model.customers import Asked
from tests.model.reference import Known
from tests.model.room_bookings import SITE, RoomBookings
from tests.model.room_reference import Place, Room, RoomReference

DOORS = {
    "the canonical URL": f"/api/staff/hotels/{SITE}/room-bookings/{{}}/check-",
    "its older twin": f"/api/staff/hotels/{SITE}/bookings/{{}}/check",
    "the booking's own URL": "/api/bookings/{}/check-",
}
"""Beside the desk's own service and the gate."""

NAMED: dict[str, type[errors.Refusal]] = {
    each.code: each
    for each in (
        errors.AlreadyEnded, errors.AlreadyEntered, errors.NotCheckedIn, errors.NotEnoughCash,
        errors.RoomNotReady, errors.TooEarly, errors.Unavailable, errors.ZoneFull,
    )
}  # fmt: skip
"""The refusal for each code that HTTP answers."""


class Doors(RoomBookings, CarParkLife):
    """A life with a desk. `rooms` is the reference of its rooms."""

    drive_in = enter = leave = staff_check_out = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.rooms = RoomReference()
        super().__init__()
        self.reference.shut = self._shut
        self.waitlist.is_today = self._is_today
        self.waitlist.late = self._late
        self.client = Client(self.world).by(self.world.staff)
        self.signed_in = self.clock.now()

    def _add_zone(self, zone: str) -> None:
        super()._add_zone(zone)
        for number in sorted(self.waitlist.numbers[zone]):
            self.rooms.by_place[zone, number] = Room()

    def _shut(self, zone: str, start: datetime) -> set[str]:
        """The rooms out of service, or of late guests, that a guest of today cannot have."""
        if not self._is_today(start):
            return set()
        every = self.reference.numbers[zone]
        return (every - self.rooms.in_service(zone, every)) | self._late(zone)

    def _settled(self) -> datetime:
        now = super()._settled()
        self.rooms.settle(self.reference.bookings)
        return now

    def _agree(self, known: Known, stored: Booking | None) -> None:
        super()._agree(known, stored)
        self.rooms.settle(self.reference.bookings)

    def _given(self, asked: Asked, free: set[str]) -> set[str]:
        """A guest of today gets a room that is in service, and a ready one if there is any; with an
        offer of that time the offered one."""
        if free & self.own_offers or not self._is_today(asked.interval.start):
            return super()._given(asked, free)
        usable = self.rooms.in_service(asked.zone, free) - self._late(asked.zone)
        return self.rooms.ready(asked.zone, usable) or usable

    def _late(self, zone: str) -> set[str]:
        """The rooms whose guests should have left, where time does not end their stays, and have
        not been checked out in the change that is being replayed."""
        now = self.clock.now()
        return {
            known.number
            for known in self.reference.bookings.values()
            if known.zone == zone
            and known.stays_on
            and known.overstays(now)
            and known.booking_id in self.waitlist.taken[zone, known.number]
        }

    def _is_today(self, start: datetime) -> bool:
        return calendar.date_of(start) <= calendar.date_of(self.clock.now())

    def _for_all(self, what: str, service: Any, places: Iterable[Place]) -> BulkResult:
        """The result of `service` for many rooms, called again for those that remain."""
        deps, staff = self.world.deps, self.world.staff
        left, all_done, trouble = [".".join(place) for place in places], BulkResult(), False
        while left:
            ids = left
            act = lambda: service(deps, staff, SITE, ids, out_of_time=lambda: False)  # noqa: E731, B023
            _, done = self._try(what, act)
            assert done is not None
            assert [row.room_id for row in done.rows] == list(dict.fromkeys(ids))
            all_done.rows += [row for row in done.rows if row.outcome is not Outcome.REMAINING]
            trouble = trouble or self.trouble_came
            assert not done.remaining or trouble, done
            left = done.remaining
        self.trouble_came = trouble
        return all_done

    def _is_any(self, status: Status) -> bool:
        return any(known.status is status for known in self.reference.bookings.values())

    def _places(self, which: Iterable[int]) -> list[Place]:
        return [list(self.rooms.by_place)[each] for each in sorted(which)]

    def _pick_one(self, pick: int, status: Status) -> Known:
        """Mostly one that is booked, or inside."""
        some = [known for known in self.reference.bookings.values() if known.status is status]
        return some[-1 - pick % len(some)] if some and pick % 4 else self._pick(pick)

    def _at_door(
        self, door: str, known: Known, way: str, desk: Callable[[], Booking], body: dict[str, str]
    ) -> Callable[[], Booking]:
        """The step of the desk, or the same step through a URL."""
        if door not in DOORS:
            return desk
        self._sign_in()
        path = DOORS[door].format(known.booking_id) + way
        sent = body if door != "the booking's own URL" or way == "out" else {}
        return lambda: self._asked(path, sent, known.booking_id)

    def _asked(self, path: str, body: dict[str, str], booking_id: str) -> Booking:
        reply = self.client.post(path, body)
        if reply.status != 200:
            raise _named(reply)
        return self.world.deps.bookings.get(booking_id)

    def _sign_in(self) -> None:
        """Sign in once a day: so long a sign-in is good."""
        if self.clock.now() - self.signed_in > calendar.A_DAY / 2:
            self.client = Client(self.world).by(self.world.staff)
            self.signed_in = self.clock.now()


def _named(reply: Reply) -> errors.Refusal:
    """The refusal whose code is in the reply, with the body of the reply as its message."""
    kind = NAMED[reply.code]
    refusal = kind.__new__(kind)
    errors.Refusal.__init__(refusal, Verbatim(str(reply.body)))
    return refusal
