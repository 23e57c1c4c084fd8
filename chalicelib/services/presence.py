"""Coming in and going out: the gate's scans, check-in by staff or by the guest, and every
check-out that is not time's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import access, checkin, checkout, deadline, errors, moves, occupancy
from chalicelib.domain.access import SYSTEM, Actor
from chalicelib.domain.bill import Bill
from chalicelib.domain.booking import Booking
from chalicelib.domain.interval import Interval
from chalicelib.domain.money import Money
from chalicelib.domain.occupancy import Sheets
from chalicelib.domain.site import Zone
from chalicelib.domain.status import Status
from chalicelib.domain.timeline import Source
from chalicelib.gateways.tokens import QrClaims
from chalicelib.services import condition, settle, stays, turnover
from chalicelib.services.bookings import read_sheets
from chalicelib.services.deps import Deps


def enter_by_code(
    deps: Deps, actor: Actor, code: str, *, plate: str | None, source: Source = "gate_entry"
) -> Booking:
    """An entry scan: one read and one transaction. Raises UnknownCode, Forbidden for another
    site's pass, PlateMismatch, AlreadyEntered, AlreadyEnded, TooEarly, SpaceTaken."""
    claims = deps.tokens.read_qr(code)
    return deps.attempt(lambda: _enter_once(deps, actor, claims, plate, source))


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
        _require_party(actor, booking, site)
        zone = deps.catalogue.zone(booking.zone_id)
        if not actor.works_at(booking.site) and zone.policy.check_in != "none":
            raise errors.Forbidden("Check in at the gate or at the desk.")
        if override or not zone.policy.tracks_turnover or deps.now() < booking.booked.start:
            _, sheets = read_anew(deps, zone, booking)
            return _enter(deps, actor, booking, sheets, source, override=override)
        return _enter_ready(deps, actor, booking, zone, source)

    return deps.attempt(once)


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


def _require_party(actor: Actor, booking: Booking, site: str | None) -> None:
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


def _days_around(deps: Deps, zone: Zone) -> tuple[str, ...]:
    now = deps.now()
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    early = timedelta(minutes=zone.policy.early_check_in)
    return zone.paging.pages(Interval.of_stay(now - lookback, now + early))


def read_anew(deps: Deps, zone: Zone, booking: Booking) -> tuple[Booking, Sheets]:
    """A booking as it is now, and the sheets that decide whether its space can be entered: one
    read. Raises StaleVersion while somebody writes one of them."""
    days = _days_around(deps, zone)
    return deps.bookings.with_sheets(booking.booking_id, booking.zone_id, booking.number, days)


def _require_plate(booking: Booking, plate: str | None) -> None:
    if plate is None or booking.vehicle_number is None:
        return
    if _bare(plate) != _bare(booking.vehicle_number):
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
        checkin.require_in_time(booking, zone.policy, now)
        _look_again_if(settle.overdue(deps, sheets))
        if not elsewhere:
            raise errors.SpaceTaken("Somebody is still in it. Check this guest in alone.")
        return _enter_elsewhere(deps, actor, booking, zone, source, override=override)
    found = deps.rooms.get(booking.zone_id, booking.number) if override else None
    try:
        change = checkin.enter(
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
    return turnover.let_in(deps, actor, change, override=override)


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
    was paid given back (lifecycle.md, Policy). Whoever came early is asked to wait for the booked
    start first."""
    now = deps.now()
    sheets = read_sheets(deps, zone, booking.booked.starting(min(now, booking.booked.start)))
    numbers = deps.catalogue.numbers(zone.zone_id)
    free = occupancy.free(numbers, sheets, booking.booked.starting(now), now=now)
    free = condition.in_service(deps, zone, now, free)
    if not free:
        _look_again_if(settle.in_the_way(deps, sheets, zone))
        if now < booking.booked.start:
            raise errors.TooEarly("The space is still in use. Come back at the booked start.")
        change = booking.cancel(by=SYSTEM, source=source, reason="no space left", now=now)
        deps.commit(change)
        raise errors.ZoneFull("The space is still occupied and no other is free. It is cancelled.")
    room = turnover.choose_room(deps, zone, free, override=override)
    change = moves.relocate(
        booking, room, by=actor, source=source, policy=zone.policy, sheets=sheets, now=now
    )
    try:
        return turnover.let_in(deps, actor, change, override=override)
    except errors.RoomNotReady:
        raise errors.StaleVersion() from None


@dataclass(frozen=True)
class Exit:
    """A stay that has ended at the gate, its bill, and the cash that changed hands."""

    booking: Booking
    bill: Bill
    received: Money
    change: Money


def exit_by_code(
    deps: Deps,
    actor: Actor,
    code: str,
    *,
    payment_method: str,
    received: str | None,
    source: Source = "gate_exit",
) -> Exit:
    """An exit scan: one read and one transaction. CASH takes `received` (what is due, where it is
    left out) and gives change; a stay that was ended by time and left unpaid is paid now. Raises
    UnknownCode, Forbidden, NotCheckedIn, AlreadyEnded, NotEnoughCash."""
    booking_id = deps.tokens.read_qr(code).booking_id
    return deps.attempt(
        lambda: _exit_once(deps, actor, booking_id, payment_method, received, source)
    )


def _exit_once(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    payment_method: str,
    received: str | None,
    source: Source,
) -> Exit:
    booking = settle.read(deps, booking_id)
    if not actor.works_at(booking.site):
        raise errors.Forbidden("This pass is for another site.", site=booking.site)
    now = deps.now()
    due = _due(deps, booking, now)
    if due and payment_method != "CASH":
        raise errors.PaymentMethodUnavailable()
    cash = _cash(received, due)
    if checkout.amount_due(booking):
        change = checkout.pay_due(
            booking, cash, by=actor, source=source, at=now, entry_id=deps.new_id("LE")
        )
    else:
        change = stays.ending(deps, booking, by=actor, source=source, at=now, received=cash)
    deps.commit(change)
    bill = change.booking.bill
    assert bill is not None
    return Exit(change.booking, bill, cash, cash - due)


def _due(deps: Deps, booking: Booking, now: datetime) -> Money:
    if booking.status is Status.ACTIVE:
        tz = deps.catalogue.site(booking.site).tz
        return checkout.bill_at(booking, now, tz).amount_due
    return checkout.amount_due(booking)


def _cash(received: str | None, due: Money) -> Money:
    if received is None:
        return due
    try:
        return Money.parse(received, due.currency)
    except ValueError as error:
        raise errors.Invalid({"amount_received": str(error)}) from None


def check_out(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    *,
    received: str | None,
    source: Source = "staff_api",
    site: str | None = None,
) -> Booking:
    """Check-out without a scan: one read and one transaction. Staff may take cash with it, then or
    afterwards; without, what is due stays due. The guest may where nobody checks in. Repeated, it
    answers as the first time. Raises NotCheckedIn, AlreadyEnded, CheckoutFailed, NotEnoughCash."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        _require_party(actor, booking, site)
        _require_may_check_out(deps, actor, booking, takes_cash=received is not None)
        return check_out_read(deps, actor, booking, received=received, source=source)

    return deps.attempt(once)


def check_out_read(
    deps: Deps, actor: Actor, booking: Booking, *, received: str | None, source: Source
) -> Booking:
    """The same for a booking that has just been read. Raises StaleVersion too."""
    now = deps.now()
    if booking.status is Status.COMPLETED:
        return _paid_late(deps, actor, booking, received, source)
    cash = None if received is None else _cash(received, _due(deps, booking, now))
    change = stays.ending(deps, booking, by=actor, source=source, at=now, received=cash)
    deps.commit(change)
    return change.booking


def _require_may_check_out(deps: Deps, actor: Actor, booking: Booking, *, takes_cash: bool) -> None:
    if actor.works_at(booking.site):
        return
    if takes_cash:
        raise errors.Forbidden("Only staff can take cash.", site=booking.site)
    if deps.catalogue.zone(booking.zone_id).policy.check_in != "none":
        raise errors.Forbidden("Leave through the gate or check out at the desk.")


def _paid_late(
    deps: Deps, actor: Actor, booking: Booking, received: str | None, source: Source
) -> Booking:
    """A stay that is over: cash settles what it still owes, otherwise it stays as it is."""
    due = checkout.amount_due(booking)
    if received is None or not due:
        return booking
    change = checkout.pay_due(
        booking,
        _cash(received, due),
        by=actor,
        source=source,
        at=deps.now(),
        entry_id=deps.new_id("LE"),
    )
    deps.commit(change)
    return change.booking
