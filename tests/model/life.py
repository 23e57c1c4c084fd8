"""What every random life has: a world, a reference, a clock that moves, sweeps, and the checks of
everything stored."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import UNNOTICED
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from tests import builders
from tests.clock import Clock
from tests.faults.harness import Harness
from tests.model import invariants
from tests.model.invariants import Stored
from tests.model.reference import FREE_OF_CHARGE, NUMBERS, PARKING, VENUES, ZONES, Known, Reference
from tests.world import World

T = TypeVar("T")

LATELY = 8
"""Steps are mostly about the bookings made last."""

CHECK_EVERY = 40
"""Steps between two checks of everything stored; the booking of a step is checked in that step."""


def one_of(name: str) -> Any:
    """One of the values that this kind of life has under `name`."""
    return st.runner().flatmap(lambda life: st.sampled_from(getattr(life, name)))


PICK = st.integers(0, LATELY - 1)

steps: Counter[str] = Counter()
"""How often each rule was carried out, by its result."""


class Life(RuleBasedStateMachine):
    """A life. `harness` is set by the test that runs it. The kind of life has its zones, the
    minutes that pass at once, and the sweeps that run then."""

    harness: ClassVar[Harness]
    walked: ClassVar = 0
    zones: ClassVar[tuple[str, ...]] = tuple(PARKING)
    passing: ClassVar[tuple[int, ...]] = (1, 5, 10, 15, 20, 30, 55, 60, 90, 400)
    sweeping: ClassVar[tuple[str | None, ...]] = (
        None,
        None,
        None,
        "auto-checkout",
        "expire-bookings",
    )

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[AssertionError] = []
        self.harness.backend.reset()
        self.clock: Clock = self.harness.clock
        self.reference = Reference()
        self.world = World(self._deps())
        self.owner: dict[str, Actor] = {}
        self.beat = 0
        self.noticed = self.clock.now()
        for zone in dict.fromkeys(self.zones):
            self._add_zone(zone)

    def _add_zone(self, zone: str) -> None:
        tariff = builders.FREE if zone in FREE_OF_CHARGE else builders.HOURLY
        kind = "venue" if zone in VENUES else "parking"
        self.world.add_zone(zone, ZONES[zone], spaces=len(NUMBERS), tariff=tariff, kind=kind)

    def _deps(self) -> Deps:
        drawn = random.Random(7).getrandbits
        deps = dataclasses.replace(self.harness.deps, random_bits=drawn)
        assert isinstance(deps.commit, UnitOfWork)
        beneath = deps.commit.deps
        seen = dataclasses.replace(beneath, commit=lambda change: self._write(beneath, change))
        return dataclasses.replace(deps, commit=UnitOfWork(seen))

    def _write(self, beneath: Deps, change: Change) -> None:
        """Carry out a transaction."""
        beneath.commit(change)
        self._written(change)

    def _written(self, change: Change) -> None:
        """A transaction has just been carried out."""
        self.reference.committed(change)

    @precondition(lambda self: self.owner)
    @rule(minutes=one_of("passing"), sweep=one_of("sweeping"))
    def time_passes(self, minutes: int, sweep: str | None) -> None:
        self.clock.move(minutes=minutes)
        self._settled()
        steps["time passes"] += 1
        if sweep is not None:
            self._sweep(sweep)

    def _sweep(self, name: str) -> None:
        """Run a sweep twice: the second run finds nothing."""
        summary = sweeps.run(self.world.deps, name)
        assert (summary.failed, summary.parked) == (0, 0)
        assert sweeps.run(self.world.deps, name).due == 0

    @invariant()
    def everything_stored_agrees(self) -> None:
        for broken in self.wrong:
            raise broken
        type(self).walked += self.beat > 0
        self.beat += 1
        if self.beat % CHECK_EVERY == 0:
            self._look_at_everything()

    def _look_at_everything(self) -> Stored:
        return invariants.check(self.clock.now())

    def teardown(self) -> None:
        """At the end every booking agrees with the reference, and everything stored is
        consistent."""
        self._settled()
        for known in self.reference.bookings.values():
            self._agree(known, bookings.get(self.world.deps, self.world.admin, known.booking_id))
        self._look_at_everything()

    def _settled(self) -> datetime:
        """The present instant, before which the reference has carried out all deadlines. Sweeps are
        never out for so long that an overstay goes unnoticed."""
        now = self.clock.now()
        if now - self.noticed > UNNOTICED / 2:
            self.noticed = now
            sweeps.run(self.world.deps, "auto-checkout")
        self.reference.settle(now)
        return now

    def _pick(self, pick: int) -> Known:
        """One of the latest bookings, and mostly one that is not over."""
        everyone = list(self.reference.bookings.values())
        open_ = [known for known in everyone if known.is_live or known.owed]
        among = open_ if open_ and pick % 4 else everyone
        return among[-1 - pick % min(len(among), LATELY)]

    def _try(self, what: str, act: Callable[[], T]) -> tuple[errors.Refusal | None, T | None]:
        try:
            done = act()
        except errors.Refusal as refusal:
            steps[f"{what}: {refusal.code}"] += 1
            return refusal, None
        steps[f"{what}: done"] += 1
        return None, done

    def _refused(self, what: str, kind: type[errors.Refusal], act: Callable[[], Any]) -> None:
        refusal, _ = self._try(what, act)
        assert isinstance(refusal, kind), refusal

    def _agree(self, known: Known, stored: Booking | None) -> None:
        assert stored is not None
        known.settle(self.clock.now())
        assert known.agrees_with(stored), (known, stored)
