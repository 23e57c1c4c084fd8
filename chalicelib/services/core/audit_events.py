"""Audit events of sensitive actions and of refusals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.constraints import LONGEST_SLUG
from chalicelib.services.core.deps import Deps

_place_lock = Lock()
_last: tuple[int, int] = (0, 0)
"""The second and the place of the newest event of this instance."""


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
    of its device. Its id sorts behind those that this instance made before, also in one second."""
    at = deps.now()
    return AuditEvent(
        event_id=ids.in_order("AE", at, _place_of(at), deps.random_bits(25)),
        at=at,
        actor=actor.account_id,
        action=action,
        subject=subject,
        outcome=outcome,
        site=site,
        source_ip=source_ip or actor.source_ip,
        detail=detail or actor.device,
    )


def _place_of(at: datetime) -> int:
    """A place in the second of `at`, behind that of the event before. Instances share no counter
    and `deps.now()` has whole seconds, so it begins at the microsecond of the machine's clock."""
    global _last
    second, place = unixtime.of(at), time.time_ns() // 1000 % 1_000_000
    with _place_lock:
        known_second, known_place = _last
        place = max(place, known_place + 1) if second == known_second else place
        _last = (second, place)
    return place


def again(deps: Deps, event: AuditEvent) -> AuditEvent:
    """The event with an id that a replayed request gets again, so that it is written once. It
    sorts as the first of the second in which the request was first seen."""
    if deps.replay is None:
        return event
    return replace(event, event_id=ids.first_of_second(deps.new_lasting_id("AE")))


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


def of_own(deps: Deps, account: Account, action: str, source_ip: str) -> AuditEvent:
    """The audit event of a step that an account takes on itself."""
    return event(
        deps, actor=account.actor(), action=action, subject=account.account_id, source_ip=source_ip
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
