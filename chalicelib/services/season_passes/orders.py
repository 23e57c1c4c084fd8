"""Orders at the gateway: of a new season pass, and of its renewal. Intent first, as for bookings
(docs/decisions/payments.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.payments.gateway import GatewayOrder, NewOrder
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes import sale
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.gateways.payments.protocol import GatewayRefused
from chalicelib.services.core import pay_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking
from chalicelib.services.season_passes import lists, terms

log = logging.getLogger("berth")


@dataclass(frozen=True)
class OpenPassOrder:
    """A payment whose order is open at its gateway; `key_id` is the public key of its checkout,
    where it has one, `page` our own page that takes it."""

    season_pass: SeasonPass
    payment: Payment
    key_id: str | None
    page: str


def opened(deps: Deps, season_pass: SeasonPass) -> SeasonPass:
    """A pass after the order of its payment is created. It is committed, so no failure of the
    gateway fails the request: then the order is created with the next request for it."""
    payment = season_pass.awaited
    if payment is None or payment.state != "intended":
        return season_pass
    try:
        return _open(deps, season_pass, payment, look_first=deps.replay is not None)
    except (errors.Refusal, GatewayRefused) as failure:
        log.warning("order not created", extra={"payment": payment.reference, "why": str(failure)})
    except Exception:
        log.exception("order not created", extra={"payment": payment.reference})
    return season_pass


def open_order(deps: Deps, actor: Actor, pass_id: str) -> OpenPassOrder:
    """The order by which a pass is paid, or renewed: the one that is open, or a new one. The amount
    is the server's. Raises SeasonPassNotFound, SeasonPassNotActive, SeasonPlanNotFound,
    PaymentMethodUnavailable, PaymentRefused, Unavailable."""
    return open_read(deps, lambda: lists.get(deps, actor, pass_id))


def open_read(deps: Deps, read: Callable[[], SeasonPass]) -> OpenPassOrder:
    """As `open_order`, for the pass that `read` finds. Raises what `read` refuses too."""
    try:
        season_pass, payment = deps.retry_on_conflict(lambda: _open_once(deps, read()))
    except GatewayRefused as refused:
        log.warning("order refused", extra={"code": refused.code})
        raise errors.PaymentRefused() from refused
    checkout = deps.gateways.checkout() if payment.gateway == "razorpay" else None
    page = pay_links.shown(deps, payment.reference, language=deps.language)
    return OpenPassOrder(season_pass, payment, None if checkout is None else checkout.key_id, page)


def _open_once(deps: Deps, season_pass: SeasonPass) -> tuple[SeasonPass, Payment]:
    payment = season_pass.awaited
    if payment is not None and payment.expires_at <= deps.now():
        payment = None
    if payment is not None and payment.state == "intended":
        return _with_order(deps, season_pass, payment, look_first=True)
    if payment is not None and not payment.has_lost_page:
        return season_pass, payment
    season_pass, payment = _intended(deps, season_pass)
    return _with_order(deps, season_pass, payment, look_first=False)


def _intended(deps: Deps, season_pass: SeasonPass) -> tuple[SeasonPass, Payment]:
    """The pass with a new payment, stored before the gateway is asked for an order."""
    name = deps.gateways.default
    if name is None:
        raise errors.PaymentMethodUnavailable()
    intended = sale.intending(_to_pay(deps, season_pass), name, deps.now())
    payment = intended.payments[-1]
    deps.commit(saving(intended).sending(effect.await_payment(payment.reference)))
    return intended, payment


def _to_pay(deps: Deps, season_pass: SeasonPass) -> SeasonPass:
    """The pass, as it waits for a payment: of its purchase, or of a renewal, by the plan with which
    that was prepared, otherwise as it is sold now."""
    if season_pass.status == "pending":
        return season_pass
    plan = season_pass.renewing
    if plan is None:
        plan = terms.of_renewal(deps, season_pass)
    return sale.renewing(season_pass, plan, deps.now())


def _with_order(
    deps: Deps, season_pass: SeasonPass, payment: Payment, *, look_first: bool
) -> tuple[SeasonPass, Payment]:
    opened = _open(deps, season_pass, payment, look_first=look_first)
    found = opened.find(payment.reference)
    assert found is not None
    return opened, found


def _open(deps: Deps, season_pass: SeasonPass, payment: Payment, *, look_first: bool) -> SeasonPass:
    """The pass after the order of its payment is created and recorded. An order of an earlier
    attempt, whose answer may have been lost, is looked up first."""
    gateway = asking.gateway_of(deps, payment)
    order = gateway.find_order(payment.reference, None) if look_first else None
    if order is None:
        order = gateway.create_order(_new_order(deps, season_pass, payment))
    return _recorded(deps, season_pass, payment, order)


def _new_order(deps: Deps, season_pass: SeasonPass, payment: Payment) -> NewOrder:
    site = deps.catalogue.site(season_pass.site)
    return NewOrder(
        payment.reference,
        payment.amount,
        payment.expires_at,
        f"{site.name}, {season_pass.plate}",
        pay_links.back(pay_links.shown(deps, payment.reference, language=deps.language)),
    )


def _recorded(
    deps: Deps, season_pass: SeasonPass, payment: Payment, order: GatewayOrder
) -> SeasonPass:
    try:
        return asking.record(deps, season_pass, payment, order, source="api")
    except errors.StaleVersion:
        return deps.retry_on_conflict(
            lambda: asking.record(
                deps, *asking.read_again(deps, season_pass, payment), order, source="api"
            )
        )
