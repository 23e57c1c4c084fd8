"""What may go wrong between Berth and AWS in a life: at some call the process dies, or hears nothing,
or is told to come later; whoever had asked asks again, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.change import Change
from chalicelib.services.delivery import outbox
from tests.faults.wire import Died, Fault
from tests.model.life import steps
from tests.model.post import Post
from tests.postman import sweep, waiting

T = TypeVar("T")

Trouble = tuple[int, Fault]
FAULT = st.sampled_from(["dies before", "dies after", "dies after", "times out", "is throttled"])


class Mishaps(Post):
    """A life in which calls to AWS break. `trouble` is what will happen to the next step,
    `trouble_came` whether there was any in the last one, and `broke_off` whether that did;
    `in_order` that it never came to the post."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.broke_off = self.trouble_came = False
        self.in_order = True
        self.written: list[Change] = []
        super().__init__()

    @rule(at=st.integers(0, 6), fault=FAULT)
    def trouble_is_ahead(self, at: int, fault: Fault) -> None:
        """At call number `at` of whatever somebody does next."""
        self.trouble = at, fault

    def _written(self, change: Change) -> None:
        super()._written(change)
        self.written.append(change)

    def _broken(self, act: Callable[[], T]) -> T | None:
        """What `act` returns although its call breaks; None where it broke off."""
        assert self.trouble is not None
        at, fault = self.trouble
        self.trouble, self.broke_off = None, False
        self.written.clear()
        done = None
        with self.ground.wire.breaking(at, fault):
            try:
                done = act()
            except (Died, errors.Unavailable):
                self.broke_off = True
                steps[fault] += 1
                self._caches_are_gone()
        return done

    def _caches_are_gone(self) -> None:
        self.world.deps.catalogue.forget()
        self.world.deps.accounts.forget_all()

    def _try(self, what: str, act: Callable[[], T]) -> tuple[errors.Refusal | None, T | None]:
        """As ever, or broken off and asked again. Who has done it the first time is told the same
        again, or is refused by name; then what was written is the answer."""
        self.broke_off, self.trouble_came = False, self.trouble is not None
        outcome: tuple[errors.Refusal | None, T | None] | None = None
        if self.trouble is not None:
            outcome = self._broken(lambda: self._unbroken(what, act))
        if outcome is not None:
            return outcome
        refusal, done = super()._try(f"{what} again" if self.broke_off else what, act)
        first = next(filter(None, map(_by_people, self.written)), None) if self.broke_off else None
        if first is not None and isinstance(refusal, errors.Conflict):
            return None, first
        return refusal, done

    def _unbroken(self, what: str, act: Callable[[], T]) -> Any:
        outcome = super()._try(what, act)
        if isinstance(outcome[0], errors.Unavailable):
            raise outcome[0]
        return outcome

    def _sweep(self, name: str) -> None:
        """Its schedule comes again."""
        if self.trouble is not None:
            self._broken(lambda: sweeps.run(self.world.deps, name))
        super()._sweep(name)

    def _deliver(self) -> None:
        """What the stream has begun a sweep goes on with, once the lease is over."""
        if self.trouble is not None:
            self._broken(self._deliver_anyhow)
            self.may_come_twice |= set(self.left.values())
            self.in_order = False
            self.clock.move(seconds=outbox.DELIVERY_LEASE.total_seconds())
            self._told()
        super()._deliver()

    def _deliver_anyhow(self) -> None:
        deps = self.world.deps
        for batch_id in waiting(deps):
            outbox.from_stream(deps, batch_id)
        sweep(deps)


def _by_people(change: Change) -> Any:
    """The booking or entry of a step that somebody took; None for time's own, and for marks."""
    bookings = [record for record in change.saves if isinstance(record, Booking)]
    records = (*bookings, *change.saves)
    if not records or any(each.timeline[-1].actor == SYSTEM.account_id for each in bookings):
        return None
    return records[0]
