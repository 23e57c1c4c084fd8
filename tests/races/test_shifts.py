"""The same drawer opened and closed by several at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib.domain.operations.shift import Drawer, Shift
from chalicelib.services.operations import shifts
from tests.races.crowd import rush
from tests.wording import english
from tests.world import World

pytestmark = pytest.mark.engine2


def _open(world: World) -> Shift:
    return shifts.open_shift(world.deps, world.staff, "central", "500", source_ip="-")


def _close(world: World, shift: Shift, counted: str) -> Shift:
    return shifts.close(world.deps, world.owner, shift.shift_id, counted, note="", source_ip="-")


def test_of_many_who_open_a_shift_for_one_account_one_does(world: World) -> None:
    outcome = rush([partial(_open, world)] * 6)
    (shift,) = outcome.answers
    assert outcome.codes == {"SHIFT_OPEN": 5}
    assert {english(refusal) for refusal in outcome.refusals} == {
        f"Your shift {shift.shift_id} is still open. Close it first."
    }
    assert world.deps.shifts.of_site("central", limit=9).records == (shift,)


def test_a_shift_that_several_close_alike_is_closed_once_and_all_are_told_the_same(
    world: World,
) -> None:
    shift = _open(world)
    outcome = rush([partial(_close, world, shift, "480")] * 4)
    assert outcome.refusals == ()
    assert set(outcome.answers) == {world.deps.shifts.get(shift.shift_id)}
    drawer = world.deps.shifts.drawer("central", world.staff.account_id)
    assert drawer == Drawer(shift.shift_id, world.deps.now())


def test_of_two_counts_one_stands(world: World) -> None:
    shift = _open(world)
    outcome = rush([partial(_close, world, shift, counted) for counted in ("480", "490")])
    assert outcome.codes == {"SHIFT_CLOSED": 1}
    assert outcome.answers == (world.deps.shifts.get(shift.shift_id),)
