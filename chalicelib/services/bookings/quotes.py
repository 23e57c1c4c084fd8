"""Quotes: what a booking would cost, before it is made (docs/rules/pricing.md)."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.bookings import admission, terms
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import fullness
from chalicelib.domain.pricing import bill as bills
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import decide, free_space
from chalicelib.services.core import local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.promos import codes


@dataclass(frozen=True)
class PriceQuote:
    """The bill of a stay of exactly `interval`, under the `tariff` that a booking would be made
    under now; how much of the zone is taken then, and how many of the spaces asked for are
    free."""

    zone: Zone
    interval: Interval
    tariff: Tariff
    bill: Bill
    full_percent: int
    free: int


def quote(deps: Deps, actor: Actor, order: Order) -> PriceQuote:
    """The price of one booking of `order`: one query, with a promo code one batch read. Nothing is
    held, and no use of the code is counted. Raises ZoneNotFound, SpaceNotFound, and what
    `admission.check` and `codes.find` refuse."""
    zone, now = deps.catalogue.zone(order.zone_id), deps.now()
    site = deps.catalogue.site(zone.site)
    order = local_times.resolve(deps, zone, order)
    interval = admission.requested_interval(
        zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )
    admission.check(interval, site=site, zone=zone, now=now)
    numbers = decide.numbers_of(deps, order)
    inventory = free_space.read(deps, zone, interval, by_condition=False)
    tariff = terms.agree(zone.tariff, inventory, interval, site.tz)
    if order.promo_code is not None:
        promo = codes.find(deps, order.promo_code, zone, account_id=actor.account_id)
        tariff = terms.with_promo(tariff, promo.terms, interval, site.tz)
    return PriceQuote(
        zone=zone,
        interval=interval,
        tariff=tariff,
        bill=bills.make(tariff, interval, site.tz, paid=tariff.money(0)),
        full_percent=fullness.percent(inventory, interval),
        free=len(inventory.free(interval, numbers)),
    )
