"""The page of a pay link for season passes; links of bookings are passed on to
`services/payments/paying.py` (docs/decisions/pay-page.md)."""

from __future__ import annotations

from chalicelib.domain.core import errors
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.core import pay_links, recipients, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, pass_payments, payable, paying
from chalicelib.services.payments.payable import Payable
from chalicelib.services.payments.paying import Way
from chalicelib.services.season_passes import orders


def look(deps: Deps, token: str) -> Payable:
    """What a pay link is about: one read. Raises LinkExpired."""
    claims = _claims(deps, token)
    if claims is None:
        return paying.look(deps, token)
    return payable.of_season_pass(deps, _held(deps, claims), claims.subject_id)


def pay(deps: Deps, token: str) -> tuple[Payable, Way | None]:
    """Open the order of what is due, and the way to where it is paid; None where nothing is due.
    Repeated, it leads to the same order. Raises LinkExpired, PaymentMethodUnavailable,
    PaymentRefused, SeasonPlanNotFound, Unavailable."""
    claims = _claims(deps, token)
    if claims is None:
        return paying.pay(deps, token)
    try:
        opened = orders.open_read(deps, lambda: _unpaid(deps, claims))
    except (errors.NothingDue, errors.SeasonPassNotActive):
        return look(deps, token), None
    found = payable.of_season_pass(deps, opened.season_pass, opened.payment.reference)
    return found, paying.way(deps, found, opened.payment, token)


def ask(deps: Deps, token: str) -> Payable:
    """What has come of a payment: its gateway is asked, and what is new is recorded. Raises
    LinkExpired, Unavailable."""
    claims = _claims(deps, token)
    if claims is None:
        return paying.ask(deps, token)
    held = _held(deps, claims)
    found = payable.of_season_pass(deps, held, claims.subject_id)
    if found.payment is None or found.payment.state == "intended":
        return found
    held = asking.ask_read(deps, held, found.payment, source="link")
    return payable.of_season_pass(deps, held, claims.subject_id)


def _claims(deps: Deps, token: str) -> LinkClaims | None:
    """The claims of a pay link of a season pass; None for that of a booking. Raises LinkExpired."""
    claims = signed_links.opened(deps, token, "pay")
    return claims if pass_payments.is_of_season_pass(claims.subject_id) else None


def _unpaid(deps: Deps, claims: LinkClaims) -> SeasonPass:
    """A season pass that waits for a payment: a link prepares no renewal by itself. Raises
    LinkExpired, NothingDue."""
    held = _held(deps, claims)
    if not held.due(deps.now()):
        raise errors.NothingDue()
    return held


def _held(deps: Deps, claims: LinkClaims) -> SeasonPass:
    """The season pass of a link. Raises LinkExpired, also for one that was mailed to a former
    address or holder."""
    try:
        held = deps.season_passes.get(payments.booking_of(claims.subject_id))
    except errors.SeasonPassNotFound:
        raise errors.LinkExpired() from None
    if claims.version != pay_links.BEARER:
        recipients.require_of_season_pass(deps, claims, held)
    return held
