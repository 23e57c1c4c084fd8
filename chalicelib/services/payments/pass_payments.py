"""Payments of season passes, for the one way in (`asking.py`)."""

from __future__ import annotations

from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.change import OpenPlace
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import messages, movements
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes import capture
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import review


def is_of_season_pass(reference: str) -> bool:
    """Whether our reference of a payment is that of a season pass, and not of a booking.

    >>> is_of_season_pass("SP7Q2M9X4T1NG1QR00005_1"), is_of_season_pass("BK7Q2M9X4T1NG1QR00005_1")
    (True, False)
    """
    return ids.season_pass_key(payments.booking_of(reference)) is not None


def read(deps: Deps, reference: str) -> tuple[SeasonPass, Payment]:
    """A season pass and its payment with our reference: one read. Raises PaymentNotFound."""
    try:
        season_pass = deps.season_passes.get(payments.booking_of(reference))
    except errors.SeasonPassNotFound:
        raise errors.PaymentNotFound() from None
    payment = season_pass.find(reference)
    if payment is None:
        raise errors.PaymentNotFound()
    return season_pass, payment


def write(deps: Deps, season_pass: SeasonPass, seen: Payment, source: Source) -> SeasonPass:
    """The pass after what is new of a payment is written: one transaction. Where another pass has
    taken the plate, or its site is closed for good or has another currency by now, the money goes
    back. Raises StaleVersion."""
    try:
        return _write(deps, season_pass, seen, source, may_sell=_is_sold(deps, season_pass))
    except errors.PlateHasPass:
        return _write(deps, season_pass, seen, source, may_sell=False)


def _is_sold(deps: Deps, season_pass: SeasonPass) -> bool:
    """Whether its site still sells for its price."""
    site = deps.catalogue.site(season_pass.site)
    return site.closed_at is None and site.currency == season_pass.currency


def _write(
    deps: Deps, season_pass: SeasonPass, seen: Payment, source: Source, *, may_sell: bool
) -> SeasonPass:
    change = capture.record(
        season_pass,
        seen,
        source=source,
        now=deps.now(),
        entry_id=deps.new_id("LE"),
        may_sell=may_sell,
    )
    if change is None:
        return season_pass
    _keep_failed(deps, season_pass, seen)
    after = next(each for each in change.saves if isinstance(each, SeasonPass))
    if after.terms != season_pass.terms:
        change = change.relying_on(OpenPlace("site", after.site, after.currency))
    known = messages.known_order(seen, deps.now())
    deps.commit(change if known is None else change.saving(known))
    return after


def _keep_failed(deps: Deps, season_pass: SeasonPass, seen: Payment) -> None:
    """Keep each refund that has failed for a person, who makes it in the panel of the gateway. One
    that the gateway has refused at once is kept by the step that asked for it."""
    known = season_pass.find(seen.reference)
    assert known is not None
    for refund in movements.decided(known, seen):
        if refund.state == "failed" and refund.refund_id is not None:
            reason = f"refund {payments.name(refund)} of a season pass has failed"
            review.misfit(deps, season_pass.site, seen, reason)
