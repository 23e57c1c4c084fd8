"""Check-in: by an entry scan at the gate, by staff, or by the guest."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.bookings import deadline, passes
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import access, errors, plates
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_in as rules
from chalicelib.gateways.passes import QrClaims
from chalicelib.services.bookings import settle
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import another_space, refusals, room_check_in


def scan_entry(
    deps: Deps, actor: Actor, code: str, *, plate: str | None, source: Source = "gate_entry"
) -> Booking:
    """Check in by an entry scan: one read and one transaction. Raises UnknownCode, Forbidden for a
    pass of another site, PlateMismatch, AlreadyEntered, AlreadyEnded, TooEarly, ZoneFull."""
    claims = deps.tokens.read_qr(code)
    return deps.retry_on_conflict(lambda: _scan_once(deps, actor, claims, plate, source))


def check_in(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    *,
    site: str | None = None,
    override: str | None = None,
    source: Source = "staff_api",
) -> Booking:
    """Check in without a scan: by staff in any zone, by the guest in a zone without check-in. One
    read and one transaction if the room is ready, otherwise one read more. With the reason
    `override` staff may check in early, or to a room that is not ready. Raises RoomNotReady and
    what `scan_entry` refuses."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        require_party(actor, booking, site)
        zone = deps.catalogue.zone(booking.zone_id)
        if not actor.works_at(booking.site) and zone.policy.check_in != "none":
            raise errors.Forbidden(say("check_in_at_desk"))
        deps.as_expected(booking)
        with refusals.explained(deps, actor, booking):
            return act(booking, zone)

    def act(booking: Booking, zone: Zone) -> Booking:
        if override or not zone.policy.tracks_turnover or deps.now() < booking.booked.start:
            _, sheets = read_with_sheets(deps, zone, booking, early=override is not None)
            return _check_in(deps, actor, booking, sheets, source, override=override)
        return _check_in_on_time(deps, actor, booking, zone, source)

    return deps.retry_on_conflict(once)


def _check_in_on_time(
    deps: Deps, actor: Actor, booking: Booking, zone: Zone, source: Source
) -> Booking:
    """Check in to a room after the booked start. If the room is not ready, look whether the
    previous guest is still in it; if so, relocate."""
    try:
        return _check_in(deps, actor, booking, (), source)
    except errors.RoomNotReady:
        room = settle.room(deps, deps.rooms.get(booking.zone_id, booking.number))
        _, sheets = read_with_sheets(deps, zone, booking)
        if not _is_occupied(booking, sheets, deps.now()):
            raise room_check_in.not_ready(room) from None
    return _check_in(deps, actor, booking, sheets, source)


def check_in_settled(
    deps: Deps, actor: Actor, booking: Booking, sheets: Sheets, *, source: Source
) -> Booking:
    """Check in a booking that has just been read with the sheets of its space, without relocation.
    Raises SpaceTaken, StaleVersion and what `check_in` refuses."""
    with refusals.explained(deps, actor, booking):
        return _check_in(deps, actor, booking, sheets, source, may_relocate=False)


def require_party(actor: Actor, booking: Booking, site: str | None) -> None:
    """Require the customer of a booking or staff of its site; where `site` is given, staff of that
    site, and a booking of it. Raises NotYours."""
    access.require_party(actor, user_id=booking.user_id, site=booking.site)
    if site is not None and (site != booking.site or not actor.works_at(site)):
        raise errors.NotYours(site=booking.site)


def _scan_once(
    deps: Deps, actor: Actor, claims: QrClaims, plate: str | None, source: Source
) -> Booking:
    booking, sheets = _read_at_gate(deps, actor, claims)
    with refusals.explained(deps, actor, booking):
        deps.as_expected(booking)
        require_plate(booking, plate)
        return _check_in(deps, actor, booking, sheets, source)


def _read_at_gate(deps: Deps, actor: Actor, claims: QrClaims) -> tuple[Booking, Sheets]:
    """The booking of a pass and the sheets of its space: one read, or two if the pass does not name
    the space, or the booking has another one since it was issued."""
    if not claims.zone_id:
        booking = settle.read(deps, claims.booking_id)
        require_valid_pass(actor, booking, claims)
        return read_with_sheets(deps, deps.catalogue.zone(booking.zone_id), booking)
    zone = _zone_of_pass(deps, claims)
    pages = _pages_around_now(deps, zone)
    sheets: Sheets
    booking, sheets = deps.bookings.with_sheets(
        claims.booking_id, zone.zone_id, claims.number, pages
    )
    require_valid_pass(actor, booking, claims)
    booking = settle.settled(deps, booking)
    if (booking.zone_id, booking.number) != (zone.zone_id, claims.number):
        _, sheets = read_with_sheets(deps, deps.catalogue.zone(booking.zone_id), booking)
    return booking, sheets


def require_valid_pass(actor: Actor, booking: Booking, claims: QrClaims) -> None:
    """Require staff of the site of a pass, and its present issue. Raises Forbidden,
    PassReplaced."""
    with audit_events.about(booking.booking_id, booking.site):
        _require_pass_of_site(actor, booking)
        passes.require_current(booking, claims.issue)


def _require_pass_of_site(actor: Actor, booking: Booking) -> None:
    """Require staff of the site of a pass. Raises Forbidden, which does not name the site."""
    if not actor.works_at(booking.site):
        raise errors.Forbidden(say("pass_of_other_site"), site=booking.site)


def _zone_of_pass(deps: Deps, claims: QrClaims) -> Zone:
    try:
        return deps.catalogue.zone(claims.zone_id)
    except errors.ZoneNotFound:
        raise errors.UnknownCode() from None


def _pages_around_now(deps: Deps, zone: Zone, until: datetime | None = None) -> tuple[str, ...]:
    """The pages of the sheets that a check-in now depends on: back to the longest overstay, ahead
    to the start of the earliest check-in (`until`, if that is later)."""
    now = deps.now()
    lookback = deadline.lookback(kind=zone.kind, policy=zone.policy)
    early = now + timedelta(minutes=zone.policy.early_check_in)
    return zone.paging.pages(Interval.of_stay(now - lookback, max(early, until or early)))


def read_with_sheets(
    deps: Deps, zone: Zone, booking: Booking, *, early: bool = False
) -> tuple[Booking, Sheets]:
    """Read a booking again, with the sheets that a check-in to its space depends on: one read.
    With `early` up to a day before its start. Raises StaleVersion during a concurrent write."""
    until = min(booking.booked.start, deps.now() + rules.EARLIEST) if early else None
    pages = _pages_around_now(deps, zone, until)
    return deps.bookings.with_sheets(booking.booking_id, booking.zone_id, booking.number, pages)


def require_plate(booking: Booking, plate: str | None) -> None:
    """Require the plate of the booking, if one is given. Raises PlateMismatch."""
    if plate is None or booking.details.vehicle_number is None:
        return
    if plates.compared(plate) != plates.compared(booking.details.vehicle_number):
        raise errors.PlateMismatch.of(booking.details.vehicle_number)


def _check_in(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    sheets: Sheets,
    source: Source,
    *,
    override: str | None = None,
    may_relocate: bool = True,
) -> Booking:
    zone = deps.catalogue.zone(booking.zone_id)
    now = deps.now()
    if booking.status is Status.BOOKED and _is_occupied(booking, sheets, now):
        if settle.overdue_stays(deps, sheets):
            raise errors.StaleVersion()
        rules.require_open(booking, zone.policy, now)
        if not may_relocate:
            raise errors.SpaceTaken(say("room_still_occupied"))
        return another_space.relocate(deps, actor, booking, zone, source, override=override)
    booking.require_step(Step.CHECK_IN)
    room = _room_to_override(deps, booking) if override else None
    try:
        change = rules.check_in(
            booking,
            by=actor,
            source=source,
            policy=zone.policy,
            sheets=sheets,
            now=now,
            room=room,
            early=override is not None,
        )
    except errors.TooEarly:
        settle.retry_if_freed(deps, zone, sheets, [booking.number])
        rules.require_hour(booking, zone.policy, now, early=override is not None)
        found = None
        if may_relocate:
            found = another_space.find_early(deps, actor, booking, zone, source, override=override)
        if found is None:
            raise
        change = found
    return room_check_in.commit(deps, actor, change, override=override)


def _room_to_override(deps: Deps, booking: Booking) -> Room:
    """The room of a booking, which need not be ready. Raises StaleVersion where an overstay in it
    was noticed only now: then the sheets have changed."""
    room = settle.room(deps, deps.rooms.get(booking.zone_id, booking.number))
    if room.booking_id != booking.booking_id and room.overstay_since(deps.now()) is not None:
        raise errors.StaleVersion()
    return room


def _is_occupied(booking: Booking, sheets: Sheets, now: datetime) -> bool:
    """Whether an overstay still occupies the booked space."""
    return any(interval.end <= now for interval in booking.others_in(sheets).values())
