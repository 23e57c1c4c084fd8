"""The waitlist: wait for an interval that is taken, and claim an offer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from chalicelib.api.bookings import present
from chalicelib.api.bookings.bodies import (
    BuyerBody,
    GuestLanguage,
    Guests,
    Purpose,
    Reason,
    SpaceId,
)
from chalicelib.api.bookings.entry_views import WaitlistEntryView
from chalicelib.api.bookings.step_views import ClaimedView, LeftEntryView
from chalicelib.api.bookings.venue_words import VenueWords
from chalicelib.api.web import lists
from chalicelib.api.web.http import USER, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.api.web.moments import Moment, Nights
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.constraints import (
    Doc,
    Integer,
    Minutes,
    Name,
    Plate,
    Slug,
    Text,
)
from chalicelib.domain.core.sentence import say
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import rate_limits
from chalicelib.services.waitlist import entries, position
from chalicelib.services.waitlist import lists as entry_lists
from chalicelib.services.waitlist.favours import WaitlistRequest
from chalicelib.services.waitlist.position import UNKNOWN
from chalicelib.texts import sentences

routes = Routes(__name__)

CLAIMED: Final = say("slot_claimed")
LEFT: Final = say("entry_removed")
PURPOSE: Final = "Claimed from waitlist"


@dataclass(frozen=True)
class JoinWaitlist(VenueWords):
    """Wait for a zone, or for one of its spaces. Staff of the site may enter a customer of the
    site, and a priority, with the reason."""

    zone_id: Slug | None = None
    space_id: SpaceId | None = None
    start: Moment | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None
    priority: Annotated[int, Integer(-100, 100), Doc("0 is normal; lower comes first.", 0)] = 0
    user_id: (
        Annotated[str, Text(max=40, code=True), Doc("For staff: a customer of the site.")] | None
    ) = None
    reason: (
        Annotated[
            Reason,
            Doc("Why; required for a priority and for another customer.", "Wheelchair user"),
        ]
        | None
    ) = None

    @property
    def request(self) -> WaitlistRequest:
        """The request to wait. Raises Invalid as `place` and `times` do."""
        zone_id, number = self.place(self.zone_id, self.space_id)
        start, end = self.times(self.start, self.end)
        return WaitlistRequest(
            zone_id,
            number,
            start=start,
            end=end,
            minutes=self.minutes,
            nights=self.nights,
            priority=self.priority,
            user_id=self.user_id,
            reason=self.reason or "",
        )


@dataclass(frozen=True)
class ClaimOffer:
    """Details of the booking that the claim makes."""

    vehicle_number: Plate | None = None
    owner_name: Name | None = None
    purpose: Purpose | None = None
    guests: Guests = ()
    language: GuestLanguage | None = None
    buyer: BuyerBody | None = None

    @property
    def details(self) -> BookingDetails:
        return BookingDetails(
            self.vehicle_number,
            self.owner_name,
            self.purpose or PURPOSE,
            self.guests,
            language=self.language,
            buyer=self.buyer,
        )


@dataclass(frozen=True)
class MyWaitlistQuery:
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class WaitlistQuery(MyWaitlistQuery):
    """Staff may name the site whose entries to list."""

    site: Slug | None = None


@routes.post(
    "/api/waitlist",
    who=USER, takes=JoinWaitlist, gives=WaitlistEntryView, status=201, once=True,
    limit=rate_limits.BOOK,
    located=("/api/waitlist/{id}",),
)  # fmt: skip
def join_waitlist(call: Call) -> Answer:
    """Wait for an interval that is taken. Refused while it is free, for what the customer waits for
    or has booked already, and beyond the daily number of entries."""
    entry = entries.join(call.deps, call.actor, call.body.request)
    standing = position.of_new(call.deps, entry)
    return created(present.as_json(present.entry(call.deps, entry, standing)))


@routes.get("/api/waitlist", who=USER, query=WaitlistQuery, gives=[WaitlistEntryView])
def list_waitlist(call: Call) -> Answer:
    """A customer's own entries, newest first. For staff, owners and admins the live entries of all
    their sites, or of `site`, site by site and by their start, without their positions. A page may
    be short although others follow: follow `next_cursor` until it is null."""
    if call.query.site is not None:
        return _at_site(call, call.query.site)
    return _own(call) if call.actor.role is Role.USER else _at_sites(call)


def _own(call: Call) -> Answer:
    after = lists.after(call, "waitlist")
    found = entry_lists.own(call.deps, call.actor, limit=call.query.limit, after=after)
    return lists.page(call, "waitlist", found, partial(_placed, call))


def _at_site(call: Call, site: str) -> Answer:
    what = f"waitlist/{site}"
    after, limit = lists.after(call, what), call.query.limit
    found = entry_lists.at_site(call.deps, call.actor, site, limit=limit, after=after)
    return lists.page(call, what, found, partial(present.entry, call.deps, standing=UNKNOWN))


def _at_sites(call: Call) -> Answer:
    what = "waitlist/of all sites"
    after, limit = lists.after(call, what), call.query.limit
    found = entry_lists.at_all_sites(call.deps, call.actor, limit=limit, after=after)
    return lists.page(call, what, found, partial(present.entry, call.deps, standing=UNKNOWN))


@routes.get("/api/waitlist/my_waitlist", who=USER, query=MyWaitlistQuery, gives=[WaitlistEntryView])
def my_waitlist(call: Call) -> Answer:
    """Own entries that wait or are offered, by date, then by start."""
    after = lists.after(call, "my_waitlist")
    found = entry_lists.own_live(call.deps, call.actor, limit=call.query.limit, after=after)
    return lists.page(call, "my_waitlist", found, partial(_placed, call))


@routes.get("/api/waitlist/{entry_id}", who=USER, gives=WaitlistEntryView)
def get_entry(call: Call, entry_id: str) -> Answer:
    """One entry with its position, for its customer and the staff of its site."""
    return _answer(call, entries.get(call.deps, call.actor, entry_id))


@routes.post(
    "/api/waitlist/{entry_id}/claim",
    who=USER, takes=ClaimOffer, gives=ClaimedView, status=201, once=True,
    limit=rate_limits.BOOK, versioned=True,
    located=("/api/bookings/{booking_id}",),
)  # fmt: skip
def claim_offer(call: Call, entry_id: str) -> Answer:
    """Claim the offer: the held interval becomes a booking, confirmed at once."""
    booking = entries.claim(call.deps, call.actor, entry_id, call.body.details)
    made = present.booking(call.deps, booking)
    message = sentences.in_words(CLAIMED, call.deps.language)
    answer = ClaimedView(**vars(made), message=message, waitlist_entry_id=entry_id)
    return created(present.as_json(answer))


@routes.delete("/api/waitlist/{entry_id}/leave", who=USER, gives=LeftEntryView, versioned=True)
def leave_waitlist(call: Call, entry_id: str) -> Answer:
    """Leave the queue, or decline the offer, which then goes to the next entry. A repeated request
    changes nothing."""
    return _left(call, entry_id)


@routes.delete("/api/waitlist/{entry_id}", who=USER, gives=LeftEntryView, versioned=True)
def delete_entry(call: Call, entry_id: str) -> Answer:
    """The same as `leave`."""
    return _left(call, entry_id)


def _left(call: Call, entry_id: str) -> Answer:
    entry = entries.leave(call.deps, call.actor, entry_id)
    message = sentences.in_words(LEFT, call.deps.language)
    return ok(present.as_json(LeftEntryView(**vars(_placed(call, entry)), message=message)))


def _answer(call: Call, entry: Entry) -> Answer:
    return ok(present.as_json(_placed(call, entry)))


def _placed(call: Call, entry: Entry) -> WaitlistEntryView:
    return present.entry(call.deps, entry, position.of(call.deps, entry))
