"""The audit events of the destructive mode, for tests."""

from __future__ import annotations

from chalicelib.domain.core.audit import AuditEvent
from tests.clock import NOON
from tests.hotel import Hotel

USE = "destructive_rooms_check_out"


def uses(hotel: Hotel) -> tuple[AuditEvent, ...]:
    """The uses of the mode today, the newest first."""
    found = hotel.deps.audit.list_day("hotel", NOON.date(), limit=100)
    return tuple(event for event in found.events if event.action == USE)


def audited(hotel: Hotel) -> set[tuple[str, str, str]]:
    """Action, subject and detail of what was audited in the only use of the mode today. Each step
    names that use."""
    [use] = uses(hotel)
    named = f" (use {use.event_id})"
    steps = [event for event in hotel.audited() if event[0] != USE]
    assert all(detail.endswith(named) for *_, detail in steps), steps
    return {
        (USE, use.subject, use.detail),
        *((action, subject, detail.removesuffix(named)) for action, subject, detail in steps),
    }
