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
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps

_WHERE: Final[dict[str, str]] = {
    "gate_entry": " at the gate",
    "legacy_api": " at the gate",
    "staff_api": " at the desk",
    "bulk": " at the desk",
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
    return refusal.worded(_when(deps, booking, refusal.opens_at))


def _with_the_entry(
    deps: Deps, actor: Actor, booking: Booking, refusal: errors.AlreadyEntered
) -> errors.AlreadyEntered:
    """The refusal with the time of the check-in; for staff also where and by whom."""
    entry = next((e for e in reversed(booking.timeline) if e.what == Step.CHECK_IN), None)
    if entry is None:
        return refusal
    since = f"This booking is already inside, since {_when(deps, booking, entry.at)}"
    by = _by(deps, booking, entry) if actor.works_at(booking.site) else ""
    explained = errors.AlreadyEntered(f"{since}{by}.")
    explained.facts = {"since": localtime.iso(entry.at)}
    return explained


def _by(deps: Deps, booking: Booking, entry: TimelineEntry) -> str:
    where = _WHERE.get(entry.source, "")
    if entry.actor == booking.user_id:
        return where
    try:
        return f"{where}, checked in by {deps.accounts.known(entry.actor).name}"
    except errors.AccountNotFound:
        return where


def _when(deps: Deps, booking: Booking, at: datetime) -> str:
    """An instant on the clock of the site: the hour, and on another day the date before it."""
    return localtime.hour_or_date(at, places.site_of(deps, booking).tz, now=deps.now())
