"""Auto-renewal: a stay that goes on by itself before its end (docs/rules/auto-renewal.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import reschedule, timer
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.policy import Policy


class Reason(StrEnum):
    """Why a stay does not renew; the value stands on the timeline."""

    TAKEN = "space taken"
    CLOSED = "closed"
    BLACKED_OUT = "blackout"
    UNPAID = "amount due"
    LIMIT = "limit reached"


REASONS: Final[Mapping[type[errors.Refusal], Reason]] = {
    errors.NoRoom: Reason.TAKEN,
    errors.ZoneClosed: Reason.CLOSED,
    errors.OutsideOpeningHours: Reason.CLOSED,
    errors.BlackedOut: Reason.BLACKED_OUT,
    errors.PaymentDue: Reason.UNPAID,
    errors.QuotaReached: Reason.LIMIT,
    errors.Invalid: Reason.LIMIT,
}
"""The refusals after which a stay ends as it is booked."""

REFUSED = "not_renewed"
"""The word on the timeline."""


def reason_of(refusal: errors.Refusal) -> Reason:
    """The reason that `refusal`, one of `REASONS`, gives."""
    return next(reason for kind, reason in REASONS.items() if isinstance(refusal, kind))


def added(booking: Booking, policy: Policy) -> Interval:
    """The time that a renewal adds: the default duration of the zone, from the booked end or, where
    the zone ends the stay before, from that end."""
    end = min(booking.booked.end, timer.planned_end(booking, policy))
    return Interval(end, end + timedelta(minutes=policy.default_duration))


def renewed(booking: Booking, by: Interval) -> Interval:
    """The interval of a booking after a renewal `by` so much."""
    return Interval(booking.booked.start, max(booking.booked.end, by.end))


def renew(
    booking: Booking,
    interval: Interval,
    *,
    source: Source,
    policy: Policy,
    tz: ZoneInfo,
    sheets: Sheets,
    now: datetime,
    room: Room | None,
) -> BookingChange:
    """Renew a stay: it is extended to `interval`, as the customer may extend it. Raises SpaceTaken,
    IllegalTransition, AlreadyEnded."""
    change = reschedule.move(
        replace(booking, renewals=booking.renewals + 1),
        interval,
        by=SYSTEM,
        source=source,
        policy=policy,
        tz=tz,
        sheets=sheets,
        now=now,
        room=room,
    )
    entry = TimelineEntry(now, "renewed", SYSTEM.account_id, source)
    saved = replace(change.booking, timeline=(*booking.timeline, entry))
    return replace(change, saves=(saved, *change.saves[1:]))


def refuse(
    booking: Booking, reason: Reason, *, source: Source, policy: Policy, now: datetime
) -> BookingChange:
    """Turn auto-renewal off for a stay that cannot renew: it ends as it is booked."""
    off = replace(booking, details=replace(booking.details, auto_renew=False))
    refused = off.after(REFUSED, at=now, by=SYSTEM, source=source, note=reason.value)
    return BookingChange.of(replace(refused, deadline=refused.next_deadline(policy)))


def is_refused(booking: Booking, *, since: Booking) -> bool:
    """Whether its last step, made from the version `since`, was a refusal to renew."""
    return len(booking.timeline) > len(since.timeline) and booking.timeline[-1].what == REFUSED


def refused_because(booking: Booking) -> Reason | None:
    """The reason of the last refusal; None where there was none, or it may renew again."""
    if booking.details.auto_renew:
        return None
    notes = (entry.note for entry in reversed(booking.timeline) if entry.what == REFUSED)
    note = next(notes, None)
    return None if note is None else Reason(note)
