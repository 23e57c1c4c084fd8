"""A car park: customers, gates, staff, sweeps and a clock, each step held against the reference."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.services.bookings import bookings
from chalicelib.services.stays import check_out
from tests.model.customers import LENGTH, SOMEONE, ZONE, Customers
from tests.model.life import PICK
from tests.model.reference import FREE_OF_CHARGE, Known

EARLY = timedelta(minutes=15)


class CarParkLife(Customers):
    """A life of a car park with gates and staff."""

    @rule(other=SOMEONE, zone=ZONE, minutes=LENGTH)
    def drive_in(self, other: bool, zone: str, minutes: int) -> None:
        """A car without a booking: booked at the gate and entered at once."""
        before = len(self.reference.bookings)
        self.book(other=other, zone=zone, number=None, ahead=0, minutes=minutes, key=False)
        if len(self.reference.bookings) > before:
            self._enter(list(self.reference.bookings.values())[-1])

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def enter(self, pick: int) -> None:
        self._enter(self._pick(pick))

    def _enter(self, known: Known) -> None:
        now = self._settled()
        booking = self.world.deps.bookings.get(known.booking_id)
        refusal, inside = self._try("enter", lambda: self.world.enter(booking))
        if known.status is not Status.BOOKED:
            entered = known.status is Status.ACTIVE
            assert isinstance(refusal, errors.AlreadyEntered if entered else errors.AlreadyEnded)
        elif now < known.booked.start - EARLY:
            assert isinstance(refusal, errors.TooEarly)
        elif self.reference.outstayer(known, now):
            self._led_elsewhere(known, now, refusal, inside)
        elif self._has(known, {known.number}, now) or self._is_let_in_early(
            known, now, self.reference.numbers[known.zone], refusal, inside
        ):
            self._inside(known, now, inside)

    def _has(self, known: Known, numbers: set[str], now: datetime) -> set[str]:
        if now >= known.booked.start and numbers == {known.number}:
            return numbers
        rest = known.booked.starting(now)
        return self.reference.empty(known.zone, numbers, rest, now, but=known)

    def _led_elsewhere(self, known: Known, now: datetime, refusal: Any, inside: Any) -> None:
        if inside is not None:
            others = self._has(known, self.reference.numbers[known.zone] - {known.number}, now)
            assert inside.number in others
            known.number = inside.number
            self._inside(known, now, inside)
            return
        assert not self._can_be_led(known, now, self.reference.numbers[known.zone]), known
        if now < known.booked.start:
            assert isinstance(refusal, errors.TooEarly), refusal
        else:
            assert isinstance(refusal, errors.ZoneFull), refusal
            known.status = Status.CANCELLED

    def _is_let_in_early(
        self, known: Known, now: datetime, may_enter: set[str], refusal: Any, inside: Any
    ) -> bool:
        """Whether a guest gets in before the start although another one has the booked space until
        then: into another, if the booking has named none. In its own others would have made way."""
        among = may_enter if known.provisional else may_enter & {known.number}
        if inside is None:
            assert isinstance(refusal, errors.TooEarly), refusal
            assert not self._can_be_led(known, now, among), (known, among)
            return False
        assert inside.number in self._has(known, among, now), (known, inside)
        known.number = inside.number
        return True

    def _can_be_led(self, known: Known, now: datetime, numbers: set[str]) -> set[str]:
        """The spaces that an arrival could have if others make way."""
        rest = known.booked.starting(now)
        return self.reference.obtainable(known.zone, numbers, rest, now, but=known)

    def _inside(self, known: Known, now: datetime, inside: Booking | None) -> None:
        known.status, known.came = Status.ACTIVE, now
        self._agree(known, inside)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, received=st.sampled_from([None, "1000000.00", "0.01"]))
    def leave(self, pick: int, received: str | None) -> None:
        known, now = self._pick(pick), self._settled()
        booking = self.world.deps.bookings.get(known.booking_id)
        refusal, gone = self._try("leave", lambda: self.world.leave(booking, received).booking)
        to_pay = known.zone not in FREE_OF_CHARGE if known.status is Status.ACTIVE else known.owed
        if known.status is Status.BOOKED:
            assert isinstance(refusal, errors.NotCheckedIn)
        elif known.status is not Status.ACTIVE and not known.owed:
            assert isinstance(refusal, errors.AlreadyEnded)
        elif to_pay and received == "0.01":
            assert isinstance(refusal, errors.NotEnoughCash)
        else:
            known.left = now if known.left is None else known.left
            known.status, known.owed = Status.COMPLETED, False
            self._agree(known, gone)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def staff_check_out(self, pick: int) -> None:
        known, now = self._pick(pick), self._settled()
        deps, staff = self.world.deps, self.world.staff
        refusal, gone = self._try(
            "check out",
            lambda: check_out.check_out(deps, staff, known.booking_id, tender=None).booking,
        )
        if known.status is Status.BOOKED:
            assert isinstance(refusal, errors.NotCheckedIn)
        elif known.status in (Status.PENDING, Status.CANCELLED, Status.EXPIRED):
            assert isinstance(refusal, errors.AlreadyEnded)
        else:
            if known.status is Status.ACTIVE:
                known.status, known.left, known.owed = (
                    Status.COMPLETED,
                    now,
                    known.zone not in FREE_OF_CHARGE,
                )
            self._agree(known, gone)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def waive(self, pick: int) -> None:
        self._settled()
        owed = [known for known in self.reference.bookings.values() if known.owed]
        known = owed[-1] if owed and pick % 4 else self._pick(pick)
        deps, boss = self.world.deps, self.world.owner
        refusal, done = self._try(
            "waive", lambda: bookings.waive(deps, boss, known.booking_id, reason="rain")
        )
        assert isinstance(refusal, errors.NothingDue) == (not known.owed)
        if done is not None:
            known.owed = False
            self._agree(known, done)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def terminate(self, pick: int) -> None:
        known, now = self._pick(pick), self._settled()
        deps, admin = self.world.deps, self.world.admin
        refusal, done = self._try(
            "terminate", lambda: bookings.terminate(deps, admin, known.booking_id, reason="fire")
        )
        if known.status is Status.ACTIVE:
            known.status, known.left = Status.CANCELLED, now
            self._agree(known, done)
        else:
            assert isinstance(refusal, errors.IllegalTransition | errors.AlreadyEnded)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def look(self, pick: int) -> None:
        known, _ = self._pick(pick), self._settled()
        self._agree(known, bookings.get(self.world.deps, self.world.staff, known.booking_id))
