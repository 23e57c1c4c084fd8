"""The front desk: who comes, goes, stays and has outstayed on a day, and a search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from chalicelib.api.bookings import present
from chalicelib.api.bookings.views import BookingView
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.api.web.values import MoneyView
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.constraints import Doc, Text
from chalicelib.domain.front_desk import day_lists as desk
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.front_desk.day_lists import Question
from chalicelib.domain.sites import nights
from chalicelib.services.front_desk import day_lists as front_desk
from chalicelib.services.front_desk import search
from chalicelib.services.front_desk.day_lists import DayBookings
from chalicelib.services.front_desk.search import Result

routes = Routes(__name__)

LocalDate = Annotated[str, Doc("A date of the site's calendar.", "2026-12-24")]


@dataclass(frozen=True)
class DayQuery:
    """Which day, by the site's calendar; today where absent."""

    date: Annotated[date, Doc("A day of the site's calendar.", "2026-12-24")] | None = None


@dataclass(frozen=True)
class SearchQuery:
    """What the guest says."""

    q: Annotated[
        str,
        Text(max=120),
        Doc("An id, a room number, a name, a phone number, a mail address, a plate.", "Byrne"),
    ]


@dataclass(frozen=True)
class DeskRowView:
    """A booking as the front desk needs it."""

    room_number: Annotated[str, Doc("The number on the door.", "101")]
    guest_names: tuple[str, ...]
    arrival_date: LocalDate
    departure_date: LocalDate
    nights: Annotated[int, Doc("Local dates it spans, at least one.", 2)]
    overstays: Annotated[bool, Doc("Still inside although its time is over.")]
    payment_due: Annotated[MoneyView, Doc("Left to pay if the guest leaves on time, or now.")]
    booking: BookingView


@dataclass(frozen=True)
class DeskView:
    """The bookings that answer, by room."""

    site: str
    date: LocalDate
    items: tuple[DeskRowView, ...]


@dataclass(frozen=True)
class SearchView(DeskView):
    """The bookings that are found: who is inside, who comes, who was there."""

    more: Annotated[bool, Doc("There are others: say more of the name.")]


@routes.get("/api/staff/hotels/{slug}/arrivals", who=STAFF, query=DayQuery, gives=DeskView)
def list_arrivals(call: Call, slug: str) -> Answer:
    """Who arrives that day: those who are expected (`booked`) and those who have come (`active`)
    and are still here."""
    return _of_day(call, slug, "arrivals")


@routes.get("/api/staff/hotels/{slug}/departures", who=STAFF, query=DayQuery, gives=DeskView)
def list_departures(call: Call, slug: str) -> Answer:
    """Who is to leave that day and has not yet."""
    return _of_day(call, slug, "departures")


@routes.get("/api/staff/hotels/{slug}/in-house", who=STAFF, query=DayQuery, gives=DeskView)
def list_in_house(call: Call, slug: str) -> Answer:
    """Who is inside; of another day, who is to sleep there."""
    return _of_day(call, slug, "in-house")


@routes.get("/api/staff/hotels/{slug}/overstays", who=STAFF, query=DayQuery, gives=DeskView)
def list_overstays(call: Call, slug: str) -> Answer:
    """Who is still inside although they were to leave by now, on that day or before it."""
    return _of_day(call, slug, "overstays")


@routes.get("/api/staff/hotels/{slug}/search", who=STAFF, query=SearchQuery, gives=SearchView)
def search_bookings(call: Call, slug: str) -> Answer:
    """The booking or the group of that id; otherwise who is in a room, comes to it or was there
    lately; or the bookings of rooms, old and new, of a guest whose name, phone number or mail
    address begins or ends so; and by name or plate whoever is inside or about to come."""
    found = search.search(call.deps, call.actor, slug, call.query.q)
    return ok(serialize.fields(SearchView(**vars(_view(call, found)), more=found.more)))


def _of_day(call: Call, slug: str, question: Question) -> Answer:
    found = front_desk.of_day(call.deps, call.actor, slug, question, call.query.date)
    return ok(serialize.fields(_view(call, found)))


def _view(call: Call, found: DayBookings | Result) -> DeskView:
    rows = tuple(_row(call, found, booking) for booking in found.bookings)
    return DeskView(found.site.slug, found.day.on.isoformat(), rows)


def _row(call: Call, found: DayBookings | Result, booking: Booking) -> DeskRowView:
    tz, now = found.site.tz, found.day.now
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
        overstays=desk.concerns(booking, "overstays", found.day),
        payment_due=MoneyView.of(desk.to_pay(booking, now, tz)),
        booking=present.booking(call.deps, booking),
    )
