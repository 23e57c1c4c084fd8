"""Views of season passes, their plans, and the orders that pay them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.web.values import Currency, Instant, LocalDay, MoneyView, WebUrl, maybe
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.season_passes import money
from chalicelib.domain.season_passes.season_pass import SeasonPass, SeasonPassState, Term
from chalicelib.domain.sites.season_plan import SeasonPeriod
from chalicelib.services.core.deps import Deps
from chalicelib.services.season_passes.orders import OpenPassOrder
from chalicelib.services.season_passes.plans import SitePlan
from chalicelib.services.season_passes.selling import Sold

PassId = Annotated[str, Doc("Names the season pass everywhere.", "SP7Q2M9X4T1NG1QR00005")]


@dataclass(frozen=True)
class SeasonPlanView:
    """A plan by which season passes are sold."""

    plan_ref: Annotated[str, Doc("Site and plan.", "central.monthly")]
    site: str
    plan_id: Annotated[str, Doc("Names the plan at its site.", "monthly")]
    name: Annotated[str, Doc("What people call it.", "Monthly")]
    period: SeasonPeriod
    price: Annotated[MoneyView, Doc("Tax included.")]
    zones: Annotated[tuple[str, ...], Doc("None: all parking zones of the site.")]
    pause_days: Annotated[int, Doc("Days of each term that may be paused.", 7)]
    transfers: Annotated[int, Doc("How often a pass may change its vehicle or its holder.", 1)]
    version: Annotated[int, Doc("Rises with each edit of the site.", 1)]

    @classmethod
    def of(cls, sold: SitePlan) -> Self:
        plan = sold.plan
        return cls(
            sold.plan_ref,
            sold.site.slug,
            plan.plan_id,
            plan.name,
            plan.period,
            MoneyView.of(sold.price),
            plan.zones,
            plan.pause_days,
            plan.transfers,
            sold.version,
        )


@dataclass(frozen=True)
class SeasonPlansView:
    """The plans of a site that are sold."""

    plans: tuple[SeasonPlanView, ...]

    @classmethod
    def of(cls, sold: tuple[SitePlan, ...]) -> Self:
        return cls(tuple(map(SeasonPlanView.of, sold)))


@dataclass(frozen=True)
class TermView:
    """Days that were sold."""

    first: LocalDay
    last: LocalDay
    price: MoneyView
    tax: Annotated[MoneyView, Doc("The tax in the price.")]

    @classmethod
    def of(cls, term: Term, currency: str) -> Self:
        price, tax = Money(term.minor, currency), Money(term.tax, currency)
        days = term.days
        return cls(str(days.first), str(days.last), MoneyView.of(price), MoneyView.of(tax))


@dataclass(frozen=True)
class PauseView:
    """Days on which a pass is not valid."""

    first: LocalDay
    last: LocalDay


@dataclass(frozen=True)
class PassStepView:
    """A step of a season pass."""

    at: Instant
    event: Annotated[str, Doc("What happened.", "paused")]
    actor: str
    source: Source
    note: str


@dataclass(frozen=True)
class SeasonPassView:
    """A season pass: the period ticket of one vehicle at one site."""

    pass_id: PassId
    status: Annotated[SeasonPassState, Doc("On the day of the answer, by the site's calendar.")]
    site: str
    vehicle_number: Annotated[str, Doc("The vehicle.", "KA01AB1234")]
    user_id: Annotated[str | None, Doc("Its holder; null for one without account.")]
    holder_name: Annotated[str | None, Doc("The name given at the desk.")]
    plan_id: str
    plan_name: str
    period: SeasonPeriod
    zones: Annotated[tuple[str, ...], Doc("None: all parking zones of the site.")]
    first_day: Annotated[LocalDay, Doc("Its first day; before the payment the one chosen.")]
    last_day: Annotated[LocalDay | None, Doc("Its last day; null until it is paid.")]
    price: Annotated[MoneyView, Doc("Of its plan, tax included.")]
    terms: tuple[TermView, ...]
    pauses: tuple[PauseView, ...]
    transfers: Annotated[int, Doc("How often it has changed its vehicle or its holder.", 0)]
    auto_renew: Annotated[bool, Doc("A payment is prepared before its end.")]
    renewal_awaited: Annotated[bool, Doc("A renewal waits for its payment.")]
    amount_paid: MoneyView
    amount_refunded: MoneyView
    refund_now: Annotated[MoneyView, Doc("What a cancellation would pay back now.")]
    pay_url: Annotated[WebUrl | None, Doc("Where it is paid, if the gateway has a page for it.")]
    pay_until: Annotated[Instant | None, Doc("Until when to pay; null: nothing is due.")]
    created_at: Instant
    updated_at: Instant
    timeline: tuple[PassStepView, ...]
    version: int

    @classmethod
    def of(cls, deps: Deps, held: SeasonPass) -> Self:
        now, awaited = deps.now(), held.awaited
        open_until = held.pay_until(now)
        currency = held.currency
        return cls(
            pass_id=held.pass_id,
            status=held.state(now),
            site=held.site,
            vehicle_number=held.plate,
            user_id=held.user_id,
            holder_name=held.name,
            plan_id=held.plan.plan_id,
            plan_name=held.plan.name,
            period=held.plan.period,
            zones=held.plan.zones,
            first_day=str(held.first),
            last_day=None if held.last is None else str(held.last),
            price=MoneyView.of(held.price),
            terms=tuple(TermView.of(term, currency) for term in held.terms),
            pauses=tuple(PauseView(str(each.first), str(each.last)) for each in held.pauses),
            transfers=held.transfers,
            auto_renew=held.auto_renew,
            renewal_awaited=held.renewing is not None and open_until is not None,
            amount_paid=MoneyView.of(Money(held.paid, currency)),
            amount_refunded=MoneyView.of(Money(held.returned, currency)),
            refund_now=MoneyView.of(money.unused_share(held, now)),
            pay_url=None if awaited is None or awaited.expires_at <= now else awaited.pay_url,
            pay_until=maybe(open_until),
            created_at=localtime.iso(held.created_at),
            updated_at=localtime.iso(held.updated_at),
            timeline=tuple(
                PassStepView(localtime.iso(e.at), e.what, e.actor, e.source, e.note)
                for e in held.timeline
            ),
            version=held.version,
        )


@dataclass(frozen=True)
class VehiclePassView:
    """The season pass of a vehicle."""

    season_pass: Annotated[SeasonPassView | None, Doc("Null where it has none.")]

    @classmethod
    def of(cls, deps: Deps, held: SeasonPass | None) -> Self:
        return cls(None if held is None else SeasonPassView.of(deps, held))


@dataclass(frozen=True)
class SoldPassView(SeasonPassView):
    """A season pass that was paid at the desk, and the change for the customer."""

    change: MoneyView

    @classmethod
    def of_sold(cls, deps: Deps, sold: Sold) -> Self:
        shown = SeasonPassView.of(deps, sold.season_pass)
        return cls(**vars(shown), change=MoneyView.of(sold.change))


@dataclass(frozen=True)
class PassOrderView:
    """An order to pay a season pass: with the checkout of Razorpay by `order_id` and `key_id`, or
    on the page `pay_url`."""

    pass_id: PassId
    gateway: GatewayName
    order_id: Annotated[str | None, Doc("The gateway's id of the order.", "order_Nx2")]
    amount: Annotated[int, Doc("In minor units, as a checkout takes it.", 500000)]
    currency: Currency
    total: Annotated[MoneyView, Doc("The same amount, to be shown.")]
    key_id: Annotated[str | None, Doc("The public key of the checkout.", "rzp_live_7Q2M")]
    pay_url: WebUrl | None
    page: Annotated[WebUrl, Doc("Our page that takes the payment, without signing in.")]
    expires_at: Annotated[Instant, Doc("Until when it is to be paid; a later payment may go back.")]

    @classmethod
    def of(cls, opened: OpenPassOrder) -> Self:
        payment = opened.payment
        return cls(
            pass_id=opened.season_pass.pass_id,
            gateway=payment.gateway,
            order_id=payment.order_id,
            amount=payment.amount.minor,
            currency=payment.amount.currency,
            total=MoneyView.of(payment.amount),
            key_id=opened.key_id,
            pay_url=payment.pay_url,
            page=opened.page,
            expires_at=localtime.iso(payment.expires_at),
        )
