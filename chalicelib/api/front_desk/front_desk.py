"""The front desk: the day lists and the search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from chalicelib.api.bookings import present
from chalicelib.api.bookings.views import BookingView
from chalicelib.api.web import values
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.api.web.spoken import Spoken
from chalicelib.api.web.values import Instant, LocalDay, MoneyView
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.constraints import Doc, Text
from chalicelib.domain.front_desk import day_lists as rules
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.front_desk.day_lists import DayList
from chalicelib.domain.sites import nights
from chalicelib.services.front_desk import day_lists, search
from chalicelib.services.front_desk.day_lists import DayBookings
from chalicelib.services.front_desk.search import SearchResult

routes = Routes(__name__)


@dataclass(frozen=True)
class DayQuery:
    """The day, by the calendar of the site; today where absent."""

    date: Annotated[date, Doc("A day of the site's calendar.", "2026-12-24")] | None = None


@dataclass(frozen=True)
class SearchQuery:
    """What to search for."""

    q: Annotated[
        str,
        Text(max=120),
        Doc("An id, a room number, a name, a phone number, a mail address, a plate.", "Byrne"),
    ]


@dataclass(frozen=True)
class DeskRowView:
    """A booking in a list of the front desk."""

    room_number: Annotated[str, Doc("The number on the door.", "101")]
    guest_names: tuple[str, ...]
    arrival_date: LocalDay
    departure_date: LocalDay
    nights: Annotated[int, Doc("Local dates it spans, at least one.", 2)]
    overstays: Annotated[bool, Doc("Still checked in after the booked end.")]
    occupied_by: Annotated[
        str | None,
        Doc("Of an arrival: the booking of the last guest, who is still in the room after it."),
    ]
    occupied_since: Annotated[
        Instant | None, Doc("Since when that guest overstays.", "2026-12-25T11:00:00Z")
    ]
    payment_due: Annotated[MoneyView, Doc("Left to pay if the guest leaves on time, or now.")]
    booking: BookingView


@dataclass(frozen=True)
class DeskView(Spoken):
    """The bookings of a day list, by room."""

    site: str
    date: LocalDay
    items: tuple[DeskRowView, ...]


@dataclass(frozen=True)
class SearchView(DeskView):
    """The bookings that were found: first those checked in, then those to come, then past ones."""

    more: Annotated[bool, Doc("There are others: give more of the name.")]


@routes.get(
    "/api/staff/hotels/{slug}/arrivals",
    who=STAFF, query=DayQuery, gives=DeskView, keys=KeyScope.READS,
)  # fmt: skip
def list_arrivals(call: Call, slug: str) -> Answer:
    """The arrivals of a day: guests who are expected (`booked`), and guests who have arrived and
    are still there (`active`)."""
    return _of_day(call, slug, "arrivals")


@routes.get(
    "/api/staff/hotels/{slug}/departures",
    who=STAFF, query=DayQuery, gives=DeskView, keys=KeyScope.READS,
)  # fmt: skip
def list_departures(call: Call, slug: str) -> Answer:
    """The departures of a day: guests who are to leave and have not left yet."""
    return _of_day(call, slug, "departures")


@routes.get(
    "/api/staff/hotels/{slug}/in-house",
    who=STAFF, query=DayQuery, gives=DeskView, keys=KeyScope.READS,
)  # fmt: skip
def list_in_house(call: Call, slug: str) -> Answer:
    """The guests who are checked in; for another day, the guests booked for that night."""
    return _of_day(call, slug, "in-house")


@routes.get(
    "/api/staff/hotels/{slug}/overstays",
    who=STAFF, query=DayQuery, gives=DeskView, keys=KeyScope.READS,
)  # fmt: skip
def list_overstays(call: Call, slug: str) -> Answer:
    """The guests who are still checked in after their booked end, on that day or before it."""
    return _of_day(call, slug, "overstays")


@routes.get("/api/staff/hotels/{slug}/search", who=STAFF, query=SearchQuery, gives=SearchView)
def search_bookings(call: Call, slug: str) -> Answer:
    """The booking or the group with that id; otherwise the present, coming and recent bookings of
    the room with that number; otherwise all bookings of rooms of a guest whose name or mail address
    begins so, or whose phone number ends so, and by name or plate the bookings that are checked in
    or arrive soon."""
    found = search.search(call.deps, call.actor, slug, call.query.q)
    return ok(serialize.fields(SearchView(**vars(_view(call, found)), more=found.more)))


def _of_day(call: Call, slug: str, day_list: DayList) -> Answer:
    found = day_lists.of_day(call.deps, call.actor, slug, day_list, call.query.date)
    return ok(serialize.fields(_view(call, found)))


def _view(call: Call, found: DayBookings | SearchResult) -> DeskView:
    rows = tuple(_row(call, found, booking) for booking in found.bookings)
    return DeskView(found.site.slug, found.day.on.isoformat(), rows)


def _row(call: Call, found: DayBookings | SearchResult, booking: Booking) -> DeskRowView:
    tz, now, late = found.site.tz, found.day.now, found.late_guest_of(booking)
    start, end = (
        localtime.local_date(at, tz).isoformat()
        for at in (booking.booked.start, booking.booked.end)
    )
    return DeskRowView(
        room_number=booking.number,
        guest_names=search_keys.names(booking),
        arrival_date=start,
        departure_date=end,
        nights=nights.count(booking.booked, tz),
        overstays=rules.belongs(booking, "overstays", found.day),
        occupied_by=None if late is None else late.booking_id,
        occupied_since=values.maybe(None if late is None else late.booked.end),
        payment_due=MoneyView.of(rules.payment_due(booking, now, tz)),
        booking=present.booking(call.deps, booking),
    )
