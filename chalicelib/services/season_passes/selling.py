"""The purchase of a season pass: online by a customer, for cash at the desk
(docs/rules/passes.md, Buying)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from chalicelib.domain.core import access, effect, errors, plates
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, OpenPlace, saving
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.domain.season_passes import sale
from chalicelib.domain.season_passes.sale import Wish
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.bookings import debts
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.season_passes import orders, terms

AHEAD: Final = timedelta(days=90)
"""How long ahead a pass may begin."""


@dataclass(frozen=True, kw_only=True)
class PassRequest:
    """What a request asks for. Without `start` the pass begins today."""

    site: str
    plan_id: str
    plate: str
    start: date | None = None
    auto_renew: bool = False
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Sold:
    """A pass that was paid at the desk, and the change for the customer."""

    season_pass: SeasonPass
    change: Money


def buy(deps: Deps, actor: Actor, request: PassRequest) -> SeasonPass:
    """Order a pass, to be paid online: one query, one transaction and one call. Raises
    SiteNotFound, SeasonPlanNotFound, Invalid, PlateHasPass, PaymentDue,
    PaymentMethodUnavailable."""
    gateway = deps.gateways.default
    if gateway is None:
        raise errors.PaymentMethodUnavailable()
    wish = _wish(deps, request)
    debts.require_none_at(deps, actor.account_id, wish.site)
    _require_free(deps, wish)
    new = sale.ordered(
        wish,
        pass_id=deps.new_season_pass_id(),
        user_id=actor.account_id,
        by=actor,
        source="api",
        now=deps.now(),
    )
    intended = sale.intending(new, gateway, deps.now())
    reference = intended.payments[-1].reference
    change = saving(intended).sending(effect.await_payment(reference))
    made = _made(deps, intended, change.relying_on(_open_site(wish)))
    return orders.opened(deps, made)


def sell(deps: Deps, actor: Actor, request: PassRequest, tender: TenderRequest) -> Sold:
    """Sell a pass for cash at the desk: one query and one transaction. Raises Forbidden,
    SiteNotFound, SeasonPlanNotFound, Invalid, PlateHasPass, NotEnoughCash,
    PaymentMethodUnavailable."""
    access.require_works_at(actor, request.site)
    wish = _wish(deps, request)
    _require_free(deps, wish)
    price = Money(wish.plan.price, wish.currency)
    taken = tender.for_bill(price)
    taken.require_covers(price)
    new = sale.ordered(
        wish,
        pass_id=deps.new_season_pass_id(),
        user_id=None,
        by=actor,
        source="staff_api",
        now=deps.now(),
    )
    change = _for_cash(deps, actor, new)
    done = audit_events.event(
        deps,
        actor=actor,
        action="sell_season_pass",
        subject=new.pass_id,
        site=new.site,
        detail=f"{new.plate}, {price.text()} {price.currency}",
    )
    change = change.relying_on(_open_site(wish)).auditing(done)
    if new.email is not None:
        change = change.sending(effect.mail("season_pass_sold", new.pass_id))
    return Sold(_made(deps, _saved(change), change), taken.amount - price)


def renew(deps: Deps, actor: Actor, season_pass: SeasonPass, tender: TenderRequest) -> Sold:
    """Renew a pass that has just been read for cash at the desk: one transaction. Raises
    SeasonPassNotActive, SeasonPlanNotFound, NotEnoughCash, PaymentMethodUnavailable."""
    plan = terms.of_renewal(deps, season_pass)
    price = Money(plan.price, season_pass.currency)
    taken = tender.for_bill(price)
    taken.require_covers(price)
    change = _for_cash(deps, actor, sale.renewing(season_pass, plan, deps.now()))
    done = audit_events.event(
        deps,
        actor=actor,
        action="renew_season_pass",
        subject=season_pass.pass_id,
        site=season_pass.site,
        detail=f"{price.text()} {price.currency}",
    )
    deps.commit(change.auditing(done))
    return Sold(_saved(change), taken.amount - price)


def _for_cash(deps: Deps, actor: Actor, season_pass: SeasonPass) -> Change:
    return sale.sold_for_cash(
        season_pass,
        by=actor,
        source="staff_api",
        now=deps.now(),
        entry_id=deps.new_id("LE"),
    )


def _saved(change: Change) -> SeasonPass:
    return next(each for each in change.saves if isinstance(each, SeasonPass))


def _made(deps: Deps, new: SeasonPass, change: Change) -> SeasonPass:
    """The new pass after its commit; in a replayed request the one of an earlier run."""
    try:
        deps.commit(change)
    except (errors.AlreadyExists, errors.PlateHasPass):
        found = _made_before(deps, new)
        if found is None:
            raise
        return found
    return new


def _made_before(deps: Deps, new: SeasonPass) -> SeasonPass | None:
    try:
        found = deps.season_passes.get(new.pass_id)
    except errors.SeasonPassNotFound:
        return None
    return found if deps.is_replay_of(found.created_at) else None


def _wish(deps: Deps, request: PassRequest) -> Wish:
    site = deps.catalogue.site(request.site)
    if site.closed_at is not None:
        raise errors.SiteNotFound()
    plan = terms.of_plan(deps, site.slug, request.plan_id)
    wish = Wish(
        site=site.slug,
        currency=site.currency,
        tz=site.tz,
        plan=plan,
        plate=request.plate,
        first=request.start or date.min,
        auto_renew=request.auto_renew,
        name=request.name,
        email=request.email,
    )
    return replace(wish, first=_first_day(deps, request, wish))


def _first_day(deps: Deps, request: PassRequest, wish: Wish) -> date:
    """The first day: today, or one that is chosen within the next days. Raises Invalid."""
    today = deps.now().astimezone(wish.tz).date()
    first, last = request.start or today, today + AHEAD
    if not today <= first <= last:
        raise errors.Invalid(
            {"start": say("must_be_day_between", first=str(today), last=str(last))}
        )
    return first


def _require_free(deps: Deps, wish: Wish) -> None:
    """Require that no other pass of the vehicle is active. Raises PlateHasPass. The commit of the
    sale is what counts; this refuses before the customer has paid."""
    found = deps.season_passes.at_plate(wish.site, plates.compared(wish.plate)).season_pass
    if found is not None and any(span.end > deps.now() for span in found.spans):
        raise errors.PlateHasPass()


def _open_site(wish: Wish) -> OpenPlace:
    return OpenPlace("site", wish.site, wish.currency)
