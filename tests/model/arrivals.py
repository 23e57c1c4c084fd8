"""Arrivals at a hotel: check-in at every door, of one guest or many, another room where theirs is
occupied, and walk-ins."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.services.core.deps import Replay
from chalicelib.services.front_desk import bulk, walk_ins
from chalicelib.services.stays import check_in
from tests.model import hotel_calendar as calendar
from tests.model.customers import NUMBER, SOMEONE, ZONE, Asked
from tests.model.doors import Doors
from tests.model.life import PICK
from tests.model.reference import MINUTE, Known
from tests.model.room_bookings import COMES, FOR_GUEST, NIGHTS, ROOMS_EACH, SITE
from tests.model.room_reference import OCCUPIED, READY, Place
from tests.model.waitlist import SELDOM

WAY_IN = st.sampled_from(["the desk"] * 4 + ["the canonical URL", "the booking's own URL"])
LATE = st.sampled_from([-180, -1, 0, 0, 5, 300, 600])
SOME_ROOMS = st.sets(st.integers(0, sum(ROOMS_EACH.values()) - 1), min_size=1)


class Arrivals(Doors):
    """A life in which guests come."""

    @rule(who=COMES, zone=ZONE, number=NUMBER, nights=NIGHTS, door=WAY_IN, late=LATE)
    def come(
        self, who: str, zone: str, number: str | None, nights: int, door: str, late: int
    ) -> None:
        """A guest has booked for today and arrives: about the hour, or in the evening."""
        before = len(self.reference.bookings)
        self.book_nights(who=who, zone=zone, number=number, days=0, nights=nights, says=late)
        if len(self.reference.bookings) > before:
            known = list(self.reference.bookings.values())[-1]
            at = known.booked.start + late * MINUTE
            self.clock.set(max(at, self.clock.now()))
            self._check_in(known, door, override=False)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, door=WAY_IN, override=SELDOM)
    def check_in(self, pick: int, door: str, override: bool) -> None:
        self._check_in(self._pick_one(pick, Status.BOOKED), door, override)

    def _check_in(self, known: Known, door: str, override: bool) -> None:
        now = self._settled()
        act = self._at_door(door, known, "in", self._lets_in(known, override), _reason(override))
        refusal, inside = self._try(f"check in at {door}", act)
        self._came(known, now, override and door != "the booking's own URL", refusal, inside)

    def _lets_in(self, known: Known, override: bool) -> Callable[[], Booking]:
        deps, staff, reason = self.world.deps, self.world.staff, "they insist" * override
        return lambda: check_in.check_in(
            deps, staff, known.booking_id, site=SITE, override=reason or None
        )

    def _came(self, known: Known, now: datetime, override: bool, refusal: Any, inside: Any) -> None:
        if not self._may_come(known, now, override, refusal, inside):
            return
        if self.reference.outstayer(known, now):
            self._finds_it_occupied(known, now, override, refusal, inside)
        elif not override and self.rooms.of(known).condition != READY:
            assert isinstance(refusal, errors.RoomNotReady), (refusal, known)
        else:
            self._in_room(known, now, inside)

    def _may_come(
        self, known: Known, now: datetime, override: bool, refusal: Any, inside: Any
    ) -> bool:
        """Whether the guest may arrive now, in this room or another. With a reason they may from a
        day before on, unless the previous guest is still in the room."""
        blocked = self.reference.outstayer(known, now)
        ahead = timedelta(days=1) if override and not blocked else None
        opens = known.booked.start - (ahead or known.policy.early_check_in * MINUTE)
        if known.status is Status.ACTIVE:
            assert isinstance(refusal, errors.AlreadyEntered), refusal
        elif known.status is not Status.BOOKED:
            assert isinstance(refusal, errors.AlreadyEnded), refusal
        elif now < opens:
            assert isinstance(refusal, errors.TooEarly), refusal
        elif not (blocked or self._has(known, {known.number}, now)):
            rooms = self.rooms.in_service(known.zone, self.reference.numbers[known.zone])
            may_enter = rooms if override else self.rooms.ready(known.zone, rooms)
            return self._is_let_in_early(known, now, may_enter, refusal, inside)
        else:
            return True
        return False

    def _finds_it_occupied(
        self, known: Known, now: datetime, override: bool, refusal: Any, inside: Any
    ) -> None:
        """The guest gets another room that is ready (or not, with a reason), if one is free and in
        service; otherwise the booking is cancelled."""
        others = self._has(known, self.reference.numbers[known.zone] - {known.number}, now)
        others = self.rooms.in_service(known.zone, others)
        good = self.rooms.ready(known.zone, others) or (others if override else set())
        if inside is not None:
            assert inside.number in good, (inside, good)
            known.number = inside.number
            self._in_room(known, now, inside)
            return
        assert not good, (known, refusal)
        numbers = self.reference.numbers[known.zone]
        may_enter = numbers if override else self.rooms.ready(known.zone, numbers)
        assert not self._can_be_led(known, now, may_enter), (known, refusal)
        if others:
            assert isinstance(refusal, errors.RoomNotReady), refusal
            return
        if now < known.booked.start:
            assert isinstance(refusal, errors.TooEarly), refusal
        else:
            again = self.broke_off and isinstance(refusal, errors.AlreadyEnded)
            assert again or isinstance(refusal, errors.ZoneFull), refusal
            known.status = Status.CANCELLED

    def _in_room(self, known: Known, now: datetime, inside: Booking | None) -> None:
        self.rooms.of(known).becomes(OCCUPIED, now, known.booking_id)
        self._inside(known, now, inside)

    @rule(zone=ZONE, number=NUMBER, nights=NIGHTS, override=SOMEONE, key=SELDOM)
    def walk_in(
        self, zone: str, number: str | None, nights: int, override: bool, key: bool
    ) -> None:
        """A guest without a booking arrives, and stays until some date."""
        now = self._settled()
        stay = Interval(now, calendar.stay(calendar.date_of(now), nights, now).end)
        order = Order(zone, number, end=stay.end, details=FOR_GUEST)
        numbers = {number} if number else self.reference.numbers[zone]
        seed = f"walk-in {self.beat}".encode()
        once = key or self.trouble is not None
        deps = self.world.deps
        deps = dataclasses.replace(deps, replay=Replay(now, seed)) if once else deps
        why = "no other is left" if override else None
        act = lambda: walk_ins.walk_in(deps, self.world.staff, SITE, order, override=why)  # noqa: E731
        refusal, made = self._try("walk in", act)
        free = self._free(Asked(zone, frozenset(numbers), stay))
        self._walked_in(zone, number, stay, override, free, refusal, made)

    def _walked_in(
        self, zone: str, number: str | None, stay: Interval, override: bool, free: set[str],
        refusal: Any, made: Booking | None,
    ) -> None:  # fmt: skip
        good = free if override and number else self.rooms.ready(zone, free)
        if made is None:
            assert not good, (refusal, good)
            self._turned_away(zone, number, stay, override, free, refusal)
        else:
            assert made.number in good, (made, good)
            assert made.booked == stay, made
            self.owner[made.booking_id] = self.world.staff
            known = self.reference.add(made, stay.start)
            self._in_room(known, stay.start, made)

    def _turned_away(
        self, zone: str, number: str | None, stay: Interval, override: bool, free: set[str],
        refusal: Any,
    ) -> None:  # fmt: skip
        """No room can be had; or none that is ready, even if others make way."""
        numbers = {number} if number else self.reference.numbers[zone]
        ready = self.rooms.ready(zone, numbers)
        assert not self._obtainable(Asked(zone, frozenset(ready), stay)), (ready, refusal)
        some = self._obtainable(Asked(zone, frozenset(numbers), stay)) or (
            free if number else set()
        )
        full = errors.SpaceTaken if number else errors.ZoneFull
        assert isinstance(refusal, errors.RoomNotReady if some else full), refusal
        assert not (number and override and some), (some, refusal)

    @precondition(lambda self: self._is_any(Status.BOOKED))
    @rule(which=SOME_ROOMS)
    def bulk_check_in(self, which: set[int]) -> None:
        """Check in the arrivals of some rooms. Rooms with an overdue guest are left to the desk."""
        now = self._settled()
        self._sweep("expire-bookings")
        arrivals = {place: self._arrival(place, now) for place in self._places(which)}
        coming = {
            place: known
            for place, known in arrivals.items()
            if known is None or not self.reference.outstayer(known, now)
        }
        done = self._for_all("bulk check in", bulk.check_in, coming)
        failed = {each.room_id: type(each.refusal) for each in done.failed}
        for place, known in coming.items():
            reasons = self._nobody_came(place) if known is None else self._reasons(known, now)
            refusal = failed.get(".".join(place))
            again = self.trouble_came and refusal is not None and not reasons
            assert again or refusal in (reasons or (None,)), (place, failed, reasons)
            if known is not None and not reasons:
                self._in_room(known, now, self.world.deps.bookings.get(known.booking_id))
        entered = {known.booking_id for known in coming.values() if known and known.came == now}
        assert set(done.bookings) <= entered, (done, entered)
        assert self.trouble_came or set(done.bookings) == entered, (done, entered)

    def _nobody_came(self, place: Place) -> set[type[errors.Refusal]]:
        """The refusal for a room without an arrival: the guest is in it already (as far as the
        store knows), or there is no booking."""
        if self.rooms.by_place[place].guest is not None:
            return {errors.AlreadyEntered}
        seen = self.world.deps.rooms.get(*place).booking_id
        return {errors.AlreadyEntered if seen else errors.BookingNotFound}

    def _reasons(self, known: Known, now: datetime) -> set[type[errors.Refusal]]:
        """Why a guest with a booking cannot have their room now."""
        early = now < known.booked.start - known.policy.early_check_in * MINUTE
        late = not early and not self._has(known, {known.number}, now)
        dirty = self.rooms.of(known).condition != READY
        reasons: dict[type[errors.Refusal], bool] = {
            errors.TooEarly: early or late,
            errors.RoomNotReady: dirty,
        }
        return {refusal for refusal, holds in reasons.items() if holds}

    def _arrival(self, place: Place, now: datetime) -> Known | None:
        day_ends = calendar.at(calendar.date_of(now) + calendar.A_DAY, 0)
        coming = [
            known
            for known in self.reference.bookings.values()
            if (known.zone, known.number) == place
            and known.status is Status.BOOKED
            and known.booked.start < day_ends
        ]
        return min(coming, key=lambda known: known.booked.start, default=None)


def _reason(override: bool) -> dict[str, str]:
    return {"override_reason": "they insist"} if override else {}
