"""A waitlist entry as the venue system shows it: its times by the clock of the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from chalicelib.api.bookings import present
from chalicelib.api.bookings.entry_views import WaitlistEntryView
from chalicelib.api.replaced.booking_views import time_of_day
from chalicelib.api.web.values import Instant
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist.position import Position

TimeOfDay = Annotated[str, Doc("A time of day by the clock of the site.", "14:00")]


@dataclass(frozen=True)
class OldEntryView(WaitlistEntryView):
    """A waitlist entry with its times by the clock of the site."""

    start_time: TimeOfDay
    end_time: TimeOfDay
    starts_at: Instant
    ends_at: Instant


@dataclass(frozen=True)
class RemovedEntryView(OldEntryView):
    """An entry that its customer has removed."""

    message: str


def entry(deps: Deps, record: Entry, standing: Position) -> OldEntryView:
    """An entry in the old words."""
    return OldEntryView(**_fields(deps, record, standing))


def removed(deps: Deps, record: Entry, standing: Position, message: str) -> RemovedEntryView:
    """An entry that was removed, with the old message."""
    return RemovedEntryView(**_fields(deps, record, standing), message=message)


def _fields(deps: Deps, record: Entry, standing: Position) -> dict[str, Any]:
    ours = vars(present.entry(deps, record, standing))
    tz = places.site_of(deps, record).tz
    start, end = record.interval.start, record.interval.end
    return ours | {
        "start_time": time_of_day(start, tz),
        "end_time": time_of_day(end, tz),
        "starts_at": ours["start_time"],
        "ends_at": ours["end_time"],
    }
