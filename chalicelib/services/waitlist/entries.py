"""Entries of the waitlist: join, look up, leave, and claim an offer (docs/rules/waitlist.md)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.bookings import admission, create
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, OpenPlace
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist import entry as rules
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.services.bookings import decide, free_space, settle, unproved
from chalicelib.services.core import audit_events, guest_name, local_times, places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import favours, offering, offers, spaces
from chalicelib.services.waitlist.favours import WaitlistRequest

FURTHEST_COUNTED: Final = 25
"""Positions counted exactly; beyond it the count stops."""


def join(deps: Deps, actor: Actor, request: WaitlistRequest) -> Entry:
    """Join the queue: two reads and one transaction; the first entry of a period marks its sheets
    before. Raises StillFree, AlreadyWaiting, AlreadyBooked, TooManyEntries, WaitlistClosed,
    Forbidden, ZoneNotFound, SpaceNotFound, and what `admission.check` refuses."""
    zone = deps.catalogue.zone(request.zone_id)
    request = local_times.resolve(deps, zone, request)
    user_id = favours.waiting_customer(deps, actor, request, zone)
    unproved.require_proved(deps, user_id)
    entry_id = deps.new_entry_id(user_id[2:])

    def once() -> Entry:
        try:
            return _join_once(deps, actor, request, user_id, entry_id)
        except (errors.AlreadyWaiting, errors.TooManyEntries):
            if offers.any_over(deps, user_id):
                raise errors.StaleVersion() from None
            raise

    try:
        return deps.retry_on_conflict(once)
    except (errors.Conflict, errors.Invalid) as refusal:
        made = _made_before(deps, entry_id, user_id)
        if made is None:
            raise refusal from None
        return made


def _made_before(deps: Deps, entry_id: str, user_id: str) -> Entry | None:
    """The entry that an earlier run of a replayed request has made, or None."""
    if deps.replay is None:
        return None
    try:
        found = offers.read(deps, entry_id)
    except errors.EntryNotFound:
        return None
    is_own = found.user_id == user_id and deps.is_replay_of(found.created_at)
    return found if is_own else None


def _join_once(
    deps: Deps, actor: Actor, request: WaitlistRequest, user_id: str, entry_id: str
) -> Entry:
    zone = deps.catalogue.zone(request.zone_id)
    now, site = deps.now(), deps.catalogue.site(zone.site)
    wish = _wish(deps, request, zone)
    admission.check(wish.interval, site=site, zone=zone, now=now)
    if wish.number not in (None, *deps.catalogue.numbers(zone.zone_id)):
        raise errors.SpaceNotFound()
    if not zone.policy.waitlist:
        raise errors.WaitlistClosed()
    day = wish.interval.start.astimezone(site.tz).date().isoformat()
    wishes = deps.waitlist.wishes(user_id[2:], day)
    inventory = free_space.read(deps, zone, wish.interval)
    change = rules.join(
        entry_id=entry_id,
        user_id=user_id,
        site=zone.site,
        zone_id=zone.zone_id,
        wish=wish,
        day=day,
        paging=zone.paging,
        priority=request.priority,
        favour=favours.note(actor, request),
        policy=zone.policy,
        sheets=inventory.sheets,
        wishes=wishes,
        now=now,
    )
    spaces.require_taken(deps, zone, wish, inventory, user_id)
    if offering.mark_waited(deps, zone, wish, inventory.sheets):
        raise errors.StaleVersion()
    change = change.relying_on(OpenPlace("zone", zone.zone_id))
    deps.commit(favours.audited(deps, actor, change, _entry(change)))
    return _entry(change)


def _wish(deps: Deps, request: WaitlistRequest, zone: Zone) -> Wish:
    now = deps.now()
    interval = admission.requested_interval(
        zone.policy, now=now, start=request.start, end=request.end, minutes=request.minutes
    )
    if interval.start <= now:
        raise errors.Invalid({"start": say("must_be_future")})
    return Wish(interval, request.number)


def position(deps: Deps, entry: Entry) -> int | None:
    """The position of an entry among those with the same wish: 1 is next, `FURTHEST_COUNTED` + 1
    means further back. None for an entry that does not wait."""
    if entry.status is not EntryStatus.WAITING:
        return None
    return deps.waitlist.ahead(entry, FURTHEST_COUNTED) + 1


def get(deps: Deps, actor: Actor, entry_id: str) -> Entry:
    """One entry, for its customer and the staff of its site. Raises EntryNotFound, Forbidden."""
    entry = offers.read(deps, entry_id)
    if not (actor.owns(entry.user_id) or actor.works_at(entry.site)):
        raise _not_yours(entry)
    return entry


def leave(deps: Deps, actor: Actor, entry_id: str) -> Entry:
    """Leave the queue, or decline the offer, which then goes to the next entry. An owner of the
    site may end the entry of a customer. A repeated request changes nothing. Raises EntryNotFound,
    Forbidden, AlreadyClaimed, OfferExpired."""

    def once() -> Entry:
        entry = offers.settled(deps, deps.waitlist.get(entry_id))
        if actor.owns(entry.user_id):
            return leave_settled(deps, deps.as_expected(entry))
        if not actor.runs(entry.site):
            raise _not_yours(entry)
        places.remember(deps, entry)
        return _end(deps, actor, deps.as_expected(entry))

    return deps.retry_on_conflict(once)


def _end(deps: Deps, actor: Actor, entry: Entry) -> Entry:
    """End the entry of a customer, who gets a mail about it, with an audit event."""
    if not entry.is_live:
        return entry
    ended = audit_events.event(
        deps, actor=actor, action="end_entry", subject=entry.entry_id, site=entry.site
    )
    change = entry.end(at=deps.now()).auditing(ended)
    offers.give_up(deps, change)
    return _entry(change)


def leave_settled(deps: Deps, entry: Entry) -> Entry:
    """Leave with an entry that has just been read. Raises StaleVersion too."""
    if entry.status is EntryStatus.LEFT:
        return entry
    places.remember(deps, entry)
    change = entry.leave(now=deps.now())
    offers.give_up(deps, change)
    return _entry(change)


def claim(
    deps: Deps, actor: Actor, entry_id: str, details: BookingDetails, *, source: Source = "api"
) -> Booking:
    """Book what is offered: one read and one transaction. Raises EntryNotFound, Forbidden,
    NotOffered, AlreadyClaimed, OfferExpired, PaymentDue, QuotaReached, ZoneClosed, BlackedOut."""

    def once() -> Booking:
        entry = _own(deps, actor, entry_id)
        booking_id = deps.new_booking_id(entry.locator)
        if deps.replay is not None and entry.booking_id == booking_id:
            return settle.read(deps, booking_id)
        deps.as_expected(entry)
        return claim_settled(deps, actor, entry, details, booking_id, source=source)

    return deps.retry_on_conflict(once)


def claim_settled(
    deps: Deps,
    actor: Actor,
    entry: Entry,
    details: BookingDetails,
    booking_id: str,
    *,
    source: Source,
    method: PaymentMethod = PaymentMethod.CASH,
) -> Booking:
    """Claim the offer of an entry that has just been read. Raises StaleVersion too."""
    now, zone = deps.now(), places.zone_of(deps, entry)
    site = places.site_of(deps, entry)
    claimed = entry.claim(booking_id, now=now)
    decide.require_payable(deps, entry.user_id, zone, method)
    admission.require_open(entry.interval, site=site, zone=zone)
    assert entry.held is not None
    spaces.require_in_service(deps, zone, entry, entry.held)
    change = create.book(
        booking_id=booking_id,
        user_id=entry.user_id,
        zone=zone,
        number=entry.held,
        interval=entry.interval,
        provisional=entry.wish.number is None,
        sheets=(),
        by=actor,
        source=source,
        tz=site.tz,
        now=now,
        hold=entry.entry_id,
        note=entry.favour,
        details=guest_name.with_default(deps, entry.user_id, zone, details),
        gateway=decide.gateway_of(deps, method),
    )
    with settle.before_quota_refusal(deps, entry.user_id):
        deps.commit(change.joined_with(claimed))
    return change.booking


def _own(deps: Deps, actor: Actor, entry_id: str) -> Entry:
    entry = offers.settled(deps, deps.waitlist.get(entry_id))
    if not actor.owns(entry.user_id):
        raise _not_yours(entry)
    return entry


def _not_yours(entry: Entry) -> errors.Forbidden:
    return errors.Forbidden(say("entry_of_another"), site=entry.site)


def _entry(change: Change) -> Entry:
    entry = change.saves[0]
    assert isinstance(entry, Entry)
    return entry
