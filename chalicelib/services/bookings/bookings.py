"""Book a space; look up, cancel, waive and terminate bookings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat

from chalicelib.domain.bookings import ends
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import refund
from chalicelib.domain.stays import check_out
from chalicelib.services.bookings import decide, overstays, own_offer, paybacks, settle
from chalicelib.services.bookings.decide import BookingRequest
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps


def book(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Book what is ordered: one query and one transaction. Raises ZoneNotFound, SpaceNotFound,
    ZoneFull or SpaceTaken, PaymentDue, QuotaReached, what `admission.check` refuses, and Invalid
    for a local time that does not exist."""
    request = decide.request_for(deps, actor, order, source=source)
    return complete(deps, request, partial(book_once, deps))


def park(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Park now. Raises Invalid for a zone of another kind, and what `book` refuses."""
    if deps.catalogue.zone(order.zone_id).kind != "parking":
        raise errors.Invalid({"zone_id": say("must_be_parking_zone")})
    return book(deps, actor, order, source=source)


def walk_in(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Park now, booked by staff at the gate; without booking fee. Raises Forbidden at sites where
    the actor does not work, and what `park` refuses."""
    access.require_works_at(actor, deps.catalogue.zone(order.zone_id).site)
    return park(deps, actor, replace(order, walk_in=True), source=source)


def complete(
    deps: Deps, request: BookingRequest, once: Callable[[BookingRequest], Booking]
) -> Booking:
    """Run `once`, which decides on a request and commits: again while others change what it read,
    and under another id where the id is taken. A replayed request gets the booking that an earlier
    run of it has made. Raises PaymentDue, PaymentMethodUnavailable, and what `once` refuses."""
    try:
        user_id, method = request.customer.user_id, request.order.payment_method
        if request.order.walk_in:
            decide.require_paid_later(method)
        decide.require_payable(deps, user_id, request.zone, method)
        attempts = _attempts(request)
        return deps.retry_on_conflict(lambda: _within_quota(deps, next(attempts), once))
    except (errors.Conflict, errors.Invalid) as refusal:
        made = _made_before(deps, request)
        if made is not None:
            return made
        if isinstance(refusal, errors.AlreadyExists):
            deps = deps.with_other_ids()
            another_id = deps.new_booking_id(request.customer.locator)
            return complete(deps, replace(request, booking_id=another_id), once)
        raise


def _attempts(request: BookingRequest) -> Iterator[BookingRequest]:
    """The request, and then the same one after others have changed what it read."""
    yield request
    yield from repeat(replace(request, contended=True))


def _within_quota(
    deps: Deps, request: BookingRequest, once: Callable[[BookingRequest], Booking]
) -> Booking:
    with settle.before_quota_refusal(deps, request.customer.user_id):
        return once(request)


def _made_before(deps: Deps, request: BookingRequest) -> Booking | None:
    """The booking that an earlier run of a replayed request has made, or None; its space may be
    what is refused now."""
    if deps.replay is None:
        return None
    try:
        found = settle.read(deps, request.booking_id)
    except errors.BookingNotFound:
        return None
    return found if decide.is_made_for(deps, request.customer, request.actor, found) else None


def book_once(deps: Deps, request: BookingRequest) -> Booking:
    """Book what is ready to be decided; what the customer is offered by the offer. Raises
    StaleVersion too."""
    try:
        free = decide.find_free(deps, request)
    except errors.NoRoom:
        if offered := own_offer.among_entries(deps, request):
            return own_offer.claim(deps, request, offered)
        raise
    if offered := own_offer.on_sheets(deps, request, free.interval, free.inventory.sheets):
        return own_offer.claim(deps, request, offered)
    number = decide.choose(deps, request, free)
    change = decide.book(deps, request, free, number)
    deps.commit(change)
    return change.booking


def get(deps: Deps, actor: Actor, booking_id: str) -> Booking:
    """One booking, for its customer and the staff of its site: one read. Raises BookingNotFound,
    NotYours."""
    booking = settle.read(deps, booking_id)
    with audit_events.about(booking_id, booking.site):
        access.require_party(actor, user_id=booking.user_id, site=booking.site)
    return booking


@dataclass(frozen=True)
class Cancelled:
    """A cancelled booking and its refund."""

    booking: Booking
    refund: refund.RefundDecision


def cancel(
    deps: Deps, actor: Actor, booking_id: str, *, reason: str = "", source: Source = "api"
) -> Cancelled:
    """Cancel a booking before its stay: one read and one transaction. Raises AlreadyEnded, and
    IllegalTransition during the stay."""
    return deps.retry_on_conflict(
        lambda: cancel_settled(
            deps,
            actor,
            deps.as_expected(get(deps, actor, booking_id)),
            reason=reason,
            source=source,
        )
    )


def cancel_settled(
    deps: Deps, actor: Actor, booking: Booking, *, reason: str, source: Source
) -> Cancelled:
    """Cancel a booking that has just been read. Raises StaleVersion too."""
    now = deps.now()
    by_site = is_by_site(deps, actor, booking)
    change = ends.cancel(booking, by=actor, source=source, reason=reason, now=now, by_site=by_site)
    decision = paybacks.refund_of(deps, change.booking)
    change = paybacks.with_refund(deps, change)
    if not actor.owns(booking.user_id):
        change = change.auditing(
            audit_events.of_booking(deps, actor, booking, "cancel_booking", detail=reason)
        )
    deps.commit(change)
    return Cancelled(change.booking, decision)


def is_by_site(deps: Deps, actor: Actor, booking: Booking) -> bool:
    """Whether the site answers for a cancellation by `actor`: staff cancel because the last guest
    is still in the space. One batch read at most."""
    return actor.works_at(booking.site) and overstays.has_late_guest(deps, booking)


def waive(deps: Deps, actor: Actor, booking_id: str, *, reason: str) -> Booking:
    """Waive the amount due of an ended stay or a no-show, with a reason. For owners of the site.
    Raises NothingDue."""

    def once() -> Booking:
        booking = deps.as_expected(get(deps, actor, booking_id))
        access.require_runs(actor, booking.site)
        change = check_out.waive(
            booking, by=actor, reason=reason, at=deps.now(), entry_id=deps.new_id("LE")
        )
        deps.commit(
            change.auditing(audit_events.of_booking(deps, actor, booking, "waive", detail=reason))
        )
        return change.booking

    return deps.retry_on_conflict(once)


def terminate(deps: Deps, actor: Actor, booking_id: str, *, reason: str) -> Booking:
    """End a stay in an emergency, with a reason. For admins. Raises IllegalTransition."""

    def once() -> Booking:
        booking = deps.as_expected(settle.read(deps, booking_id))
        policy = places.zone_of(deps, booking).policy
        change = ends.terminate(booking, by=actor, policy=policy, reason=reason, now=deps.now())
        event = audit_events.of_booking(deps, actor, booking, "terminate", detail=reason)
        change = paybacks.with_refund(deps, change).auditing(event)
        deps.commit(change)
        return change.booking

    return deps.retry_on_conflict(once)
