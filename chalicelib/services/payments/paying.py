"""What the page of a pay link shows and does: what is due, the way to the gateway, what has come of
it (docs/decisions/pay-page.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.bookings import links, settle
from chalicelib.services.core import pay_links, places, recipients, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders

Outcome = Literal["due", "paid", "returned", "late", "nothing"]


@dataclass(frozen=True)
class Payable:
    """A booking with the amount that can be paid for it online now, until when, and the payment
    that the link is about: the one it names, otherwise the last."""

    booking: Booking
    due: Money
    until: datetime | None
    payment: Payment | None

    @property
    def outcome(self) -> Outcome:
        """What there is to say: something is due, or what has come of it."""
        if self.due:
            return "due"
        if self.payment is not None and self.payment.received:
            return "returned" if self.payment.kept <= 0 else "paid"
        if self.booking.payment_status == "paid":
            return "paid"
        return "late" if self.booking.status is Status.EXPIRED else "nothing"

    @property
    def is_open(self) -> bool:
        """Whether its order is open at the gateway, so that the payer may have been there."""
        awaited = online.awaited(self.booking)
        return awaited is not None and awaited.order_id is not None


@dataclass(frozen=True)
class Way:
    """The way to the page of a gateway: its address, and the fields of the form that it takes;
    none where it takes a plain visit."""

    gateway: GatewayName
    url: str
    fields: tuple[tuple[str, str], ...] = ()


def look(deps: Deps, token: str) -> Payable:
    """What a pay link is about: one read. Raises LinkExpired."""
    return _payable(*_opened(deps, token))


def pay(deps: Deps, token: str) -> tuple[Payable, Way | None]:
    """Open the order of what is due, and the way to where it is paid; None where nothing is due.
    Repeated, it leads to the same order. Raises LinkExpired, PaymentMethodUnavailable,
    PaymentRefused, Unavailable."""
    try:
        opened = orders.open_read(deps, lambda: _payer_and_booking(deps, token))
    except (errors.NothingDue, errors.AlreadyEnded, errors.ExitNotScanned):
        return look(deps, token), None
    way = _way(deps, opened, f"{deps.settings.base_url}/pay/{token}")
    return _payable(opened.booking, opened.payment.reference), way


def ask(deps: Deps, token: str) -> Payable:
    """What has come of a payment: its gateway is asked, and what is new is recorded. Raises
    LinkExpired, Unavailable."""
    booking, name = _opened(deps, token)
    payment = _payment(booking, name)
    if payment is not None and payment.state != "intended":
        booking = asking.ask_read(deps, booking, payment, source="link")
    return _payable(booking, name)


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


def _payable(booking: Booking, name: str) -> Payable:
    awaited = online.awaited(booking)
    due = online.amount_due(booking)
    lapses = booking.deadline.at if booking.status is Status.PENDING and booking.deadline else None
    until = lapses or (awaited.expires_at if awaited is not None else None)
    return Payable(booking, due, until, _payment(booking, name))


def _payment(booking: Booking, name: str) -> Payment | None:
    last = booking.payments[-1] if booking.payments else None
    return online.find(booking, name) or online.awaited(booking) or last


def _way(deps: Deps, opened: orders.OpenOrder, link: str) -> Way:
    """Raises Unavailable where the gateway has named no page."""
    payment = opened.payment
    if payment.pay_url is not None:
        return Way(payment.gateway, payment.pay_url)
    checkout = deps.gateways.checkout()
    if checkout is None or payment.order_id is None:
        raise errors.Unavailable(retry_after=60)
    site = places.site_of(deps, opened.booking)
    fields = {
        "key_id": checkout.key_id,
        "order_id": payment.order_id,
        "amount": str(payment.amount.minor),
        "currency": payment.amount.currency,
        "name": site.name,
        "description": opened.booking.code,
        "callback_url": pay_links.back(link),
        "cancel_url": pay_links.back(link),
    }
    return Way(payment.gateway, checkout.checkout_url, tuple(fields.items()))
