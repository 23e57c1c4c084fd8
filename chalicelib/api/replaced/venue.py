"""The URLs of the venue system that Berth replaces: confirmation and waitlist. Its URLs of bookings
are those of the timer system (`timer.py`). They call the same services as ours; the texts of
refusals are the old ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from chalicelib.api.bookings.confirmations import Behalf
from chalicelib.api.bookings.present import as_json
from chalicelib.api.replaced import booking_views, venue_views
from chalicelib.api.replaced import venue_words as words
from chalicelib.api.replaced.booking_views import ClaimedSlotView, SteppedBookingView
from chalicelib.api.replaced.timer import MAKES, SOURCE, STEP, OldPage, OldPageOfSite
from chalicelib.api.replaced.venue_views import OldEntryView, RemovedEntryView
from chalicelib.api.replaced.venue_words import CLAIMED, CONFIRMED, LEFT, OVERRIDDEN
from chalicelib.api.waitlist.entries import ClaimOffer, JoinWaitlist
from chalicelib.api.web import lists
from chalicelib.api.web.http import STAFF, USER, Answer, Call, Routes, created, ok
from chalicelib.domain.core.constraints import Doc, Text
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.bookings import confirmations
from chalicelib.services.core import rate_limits
from chalicelib.services.waitlist import entries, position
from chalicelib.services.waitlist import lists as entry_lists

routes = Routes(__name__)

_OVERRIDES: Final[dict[str, Any]] = STEP | {
    "who": STAFF, "takes": Behalf, "gives": SteppedBookingView, "sensitive": True,
    "versioned": True, "refusal": words.OVERRIDE.refused,
}  # fmt: skip
_LEAVES: Final[dict[str, Any]] = {
    "who": USER, "gives": RemovedEntryView, "versioned": True, "refusal": words.LEAVE.refused
}  # fmt: skip


@dataclass(frozen=True)
class OldWish(JoinWaitlist):
    """Wait for a venue on a date, from one time to another."""

    user: (
        Annotated[str, Text(max=80, numbers=True), Doc("Without effect: the caller waits.")] | None
    ) = None


@routes.post(
    "/bookings/{booking_id}/confirm",
    takes=Behalf, gives=SteppedBookingView, versioned=True, refusal=words.CONFIRM.refused, **STEP,
)  # fmt: skip
def old_confirm(call: Call, booking_id: str) -> Answer:
    """Confirm, before the start, that the guest comes. Staff confirm on the guest's behalf, which
    is audited."""
    reason = call.body.reason or ""
    booking = confirmations.confirm(call.deps, call.actor, booking_id, reason=reason, source=SOURCE)
    message = CONFIRMED if call.actor.owns(booking.user_id) else OVERRIDDEN
    return ok(as_json(booking_views.stepped(call.deps, booking, message)))


@routes.post("/bookings/{booking_id}/override_autocancel", **_OVERRIDES)
def old_override_autocancel(call: Call, booking_id: str) -> Answer:
    """Confirm on the guest's behalf, so that there is no auto-cancel; audited."""
    return _override(call, booking_id)


@routes.post("/bookings/{booking_id}/override-autocancel", **_OVERRIDES)
def old_override_with_hyphen(call: Call, booking_id: str) -> Answer:
    """The same, written with a hyphen."""
    return _override(call, booking_id)


def _override(call: Call, booking_id: str) -> Answer:
    reason = call.body.reason or ""
    kept = confirmations.override(call.deps, call.actor, booking_id, reason=reason)
    return ok(as_json(booking_views.stepped(call.deps, kept, OVERRIDDEN)))


@routes.post(
    "/waitlist",
    takes=OldWish, gives=OldEntryView, status=201, limit=rate_limits.BOOK,
    located=("/api/waitlist/{id}",), refusal=words.JOIN.refused, **STEP,
)  # fmt: skip
def old_join(call: Call) -> Answer:
    """Wait for a time that is taken."""
    entry = entries.join(call.deps, call.actor, call.body.request)
    return created(as_json(venue_views.entry(call.deps, entry, position.of_new(call.deps, entry))))


@routes.get("/waitlist", who=USER, query=OldPageOfSite, gives=tuple[OldEntryView, ...])
def old_waitlist(call: Call) -> Answer:
    """A customer's own entries, newest first; for staff, owners and admins the live entries of all
    their sites, or of `site`, by their start. `Link` names the next page."""
    query = call.query
    what = f"old waitlist/{query.site or ''}"
    found = entry_lists.own_or_at_work(
        call.deps, call.actor, query.site, limit=query.limit, after=lists.after(call, what)
    )
    return lists.array(call, what, found, partial(_entry, call))


@routes.get("/waitlist/my_waitlist", who=USER, query=OldPage, gives=tuple[OldEntryView, ...])
def old_my_waitlist(call: Call) -> Answer:
    """Own entries that wait or are offered, by date, then by start. `Link` names the next page."""
    after = lists.after(call, "old my_waitlist")
    found = entry_lists.own_live(call.deps, call.actor, limit=call.query.limit, after=after)
    return lists.array(call, "old my_waitlist", found, partial(_entry, call))


@routes.get("/waitlist/{entry_id}", who=USER, gives=OldEntryView)
def old_entry(call: Call, entry_id: str) -> Answer:
    """One entry, for its customer and the staff of its site."""
    return ok(as_json(_entry(call, entries.get(call.deps, call.actor, entry_id))))


@routes.post(
    "/waitlist/{entry_id}/claim",
    takes=ClaimOffer, gives=ClaimedSlotView, versioned=True, refusal=words.CLAIM.refused,
    plain=words.CLAIM.plain, **STEP, **MAKES,
)  # fmt: skip
def old_claim(call: Call, entry_id: str) -> Answer:
    """Claim the offer: the held time becomes a booking, confirmed at once."""
    booking = entries.claim(call.deps, call.actor, entry_id, call.body.details, source=SOURCE)
    return created(as_json(booking_views.claimed(call.deps, booking, CLAIMED, entry_id)))


@routes.delete("/waitlist/{entry_id}/leave", **_LEAVES)
def old_leave(call: Call, entry_id: str) -> Answer:
    """Leave the queue, or decline the offer. A repeated request changes nothing."""
    return _leave(call, entry_id)


@routes.delete("/waitlist/{entry_id}", **_LEAVES)
def old_delete_entry(call: Call, entry_id: str) -> Answer:
    """The same as `leave`."""
    return _leave(call, entry_id)


def _leave(call: Call, entry_id: str) -> Answer:
    entry = entries.leave(call.deps, call.actor, entry_id)
    standing = position.of(call.deps, entry)
    return ok(as_json(venue_views.removed(call.deps, entry, standing, LEFT)))


def _entry(call: Call, entry: Entry) -> OldEntryView:
    """An entry, with its position for the customer whose it is."""
    is_own = call.actor.owns(entry.user_id)
    standing = position.of(call.deps, entry) if is_own else position.UNKNOWN
    return venue_views.entry(call.deps, entry, standing)
