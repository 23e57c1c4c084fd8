"""The promo codes of a site, managed by its owners; those of all sites, by admins
(docs/rules/promos.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.domain.core import access, amounts, errors, money
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import Fault, Wording, say
from chalicelib.domain.promos import redemption
from chalicelib.domain.promos.promo import (
    EVERYWHERE,
    NO_LIMITS,
    Promo,
    UseLimits,
    read_code,
    split_id,
)
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class NewPromo:
    """A new code. Amounts are decimals of the currency of its site; a code of all sites names its
    own."""

    code: str
    site: str | None = None
    percent: int | None = None
    amount: str | None = None
    currency: str | None = None
    minimum: str | None = None
    description: str | None = None
    active: bool = True
    first: date | None = None
    last: date | None = None
    zones: tuple[str, ...] = ()
    kinds: tuple[ZoneKind, ...] = ()
    limits: UseLimits = NO_LIMITS


@dataclass(frozen=True)
class PromoUses:
    """A code, and how often it has been used."""

    promo: Promo
    used: int


def create(deps: Deps, actor: Actor, new: NewPromo, *, source_ip: str) -> PromoUses:
    """Create a code. Raises Forbidden, SiteNotFound, AlreadyExists, Invalid."""
    _require_manages(actor, new.site)
    promo = _promo(deps, new)
    try:
        deps.commit(saving(promo).auditing(_audit(deps, actor, "create_promo", promo, source_ip)))
    except errors.AlreadyExists:
        found = deps.promos.get(promo.promo_id)
        if found.uid != promo.uid or not deps.is_replay_of(found.created_at):
            raise
        return with_uses(deps, found)
    return PromoUses(promo, 0)


def get(deps: Deps, actor: Actor, promo_id: str) -> Promo:
    """A code, for those who manage it: one read. Others do not learn whether there is one. Raises
    PromoNotFound, Forbidden."""
    site, _ = split_id(promo_id)
    _require_manages(actor, site)
    return deps.promos.get(promo_id)


def with_uses(deps: Deps, promo: Promo) -> PromoUses:
    """A code and its uses so far: one read."""
    partition = redemption.partition_of(promo.site)
    return PromoUses(promo, deps.tallies.get(partition, redemption.total_name(promo)))


def list_of(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[PromoUses]:
    """The codes of a site, or for admins those of all sites, in order: one query and one batch
    read. Raises Forbidden, SiteNotFound."""
    _require_manages(actor, site)
    if site is not None:
        deps.catalogue.site(site)
    found = deps.promos.of_site(site, limit=limit, after=after)
    names = [redemption.total_name(promo) for promo in found.records]
    used = deps.tallies.many(redemption.partition_of(site), names)
    records = (PromoUses(each, used[redemption.total_name(each)]) for each in found.records)
    return Listing(tuple(records), found.after)


def edit(
    deps: Deps, actor: Actor, promo_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> PromoUses:
    """Change where, when and how often a code may be used; what it takes off stays. Bookings that
    were made with it keep it. Raises PromoNotFound, Forbidden, Invalid."""

    def once() -> PromoUses:
        promo = deps.as_expected(get(deps, actor, promo_id))
        limits = {n: each for n, each in changes.items() if n in UseLimits.__slots__}
        others = {n: each for n, each in changes.items() if n not in limits}
        edited = promo.edited({**others, "limits": replace(promo.limits, **limits)})
        _require(_period_faults(edited) | _zone_faults(deps, edited))
        used = with_uses(deps, edited)
        audit = _audit(deps, actor, "edit_promo", edited, source_ip, ", ".join(sorted(changes)))
        deps.commit(saving(edited).auditing(audit))
        return used

    return deps.retry_on_conflict(once)


def delete(deps: Deps, actor: Actor, promo_id: str, *, source_ip: str) -> None:
    """Delete a code. Bookings that were made with it keep it. Raises PromoNotFound, Forbidden."""

    def once() -> None:
        promo = deps.as_expected(get(deps, actor, promo_id))
        audit = _audit(deps, actor, "delete_promo", promo, source_ip)
        deps.commit(Change().deleting(promo).auditing(audit))

    deps.retry_on_conflict(once)


def _require_manages(actor: Actor, site: str | None) -> None:
    if site is not None:
        access.require_runs(actor, site)
    elif actor.role is not Role.ADMIN:
        raise errors.Forbidden()


def _promo(deps: Deps, new: NewPromo) -> Promo:
    """The code that is asked for. Raises SiteNotFound, and Invalid with all faults."""
    faults: dict[str, Wording] = {}
    if (code := read_code(new.code)) is None:
        faults["code"] = say("must_be_promo_code")
    if new.percent is None and new.amount is None:
        faults["percent"] = say("must_take_off_one")
    if new.percent is not None and new.amount is not None:
        faults["percent"] = say("must_be_one_or_other")
    currency = _currency(deps, new, faults)
    promo = Promo(
        site=new.site,
        code=code or "",
        uid=deps.new_lasting_id("PR"),
        created_at=deps.now(),
        percent=new.percent or 0,
        amount=_minor(new.amount, currency, "amount", faults),
        currency=currency,
        minimum=_minor(new.minimum, currency, "minimum", faults),
        description=new.description,
        active=new.active,
        first=new.first,
        last=new.last,
        zones=new.zones,
        kinds=new.kinds,
        limits=new.limits,
    )
    _require(faults | _period_faults(promo) | _zone_faults(deps, promo))
    return promo


def _currency(deps: Deps, new: NewPromo, faults: dict[str, Wording]) -> str | None:
    """The currency of its amounts; None for a code without any."""
    site = None if new.site is None else deps.catalogue.site(new.site)
    if site is not None and new.currency not in (None, site.currency):
        faults["currency"] = say("must_be_currency_of_site", currency=site.currency)
    if new.amount is None and new.minimum is None:
        return None
    stated = new.currency if site is None else site.currency
    if stated is None:
        faults["currency"] = say("must_be_given_with_amounts")
    elif stated not in money.EXPONENTS:
        faults["currency"] = say("must_be_known_currency")
        return None
    return stated


def _minor(text: str | None, currency: str | None, field: str, faults: dict[str, Wording]) -> int:
    if text is None or currency is None:
        return 0
    try:
        minor = amounts.read(text, currency).minor
    except Fault as fault:
        faults[field] = fault.wording
        return 0
    if minor <= 0:
        faults[field] = say("must_be_above_zero")
    return minor


def _period_faults(promo: Promo) -> dict[str, Wording]:
    if promo.first is not None and promo.last is not None and promo.last < promo.first:
        return {"last": say("must_not_be_before", other="first")}
    return {}


def _zone_faults(deps: Deps, promo: Promo) -> dict[str, Wording]:
    if not promo.zones:
        return {}
    if promo.site is None:
        return {"zones": say("must_be_of_one_site")}
    of_site = {zone.zone_id for zone in deps.catalogue.zones_of(promo.site)}
    if any(zone not in of_site for zone in promo.zones):
        return {"zones": say("must_be_zones_of_site")}
    return {}


def _require(faults: dict[str, Wording]) -> None:
    if faults:
        raise errors.Invalid(dict(sorted(faults.items())))


def _audit(
    deps: Deps, actor: Actor, action: str, promo: Promo, source_ip: str, detail: str = ""
) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=actor,
        action=action,
        subject=promo.promo_id,
        site=promo.site or EVERYWHERE,
        source_ip=source_ip,
        detail=detail,
    )
