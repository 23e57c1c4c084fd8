"""Routes of the plans of season passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.season_passes.views import SeasonPlansView, SeasonPlanView
from chalicelib.api.web.http import OWNER, PUBLIC, Answer, Call, Routes, created, no_content, ok
from chalicelib.domain.core import serialize
from chalicelib.domain.core.constraints import (
    UNSET,
    Amount,
    Doc,
    Integer,
    Items,
    Name,
    Slug,
    given,
)
from chalicelib.domain.sites.season_plan import SeasonPeriod
from chalicelib.services.season_passes import plans
from chalicelib.services.season_passes.plans import PlanRequest

routes = Routes(__name__)

_Price = Annotated[str, Amount(), Doc("Tax included.", "5000.00")]
_PlanName = Annotated[Name, Doc("What people call it.", "Monthly")]
_Zones = Annotated[
    tuple[Annotated[Slug, Doc("A parking zone.", "zone-a")], ...],
    Items(50),
    Doc("None: all parking zones of the site."),
]
_PauseDays = Annotated[int, Integer(0, 90), Doc("Days of each term that may be paused.", 7)]
_Transfers = Annotated[
    int, Integer(0, 100), Doc("How often a pass may change its vehicle or its holder.", 1)
]


@dataclass(frozen=True, kw_only=True)
class NewPlan:
    """A plan. In rupees the period alone is enough: weekly 1,500, monthly 5,000, quarterly
    13,500."""

    site: Annotated[Slug, Doc("The site that sells it.", "central")]
    period: SeasonPeriod
    plan_id: Annotated[Slug, Doc("By default the name of its period.", "monthly-a")] | None = None
    name: _PlanName | None = None
    price: _Price | None = None
    zones: _Zones = ()
    pause_days: _PauseDays | None = None
    transfers: _Transfers = 1


@dataclass(frozen=True)
class PlanEdit:
    """What to change about a plan."""

    name: _PlanName = UNSET
    price: _Price = UNSET
    zones: _Zones = UNSET
    pause_days: _PauseDays = UNSET
    transfers: _Transfers = UNSET


@dataclass(frozen=True)
class PlansQuery:
    """Of which site."""

    site: Annotated[Slug, Doc("The site.", "central")]


@routes.post(
    "/api/admin/passes/plans",
    who=OWNER, takes=NewPlan, gives=SeasonPlanView, status=201, once=True, sensitive=True,
    located=("/api/admin/passes/plans/{plan_ref}",),
)  # fmt: skip
def create_plan(call: Call) -> Answer:
    """Sell season passes at a site by a new plan."""
    made = plans.create(
        call.deps, call.actor, PlanRequest(**vars(call.body)), source_ip=call.source_ip
    )
    return created(serialize.fields(SeasonPlanView.of(made)))


@routes.get("/api/public/passes/plans", who=PUBLIC, query=PlansQuery, gives=SeasonPlansView)
def list_sold_plans(call: Call) -> Answer:
    """The season passes that a site sells."""
    return ok(serialize.fields(SeasonPlansView.of(plans.in_sale(call.deps, call.query.site))))


@routes.get("/api/admin/passes/plans", who=OWNER, query=PlansQuery, gives=SeasonPlansView)
def list_plans(call: Call) -> Answer:
    """The plans of a site that you run."""
    found = plans.of_site(call.deps, call.actor, call.query.site)
    return ok(serialize.fields(SeasonPlansView.of(found)))


@routes.get("/api/admin/passes/plans/{plan_ref}", who=OWNER, gives=SeasonPlanView)
def get_plan(call: Call, plan_ref: str) -> Answer:
    """A plan."""
    return ok(serialize.fields(SeasonPlanView.of(plans.get(call.deps, call.actor, plan_ref))))


@routes.patch(
    "/api/admin/passes/plans/{plan_ref}",
    who=OWNER, takes=PlanEdit, gives=SeasonPlanView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_plan(call: Call, plan_ref: str) -> Answer:
    """Change a plan. Passes that were sold keep their terms until they are renewed."""
    edited = plans.edit(call.deps, call.actor, plan_ref, given(call.body), source_ip=call.source_ip)
    return ok(serialize.fields(SeasonPlanView.of(edited)))


@routes.delete(
    "/api/admin/passes/plans/{plan_ref}", who=OWNER, status=204, sensitive=True, versioned=True
)
def delete_plan(call: Call, plan_ref: str) -> Answer:
    """Sell a plan no more. Passes that were sold stay valid."""
    plans.withdraw(call.deps, call.actor, plan_ref, source_ip=call.source_ip)
    return no_content()
