"""The doors of a hotel: what its desk does, done by the desk's own service or through a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.services.front_desk.bulk import BulkResult
from tests.client import Client
from tests.model import nights as calendar
from tests.model.customers import Asked
from tests.model.floor import Floor, Place, Room
from tests.model.lodgers import SITE, Lodgers
from tests.model.machine import Lives
from tests.model.reference import Known

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
"""What a refusal over HTTP stands for."""


class Doors(Lodgers, Lives):
    """A life with a desk and people at it. `floor` knows the rooms."""

    drive_in = enter = leave = staff_check_out = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.floor = Floor()
        super().__init__()
        self.client = Client(self.world).by(self.world.staff)
        self.signed_in = self.clock.now()

    def _add_zone(self, zone: str) -> None:
        super()._add_zone(zone)
        for number in sorted(self.turns.numbers[zone]):
            self.floor.rooms[zone, number] = Room()

    def _told(self) -> datetime:
        now = super()._told()
        self.floor.told(self.reference.bookings)
        return now

    def _agree(self, known: Known, stored: Booking | None) -> None:
        super()._agree(known, stored)
        self.floor.told(self.reference.bookings)

    def _given(self, asked: Asked, free: set[str]) -> set[str]:
        """Whoever comes today gets a room that is in service, and a ready one if there is any."""
        if not self._is_today(asked.interval.start):
            return free
        usable = self.floor.in_service(asked.zone, free)
        return self.floor.ready(asked.zone, usable) or usable

    def _is_today(self, start: datetime) -> bool:
        return calendar.date_of(start) <= calendar.date_of(self.clock.now())

    def _for_all(self, what: str, service: Any, places: Iterable[Place]) -> BulkResult:
        """What `service` does for many rooms, called again for those that are left."""
        deps, staff = self.world.deps, self.world.staff
        left, all_done, trouble = [".".join(place) for place in places], BulkResult(), False
        while left:
            ids = left
            act = lambda: service(deps, staff, SITE, ids, out_of_time=lambda: False)  # noqa: E731, B023
            _, done = self._try(what, act)
            assert done is not None
            all_done.bookings += done.bookings
            all_done.cleared += done.cleared
            all_done.failed += done.failed
            trouble = trouble or self.trouble_came
            assert not done.remaining or trouble, done
            left = done.remaining
        self.trouble_came = trouble
        return all_done

    def _is_any(self, status: Status) -> bool:
        return any(known.status is status for known in self.reference.bookings.values())

    def _places(self, which: Iterable[int]) -> list[Place]:
        return [list(self.floor.rooms)[each] for each in sorted(which)]

    def _pick_one(self, pick: int, status: Status) -> Known:
        """Mostly one that is booked, or inside."""
        some = [known for known in self.reference.bookings.values() if known.status is status]
        return some[-1 - pick % len(some)] if some and pick % 4 else self._pick(pick)

    def _at_door(
        self, door: str, known: Known, way: str, desk: Callable[[], Booking], body: dict[str, str]
    ) -> Callable[[], Booking]:
        """What the desk does, or the same through a URL."""
        if door not in DOORS:
            return desk
        self._sign_in()
        path = DOORS[door].format(known.booking_id) + way
        said = body if door != "the booking's own URL" or way == "out" else {}
        return lambda: self._asked(path, said, known.booking_id)

    def _asked(self, path: str, body: dict[str, str], booking_id: str) -> Booking:
        reply = self.client.post(path, body)
        if reply.status != 200:
            raise NAMED[reply.code]()
        return self.world.deps.bookings.get(booking_id)

    def _sign_in(self) -> None:
        """Anew once a day: so long a sign-in is good."""
        if self.clock.now() - self.signed_in > calendar.A_DAY / 2:
            self.client = Client(self.world).by(self.world.staff)
            self.signed_in = self.clock.now()
