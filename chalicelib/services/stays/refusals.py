"""Refusals at the gate and at the desk, in the words and on the clock of the site: when check-in
opens, since when a guest is inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Step
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import At, Sentence, say
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps

_WHERE: Final = {
    "gate_entry": say("at_the_gate"),
    "legacy_api": say("at_the_gate"),
    "staff_api": say("at_the_desk"),
    "bulk": say("at_the_desk"),
}
"""Where a guest came in, by the way of the check-in."""


@contextmanager
def explained(deps: Deps, actor: Actor, booking: Booking) -> Iterator[None]:
    """Explain the refusals of a check-in, and name the booking in their audit events."""
    with audit_events.about(booking.booking_id, booking.site):
        try:
            yield
        except errors.TooEarly as refusal:
            raise _with_the_hour(deps, booking, refusal) from None
        except errors.AlreadyEntered as refusal:
            raise _with_the_entry(deps, actor, booking, refusal) from None


def _with_the_hour(deps: Deps, booking: Booking, refusal: errors.TooEarly) -> errors.TooEarly:
    """The refusal with the hour at which to come back; on another day with its date."""
    return refusal.at(_when(deps, booking, refusal.opens_at))


def _with_the_entry(
    deps: Deps, actor: Actor, booking: Booking, refusal: errors.AlreadyEntered
) -> errors.AlreadyEntered:
    """The refusal with the time of the check-in; for staff also where and by whom."""
    entry = next((e for e in reversed(booking.timeline) if e.what == Step.CHECK_IN), None)
    if entry is None:
        return refusal
    since = _when(deps, booking, entry.at)
    is_staff = actor.works_at(booking.site)
    inside = (
        _for_staff(deps, booking, entry, since) if is_staff else say("inside_since", when=since)
    )
    explained = errors.AlreadyEntered(inside)
    explained.facts = {"since": localtime.iso(entry.at)}
    return explained


def _for_staff(deps: Deps, booking: Booking, entry: TimelineEntry, since: At) -> Sentence:
    where, name = _WHERE.get(entry.source), _name_of_staff(deps, booking, entry)
    if where is None:
        by = None if name is None else say("inside_since_by", when=since, name=name)
        return by or say("inside_since", when=since)
    if name is None:
        return say("inside_since_where", when=since, where=where)
    return say("inside_since_where_by", when=since, where=where, name=name)


def _name_of_staff(deps: Deps, booking: Booking, entry: TimelineEntry) -> str | None:
    """Who has checked the guest in; None for a guest who did it, or an unknown account."""
    if entry.actor == booking.user_id:
        return None
    try:
        return deps.accounts.known(entry.actor).name
    except errors.AccountNotFound:
        return None


def _when(deps: Deps, booking: Booking, at: datetime) -> At:
    """An instant on the clock of the site."""
    return At(at, places.site_of(deps, booking).tz, deps.now())
