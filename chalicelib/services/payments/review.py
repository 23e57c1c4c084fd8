"""What of a gateway does not fit is kept for a person (docs/rules/payments.md, Review)."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.messages import ReviewCase
from chalicelib.domain.payments.payment import Payment
from chalicelib.services.core.deps import Deps

log = logging.getLogger("berth")


def misfit(deps: Deps, booking: Booking, payment: Payment, reason: str) -> None:
    """Keep that the order of a payment does not fit it: once, however often it is seen."""
    order = payment.order_id or payment.reference
    case_id = _case_id(payment.created_at, order, reason)
    _keep(deps, case_id, booking.site, payment.gateway, order, booking.booking_id, reason)


def unknown(deps: Deps, gateway: GatewayName, order: str) -> None:
    """Keep that a gateway has sent a message about an order that no booking has: once a day."""
    reason = "no booking has this order"
    today = deps.now().replace(hour=0, minute=0, second=0)
    _keep(deps, _case_id(today, order, reason), None, gateway, order, None, reason)


def list_cases(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[ReviewCase]:
    """The cases of a site, the newest first: one query. Without a site those that belong to none,
    for admins. Raises Forbidden."""
    if site is None:
        access.require_runs(actor, "")
    else:
        access.require_works_at(actor, site)
    return deps.reviews.of_site(site, limit=limit, after=after)


def _keep(
    deps: Deps,
    case_id: str,
    site: str | None,
    gateway: GatewayName,
    order: str,
    booking_id: str | None,
    reason: str,
) -> None:
    case = ReviewCase(case_id, deps.now(), site, gateway, order, booking_id, reason)
    log.error("payment review", extra={"case": case_id, "order": order, "reason": reason})
    deps.commit(saving(case))


def _case_id(at: datetime, order: str, reason: str) -> str:
    """The id of a case: the same each time that it is seen."""
    digest = hashlib.sha256(f"{order} {reason}".encode()).digest()
    return ids.sortable("RV", at, int.from_bytes(digest[:5], "big"))
