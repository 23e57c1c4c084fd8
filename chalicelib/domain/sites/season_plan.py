"""Plans of season passes: what a site sells, and for how much (docs/rules/passes.md, Plans)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from chalicelib.domain.core import errors

SeasonPeriod = Literal["weekly", "monthly", "quarterly"]

DEFAULT_CURRENCY: Final = "INR"

DEFAULT_PRICES: Final[Mapping[SeasonPeriod, int]] = {
    "weekly": 150_000,
    "monthly": 500_000,
    "quarterly": 1_350_000,
}
"""In minor units of the currency above."""

PAUSE_DAYS: Final[Mapping[SeasonPeriod, int]] = {"weekly": 2, "monthly": 7, "quarterly": 21}
"""The days of a term that may be paused, by default."""

MOST: Final = 20
"""Plans of a site."""


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """A plan of a site, which has one currency. `price` is in minor units, tax included. Without
    `zones` it covers all parking zones of the site. `pause_days` may be paused in each term, and
    the pass may be transferred `transfers` times. One that is not `sold` any more stays, for the
    passes that were sold. With a pass stays the tax in its price, `tax_bp` basis points."""

    plan_id: str
    name: str
    period: SeasonPeriod
    price: int
    zones: tuple[str, ...] = ()
    pause_days: int = 0
    transfers: int = 1
    sold: bool = True
    tax_bp: int = 0


SeasonPlans = tuple[SeasonPlan, ...]


def find(plans: SeasonPlans, plan_id: str) -> SeasonPlan:
    """The plan that is sold under this id. Raises SeasonPlanNotFound."""
    for plan in in_sale(plans):
        if plan.plan_id == plan_id:
            return plan
    raise errors.SeasonPlanNotFound()


def in_sale(plans: Iterable[SeasonPlan]) -> SeasonPlans:
    """The plans that are sold."""
    return tuple(plan for plan in plans if plan.sold)


def added(plans: SeasonPlans, plan: SeasonPlan) -> SeasonPlans:
    """The plans with a new one. One with the id of a plan that is not sold any more takes its
    place. Raises AlreadyExists, and SeasonPassLimit above `MOST`."""
    if any(each.plan_id == plan.plan_id for each in in_sale(plans)):
        raise errors.AlreadyExists()
    others = tuple(each for each in plans if each.plan_id != plan.plan_id)
    if len(others) >= MOST:
        raise errors.SeasonPassLimit()
    return (*others, plan)


def edited(plans: SeasonPlans, plan: SeasonPlan) -> SeasonPlans:
    """The plans with another version of one of them."""
    return tuple(plan if each.plan_id == plan.plan_id else each for each in plans)


def withdrawn(plans: SeasonPlans, plan_id: str) -> SeasonPlans:
    """The plans, of which this one is sold no more. Raises SeasonPlanNotFound."""
    return edited(plans, replace(find(plans, plan_id), sold=False))


def default_price(period: SeasonPeriod, currency: str) -> int | None:
    """The price of a plan where none is named; None in a currency that has no defaults."""
    return DEFAULT_PRICES[period] if currency == DEFAULT_CURRENCY else None
