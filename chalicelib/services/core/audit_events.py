"""Audit events: what somebody did, or was not allowed to."""

from __future__ import annotations

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
    """An event to put into a Change; from where its actor asks, unless `address` says."""
    return AuditEvent(
        event_id=deps.new_id("AE"),
        at=deps.now(),
        actor=actor.account_id,
        action=action,
        subject=subject,
        outcome=outcome,
        site=site,
        source_ip=source_ip or actor.source_ip,
        detail=detail,
    )


def note(deps: Deps, *, actor: Actor, action: str, subject: str) -> None:
    """Record something done that writes no record of its own."""
    deps.audit.append(event(deps, actor=actor, action=action, subject=subject))


def refused(
    deps: Deps,
    *,
    actor: Actor,
    action: str,
    subject: str,
    refusal: errors.Refusal,
    source_ip: str,
) -> None:
    """Record a refusal. It changes nothing else, so it is written by itself; it is filed with the
    site that was asked for, where that is known and could be one, otherwise with the first its
    actor works at."""
    asked = refusal.site if refusal.site and len(refusal.site) <= LONGEST_SLUG else None
    site = asked or next(iter(sorted(actor.sites)), None)
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
