"""A room's history keeps the order of its steps, however fast they come."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import Change
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.store.commit import Commit
from chalicelib.store.rooms import Steps
from local.metering import Meter
from tests.clock import NOON, Clock
from tests.races.crowd import rush

CLEANER = Actor("USCLEANER1", Role.STAFF, frozenset({"central"}))
ROUND = [
    Condition.OUT_OF_SERVICE, Condition.CHECKOUT_DIRTY, Condition.CLEANING_IN_PROGRESS,
    Condition.CLEANED_UNINSPECTED, Condition.READY_FOR_GUEST,
]  # fmt: skip


def move_on(deps: Deps, to: Condition, number: str = "101") -> None:
    room = deps.rooms.get("rooms", number)
    edit = turnover.step(room, to, by=CLEANER, at=deps.now(), note=f"{room.condition} to {to}")
    deps.commit(Change().turning(edit))


def history(deps: Deps, number: str = "101") -> list[Condition]:
    """The conditions of a room, the earliest first, read three at a time."""
    became: list[Condition] = []
    after: str | None = None
    while True:
        page = deps.rooms.history("rooms", number, limit=3, after=after)
        became += [each.to for _, each in page.records]
        after = page.after
        if after is None:
            return became[::-1]


def another_instance(deps: Deps) -> Deps:
    """An instance without a memory of what this one has written, in this test or another."""
    assert isinstance(deps.commit, UnitOfWork)
    commit = copy.copy(deps.commit.deps.commit)
    assert isinstance(commit, Commit)
    commit._steps = Steps()
    return replace(deps.commit.deps, commit=commit)


@pytest.mark.engine2
def test_steps_within_one_second_stand_in_their_order(deps: Deps) -> None:
    one, other = another_instance(deps), another_instance(deps)
    for n, to in enumerate(ROUND * 4):
        move_on(other if n % 3 else one, to)
    assert history(deps) == ROUND * 4


def test_steps_of_the_next_second_are_numbered_anew(deps: Deps, clock: Clock) -> None:
    move_on(deps, ROUND[0], "102")
    for to in ROUND:
        move_on(deps, to)
        clock.move(seconds=1)
    assert history(deps) == ROUND
    assert history(deps, "102") == ROUND[:1]


def test_a_step_alone_in_its_second_costs_one_transaction(deps: Deps, meter: Meter) -> None:
    move_on(deps, Condition.OUT_OF_SERVICE)
    meter.reset()
    move_on(deps, Condition.OUT_OF_SERVICE, "102")
    assert meter.snapshot().requests["TransactWriteItems"] == 1


def test_a_stale_step_is_refused_in_the_same_second_too(deps: Deps) -> None:
    move_on(deps, Condition.OUT_OF_SERVICE)
    outdated = turnover.clear(Room("rooms", "101"), by=CLEANER, at=NOON, note="")
    with pytest.raises(errors.StaleVersion):
        deps.commit(Change().turning(outdated))
    assert history(deps) == ROUND[:1]


@pytest.mark.engine2
def test_steps_of_many_rooms_at_once_are_each_in_their_history(deps: Deps) -> None:
    rush(partial(move_on, deps, Condition.OUT_OF_SERVICE, f"10{n}") for n in range(6))
    assert [history(deps, f"10{n}") for n in range(6)] == [ROUND[:1]] * 6
