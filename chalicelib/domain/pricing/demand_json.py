"""The JSON of prices by demand, a part of a tariff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.pricing import json_readers as readers
from chalicelib.domain.pricing.demand import (
    LEAST_PERCENT,
    MOST_PERCENT,
    MOST_STEPS,
    PLAIN,
    Demand,
    DemandStep,
    out_of_order,
)
from chalicelib.domain.pricing.json_readers import Reader


def show(demand: Demand | None) -> dict[str, object] | None:
    """The steps as clients read and write them; null without any."""
    if demand is None:
        return None
    return {
        "steps": [
            {"full_percent": step.full_percent, "price_percent": step.price_percent}
            for step in demand.steps
        ],
        "floor_percent": demand.floor_percent,
        "cap_percent": demand.cap_percent,
    }


def read(raw: object, where: str) -> Demand:
    """Read the steps."""
    return Demand(**readers.fields(raw, where, _PARTS, {"steps"}))


def pack(demand: Demand | None) -> list[Any]:
    """The steps as a row of a packed tariff; empty without any."""
    if demand is None:
        return []
    steps = [(step.full_percent, step.price_percent) for step in demand.steps]
    return [steps, demand.floor_percent, demand.cap_percent]


def unpack(row: Sequence[Any]) -> Demand | None:
    """The steps in a row that `pack` wrote."""
    if not row:
        return None
    steps, floor, cap = row
    return Demand(tuple(DemandStep(*step) for step in steps), floor, cap)


def _steps(raw: object, where: str) -> tuple[DemandStep, ...]:
    steps = tuple(readers.items(raw, where, MOST_STEPS, _step))
    if not steps:
        raise Fault(say("must_have_a_step"))
    if (at := out_of_order(steps)) is not None:
        fault = say("must_begin_fuller", other=f"{where}[{at - 1}]")
        raise errors.Invalid({f"{where}[{at}]": fault})
    return steps


_STEP: dict[str, Reader] = {
    "full_percent": readers.integer(0, 100),
    "price_percent": readers.integer(LEAST_PERCENT, MOST_PERCENT),
}


def _step(raw: object, where: str) -> DemandStep:
    return DemandStep(**readers.fields(raw, where, _STEP, set(_STEP)))


_PARTS: dict[str, Reader] = {
    "steps": _steps,
    "floor_percent": readers.integer(LEAST_PERCENT, PLAIN),
    "cap_percent": readers.integer(PLAIN, MOST_PERCENT),
}
