"""Calls to AWS that break in a life: the process dies, the answer is lost, or the call is
throttled; the caller repeats the request, and nothing is lost or doubled."""

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
from tests.batches import sweep, waiting
from tests.faults.wire import Died, Fault
from tests.model.life import steps
from tests.model.mails import Mails

T = TypeVar("T")

Trouble = tuple[int, Fault]
FAULT = st.sampled_from(["dies before", "dies after", "dies after", "times out", "is throttled"])


class BrokenCalls(Mails):
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
        """The call number `at` of the next step breaks."""
        self.trouble = at, fault

    def _written(self, change: Change) -> None:
        super()._written(change)
        self.written.append(change)

    def _broken(self, act: Callable[[], T]) -> T | None:
        """The result of `act` although a call breaks; None where the act broke off."""
        assert self.trouble is not None
        at, fault = self.trouble
        self.trouble, self.broke_off = None, False
        self.written.clear()
        done = None
        with self.harness.wire.breaking(at, fault):
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
        """As always, or broken off and repeated. If the first attempt was carried out, the second
        has the same answer, or is refused by name; then what was written is the answer."""
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
        """The schedule runs it again."""
        if self.trouble is not None:
            self._broken(lambda: sweeps.run(self.world.deps, name))
        super()._sweep(name)

    def _deliver(self) -> None:
        """A sweep finishes what the stream has begun, once the lease is over."""
        if self.trouble is not None:
            self._broken(self._deliver_anyhow)
            self.may_come_twice |= set(self.left.values())
            self.in_order = False
            self.clock.move(seconds=outbox.DELIVERY_LEASE.total_seconds())
            self._settled()
        super()._deliver()

    def _deliver_anyhow(self) -> None:
        deps = self.world.deps
        for batch_id in waiting(deps):
            outbox.from_stream(deps, batch_id)
        sweep(deps)


def _by_people(change: Change) -> Any:
    """The booking or entry of a step that an actor took; None for deadlines and for marks."""
    bookings = [record for record in change.saves if isinstance(record, Booking)]
    bookings = [each for each in bookings if each.timeline[-1].what != "rearranged"]
    records = (*bookings, *change.saves)
    if not records or any(each.timeline[-1].actor == SYSTEM.account_id for each in bookings):
        return None
    return records[0]
