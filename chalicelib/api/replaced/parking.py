"""The URLs of the parking systems that Berth replaces, so that old apps keep working. They call the
same services; only the answers differ: `success`, `message`, `data`, and 400 for every conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from chalicelib.api.bookings.present import as_json, zone_status
from chalicelib.api.replaced import parking_words as words
from chalicelib.api.replaced.parking_views import (
    CancelledAnswer,
    CancelledData,
    EnteredAnswer,
    EnteredData,
    LeftAnswer,
    LeftData,
    ParkedAnswer,
    ParkedData,
    ZoneAnswer,
)
from chalicelib.api.stays.gate import ExitScan
from chalicelib.api.web.http import PUBLIC, STAFF, USER, Answer, Call, Routes, ok
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import KeyScope, Role
from chalicelib.domain.core.constraints import (
    BookingRef,
    Doc,
    Minutes,
    OwnerName,
    Plate,
    Text,
    ZoneRef,
)
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.services.bookings import bookings, lists
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import advance
from chalicelib.services.stays import (
    cancel_or_leave,
    check_in,
    exit_quotes,
    online_exits,
)

routes = Routes(__name__)

SOURCE: Final[Source] = "legacy_api"

OLD: Final[dict[str, Any]] = {"forms": True, "once": True, "plain": words.plain}
"""What all its posts have in common."""

AT_GATE: Final[dict[str, Any]] = OLD | {"who": STAFF, "sensitive": True, "keys": KeyScope.SCANS}
"""What its scans have in common."""

QrCode = Annotated[str, Text(max=400, code=True), Doc("What the scanner read from the pass.")]


@dataclass(frozen=True)
class LegacyBooking:
    """A vehicle, and the zone to park it in."""

    zone_id: ZoneRef
    vehicle_number: Plate
    owner_name: OwnerName
    minutes: Minutes | None = None
    payment_method: PaymentMethod = PaymentMethod.CASH

    def order(self, *guests: Guest) -> Order:
        """The order, for `guests` where staff book."""
        return Order(
            self.zone_id,
            minutes=self.minutes,
            details=BookingDetails(self.vehicle_number, self.owner_name, guests=guests),
            payment_method=self.payment_method,
        )


@dataclass(frozen=True)
class LegacyEntry:
    """A pass at the entry; with a plate it is checked against the booking."""

    qr_code: QrCode
    vehicle_number: Plate | None = None


class LegacyExit(ExitScan):
    """A pass at the exit."""


@dataclass(frozen=True)
class LegacyCancel:
    """The pass of the booking to cancel, or its id."""

    qr_code: QrCode | None = None
    session_id: BookingRef | None = None
    booking_id: BookingRef | None = None


def _walk_in(call: Call) -> Answer:
    order = call.body.order(Guest(call.body.owner_name))
    return _parked(call, bookings.walk_in(call.deps, call.actor, order, source=SOURCE))


def _parked(call: Call, booking: Booking) -> Answer:
    data = ParkedData.of(call.deps, booking)
    return ok(as_json(ParkedAnswer(True, f"Slot allocated: {booking.number}", data)))


def _enter(call: Call) -> Answer:
    code, plate = call.body.qr_code, call.body.vehicle_number
    booking = check_in.scan_entry(call.deps, call.actor, code, plate=plate, source=SOURCE)
    data = EnteredData.of(booking)
    return ok(as_json(EnteredAnswer(True, "Entry QR scanned successfully", data)))


def _leave(call: Call) -> Answer:
    code, plate = call.body.qr_code, call.body.vehicle_number
    if call.body.quote:
        presented = exit_quotes.quote_exit(call.deps, call.actor, code, plate=plate)
        return ok(as_json(LeftAnswer(True, "Bill to be paid", LeftData.quoted(presented))))
    outcome = online_exits.scan_exit(
        call.deps, call.actor, code, tender=call.body.tender, plate=plate, source=SOURCE
    )
    if isinstance(outcome, exit_quotes.Quote):
        return ok(as_json(LeftAnswer(True, words.AWAITED, LeftData.quoted(outcome))))
    return ok(as_json(LeftAnswer(True, "Exit processed successfully", LeftData.of(outcome))))


@routes.post(
    "/parking/entry",
    who=STAFF, takes=LegacyBooking, gives=ParkedAnswer, refusal=words.BOOKING, sensitive=True,
    **OLD,
)  # fmt: skip
def parking_entry(call: Call) -> Answer:
    """Walk-in: staff book a slot for a driver at the gate, and hand out the pass."""
    return _walk_in(call)


@routes.post(
    "/api/parking/book",
    who=USER, takes=LegacyBooking, gives=ParkedAnswer, refusal=words.BOOKING,
    limit=rate_limits.BOOK, **OLD,
)  # fmt: skip
def parking_book(call: Call) -> Answer:
    """Park now: for a driver at the gate where staff book, otherwise for the customer."""
    if call.actor.role is not Role.USER:
        return _walk_in(call)
    order = call.body.order().in_language(call.accepted)
    return _parked(call, advance.park(call.deps, call.actor, order, source=SOURCE))


@routes.post(
    "/parking/entry-qr-scan",
    takes=LegacyEntry, gives=EnteredAnswer, refusal=words.ENTRY, **AT_GATE,
)  # fmt: skip
def parking_entry_qr_scan(call: Call) -> Answer:
    """Scan a pass at the entry."""
    return _enter(call)


@routes.post(
    "/api/parking/scan-entry",
    takes=LegacyEntry, gives=EnteredAnswer, refusal=words.ENTRY, **AT_GATE,
)  # fmt: skip
def api_scan_entry(call: Call) -> Answer:
    """Scan a pass at the entry."""
    return _enter(call)


@routes.post(
    "/parking/exit-qr-scan",
    takes=LegacyExit, gives=LeftAnswer, refusal=words.EXIT, **AT_GATE,
)  # fmt: skip
def parking_exit_qr_scan(call: Call) -> Answer:
    """Scan a pass at the exit and take the payment."""
    return _leave(call)


@routes.post(
    "/api/parking/scan-exit",
    takes=LegacyExit, gives=LeftAnswer, refusal=words.EXIT, **AT_GATE,
)  # fmt: skip
def api_scan_exit(call: Call) -> Answer:
    """Scan a pass at the exit and take the payment."""
    return _leave(call)


@routes.post(
    "/parking/cancel-booking",
    who=USER, takes=LegacyCancel, gives=CancelledAnswer, refusal=words.CANCEL, **OLD,
)  # fmt: skip
def parking_cancel_booking(call: Call) -> Answer:
    """Cancel by the pass, for its customer and staff. During the stay staff check out by it: what
    the stay has cost is due then."""
    body = call.body
    booking_id = body.session_id or body.booking_id
    if body.qr_code is not None:
        over = cancel_or_leave.by_pass(call.deps, call.actor, body.qr_code, source=SOURCE)
    elif booking_id is not None:
        over = cancel_or_leave.by_id(call.deps, call.actor, booking_id, source=SOURCE)
    else:
        raise errors.Invalid({"qr_code": say("must_be_given")})
    return ok(
        as_json(CancelledAnswer(True, "Session cancelled", CancelledData.of(call.deps, over)))
    )


@routes.get(
    "/parking/zone/{zone_id}/status", who=PUBLIC, gives=ZoneAnswer, refusal=words.ZONE,
    plain=words.plain,
)  # fmt: skip
def parking_zone_status(call: Call, zone_id: str) -> Answer:
    """How full a zone is."""
    zone = lists.zone_status(call.deps, zone_id)
    return ok(as_json(ZoneAnswer.of(zone.zone, zone.site, zone_status(zone), call.now)))
