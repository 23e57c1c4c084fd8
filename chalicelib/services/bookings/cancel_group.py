"""Cancel several bookings of a group at once (docs/rules/groups.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.bookings import ends, group
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.group import Scope
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.services.bookings import bookings, paybacks, settle
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class Kept:
    """A booking that could not be cancelled, with the refusal."""

    booking: Booking
    refusal: errors.Refusal


@dataclass(frozen=True)
class CancelledGroup:
    """The bookings of a group that were cancelled, and those that were not."""

    group_id: str
    cancelled: tuple[Cancelled, ...]
    kept: tuple[Kept, ...]


def cancel(
    deps: Deps, actor: Actor, booking_id: str, scope: Scope, *, reason: str, source: Source = "api"
) -> CancelledGroup:
    """Cancel a booking and others of its group: those that begin later, or all. One read, one
    query, and a transaction for up to twenty bookings. A repeated request completes one that was
    interrupted. Raises Invalid for a booking without a group, and AlreadyEnded or IllegalTransition
    where no booking can be cancelled."""
    done: dict[str, Cancelled] = {}

    def once() -> CancelledGroup:
        named = bookings.get(deps, actor, booking_id)
        if not done:
            deps.as_expected(named)
        now = deps.now()
        kept = []
        changes = []
        for each in _in_scope(deps, named, scope):
            by_site = each.is_live and bookings.is_by_site(deps, actor, each)
            try:
                changes.append(
                    ends.cancel(
                        each, by=actor, source=source, reason=reason, now=now, by_site=by_site
                    )
                )
            except errors.Conflict as refusal:
                kept += [] if each.booking_id in done else [Kept(each, refusal)]
        if not (changes or done):
            raise kept[0].refusal
        for part in group.parts(changes, group.MOST_FREED):
            cancelled = {c.booking.booking_id: _cancelled(deps, c.booking) for c in part}
            deps.commit(_as_one(deps, actor, part, reason))
            done.update(cancelled)
        return CancelledGroup(named.group_id or "", tuple(done.values()), tuple(kept))

    return deps.retry_on_conflict(once)


def _in_scope(deps: Deps, named: Booking, scope: Scope) -> tuple[Booking, ...]:
    """The bookings in scope, the named one included."""
    if named.group_id is None:
        raise errors.Invalid({"scope": say("must_be_scope_one")})
    members = settle.each(deps, deps.bookings.of_group(named.group_id))
    return group.in_scope(named, scope, members)


def _as_one(
    deps: Deps, actor: Actor, changes: Iterable[BookingChange], reason: str
) -> BookingChange:
    """Several cancellations as one change, with one audit event where the bookings are another
    customer's."""
    changes = tuple(changes)
    change, first = group.joined(changes), changes[0].booking
    assert first.group_id is not None
    if actor.owns(first.user_id):
        return change
    event = audit_events.event(
        deps,
        actor=actor,
        action="cancel_bookings",
        subject=first.group_id,
        site=first.site,
        detail=f"{len(changes)}: {reason}",
    )
    return change.auditing(event)


def _cancelled(deps: Deps, booking: Booking) -> Cancelled:
    return Cancelled(booking, paybacks.refund_of(deps, booking))
