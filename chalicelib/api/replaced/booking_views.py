"""A booking as the timer and the venue system show it, under the URLs that they share
(docs/decisions/shared-urls.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from chalicelib.api.bookings import booking_fields
from chalicelib.api.bookings.views import BookingView
from chalicelib.api.replaced import timer_words, venue_words
from chalicelib.api.web import values
from chalicelib.api.web.values import Instant, LocalDay
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc, Named
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

StatusWord = Annotated[
    Literal["pending", "booked", "confirmed", "completed", "cancelled"], Named("OldBookingStatus")
]
LocalDate = Annotated[LocalDay, Doc("The date of the start, by the calendar of the site.")]
TimeOrInstant = Annotated[
    str,
    Doc("Of a venue the time of day by the clock of the site; otherwise an instant.", "14:00"),
]


@dataclass(frozen=True)
class OldBookingView(BookingView):
    """A booking in the words of the timer system; one of a venue in those of the venue system."""

    status: Annotated[  # type: ignore[assignment]  # the old word in place of ours
        StatusWord,
        Doc("Before and during the stay `confirmed` for a venue, otherwise `booked`."),
    ]
    start_time: TimeOrInstant
    end_time: TimeOrInstant
    id: Annotated[str, Doc("The same as booking_id.")]
    user: Annotated[str | None, Doc("The same as user_id.")]
    venue: Annotated[str, Doc("The space that was booked; without one the zone.", "hall-a")]
    date: LocalDate
    starts_at: Instant
    ends_at: Instant


@dataclass(frozen=True)
class SteppedBookingView(OldBookingView):
    """A booking after a step."""

    message: str


@dataclass(frozen=True)
class ClaimedSlotView(SteppedBookingView):
    """The booking that a claim has made."""

    waitlist_entry_id: str


def booking(deps: Deps, record: Booking) -> OldBookingView:
    """A booking in the old words."""
    return OldBookingView(**fields(deps, record))


def stepped(deps: Deps, record: Booking, message: str) -> SteppedBookingView:
    """A booking after a step, with the old message."""
    return SteppedBookingView(**fields(deps, record), message=message)


def claimed(deps: Deps, record: Booking, message: str, entry_id: str) -> ClaimedSlotView:
    """The booking that the claim of an entry has made."""
    return ClaimedSlotView(**fields(deps, record), message=message, waitlist_entry_id=entry_id)


def fields(deps: Deps, record: Booking) -> dict[str, Any]:
    """The fields of each view in the old words."""
    tz = places.site_of(deps, record).tz
    start, end = record.booked.start, record.booked.end
    return (
        booking_fields.of(deps, record)
        | {
            "id": record.booking_id,
            "user": record.user_id,
            "venue": record.zone_id if record.provisional else record.space_id,
            "date": localtime.local_date(start, tz).isoformat(),
            "starts_at": values.instant(start),
            "ends_at": values.instant(end),
        }
        | (_of_venue(record, tz) if record.kind == "venue" else _of_lot(record))
    )


def _of_venue(record: Booking, tz: ZoneInfo) -> dict[str, str]:
    return {
        "status": venue_words.STATUS[record.status],
        "start_time": time_of_day(record.booked.start, tz),
        "end_time": time_of_day(record.booked.end, tz),
    }


def _of_lot(record: Booking) -> dict[str, str]:
    return {"status": timer_words.STATUS[record.status]}


def time_of_day(at: datetime, tz: ZoneInfo) -> str:
    """An instant as a time of day in `tz`, to the minute."""
    return f"{localtime.local(at, tz):%H:%M}"
