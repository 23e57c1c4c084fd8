"""The plans of a site, in its record: each step is one transaction with its audit event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.core import amounts, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.sites import season_plan as rules
from chalicelib.domain.sites.season_plan import SeasonPeriod, SeasonPlan, SeasonPlans
from chalicelib.domain.sites.site import Site
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import catalogue


@dataclass(frozen=True)
class SitePlan:
    """A plan with the site that sells it. Its id names both: `<site>.<plan>`."""

    site: Site
    plan: SeasonPlan

    @property
    def plan_ref(self) -> str:
        return f"{self.site.slug}.{self.plan.plan_id}"

    @property
    def price(self) -> Money:
        return Money(self.plan.price, self.site.currency)

    @property
    def version(self) -> int:
        """The version of the site, which has the plan."""
        return self.site.version


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """A new plan. What is left out follows from its period."""

    site: str
    period: SeasonPeriod
    plan_id: str | None = None
    name: str | None = None
    price: str | None = None
    zones: tuple[str, ...] = ()
    pause_days: int | None = None
    transfers: int = 1


def create(deps: Deps, actor: Actor, request: PlanRequest, *, source_ip: str) -> SitePlan:
    """Sell season passes by a new plan. Raises Forbidden, SiteNotFound, ClosedForGood, Invalid,
    AlreadyExists, SeasonPassLimit."""

    def added(site: Site) -> tuple[SeasonPlan, SeasonPlans]:
        plan = _plan_of(deps, request, site)
        if deps.replay is not None and plan in site.season_plans:  # a repeated request
            return plan, site.season_plans
        return plan, rules.added(site.season_plans, plan)

    return _edit(deps, actor, request.site, "create_season_plan", source_ip, added)


def edit(
    deps: Deps, actor: Actor, plan_ref: str, changes: Mapping[str, Any], *, source_ip: str
) -> SitePlan:
    """Change a plan; passes that were sold keep what they were sold with. Raises
    SeasonPlanNotFound, Forbidden, Invalid."""
    slug, plan_id = _split(plan_ref)

    def changed(site: Site) -> tuple[SeasonPlan, SeasonPlans]:
        plan = replace(rules.find(site.season_plans, plan_id), **_read(deps, site, changes))
        return plan, rules.edited(site.season_plans, plan)

    return _edit(deps, actor, slug, "edit_season_plan", source_ip, changed)


def withdraw(deps: Deps, actor: Actor, plan_ref: str, *, source_ip: str) -> None:
    """Sell a plan no more; passes that were sold stay valid. Raises SeasonPlanNotFound,
    Forbidden."""
    slug, plan_id = _split(plan_ref)

    def withdrawn(site: Site) -> tuple[SeasonPlan, SeasonPlans]:
        return rules.find(site.season_plans, plan_id), rules.withdrawn(site.season_plans, plan_id)

    _edit(deps, actor, slug, "delete_season_plan", source_ip, withdrawn)


def get(deps: Deps, actor: Actor, plan_ref: str) -> SitePlan:
    """A plan, for owners of its site. Raises SeasonPlanNotFound, Forbidden."""
    slug, plan_id = _split(plan_ref)
    site = _site(deps, actor, slug)
    return SitePlan(site, rules.find(site.season_plans, plan_id))


def of_site(deps: Deps, actor: Actor, slug: str) -> tuple[SitePlan, ...]:
    """The plans that a site sells, for its owners: one consistent read. Raises Forbidden,
    SiteNotFound."""
    site = catalogue.get_site(deps, actor, slug)
    return tuple(SitePlan(site, plan) for plan in rules.in_sale(site.season_plans))


def in_sale(deps: Deps, slug: str) -> tuple[SitePlan, ...]:
    """The plans that a site sells, for everyone: cached. Raises SiteNotFound."""
    site = deps.catalogue.site(slug)
    if site.closed_at is not None:
        raise errors.SiteNotFound()
    return tuple(SitePlan(site, plan) for plan in rules.in_sale(site.season_plans))


def _split(plan_ref: str) -> tuple[str, str]:
    slug, _, plan_id = plan_ref.partition(".")
    return slug, plan_id


def _site(deps: Deps, actor: Actor, slug: str) -> Site:
    try:
        return catalogue.open_site(deps, actor, slug)
    except errors.SiteNotFound:
        raise errors.SeasonPlanNotFound() from None


def _edit(
    deps: Deps,
    actor: Actor,
    slug: str,
    action: str,
    source_ip: str,
    decide: Callable[[Site], tuple[SeasonPlan, SeasonPlans]],
) -> SitePlan:
    def once() -> SitePlan:
        site = deps.as_expected(catalogue.open_site(deps, actor, slug))
        plan, plans = decide(site)
        saved = site.evolve(season_plans=plans)
        done = audit_events.event(
            deps,
            actor=actor,
            action=action,
            subject=f"{slug}.{plan.plan_id}",
            site=slug,
            source_ip=source_ip,
            detail=Money(plan.price, site.currency).text(),
        )
        deps.commit(saving(saved).auditing(done))
        return SitePlan(saved, plan)

    return deps.retry_on_conflict(once)


def _plan_of(deps: Deps, request: PlanRequest, site: Site) -> SeasonPlan:
    price = rules.default_price(request.period, site.currency)
    if request.price is not None:
        price = _price(request.price, site)
    if price is None:
        raise errors.Invalid({"price": say("must_be_given")})
    pause_days = request.pause_days
    return SeasonPlan(
        request.plan_id or request.period,
        request.name or request.period.title(),
        request.period,
        price,
        _zones(deps, site, request.zones),
        rules.PAUSE_DAYS[request.period] if pause_days is None else pause_days,
        request.transfers,
    )


def _read(deps: Deps, site: Site, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as the plan has them."""
    read = dict(changes)
    if "price" in read:
        read["price"] = _price(read["price"], site)
    if "zones" in read:
        read["zones"] = _zones(deps, site, read["zones"])
    return read


def _price(text: str, site: Site) -> int:
    try:
        price = amounts.read(text, site.currency)
    except Fault as fault:
        raise errors.Invalid({"price": fault.wording}) from None
    if not price:
        raise errors.Invalid({"price": say("must_be_above_zero")})
    return price.minor


def _zones(deps: Deps, site: Site, zones: tuple[str, ...]) -> tuple[str, ...]:
    """The zones of a plan: parking zones of the site. Raises Invalid."""
    parking = {z.zone_id for z in deps.catalogue.zones_of(site.slug) if z.kind == "parking"}
    if not parking.issuperset(zones):
        raise errors.Invalid({"zones": say("must_be_parking_zone")})
    return tuple(sorted(set(zones)))
