"""The refund of a booking as clients see it."""

from __future__ import annotations

from datetime import datetime

from chalicelib.api.bookings.refund_views import CancellationView, RefundTermView
from chalicelib.api.web.values import MoneyView
from chalicelib.domain.bookings import cancel_refund
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime
from chalicelib.domain.sites.site import Site
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.texts import sentences


def view(deps: Deps, booking: Booking, now: datetime) -> CancellationView | None:
    """The refund of a cancellation now, or of the one that ended the booking; else null."""
    site, policy = places.site_of(deps, booking), places.zone_of(deps, booking).policy
    refund = cancel_refund.current(booking, policy, site.tz, now=now)
    if refund is None:
        return None
    return CancellationView(
        eligible=refund.eligible,
        amount=MoneyView.of(refund.amount),
        reason=sentences.in_words(refund.reason, deps.language),
        until=None if refund.until is None else localtime.iso(refund.until),
        later=_later(booking, site, refund.until),
    )


def _later(booking: Booking, site: Site, until: datetime | None) -> tuple[RefundTermView, ...]:
    if until is None:
        return ()
    return tuple(
        RefundTermView(localtime.iso(at), MoneyView.of(amount))
        for at, amount in cancel_refund.deadlines(booking, site.tz)
        if at > until
    )
