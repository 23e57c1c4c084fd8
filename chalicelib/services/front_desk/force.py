"""The destructive mode of a check-out of rooms: who may use it, and its audit events
(docs/decisions/audit.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.sentence import say
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.front_desk.room_occupancy import RoomState


@dataclass(frozen=True)
class Force:
    """One use of the destructive mode by an admin: the reason, and the id of its audit event."""

    actor: Actor
    site: str
    reason: str
    source_ip: str
    use_id: str = ""

    @property
    def note(self) -> str:
        """What the timeline of a stay and the history of a room say of it."""
        return f"destructive check-out: {self.reason}"


def require(actor: Actor, site: str, reason: str | None, source_ip: str) -> Force:
    """The use of the mode by an admin. Raises Forbidden, Invalid without a reason."""
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden(say("only_admin_clears"), site=site)
    if not reason:
        raise errors.Invalid({"reason": say("must_be_given_for_force")})
    return Force(actor, site, reason, source_ip)


def audited(deps: Deps, force: Force, named: Iterable[str], states: Iterable[RoomState]) -> Force:
    """The same use after its audit event is written, with the rooms as `named` and the bookings in
    them: before the first step, so that no use is without its event. A replayed request has the
    event that its first run wrote: one transaction."""
    inside = dict.fromkeys(booking_id for state in states for booking_id in _inside(state))
    rooms, bookings = ", ".join(named), ", ".join(inside) or "none"
    detail = f"{force.reason}; rooms: {rooms}; bookings: {bookings}"
    event = _event(deps, force, "destructive_rooms_check_out", force.site, detail)
    if deps.replay is not None:
        event = replace(audit_events.again(deps, event), at=deps.replay.at)
    try:
        deps.commit(Change().auditing(event))
    except errors.AlreadyExists:
        if deps.replay is None:
            raise
    return replace(force, use_id=event.event_id)


def stay_ended(deps: Deps, force: Force, booking_id: str, space_id: str) -> AuditEvent:
    """The audit event of a stay that the use ends."""
    detail = f"{space_id}: {force.reason} (use {force.use_id})"
    return _event(deps, force, "destructive_check_out", booking_id, detail)


def room_cleared(deps: Deps, force: Force, state: RoomState) -> AuditEvent:
    """The audit event of a room that the use clears."""
    detail = f"{state.room.booking_id}: {force.reason} (use {force.use_id})"
    return _event(deps, force, "clear_room", state.room.space_id, detail)


def _inside(state: RoomState) -> Iterable[str]:
    stay = None if state.stay is None else state.stay.booking_id
    return filter(None, (stay, state.room.booking_id))


def _event(deps: Deps, force: Force, action: str, subject: str, detail: str) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=force.actor,
        action=action,
        subject=subject,
        site=force.site,
        source_ip=force.source_ip,
        detail=detail,
    )
