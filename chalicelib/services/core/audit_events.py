"""Audit events of sensitive actions and of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.constraints import LONGEST_SLUG
from chalicelib.services.core.deps import Deps


def event(
    deps: Deps,
    *,
    actor: Actor,
    action: str,
    subject: str,
    site: str | None = None,
    source_ip: str = "",
    detail: str = "",
    outcome: str = "allowed",
) -> AuditEvent:
    """An audit event for a Change. `source_ip` defaults to that of the actor, `detail` to the name
    of its device."""
    return AuditEvent(
        event_id=deps.new_id("AE"),
        at=deps.now(),
        actor=actor.account_id,
        action=action,
        subject=subject,
        outcome=outcome,
        site=site,
        source_ip=source_ip or actor.source_ip,
        detail=detail or actor.device,
    )


def note(deps: Deps, *, actor: Actor, action: str, subject: str) -> None:
    """Record an action that writes no record of its own: one write."""
    deps.audit.append(event(deps, actor=actor, action=action, subject=subject))


@contextmanager
def about(subject: str, site: str) -> Iterator[None]:
    """Name the subject and the site of refusals, for their audit events: the path of the request
    need not have them."""
    try:
        yield
    except errors.Refusal as refusal:
        refusal.subject = refusal.subject or subject
        refusal.site = refusal.site or site
        raise


def refused(
    deps: Deps,
    *,
    actor: Actor,
    action: str,
    subject: str,
    refusal: errors.Refusal,
    source_ip: str,
) -> None:
    """Record a refusal: one write. Its site is the one of the refusal, where that is a possible
    slug, otherwise the first site of the actor."""
    named = refusal.site if refusal.site and len(refusal.site) <= LONGEST_SLUG else None
    site = named or next(iter(sorted(actor.sites)), None)
    deps.audit.append(
        event(
            deps,
            actor=actor,
            action=action,
            subject=subject[:80],
            site=site,
            source_ip=source_ip,
            outcome=refusal.code,
        )
    )


def of_booking(
    deps: Deps, actor: Actor, booking: Booking, action: str, *, detail: str = ""
) -> AuditEvent:
    """The audit event of a step on a booking of another customer."""
    return event(
        deps,
        actor=actor,
        action=action,
        subject=booking.booking_id,
        site=booking.site,
        detail=detail,
    )
