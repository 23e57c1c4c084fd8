"""Promo codes, for owners and admins."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Self

from chalicelib.api.sites.bodies import Currency
from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, Answer, Call, Routes, created, no_content, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.values import Instant, LocalDay, MoneyView, instant
from chalicelib.domain.core.constraints import (
    UNSET,
    Amount,
    Doc,
    Integer,
    Items,
    Slug,
    Text,
    given,
)
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.promos.promo import (
    CODE,
    LONGEST,
    MOST_USES,
    MOST_ZONES,
    SHORTEST,
    UseLimits,
)
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.services.promos import promos
from chalicelib.services.promos.promos import PromoUses

routes = Routes(__name__)

Code = Annotated[
    str,
    Text(min=SHORTEST, max=LONGEST, pattern=CODE, form=say("must_be_promo_code")),
    Doc("Letters, digits and hyphens; kept in upper case.", "SUMMER20"),
]
OfSite = Annotated[Slug, Doc("Its site. Left out: all sites, for admins.", "central")]
Percent = Annotated[int, Integer(1, 100), Doc("Per cent off, or an `amount` instead.", 20)]
Off = Annotated[str, Amount(), Doc("The amount off, at most the price.", "20.00")]
Minimum = Annotated[str, Amount(), Doc("The least price for which it works.", "100.00")]
Description = Annotated[str, Text(max=200), Doc("What it is for.", "Summer leaflet")]
Active = Annotated[bool, Doc("Whether it works.")]
FirstDay = Annotated[
    date, Doc("The first date, at the site, on which bookings may be made with it.", "2026-12-01")
]
LastDay = Annotated[date, Doc("The last such date.", "2026-12-31")]
Zones = Annotated[
    tuple[Slug, ...], Items(MOST_ZONES), Doc("The zones where it works; all where empty.")
]
Kinds = Annotated[
    tuple[ZoneKind, ...], Items(3), Doc("The kinds of zones where it works; all where empty.")
]
Uses = Annotated[int, Integer(1, MOST_USES)]
InAll = Annotated[Uses, Doc("The most uses in all.", 100)]
PerPerson = Annotated[Uses, Doc("The most uses of one customer.", 1)]
PerSite = Annotated[Uses, Doc("The most uses at one site.", 50)]
PerDay = Annotated[Uses, Doc("The most uses on one day at a site.", 10)]
PerWeek = Annotated[Uses, Doc("The most uses in one ISO week at a site.", 50)]
PerMonth = Annotated[Uses, Doc("The most uses in one month at a site.", 100)]


@dataclass(frozen=True)
class NewPromo:
    """A new promo code, with a `percent` or an `amount`."""

    code: Code
    site: OfSite | None = None
    percent: Percent | None = None
    amount: Off | None = None
    currency: Currency | None = None
    minimum: Minimum | None = None
    description: Description | None = None
    active: Active = True
    first: FirstDay | None = None
    last: LastDay | None = None
    zones: Zones = ()
    kinds: Kinds = ()
    total: InAll | None = None
    per_person: PerPerson | None = None
    per_site: PerSite | None = None
    per_day: PerDay | None = None
    per_week: PerWeek | None = None
    per_month: PerMonth | None = None

    @property
    def new(self) -> promos.NewPromo:
        fields = dict(vars(self))
        limits = UseLimits(**{name: fields.pop(name) for name in UseLimits.__slots__})
        return promos.NewPromo(**fields, limits=limits)


@dataclass(frozen=True)
class PromoEdit:
    """What to change about a promo code. What it takes off stays: make another code for that."""

    description: Description | None = UNSET
    active: Active = UNSET
    first: FirstDay | None = UNSET
    last: LastDay | None = UNSET
    zones: Zones = UNSET
    kinds: Kinds = UNSET
    total: InAll | None = UNSET
    per_person: PerPerson | None = UNSET
    per_site: PerSite | None = UNSET
    per_day: PerDay | None = UNSET
    per_week: PerWeek | None = UNSET
    per_month: PerMonth | None = UNSET


@dataclass(frozen=True)
class PromosQuery:
    """Whose promo codes."""

    site: Annotated[Slug, Doc("Left out: those of all sites, for admins.", "central")] | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class PromoView:
    """A promo code, and how often it has been used."""

    promo_id: Annotated[str, Doc("Names the code.", "central.SUMMER20")]
    code: str
    site: Annotated[str | None, Doc("Null for a code of all sites.", "central")]
    percent: int | None
    amount: MoneyView | None
    minimum: MoneyView | None
    description: str | None
    active: bool
    first: LocalDay | None
    last: LocalDay | None
    zones: tuple[str, ...]
    kinds: tuple[ZoneKind, ...]
    total: int | None
    per_person: int | None
    per_site: int | None
    per_day: int | None
    per_week: int | None
    per_month: int | None
    used: Annotated[int, Doc("Its uses so far, without those given back.", 0)]
    created_at: Instant
    version: int

    @classmethod
    def of(cls, used: PromoUses) -> Self:
        promo = used.promo
        return cls(
            promo_id=promo.promo_id,
            code=promo.code,
            site=promo.site,
            percent=promo.percent or None,
            amount=_money(promo.amount, promo.currency),
            minimum=_money(promo.minimum, promo.currency),
            description=promo.description,
            active=promo.active,
            first=_day(promo.first),
            last=_day(promo.last),
            zones=promo.zones,
            kinds=promo.kinds,
            **asdict(promo.limits),
            used=used.used,
            created_at=instant(promo.created_at),
            version=promo.version,
        )


def _money(minor: int, currency: str | None) -> MoneyView | None:
    return None if currency is None or not minor else MoneyView.of(Money(minor, currency))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


@routes.get("/api/admin/promos", who=OWNER, query=PromosQuery, gives=[PromoView])
def list_promos(call: Call) -> Answer:
    """The promo codes of a site, or for admins those of all sites."""
    what = f"promos/{call.query.site or ''}"
    found = promos.list_of(
        call.deps,
        call.actor,
        call.query.site,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, PromoView.of)


@routes.post(
    "/api/admin/promos",
    who=OWNER, takes=NewPromo, gives=PromoView, status=201, once=True, sensitive=True,
    located=("/api/admin/promos/{promo_id}",),
)  # fmt: skip
def create_promo(call: Call) -> Answer:
    """Create a promo code, of a site or for admins of all sites."""
    made = promos.create(call.deps, call.actor, call.body.new, source_ip=call.source_ip)
    return created(asdict(PromoView.of(made)))


@routes.get("/api/admin/promos/{promo_id}", who=OWNER, gives=PromoView)
def get_promo(call: Call, promo_id: str) -> Answer:
    """One promo code, and how often it has been used."""
    promo = promos.get(call.deps, call.actor, promo_id)
    return ok(asdict(PromoView.of(promos.with_uses(call.deps, promo))))


@routes.patch(
    "/api/admin/promos/{promo_id}",
    who=OWNER, takes=PromoEdit, gives=PromoView, sensitive=True, versioned=True,
)  # fmt: skip
def edit_promo(call: Call, promo_id: str) -> Answer:
    """Change where, when and how often a promo code may be used, or switch it off. Bookings that
    were made with it keep it."""
    edited = promos.edit(
        call.deps, call.actor, promo_id, given(call.body), source_ip=call.source_ip
    )
    return ok(asdict(PromoView.of(edited)))


@routes.delete(
    "/api/admin/promos/{promo_id}", who=OWNER, status=204, sensitive=True, versioned=True
)
def delete_promo(call: Call, promo_id: str) -> Answer:
    """Delete a promo code. Bookings that were made with it keep it."""
    promos.delete(call.deps, call.actor, promo_id, source_ip=call.source_ip)
    return no_content()
