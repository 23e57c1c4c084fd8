"""Routes of a hotel: check-in, check-out (canonical and legacy URL), bulk steps, board,
turnover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings import present
from chalicelib.api.bookings.bodies import (
    BuyerBody,
    GuestLanguage,
    Guests,
    Purpose,
    Reason,
    SpaceId,
)
from chalicelib.api.front_desk.room_views import (
    ASSIGNED,
    BoardView,
    BulkInAnswer,
    ChoreView,
    HousekeepingView,
    RoomBookingAnswer,
    RoomStepView,
    RoomView,
)
from chalicelib.api.web import lists
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.moments import Moment, Nights
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.constraints import Doc, Items, Minutes, Slug, Text
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.front_desk import day_lists
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.sites.site import zone_and_number
from chalicelib.services.core import places, rate_limits
from chalicelib.services.front_desk import assign_room as rooms
from chalicelib.services.front_desk import bulk, walk_ins
from chalicelib.services.housekeeping import housekeeping as turnover
from chalicelib.services.stays import check_in

routes = Routes(__name__)

OverrideReason = Annotated[
    Reason,
    Doc("Why to check in before the check-in hour, or to a room that is not ready; audited."),
]
RoomId = Annotated[
    str, Text(max=80, numbers=True), Doc("A room: its id, or its number in the hotel.", "rooms.101")
]
RoomIds = Annotated[tuple[RoomId, ...], Items(bulk.MOST_ROOMS)]


@dataclass(frozen=True)
class CheckIn:
    """With a reason also into a room that is not ready."""

    override_reason: OverrideReason | None = None


@dataclass(frozen=True)
class AssignRoom:
    """Which room of the booking's zone."""

    room_number: Annotated[str, Text(max=40), Doc("", "102")]


@dataclass(frozen=True)
class WalkIn:
    """A guest at the desk: a room for some nights, or until `end`. Without `space_id` Berth chooses
    a ready room; without `zone_id` it does so in the only zone of rooms of the site."""

    guests: Guests
    zone_id: Slug | None = None
    space_id: SpaceId | None = None
    nights: Nights | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    purpose: Purpose | None = None
    language: GuestLanguage | None = None
    buyer: BuyerBody | None = None
    override_reason: OverrideReason | None = None

    def order(self, zone_id: str | None) -> Order:
        """The order, in the zone of that id. Raises Invalid unless either a zone or a space is
        given."""
        zone_id, number = zone_and_number(zone_id, self.space_id)
        return Order(
            zone_id,
            number,
            end=self.end,
            minutes=self.minutes,
            nights=self.nights,
            details=BookingDetails(
                purpose=self.purpose,
                guests=self.guests,
                language=self.language,
                buyer=self.buyer,
            ),
        )


@dataclass(frozen=True)
class BulkRooms:
    """Which rooms."""

    room_ids: RoomIds


@dataclass(frozen=True)
class BulkCheckIn(BulkRooms):
    """Which rooms. `destructive` has no effect on a check-in."""

    destructive: bool = False


@dataclass(frozen=True)
class Turn:
    """The new condition of the room, with a note."""

    to: Condition
    note: Annotated[str, Text(max=500, lines=True)] | None = None


@dataclass(frozen=True)
class HistoryPage:
    limit: PageSize = 20
    cursor: Cursor | None = None


@routes.post(
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/check-in",
    who=STAFF, takes=CheckIn, gives=RoomBookingAnswer, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def room_check_in(call: Call, slug: str, booking_id: str) -> Answer:
    """Check a guest in to their room, which must be ready unless a reason is given."""
    reason = call.body.override_reason
    booking = check_in.check_in(call.deps, call.actor, booking_id, site=slug, override=reason)
    return _room_booking(call, booking)


def room_booking(call: Call, booking: Booking, done: Sentence | None = None) -> RoomBookingAnswer:
    """A booking and its room after a step."""
    tracked = places.zone_of(call.deps, booking).policy.tracks_turnover
    tz = places.site_of(call.deps, booking).tz
    due = day_lists.payment_due(booking, call.now, tz)
    return RoomBookingAnswer.of(
        booking, tracked=tracked, due=due, language=call.deps.language, done=done
    )


def _room_booking(call: Call, booking: Booking, done: Sentence | None = None) -> Answer:
    return ok(present.as_json(room_booking(call, booking, done)))


@routes.post(
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/assign-room",
    who=STAFF, takes=AssignRoom, gives=RoomBookingAnswer, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def assign_room(call: Call, slug: str, booking_id: str) -> Answer:
    """Give a guest another room of the zone, before the stay or during it."""
    number = call.body.room_number
    booking = rooms.assign(call.deps, call.actor, booking_id, number, slug=slug)
    return _room_booking(call, booking, ASSIGNED)


@routes.post(
    "/api/staff/hotels/{slug}/walk-ins",
    who=STAFF, takes=WalkIn, gives=RoomBookingAnswer, status=201, once=True, sensitive=True,
    limit=rate_limits.BOOK,
    located=("/api/bookings/{booking[booking_id]}",),
)  # fmt: skip
def walk_in(call: Call, slug: str) -> Answer:
    """Book for a guest at the desk and check them in, in one step."""
    body = call.body
    if not body.guests:
        raise errors.Invalid({"guests": say("must_be_given")})
    zone_id = body.zone_id or (None if body.space_id else walk_ins.zone_of_rooms(call.deps, slug))
    reason = body.override_reason
    booking = walk_ins.walk_in(call.deps, call.actor, slug, body.order(zone_id), override=reason)
    return created(_room_booking(call, booking).body)


@routes.post(
    "/api/staff/hotel/{slug}/rooms/checkin",
    who=STAFF, takes=BulkCheckIn, gives=BulkInAnswer, once=True, sensitive=True,
)  # fmt: skip
def rooms_check_in(call: Call, slug: str) -> Answer:
    """Check in the guests who arrive in the rooms today. A room that fails does not stop the
    others."""
    body = call.body
    done = bulk.check_in(
        call.deps, call.actor, slug, body.room_ids,
        out_of_time=bulk.time_limit(), destructive=body.destructive,
    )  # fmt: skip
    return ok(present.as_json(BulkInAnswer.of(done, call.deps.language)))


@routes.get("/api/staff/hotels/{slug}/rooms", who=STAFF, gives=BoardView, keys=KeyScope.READS)
def room_board(call: Call, slug: str) -> Answer:
    """All rooms, with their guests and their conditions."""
    board = turnover.board(call.deps, call.actor, slug)
    return ok(present.as_json(BoardView(tuple(RoomView.of(room, call.now) for room in board))))


@routes.post(
    "/api/staff/hotels/{slug}/rooms/{space_id}/turnover",
    who=STAFF, takes=Turn, gives=RoomView, once=True, sensitive=True,
)  # fmt: skip
def turn_room(call: Call, slug: str, space_id: str) -> Answer:
    """A step of housekeeping. A repeated step changes nothing."""
    to, note = call.body.to, call.body.note or ""
    room = turnover.step(call.deps, call.actor, slug, space_id, to, note=note)
    return ok(present.as_json(RoomView.of(room, call.now)))


@routes.get(
    "/api/staff/hotels/{slug}/rooms/{space_id}/turnover",
    who=STAFF, query=HistoryPage, gives=[RoomStepView],
)  # fmt: skip
def room_history(call: Call, slug: str, space_id: str) -> Answer:
    """The steps of a room, newest first."""
    what = f"turnover/{space_id}"
    found = turnover.history(
        call.deps, call.actor, slug, space_id,
        limit=call.query.limit, after=lists.after(call, what),
    )  # fmt: skip
    return lists.page(call, what, found, RoomStepView.of)


@routes.get(
    "/api/staff/hotels/{slug}/housekeeping",
    who=STAFF, gives=HousekeepingView, keys=KeyScope.READS,
)  # fmt: skip
def housekeeping(call: Call, slug: str) -> Answer:
    """The rooms to clean: earliest arrival first, then those that have waited longest."""
    chores = turnover.list_chores(call.deps, call.actor, slug)
    rows = tuple(ChoreView.of_chore(chore, call.now) for chore in chores)
    return ok(present.as_json(HousekeepingView(rows)))
