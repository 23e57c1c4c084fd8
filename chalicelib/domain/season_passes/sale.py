"""The sale and the renewal of a season pass: an order for it, or cash at the desk
(docs/rules/passes.md, Buying, Renewal)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.money import WHOLE, Money
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes import money, periods
from chalicelib.domain.season_passes.periods import DAY, Days
from chalicelib.domain.season_passes.season_pass import LEAD, ORDER_OPEN, SeasonPass, Term
from chalicelib.domain.sites.season_plan import SeasonPlan

REMINDED_AT = time(9)
"""The local hour of the mail before the end."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is bought: a plan of a site for a vehicle, from a day on. `name` and `email` are those
    of a holder without account."""

    site: str
    currency: str
    tz: ZoneInfo
    plan: SeasonPlan
    plate: str
    first: date
    auto_renew: bool = False
    name: str | None = None
    email: str | None = None


def ordered(
    wish: Wish, *, pass_id: str, user_id: str | None, by: Actor, source: Source, now: datetime
) -> SeasonPass:
    """A new season pass before its first version: an order, or a sale for cash, makes that."""
    return SeasonPass(
        pass_id,
        user_id,
        wish.site,
        wish.plate,
        wish.plan,
        wish.currency,
        wish.tz,
        "pending",
        wish.first,
        created_at=now,
        updated_at=now,
        auto_renew=wish.auto_renew,
        name=wish.name,
        email=wish.email,
        timeline=(TimelineEntry(now, "created", by.account_id, source, by.device),),
        version=0,
    )


def intending(season_pass: SeasonPass, gateway: GatewayName, now: datetime) -> SeasonPass:
    """The next version, with a new payment for half an hour: of the purchase, or of a renewal,
    which can be paid by a further one until the pass ends."""
    until = now + ORDER_OPEN
    reference = payments.next_reference(season_pass.pass_id, season_pass.payments)
    price = season_pass.price_awaited
    intended = Payment(reference, gateway, price, "season_pass", now, until)
    awaiting = season_pass.noted(now).awaiting(intended)
    return awaiting if season_pass.renewing else replace(awaiting, due_at=until)


def renewing(season_pass: SeasonPass, plan: SeasonPlan, now: datetime) -> SeasonPass:
    """The pass, whose renewal by `plan` waits for its payment; the holder is still reminded of the
    end. Raises SeasonPassNotActive."""
    season_pass.require_live(now)
    due_at = season_pass.due_at or season_pass.ends_at
    return replace(season_pass, renewing=plan, due_at=due_at)


def sold(
    season_pass: SeasonPass, *, by: Actor, source: Source, now: datetime,
    payment: Payment | None = None,
) -> SeasonPass:  # fmt: skip
    """The next version, with a term more: the first one from the day that was chosen, or the
    present one if that is later; that of a renewal from the day after the end."""
    is_renewal = season_pass.status == "active" and season_pass.last is not None
    plan = season_pass.plan
    if is_renewal:
        assert season_pass.renewing is not None
        plan = season_pass.renewing
    start = season_pass.wanted
    if season_pass.last is not None:
        start = season_pass.last + DAY
    start = max(start, season_pass.today(now))
    days = Days(start, periods.last_day(start, plan.period))
    term = Term(
        days,
        plan.price,
        _tax(season_pass, plan),
        None if payment is None else payment.reference,
    )
    done = season_pass.with_step(
        "renewed" if is_renewal else "paid",
        at=now, by=by, source=source, note=f"{days.first} to {days.last}",
        status="active", plan=plan, renewing=None, last=days.last,
        terms=(*season_pass.terms, term),
        **_gap(season_pass, start),
        payments=payments.closed(season_pass.payments),
    )  # fmt: skip
    return replace(done, due_at=_reminded_at(done))


def _gap(season_pass: SeasonPass, start: date) -> dict[str, Any]:
    """The days between the end of a pass and a renewal that comes later: it is not valid on them,
    and they are no pause that its holder has chosen."""
    if season_pass.last is None or start == season_pass.last + DAY:
        return {}
    gap = Days(season_pass.last + DAY, start - DAY)
    return {"pauses": (*season_pass.pauses, gap), "gap_days": season_pass.gap_days + gap.count}


def _tax(season_pass: SeasonPass, plan: SeasonPlan) -> int:
    """The tax in the price of a plan."""
    return Money(plan.price, season_pass.currency).split((plan.tax_bp, WHOLE))[0].minor


def _reminded_at(season_pass: SeasonPass) -> datetime:
    """The hour at which its holder is reminded of the end."""
    assert season_pass.last is not None
    day = season_pass.last + DAY - LEAD[season_pass.plan.period]
    return localtime.from_minute(day, REMINDED_AT.hour * 60, season_pass.tz)


def sold_for_cash(
    season_pass: SeasonPass, *, by: Actor, source: Source, now: datetime,
    entry_id: str,
) -> Change:  # fmt: skip
    """The change that sells or renews a pass for cash, which the drawer of `by` takes."""
    done = sold(season_pass, by=by, source=source, now=now)
    paid = replace(done, paid=done.paid + done.terms[-1].minor)
    return money.posted(season_pass, paid, entry_id=entry_id, now=now, by=by)
