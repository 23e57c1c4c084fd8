"""What does not fit is kept for a person, once, and raises an alarm (docs/rules/payments.md,
Review)."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, date, datetime

from chalicelib.domain.core import access, errors, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.review import CaseStatus, Difference, ReviewCase
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps

log = logging.getLogger("berth")


def misfit(deps: Deps, site: str, payment: Payment, reason: str) -> None:
    """Keep that the order of a payment at a site does not fit it: once, however often it is
    seen."""
    order = payment.order_id or payment.reference
    case_id = _case_id(payment.created_at, order, reason)
    paid_for = payments.booking_of(payment.reference)
    _keep(deps, case_id, site, payment.gateway, order, paid_for, reason)


def unknown(deps: Deps, gateway: GatewayName, order: str) -> None:
    """Keep that a gateway has sent a message about an order that no booking has: once a day."""
    reason = "no booking has this order"
    today = deps.now().replace(hour=0, minute=0, second=0)
    _keep(deps, _case_id(today, order, reason), None, gateway, order, None, reason)


def difference(deps: Deps, site: str | None, found: Difference, on: date) -> None:
    """Keep a difference in the books of a day: once, however often it is seen."""
    since = found.at or datetime(on.year, on.month, on.day, tzinfo=UTC)
    case_id = _case_id(since, found.subject, found.reason)
    _keep(deps, case_id, site, found.gateway, found.subject, found.booking_id, found.reason)


def list_cases(
    deps: Deps,
    actor: Actor,
    site: str | None,
    *,
    status: CaseStatus,
    limit: int,
    after: str | None,
) -> Listing[ReviewCase]:
    """The open or the closed cases of a site, the newest first: one query. Without a site those
    that belong to none, for admins. Raises Forbidden."""
    access.require_runs(actor, site or "")
    return deps.reviews.of_site(site, limit=limit, after=after, status=status)


def close(deps: Deps, actor: Actor, site: str | None, case_id: str, *, note: str) -> ReviewCase:
    """Close a case of a site, or of none, with a note: one read and one transaction. The same call
    again returns the closed case. Raises CaseNotFound, Forbidden, CaseClosed."""
    access.require_runs(actor, site or "")

    def once() -> ReviewCase:
        before = deps.reviews.get(site, case_id)
        closed = before.closed(by=actor.account_id, at=deps.now(), note=note)
        if closed is not before:
            event = audit_events.event(
                deps, actor=actor, action="close_case", subject=case_id, site=site, detail=note
            )
            deps.commit(saving(closed).auditing(event))
        return closed

    return deps.retry_on_conflict(once)


def _keep(
    deps: Deps,
    case_id: str,
    site: str | None,
    gateway: GatewayName | None,
    order: str,
    booking_id: str | None,
    reason: str,
) -> None:
    case = ReviewCase(case_id, deps.now(), site, gateway, order, booking_id, reason)
    try:
        deps.commit(saving(case))
    except errors.AlreadyExists:
        return
    log.error("payment review", extra={"case": case_id, "order": order, "reason": reason})


def _case_id(at: datetime, order: str, reason: str) -> str:
    """The id of a case: the same each time that it is seen."""
    digest = hashlib.sha256(f"{order} {reason}".encode()).digest()
    return ids.sortable("RV", at, int.from_bytes(digest[:5], "big"))
