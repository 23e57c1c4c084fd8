"""Random interleavings of everything that can happen to bookings (docs/quality.md, Faults).

Every test below walks its part of the 20,000 steps, and says how many they were (`pytest -s`).
"""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.ground import Ground
from tests.model.guests import HallLives
from tests.model.hotel import HotelLives
from tests.model.life import Life, steps
from tests.model.machine import Lives
from tests.model.operators import WaitingLives

LIVES: Final = {
    ("moto", "berth"): 55,
    ("moto", "long"): 500,
    ("dynoxide", "berth"): 3,
    ("dynoxide", "long"): 50,
}
"""Lives of one test by engine and profile (`HYPOTHESIS_PROFILE`)."""

PHASES: Final = {"berth": (Phase.generate,), "long": (Phase.generate, Phase.shrink)}
"""Making a failure shorter takes longer than finding it."""

LONGEST: Final = 80
"""Steps of one life at most."""

AT_LEAST: Final = 3_500
"""Steps of one test: six of them walk 20,000."""

BEGINNINGS: Final[dict[tuple[str, type[Life]], int]] = {("moto", HotelLives): 2}
"""Chances of one test, where there are so many kinds of steps that one life takes only a few."""

COST: Final[dict[type[Life], int]] = {HotelLives: 4}
"""How much longer a step takes than others: there are fewer."""
OFTEN: Final = 3


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whatever_happens_in_a_car_park_the_rules_hold(ground: Ground, chance: int) -> None:
    _live(Lives, ground, chance)


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whatever_happens_in_halls_and_to_their_mails_the_rules_hold(
    ground: Ground, chance: int
) -> None:
    _live(HallLives, ground, chance)


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whoever_waits_for_a_hall_gets_it_in_their_turn(ground: Ground, chance: int) -> None:
    _live(WaitingLives, ground, chance)


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whatever_happens_in_a_hotel_the_rules_hold(ground: Ground, chance: int) -> None:
    _live(HotelLives, ground, chance)


TRIED: Final[dict[type[Life], set[str]]] = {
    Lives: {"book: done", "enter: done", "leave: done", "move: done", "waive: done"},
    HallLives: {
        "reminder leaves", "given up", "confirm: done", "override: done", "click confirm: done",
        "click cancel: done", "mailer is busy", "mailer refuses",
    },
    WaitingLives: {
        "join: done", "claim: done", "claim: OFFER_EXPIRED", "leave when offered: done",
        "mail lost when offered", "offer leaves", "group: done",
        "open: done", "add space: done",
    },
    HotelLives: {
        "book: done", "walk in: done", "check in at the desk: done", "bulk check in: done",
        "check out at the desk: done", "check out at the gate: done", "bulk check out: done",
        "turn to READY_FOR_GUEST: done", "desk asked", "it strikes 11", "stay_ended leaves",
    },
}  # fmt: skip
"""What must have happened, and more than a few times, for a test to mean something."""


def _live(kind: type[Life], ground: Ground, chance: int) -> None:
    engine = "moto" if ground.bench.aws.in_process else "dynoxide"
    profile = os.environ.get("HYPOTHESIS_PROFILE", "berth")
    cost, beginnings = COST.get(kind, 1), BEGINNINGS.get((engine, kind), 1)
    kind.ground, kind.walked = ground, 0
    steps.clear()
    for nth in range(beginnings):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            seed(chance + 1000 * nth)(kind),
            settings=settings(
                max_examples=max(2, LIVES[engine, profile] // (beginnings * cost)),
                stateful_step_count=LONGEST,
                suppress_health_check=list(HealthCheck),
                phases=PHASES[profile],
            ),
        )
    print(kind.walked, "steps", dict(sorted(steps.items())))  # noqa: T201
    if engine == "moto":
        assert kind.walked >= AT_LEAST / cost
        assert {what for what in TRIED[kind] if steps[what] < OFTEN} == set()
