"""The terms by which a season pass is sold: those of its plan, with the tax of today."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.pricing import taxing
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites import season_plan
from chalicelib.domain.sites.season_plan import SeasonPlan
from chalicelib.services.core.deps import Deps


def of_renewal(deps: Deps, held: SeasonPass) -> SeasonPlan:
    """The plan by which a pass is renewed, as `of_plan`. Raises SeasonPlanNotFound too where the
    site has another currency by now."""
    if deps.catalogue.site(held.site).currency != held.currency:
        raise errors.SeasonPlanNotFound()
    return of_plan(deps, held.site, held.plan.plan_id)


def of_plan(deps: Deps, slug: str, plan_id: str) -> SeasonPlan:
    """A plan as its site sells it now, with the tax that is in its price: that of stays in the
    first zone that it covers. Cached. Raises SiteNotFound, SeasonPlanNotFound."""
    site = deps.catalogue.site(slug)
    plan = season_plan.find(site.season_plans, plan_id)
    today = localtime.local_date(deps.now(), site.tz)
    rates = (
        taxing.rate_of(zone.tariff.tax, plan.price, today)
        for zone in sorted(deps.catalogue.zones_of(slug), key=lambda zone: zone.zone_id)
        if zone.kind == "parking" and (not plan.zones or zone.zone_id in plan.zones)
    )
    return replace(plan, tax_bp=next(rates, 0))
