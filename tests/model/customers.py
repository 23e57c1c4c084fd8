"""Customers: they book, renew, cancel and move."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.services.bookings import bookings, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Replay
from chalicelib.store.tallies import TallyItem
from tests.model.life import PICK, Life, one_of
from tests.model.reference import MINUTE, NUMBERS, ZONES, Known

ZONE = one_of("zones")
SOMEONE = st.booleans()
NUMBER = st.sampled_from([None, *NUMBERS])
LENGTH = one_of("lengths")
AHEAD = one_of("leads")
SHIFT = one_of("shifts")


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a customer wants to book: any of the `numbers` of a zone."""

    zone: str
    numbers: frozenset[str]
    interval: Interval


class Customers(Life):
    """A life in which customers book so many minutes, so many minutes ahead, and move bookings by
    so many."""

    lengths: ClassVar[tuple[int, ...]] = (5, 30, 60, 60, 180, 1500)
    leads: ClassVar[tuple[int, ...]] = (0, 0, 0, 5, 10, 30, 60, 120, 700)
    shifts: ClassVar[tuple[int, ...]] = (-60, 5, 30, 60, 240, 1000)

    @rule(other=SOMEONE, zone=ZONE, number=NUMBER, ahead=AHEAD, minutes=LENGTH, key=st.booleans())
    def book(
        self, other: bool, zone: str, number: str | None, ahead: int, minutes: int, key: bool
    ) -> None:
        who = self.world.other if other else self.world.user
        now = self._settled()
        self._book(who, Order(zone, number, start=now + ahead * MINUTE, minutes=minutes), key)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, other=SOMEONE, minutes=LENGTH)
    def book_behind(self, pick: int, other: bool, minutes: int) -> None:
        """The same space, from the end of another booking on."""
        known, now = self._pick(pick), self._settled()
        who = self.world.other if other else self.world.user
        start = max(now, known.booked.end)
        self._book(who, Order(known.zone, known.number, start=start, minutes=minutes), False)

    def _book(self, who: Actor, order: Order, key: bool) -> None:
        assert order.start is not None
        assert order.minutes is not None
        interval = Interval(order.start, order.start + order.minutes * MINUTE)
        numbers = [order.number] if order.number else self.reference.numbers[order.zone_id]
        asked = Asked(order.zone_id, frozenset(numbers), interval)
        self._booked(who, asked, key, lambda deps: bookings.book(deps, who, order))

    def _booked(self, who: Actor, asked: Asked, key: bool, act: Callable[[Any], Booking]) -> None:
        deps = self.world.deps
        if key:
            seed = str(len(self.reference.bookings)).encode()
            deps = dataclasses.replace(deps, replay=Replay(self.clock.now(), seed))
        refusal, made = self._try("book", lambda: act(deps))
        if isinstance(refusal, errors.PaymentDue):
            assert self._owes(who)
        elif self.reference.is_closed(asked.zone, asked.interval):
            assert isinstance(refusal, errors.BlackedOut), refusal
        elif isinstance(refusal, errors.QuotaReached):
            assert self._is_rationed(who, asked.zone)
        elif made is None:
            self._refused_rightly(asked, refusal)
        else:
            assert made.number in self._given(asked, self._free(asked))
            assert made.provisional == self._names_none(asked, made), made
            self.owner[made.booking_id] = who
            self._agree(self.reference.add(made, self.clock.now()), made)
            assert not key or act(deps) == made

    def _names_none(self, asked: Asked, made: Booking) -> bool:
        """Whether a booking is of no space by name."""
        return len(asked.numbers) > 1

    def _refused_rightly(self, asked: Asked, refusal: errors.Refusal | None) -> None:
        """No space can be had, even if others make way."""
        shut = self._free(asked) and not self._given(asked, self._free(asked))
        shut_out = isinstance(refusal, errors.RoomNotReady) and shut
        assert shut_out or isinstance(refusal, errors.ZoneFull | errors.SpaceTaken), refusal
        assert not self._obtainable(asked), (asked, refusal)

    def _obtainable(self, asked: Asked) -> set[str]:
        now = self.clock.now()
        return self.reference.obtainable(asked.zone, asked.numbers, asked.interval, now)

    def _given(self, asked: Asked, free: set[str]) -> set[str]:
        """Those of the free spaces of which the customer gets one."""
        return free

    def _owes(self, who: Actor) -> bool:
        return self.world.deps.accounts.get(who.account_id).owing > 0

    def _free(self, asked: Asked) -> set[str]:
        """The free spaces, seen after the step: it may have offered them to the waitlist."""
        now = self.clock.now()
        return self.reference.free(asked.zone, asked.numbers, asked.interval, now)

    def _is_rationed(self, who: Actor, zone: str, more: int = 1) -> bool:
        limit = ZONES[zone].quota_per_user
        if limit is None:
            return False
        try:
            return int(TallyItem.get(who.locator, f"tally#quota.{zone}", True).n) + more > limit
        except TallyItem.DoesNotExist:
            return more > limit

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def renew(self, pick: int) -> None:
        known, now = self._pick(pick), self._settled()
        who = self.owner[known.booking_id]
        end = known.planned_end()
        start = max(now, end) if known.is_live else now
        interval = Interval(start, start + 60 * MINUTE)
        asked = Asked(known.zone, frozenset({known.number}), interval)
        if known.status in (Status.CANCELLED, Status.EXPIRED):
            self._refused("renew", errors.AlreadyEnded, lambda: self._renew(self.world.deps, known))
        elif known.is_live and now < end - 5 * MINUTE:
            self._refused(
                "renew", errors.RenewTooEarly, lambda: self._renew(self.world.deps, known)
            )
        elif renewed := self._holding(who, known, start):
            found = self._renew(self.world.deps, known)
            assert found.booking_id == renewed.booking_id
            self._agree(renewed, found)
        else:
            self._booked(who, asked, False, lambda deps: self._renew(deps, known))

    def _holding(self, who: Actor, known: Known, at: datetime) -> Known | None:
        """Another booking with which a customer has the space of `known` at that instant."""
        return next(
            (
                other
                for other in self.reference.bookings.values()
                if other is not known and other.is_live
                and (other.zone, other.number) == (known.zone, known.number)
                and other.holds.start <= at < other.holds.end
                and self.owner.get(other.booking_id) == who
            ),
            None,
        )  # fmt: skip

    def _modify(self, known: Known, **wish: Any) -> Booking:
        who = self.owner[known.booking_id]
        return reschedule.modify(self.world.deps, who, known.booking_id, BookingEdit(**wish))

    def _hull(self, booked: Interval, start: datetime, end: datetime) -> Interval:
        return Interval(min(start, booked.start), max(end, booked.end))

    def _renew(self, deps: Any, known: Known) -> Booking:
        return renewal.renew(deps, self.owner[known.booking_id], known.booking_id)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, stranger=st.sampled_from([False, False, False, True]))
    def cancel(self, pick: int, stranger: bool) -> None:
        known, _ = self._pick(pick), self._settled()
        who = self.owner[known.booking_id]
        if stranger:
            who = self.world.other if who == self.world.user else self.world.user
        refusal, done = self._try(
            "cancel", lambda: bookings.cancel(self.world.deps, who, known.booking_id).booking
        )
        if stranger:
            assert isinstance(refusal, errors.BookingNotFound)
        elif known.status is Status.ACTIVE:
            assert isinstance(refusal, errors.IllegalTransition)
        elif not known.is_live:
            assert isinstance(refusal, errors.AlreadyEnded)
        else:
            known.status = Status.CANCELLED
            self._agree(known, done)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, by=SHIFT, longer=st.booleans())
    def move(self, pick: int, by: int, longer: bool) -> None:
        known, now = self._pick(pick), self._settled()
        booked = known.booked
        end, start = booked.end + by * MINUTE, booked.start + by * MINUTE
        wish = {"end": end} if longer else {"start": start}
        refusal, moved = self._try("move", lambda: self._modify(known, **wish))
        if isinstance(refusal, errors.Invalid):  # into the past, or without any length
            assert min(start, booked.start, end - MINUTE) < now or end <= booked.start
        elif isinstance(refusal, errors.BlackedOut):
            assert self.reference.is_closed(known.zone, self._hull(booked, start, end))
        elif not known.is_live:
            assert isinstance(refusal, errors.AlreadyEnded)
        elif known.status is Status.ACTIVE and not longer:
            assert isinstance(refusal, errors.IllegalTransition)
        else:
            wanted = (
                booked.ending(end)
                if longer
                else Interval(max(start, now), max(start, now) + booked.duration)
            )
            self._moved(known, wanted, refusal, moved)

    def _moved(self, known: Known, wanted: Interval, refusal: Any, moved: Booking | None) -> None:
        """Its own space where that is free or others make way; any other if it named none. At the
        time it has, it stays where it is."""
        now, numbers = self.clock.now(), {known.number}
        if known.provisional and known.status is Status.BOOKED:
            numbers = self.reference.numbers[known.zone]
        if wanted == known.booked:
            assert moved is not None, (refusal, known)
            assert moved.number == known.number, (moved, known)
            self._agree(known, moved)
        elif moved is None:
            assert isinstance(refusal, errors.SpaceTaken), (refusal, known)
            can_have = self.reference.obtainable(known.zone, numbers, wanted, now, but=known)
            assert not can_have, (known, can_have)
        else:
            shorter = known.booked.start <= wanted.start and wanted.end <= known.booked.end
            begun = known.status is Status.ACTIVE
            judged = wanted.starting(max(now, wanted.start)) if begun else wanted
            assert shorter or not self.reference.is_closed(known.zone, judged), (moved, known)
            empty = self.reference.empty(known.zone, numbers, wanted, now, but=known)
            assert moved.number in empty, (moved, known)
            known.number = moved.number
            known.move_to(wanted, now)
            self._agree(known, moved)
