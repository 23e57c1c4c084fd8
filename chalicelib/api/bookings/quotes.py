"""Quotes: what a booking would cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Self

from chalicelib.api.bookings import bill_views
from chalicelib.api.bookings.bill_views import BillLineView, TaxView
from chalicelib.api.bookings.bodies import PromoCode, SpaceId
from chalicelib.api.bookings.views import DemandPercent
from chalicelib.api.web.http import USER, Answer, Call, Routes, ok
from chalicelib.api.web.moments import Moment, Nights
from chalicelib.api.web.values import Instant, MoneyView, instant
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core.constraints import Doc, Minutes, Slug
from chalicelib.domain.sites.site import zone_and_number
from chalicelib.services.bookings import quotes
from chalicelib.services.bookings.quotes import PriceQuote
from chalicelib.services.core import rate_limits

routes = Routes(__name__)


@dataclass(frozen=True)
class AskPrice:
    """A zone or one of its spaces, now or ahead, as for a booking."""

    zone_id: Slug | None = None
    space_id: SpaceId | None = None
    start: Moment | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None
    promo_code: PromoCode | None = None

    @property
    def order(self) -> Order:
        """The order. Raises Invalid unless it names either a zone or a space."""
        zone_id, number = zone_and_number(self.zone_id, self.space_id)
        return Order(
            zone_id,
            number,
            start=self.start,
            end=self.end,
            minutes=self.minutes,
            nights=self.nights,
            promo_code=self.promo_code,
        )


@dataclass(frozen=True)
class PriceQuoteView:
    """What a booking would cost if it were made now and its stay lasted as long as booked. Send
    `total.amount` as the `max_total` of the booking: then it costs no more, or is refused with
    `PRICE_CHANGED`."""

    zone_id: str
    start_time: Instant
    end_time: Instant
    available_slots: Annotated[int, Doc("The spaces asked for that are free.", 7)]
    full_percent: Annotated[int, Doc("How much of the zone is taken in that time.", 60)]
    demand_percent: DemandPercent
    promo_code: str | None
    units: int
    rate: MoneyView
    lines: tuple[BillLineView, ...]
    total: MoneyView
    tax: tuple[TaxView, ...]
    booking_fee: Annotated[MoneyView, Doc("Credited to the bill.")]
    deposit: Annotated[MoneyView, Doc("Taken beside the fee; it comes back after the stay.")]

    @classmethod
    def of(cls, quoted: PriceQuote) -> Self:
        bill = quoted.bill
        return cls(
            zone_id=quoted.zone.zone_id,
            start_time=instant(quoted.interval.start),
            end_time=instant(quoted.interval.end),
            available_slots=quoted.free,
            full_percent=quoted.full_percent,
            demand_percent=quoted.tariff.agreed.demand_percent,
            promo_code=_code(quoted),
            units=bill.units,
            rate=MoneyView.of(bill.rate),
            lines=bill_views.lines(bill),
            total=MoneyView.of(bill.charged),
            tax=bill_views.taxes(bill),
            booking_fee=MoneyView.of(bill.booking_fee),
            deposit=MoneyView.of(quoted.tariff.money(quoted.tariff.deposit)),
        )


def _code(quoted: PriceQuote) -> str | None:
    promo = quoted.tariff.agreed.promo
    return None if promo is None else promo.code


@routes.post(
    "/api/quotes", who=USER, takes=AskPrice, gives=PriceQuoteView, limit=rate_limits.BOOK
)  # fmt: skip
def quote_price(call: Call) -> Answer:
    """What a booking would cost: all lines of its bill. Nothing is held."""
    return ok(asdict(PriceQuoteView.of(quotes.quote(call.deps, call.actor, call.body.order))))
