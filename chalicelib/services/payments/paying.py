"""What the page of a booking's pay link shows and does: what is due, the way to the gateway, what
has come of it (docs/decisions/pay-page.md)."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.bookings import links, settle
from chalicelib.services.core import pay_links, recipients, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders, payable
from chalicelib.services.payments.payable import Payable


@dataclass(frozen=True)
class Way:
    """The way to the page of a gateway: its address, and the fields of the form that it takes;
    none where it takes a plain visit."""

    gateway: GatewayName
    url: str
    fields: tuple[tuple[str, str], ...] = ()


def look(deps: Deps, token: str) -> Payable:
    """What a pay link is about: one read. Raises LinkExpired."""
    return payable.of_booking(deps, *_opened(deps, token))


def pay(deps: Deps, token: str) -> tuple[Payable, Way | None]:
    """Open the order of what is due, and the way to where it is paid; None where nothing is due.
    Repeated, it leads to the same order. Raises LinkExpired, PaymentMethodUnavailable,
    PaymentRefused, Unavailable."""
    try:
        opened = orders.open_read(deps, lambda: _payer_and_booking(deps, token))
    except (errors.NothingDue, errors.AlreadyEnded, errors.ExitNotScanned):
        return look(deps, token), None
    found = payable.of_booking(deps, opened.booking, opened.payment.reference)
    return found, way(deps, found, opened.payment, token)


def ask(deps: Deps, token: str) -> Payable:
    """What has come of a payment: its gateway is asked, and what is new is recorded. Raises
    LinkExpired, Unavailable."""
    booking, name = _opened(deps, token)
    found = payable.of_booking(deps, booking, name)
    if found.payment is None or found.payment.state == "intended":
        return found
    booking = asking.ask_read(deps, booking, found.payment, source="link")
    return payable.of_booking(deps, booking, name)


def _payer_and_booking(deps: Deps, token: str) -> tuple[Actor, Booking]:
    booking, _ = _opened(deps, token)
    return links.holder(booking), booking


def _opened(deps: Deps, token: str) -> tuple[Booking, str]:
    """The booking of a pay link, settled, and what the link names. Raises LinkExpired for any
    other link, and for one that was mailed to a former address."""
    claims = signed_links.opened(deps, token, "pay")
    try:
        booking = settle.read(deps, payments.booking_of(claims.subject_id))
    except errors.BookingNotFound:
        raise errors.LinkExpired() from None
    _require_bearer(deps, claims, booking)
    return booking, claims.subject_id


def _require_bearer(deps: Deps, claims: LinkClaims, booking: Booking) -> None:
    if claims.version != pay_links.BEARER:
        recipients.require(deps, claims, booking, takes=False)


def way(deps: Deps, found: Payable, payment: Payment, token: str) -> Way:
    """The way to where a payment is made, for the page of a link. Raises Unavailable where the
    gateway has named no page."""
    if payment.pay_url is not None:
        return Way(payment.gateway, payment.pay_url)
    checkout = deps.gateways.checkout()
    if checkout is None or payment.order_id is None:
        raise errors.Unavailable(retry_after=60)
    back = pay_links.back(f"{deps.settings.base_url}/pay/{token}")
    fields = {
        "key_id": checkout.key_id,
        "order_id": payment.order_id,
        "amount": str(payment.amount.minor),
        "currency": payment.amount.currency,
        "name": found.site.name,
        "description": found.code,
        "callback_url": back,
        "cancel_url": back,
    }
    return Way(payment.gateway, checkout.checkout_url, tuple(fields.items()))
