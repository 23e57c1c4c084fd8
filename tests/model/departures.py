"""Departures from a hotel: check-out at every door, of one guest or many, and other rooms during
the stay."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.services.front_desk import assign_room, bulk
from chalicelib.services.stays import check_out
from tests import builders
from tests.model.arrivals import SOME_ROOMS, Arrivals
from tests.model.doors import DOORS
from tests.model.life import PICK
from tests.model.reference import Known
from tests.model.room_bookings import SITE
from tests.model.room_reference import DIRTY, OCCUPIED, OUT, READY, Place

ENOUGH, SHORT = "9000.00", "0.01"
WAY_OUT = st.sampled_from(["the desk"] * 3 + ["the gate"] * 2 + sorted(DOORS))
CASH = st.sampled_from([None, None, ENOUGH, SHORT])


class Departures(Arrivals):
    """A life in which guests change rooms and leave."""

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, number=st.sampled_from(["A-001", "A-002", "A-003"]))
    def assign(self, pick: int, number: str) -> None:
        """Assign another room of the zone, before the stay or during it."""
        known, now = self._pick(pick), self._settled()
        number = number if number in self.reference.numbers[known.zone] else "A-001"
        deps, staff = self.world.deps, self.world.staff
        act = lambda: assign_room.assign(deps, staff, known.booking_id, number, slug=SITE)  # noqa: E731
        refusal, assigned = self._try("assign", act)
        inside = known.status is Status.ACTIVE
        rest = Interval.of_stay(now, known.booked.end) if inside else known.booked
        place = known.zone, number
        if not known.is_live:
            assert isinstance(refusal, errors.AlreadyEnded), refusal
        elif number == known.number and (inside or not known.provisional):
            self._agree(known, assigned)
        elif not inside and self._is_late_today(known, place):
            assert isinstance(refusal, errors.SpaceTaken), refusal
        elif not inside and self._is_closed_today(known, place):
            assert isinstance(refusal, errors.RoomNotReady), refusal
        elif isinstance(refusal, errors.SpaceTaken):
            can_have = self.reference.obtainable(known.zone, [number], rest, now, but=known)
            assert not can_have, (known, can_have)
        elif inside and self.rooms.by_place[place].condition != READY:
            assert isinstance(refusal, errors.RoomNotReady), refusal
        else:
            if inside:
                self.rooms.of(known).becomes(DIRTY, now)
                self.rooms.by_place[place].becomes(OCCUPIED, now, known.booking_id)
            empty = self.reference.empty(known.zone, [number], rest, now, but=known)
            assert empty, (known, number)
            known.number, known.provisional = number, False
            self._agree(known, assigned)

    def _is_late_today(self, known: Known, place: Place) -> bool:
        return place[1] in self._late(place[0]) and self._is_today(known.booked.start)

    def _is_closed_today(self, known: Known, place: Place) -> bool:
        closed = self.rooms.by_place[place].condition == OUT
        return closed and self._is_today(known.booked.start)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, door=WAY_OUT, cash=CASH)
    def check_out(self, pick: int, door: str, cash: str | None) -> None:
        """By one of the doors, with cash or without; at the gate all that is due is paid."""
        known, now = self._pick_one(pick, Status.ACTIVE), self._settled()
        gate = door == "the gate"
        act = self._lets_out(known, door, cash)
        refusal, gone = self._try(f"check out at {door}", act)
        to_pay, pays = known.status is Status.ACTIVE or known.owed, cash == ENOUGH or gate
        if known.status is Status.BOOKED:
            assert isinstance(refusal, errors.NotCheckedIn), refusal
        elif known.status in (Status.CANCELLED, Status.EXPIRED) or (gate and not to_pay):
            assert isinstance(refusal, errors.AlreadyEnded), refusal
        elif to_pay and cash == SHORT:
            assert isinstance(refusal, errors.NotEnoughCash), refusal
        else:
            if known.status is Status.ACTIVE:
                known.status, known.left, known.owed = Status.COMPLETED, now, True
            known.owed = known.owed and not pays
            self._agree(known, gone)

    def _lets_out(self, known: Known, door: str, cash: str | None) -> Callable[[], Booking]:
        deps, staff, booking_id = self.world.deps, self.world.staff, known.booking_id
        if door == "the gate":
            stay = deps.bookings.get(booking_id)
            return lambda: self._passes_the_gate(stay, cash)
        tender = builders.cash(cash) if cash else None

        def desk() -> Booking:
            return check_out.check_out(deps, staff, booking_id, tender=tender, site=SITE).booking

        return self._at_door(door, known, "out", desk, {"amount_received": cash} if cash else {})

    def _passes_the_gate(self, stay: Booking, cash: str | None) -> Booking:
        deps, code = self.world.deps, self.world.deps.tokens.qr(stay)
        tender = builders.cash(cash)
        return check_out.scan_exit(deps, self.world.staff, code, tender=tender).booking

    @precondition(lambda self: self._is_any(Status.ACTIVE))
    @rule(which=SOME_ROOMS)
    def bulk_check_out(self, which: set[int]) -> None:
        """Check out the guests of some rooms, and no others."""
        now, places = self._settled(), self._places(which)
        live = self.reference.bookings.values()
        inside = [k for k in live if k.status is Status.ACTIVE and (k.zone, k.number) in places]
        over = {k.booking_id for k in live if k.status is Status.COMPLETED}
        done = self._for_all("bulk check out", bulk.check_out, places)
        assert (done.failed, done.cleared) == ([], []), done
        left = {known.booking_id for known in inside}
        assert set(done.bookings) <= left | over, done
        assert self.trouble_came or left <= set(done.bookings), (done, left)
        for known in inside:
            known.status, known.left, known.owed = Status.COMPLETED, now, True
            self._agree(known, self.world.deps.bookings.get(known.booking_id))
