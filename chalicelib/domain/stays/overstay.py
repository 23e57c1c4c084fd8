"""Overstays: active stays that outlast their booked end (docs/decisions/overstays.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import effect, unixtime
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.policy import Policy

NOTICED = "overstayed"
"""The word on the timeline, at the booked end."""


def listed(booking: Booking, now: datetime) -> Booking:
    """The booking, on the sheets of `now` and of the page after that."""
    return replace(booking, listed_through=booking.paging.after(now))


def is_new(booking: Booking) -> bool:
    """Whether its last step was to become an overstay."""
    last = booking.timeline[-1]
    return last.what == NOTICED and last.at == booking.updated_at


def keep(
    booking: Booking,
    *,
    source: Source,
    policy: Policy,
    sheets: Sheets,
    now: datetime,
    mails_desk: bool,
) -> BookingChange:
    """Keep the space for a stay that outlasts its booked end. The first time it becomes an
    overstay, at its booked end: the timeline shows it, and the desk gets a mail if `mails_desk`.
    `sheets` are those of the space on the pages that `listed` adds."""
    first = booking.listed_through is None
    kept = _noticed(booking, source) if first else _next_version(booking, now)
    kept = listed(kept, now)
    kept = replace(kept, deadline=kept.next_deadline(policy))
    edits = occupancy.relist(booking.holding, kept.holding, sheets=sheets)
    change = BookingChange.of(kept).with_sheets(edits)
    if first and mails_desk:
        return change.sending(effect.mail("overstay", mail_subject(booking)))
    return change


def mail_subject(booking: Booking) -> str:
    """The subject of the mail to the desk: the booking and its booked end, because another end
    makes another overstay."""
    return f"{booking.booking_id}/{unixtime.of(booking.booked.end)}"


def _noticed(booking: Booking, source: Source) -> Booking:
    return booking.after(NOTICED, at=booking.booked.end, by=SYSTEM, source=source)


def _next_version(booking: Booking, now: datetime) -> Booking:
    return replace(booking, version=booking.version + 1, updated_at=now)
