"""Random interleavings of everything that can happen to bookings (quality.md, Faults)."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.ground import Ground
from tests.model.life import steps
from tests.model.machine import Lives

LIVES = {
    ("moto", "berth"): 40,
    ("moto", "long"): 500,
    ("dynoxide", "berth"): 4,
    ("dynoxide", "long"): 50,
}
"""Lives by engine and profile (`HYPOTHESIS_PROFILE`)."""

PHASES = {"berth": (Phase.generate,), "long": (Phase.generate, Phase.shrink)}
"""Making a failure shorter takes longer than finding it."""

STEPS = 80
"""Steps of one life at most."""


@pytest.mark.engine2
def test_whatever_happens_in_whatever_order_the_rules_hold(ground: Ground) -> None:
    engine = "moto" if ground.bench.aws.in_process else "dynoxide"
    profile = os.environ.get("HYPOTHESIS_PROFILE", "berth")
    Lives.ground = ground
    steps.clear()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Lives,
        settings=settings(
            max_examples=LIVES[engine, profile],
            stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
            phases=PHASES[profile],
        ),
    )
    assert len(steps) >= 10, "some rules were never tried"
