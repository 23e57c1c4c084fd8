"""The terms of a booking: the tariff of its zone, with what is agreed when it is made or moved to
another start (docs/rules/pricing.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from chalicelib.domain.core import amounts, errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.occupancy import fullness
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.pricing import bill as bills
from chalicelib.domain.pricing.promo_terms import PromoTerms
from chalicelib.domain.pricing.tariff import Tariff


def agree(tariff: Tariff, inventory: Inventory, interval: Interval, tz: ZoneInfo) -> Tariff:
    """The tariff for a booking of `interval` that is made now, in a zone as it is taken."""
    if tariff.demand is None and not tariff.discounts:
        return tariff
    percent = demand_percent(tariff, inventory, interval)
    ahead = localtime.local_date(interval.start, tz) - localtime.local_date(inventory.now, tz)
    agreed = replace(tariff.agreed, demand_percent=percent, days_ahead=max(0, ahead.days))
    return replace(tariff, agreed=agreed)


def demand_percent(tariff: Tariff, inventory: Inventory, interval: Interval) -> int:
    """The per cent at which prices count for `interval`, as the zone is taken now."""
    if tariff.demand is None:
        return tariff.agreed.demand_percent
    return tariff.demand.percent_at(fullness.percent(inventory, interval))


def with_promo(tariff: Tariff, promo: PromoTerms, interval: Interval, tz: ZoneInfo) -> Tariff:
    """The tariff for a booking that is made with a code. Its booking fee is no more than what the
    booking costs with the code. Raises PromoNotValid where the price is below the minimum of the
    code."""
    plain = bills.make(tariff, interval, tz, paid=tariff.money(0))
    if sum((line.amount for line in plain.lines), tariff.money(0)).minor < promo.minimum:
        raise errors.PromoNotValid(say("promo_minimum", amount=tariff.money(promo.minimum)))
    agreed = replace(tariff, agreed=replace(tariff.agreed, promo=promo))
    cost = bills.make(agreed, interval, tz, paid=tariff.money(0)).total
    return replace(agreed, booking_fee=min(tariff.booking_fee, cost.minor))


def price(tariff: Tariff, interval: Interval, tz: ZoneInfo) -> Money:
    """What a booking costs if the stay lasts as long as booked."""
    return bills.make(tariff, interval, tz, paid=tariff.money(0)).charged


def require_price(
    booked: Sequence[tuple[Tariff, Interval]], most: str | None, tz: ZoneInfo
) -> None:
    """Require that bookings made together cost no more than `most`, as the request states it; None
    takes any price. Raises PriceChanged with the price, and Invalid for an amount that is not exact
    in its currency."""
    if most is not None and booked:
        nothing = booked[0][0].money(0)
        _require_within(sum((price(*each, tz) for each in booked), nothing), most)


def _require_within(cost: Money, most: str) -> None:
    try:
        limit = amounts.read(most, cost.currency)
    except Fault as fault:
        raise errors.Invalid({"max_total": fault.wording}) from None
    if cost > limit:
        raise errors.PriceChanged.of(cost, say("price_is_now", price=cost))
