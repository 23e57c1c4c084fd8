"""The plans of season passes, as they stand in the item of their site and of each pass."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.sites.season_plan import SeasonPlan


def row(plan: SeasonPlan) -> list[object]:
    """A plan as a row."""
    return [
        plan.plan_id,
        plan.name,
        plan.period,
        plan.price,
        list(plan.zones),
        plan.pause_days,
        plan.transfers,
        int(plan.sold),
        plan.tax_bp,
    ]


def plan(stored: list[Any]) -> SeasonPlan:
    """The plan in a row."""
    plan_id, name, period, price, zones, pause_days, transfers, sold, tax_bp = stored
    return SeasonPlan(
        plan_id, name, period, price, tuple(zones), pause_days, transfers, bool(sold), tax_bp
    )
