"""Random lives of car parks, halls and a hotel, each step held against a slow reference.

Each test draws its lives from seeds of its own. From one seed Hypothesis takes its simplest life,
then eight that it draws afresh; from the tenth on it only varies those, which costs as much and
finds less. So lives are drawn from more seeds, never more from one.

In the profile `ci` the seeds are the same in every run: a red build is due to its change, and can
be repeated. In the profile `long` (`HYPOTHESIS_PROFILE=long`, on demand) they are drawn at random
and printed; `LIVES_SEED=…` repeats a run. `pytest -s` shows what happened how often.
"""

from __future__ import annotations

import os
import random
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.harness import Harness
from tests.model.car_park_life import CarParkLife
from tests.model.crowded_hall_life import CrowdedHallLife
from tests.model.hall_life import HallLife
from tests.model.hotel_life import HotelLife
from tests.model.life import Life, steps
from tests.model.paying_life import PayingLife

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE", "ci")
FIRST_SEED: Final = int(
    os.environ.get("LIVES_SEED", random.randrange(10**9) if PROFILE == "long" else 0)
)

SEEDS: Final = {
    ("moto", "ci"): 1,
    ("moto", "long"): 50,
    ("dynoxide", "ci"): 1,
    ("dynoxide", "long"): 5,
}
"""How many seeds one test takes, by engine and profile."""

LIVES: Final = {"moto": 9, "dynoxide": 3}
"""Lives from one seed."""

LONGEST: Final = 80
"""Steps of one life."""

MOST: Final = 0.7
"""The least share of all steps that is taken: Hypothesis tries a few lives that end at once."""

PHASES: Final = {"ci": (Phase.generate,), "long": (Phase.generate, Phase.shrink)}
"""To shorten a failure takes longer than to find it."""


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whatever_happens_in_a_car_park_the_rules_hold(harness: Harness, chance: int) -> None:
    assert _untried(CarParkLife, harness, chance) == set()


@pytest.mark.engine2
def test_whatever_is_paid_online_the_books_agree(harness: Harness) -> None:
    never = _untried(PayingLife, harness, 1) & _untried(PayingLife, harness, 2)
    assert never == set()


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whatever_happens_in_halls_and_to_their_mails_the_rules_hold(
    harness: Harness, chance: int
) -> None:
    assert _untried(HallLife, harness, chance) == set()


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_each_customer_on_a_waitlist_is_served_in_turn(harness: Harness, chance: int) -> None:
    assert _untried(CrowdedHallLife, harness, chance) == set()


@pytest.mark.engine2
@pytest.mark.parametrize("chance", [1, 2])
def test_whatever_happens_in_a_hotel_the_rules_hold(harness: Harness, chance: int) -> None:
    assert _untried(HotelLife, harness, chance) == set()


TRIED: Final[dict[type[Life], set[str]]] = {
    CarParkLife: {"book: done", "enter: done", "leave: done", "move: done", "waive: done"},
    PayingLife: {
        "pay: brings money", "paid late: booked again", "refund: done", "enter: done",
        "leave: done", "cancel: done",
    },
    HallLife: {
        "reminder leaves", "given up", "confirm: done", "override: done", "click confirm: done",
        "click cancel: done", "mailer is busy", "mailer refuses",
    },
    CrowdedHallLife: {
        "join: done", "claim: done", "claim: OFFER_EXPIRED", "leave when offered: done",
        "mail lost when offered", "offer leaves", "group: done",
        "open: done", "add space: done",
    },
    HotelLife: {
        "book: done", "walk in: done", "check in at the desk: done", "bulk check in: done",
        "check out at the desk: done", "check out at the gate: done", "bulk check out: done",
        "turn to READY_FOR_GUEST: done", "desk asked", "it strikes 11", "stay_ended leaves",
    },
}  # fmt: skip
"""What must have happened for a test to mean something."""


def _untried(kind: type[Life], harness: Harness, chance: int) -> set[str]:
    """Live lives of a kind, which fail at the first broken rule; returns what must happen in them
    and has not. On the slow engine they are too few to try everything."""
    engine = "moto" if harness.backend.aws.in_process else "dynoxide"
    kind.harness, kind.walked = harness, 0
    steps.clear()
    for nth in range(SEEDS[engine, PROFILE]):
        number = FIRST_SEED + chance + 1000 * nth
        print("seed", number)  # noqa: T201
        run_state_machine_as_test(
            seed(number)(kind),
            settings=settings(
                max_examples=LIVES[engine],
                stateful_step_count=LONGEST,
                suppress_health_check=list(HealthCheck),
                phases=PHASES[PROFILE],
            ),
        )
    print(kind.walked, "steps", dict(sorted(steps.items())))  # noqa: T201
    if engine != "moto":
        return set()
    assert kind.walked >= MOST * LIVES[engine] * (LONGEST - 1) * SEEDS[engine, PROFILE]
    return {what for what in TRIED[kind] if not steps[what]}
