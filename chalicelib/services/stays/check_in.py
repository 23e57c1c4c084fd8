"""Coming in: the gate's entry scan, and check-in by staff or by the guest."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.bookings import deadline, reschedule
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_in as rules
from chalicelib.gateways.tokens import QrClaims
from chalicelib.services.bookings import room_choice, settle
from chalicelib.services.bookings.bookings import read_sheets
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import room_check_in


def enter_by_code(
    deps: Deps, actor: Actor, code: str, *, plate: str | None, source: Source = "gate_entry"
) -> Booking:
    """An entry scan: one read and one transaction. Raises UnknownCode, Forbidden for another
    site's pass, PlateMismatch, AlreadyEntered, AlreadyEnded, TooEarly, SpaceTaken."""
    claims = deps.tokens.read_qr(code)
    return deps.retry_on_conflict(lambda: _enter_once(deps, actor, claims, plate, source))


def check_in(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    *,
    site: str | None = None,
    override: str | None = None,
    source: Source = "staff_api",
) -> Booking:
    """Check-in without a scan: by staff anywhere, by the guest where nobody checks in. One read
    and one transaction where the room is ready, otherwise one read more. With the reason
    `override` staff let a guest into a room that is not ready. Raises RoomNotReady too."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        require_party(actor, booking, site)
        zone = deps.catalogue.zone(booking.zone_id)
        if not actor.works_at(booking.site) and zone.policy.check_in != "none":
            raise errors.Forbidden("Check in at the gate or at the desk.")
        if override or not zone.policy.tracks_turnover or deps.now() < booking.booked.start:
            _, sheets = read_anew(deps, zone, booking, early=override is not None)
            return _enter(deps, actor, booking, sheets, source, override=override)
        return _enter_ready(deps, actor, booking, zone, source)

    return deps.retry_on_conflict(once)


def _enter_ready(deps: Deps, actor: Actor, booking: Booking, zone: Zone, source: Source) -> Booking:
    """Enter a room on time. That it is ready says that nobody is in it; where it is not, the sheets
    tell whether the last guest is, and the next is given another."""
    try:
        return _enter(deps, actor, booking, (), source)
    except errors.RoomNotReady:
        _, sheets = read_anew(deps, zone, booking)
        if not _is_blocked(booking, sheets, deps.now()):
            raise
    return _enter(deps, actor, booking, sheets, source)


def check_in_read(
    deps: Deps, actor: Actor, booking: Booking, sheets: Sheets, *, source: Source
) -> Booking:
    """Check-in by staff for a booking that has just been read with the sheets of its space, and
    to no other space. Raises SpaceTaken and StaleVersion too."""
    return _enter(deps, actor, booking, sheets, source, elsewhere=False)


def require_party(actor: Actor, booking: Booking, site: str | None) -> None:
    """Refuse (NotYours) whoever has nothing to do with a booking, or looks for it at another site
    than its own."""
    access.require_party(actor, user_id=booking.user_id, site=booking.site)
    if site is not None and (site != booking.site or not actor.works_at(site)):
        raise errors.NotYours(site=booking.site)


def _enter_once(
    deps: Deps, actor: Actor, claims: QrClaims, plate: str | None, source: Source
) -> Booking:
    booking, sheets = _read_at_gate(deps, actor, claims)
    _require_plate(booking, plate)
    return _enter(deps, actor, booking, sheets, source)


def _read_at_gate(deps: Deps, actor: Actor, claims: QrClaims) -> tuple[Booking, Sheets]:
    """The booking of a pass and the sheets of its space, in one read unless it was moved since
    the pass was drawn."""
    zone = _zone_of_pass(deps, claims)
    days = _days_around(deps, zone)
    sheets: Sheets
    booking, sheets = deps.bookings.with_sheets(
        claims.booking_id, zone.zone_id, claims.number, days
    )
    if not actor.works_at(booking.site):
        raise errors.Forbidden("This pass is for another site.", site=booking.site)
    booking = settle.settled(deps, booking)
    if (booking.zone_id, booking.number) != (zone.zone_id, claims.number):
        _, sheets = read_anew(deps, deps.catalogue.zone(booking.zone_id), booking)
    return booking, sheets


def _zone_of_pass(deps: Deps, claims: QrClaims) -> Zone:
    try:
        return deps.catalogue.zone(claims.zone_id)
    except errors.ZoneNotFound:
        raise errors.UnknownCode() from None


def _days_around(deps: Deps, zone: Zone, until: datetime | None = None) -> tuple[str, ...]:
    """The pages of those who may still be in a space, and of the wait of who comes before the hour;
    `until` where staff allow a longer one."""
    now = deps.now()
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    early = now + timedelta(minutes=zone.policy.early_check_in)
    return zone.paging.pages(Interval.of_stay(now - lookback, max(early, until or early)))


def read_anew(
    deps: Deps, zone: Zone, booking: Booking, *, early: bool = False
) -> tuple[Booking, Sheets]:
    """A booking as it is now, and the sheets that decide whether its space can be entered, however
    `early`: one read. Raises StaleVersion while somebody writes one of them."""
    until = min(booking.booked.start, deps.now() + rules.MOST_EARLY) if early else None
    days = _days_around(deps, zone, until)
    return deps.bookings.with_sheets(booking.booking_id, booking.zone_id, booking.number, days)


def _require_plate(booking: Booking, plate: str | None) -> None:
    if plate is None or booking.details.vehicle_number is None:
        return
    if _bare(plate) != _bare(booking.details.vehicle_number):
        raise errors.PlateMismatch()


def _bare(plate: str) -> str:
    return "".join(character for character in plate.upper() if character.isalnum())


def _enter(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    sheets: Sheets,
    source: Source,
    *,
    override: str | None = None,
    elsewhere: bool = True,
) -> Booking:
    zone = deps.catalogue.zone(booking.zone_id)
    now = deps.now()
    if booking.status is Status.BOOKED and _is_blocked(booking, sheets, now):
        _look_again_if(settle.overdue(deps, sheets))
        rules.require_in_time(booking, zone.policy, now)
        if not elsewhere:
            raise errors.SpaceTaken("Somebody is still in it. Check this guest in alone.")
        return _enter_elsewhere(deps, actor, booking, zone, source, override=override)
    found = deps.rooms.get(booking.zone_id, booking.number) if override else None
    try:
        change = rules.enter(
            booking,
            by=actor,
            source=source,
            policy=zone.policy,
            sheets=sheets,
            now=now,
            found=found,
            early=override is not None,
        )
    except errors.TooEarly:
        _look_again_if(settle.in_the_way(deps, sheets, zone))
        raise
    return room_check_in.commit(deps, actor, change, override=override)


def _look_again_if(freed: bool) -> None:
    """Begin anew where time has just been told, and space was freed by it."""
    if freed:
        raise errors.StaleVersion()


def _is_blocked(booking: Booking, sheets: Sheets, now: datetime) -> bool:
    """Whether somebody who should have left still stands in the booked space."""
    return any(interval.end <= now for interval in booking.others_in(sheets).values())


def _enter_elsewhere(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    zone: Zone,
    source: Source,
    *,
    override: str | None,
) -> Booking:
    """Another free space of the zone, and a ready one unless staff `override` that, for whoever
    finds theirs occupied; where none is free and in service the booking is cancelled, with all that
    was paid given back (docs/rules/occupancy.md). Whoever came early is asked to wait for the
    booked start first."""
    now = deps.now()
    sheets = read_sheets(deps, zone, booking.booked.starting(min(now, booking.booked.start)))
    numbers = deps.catalogue.numbers(zone.zone_id)
    free = occupancy.free(numbers, sheets, booking.booked.starting(now), now=now)
    free = room_choice.in_service(deps, zone, now, free)
    if not free:
        _look_again_if(settle.in_the_way(deps, sheets, zone))
        if now < booking.booked.start:
            raise errors.TooEarly("The space is still in use. Come back at the booked start.")
        change = booking.cancel(by=SYSTEM, source=source, reason="no space left", now=now)
        deps.commit(change)
        raise errors.ZoneFull("The space is still occupied and no other is free. It is cancelled.")
    room = room_check_in.choose_room(deps, zone, free, override=override)
    change = reschedule.relocate(
        booking, room, by=actor, source=source, policy=zone.policy, sheets=sheets, now=now
    )
    try:
        return room_check_in.commit(deps, actor, change, override=override)
    except errors.RoomNotReady:
        raise errors.StaleVersion() from None
