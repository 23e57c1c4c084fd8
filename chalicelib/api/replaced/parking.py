"""The URLs of the parking systems that Berth replaces, so that old apps keep working. They call the
same services; only the answers differ: `success`, `message`, `data`, and 400 for every conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from chalicelib.api.bookings.present import instant, zone_status
from chalicelib.api.stays.gate import ExitScan
from chalicelib.api.web.http import PUBLIC, STAFF, USER, Answer, Call, Routes, ok, status_of
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.constraints import BookingId, Minutes, Name, Plate, Slug, Text
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.services.bookings import bookings, lists
from chalicelib.services.core import rate_limits
from chalicelib.services.stays import check_in, check_out
from chalicelib.services.stays.check_out import Exit

routes = Routes(__name__)

QrCode = Annotated[str, Text(max=400)]


@dataclass(frozen=True)
class LegacyView:
    """The old shape of an answer."""

    success: bool
    message: str
    data: dict[str, Any]


@dataclass(frozen=True)
class LegacyBooking:
    """A vehicle, and the zone to park it in."""

    zone_id: Slug
    vehicle_number: Plate
    owner_name: Name
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
    qr_code: QrCode
    vehicle_number: Plate | None = None


class LegacyExit(ExitScan):
    """A pass at the exit."""


@dataclass(frozen=True)
class LegacyCancel:
    booking_id: BookingId | None = None
    session_id: BookingId | None = None


def refused(refusal: errors.Refusal, request_id: str) -> Answer:
    """A refusal in the old shape."""
    status = 400 if isinstance(refusal, (errors.Conflict, errors.Gone)) else status_of(refusal)
    faults = "".join(f" {name} {what}." for name, what in refusal.fields.items())
    return Answer(status, {"success": False, "message": refusal.message + faults})


def succeeded(message: str, data: dict[str, Any]) -> Answer:
    """An answer in the old shape."""
    return ok({"success": True, "message": message, "data": data})


def _booked(call: Call, booking: Booking) -> Answer:
    zone = call.deps.catalogue.zone(booking.zone_id)
    return succeeded(
        f"Slot {booking.number} booked in {zone.name}.",
        {
            "booking_id": booking.booking_id,
            "session_id": booking.booking_id,
            "qr_code": call.deps.tokens.qr(booking),
            "slot_number": booking.number,
            "zone_id": booking.zone_id,
            "zone_name": zone.name,
            "vehicle_number": booking.details.vehicle_number,
            "booking_fee": _number(Money(booking.tariff.booking_fee, booking.currency)),
            "start_time": instant(booking.booked.start),
            "end_time": instant(booking.booked.end),
            "status": booking.status.value,
        },
    )


@routes.post(
    "/parking/entry",
    who=STAFF, takes=LegacyBooking, gives=LegacyView, forms=True, refusal=refused, once=True,
    sensitive=True,
)  # fmt: skip
def parking_entry(call: Call) -> Answer:
    """Walk-in: staff book a slot for a driver at the gate, and hand out the pass."""
    order = call.body.order(Guest(call.body.owner_name))
    return _booked(call, bookings.walk_in(call.deps, call.actor, order, source="legacy_api"))


@routes.post(
    "/api/parking/book",
    who=USER, takes=LegacyBooking, gives=LegacyView, forms=True, refusal=refused, once=True,
    limit=rate_limits.BOOK,
)  # fmt: skip
def parking_book(call: Call) -> Answer:
    """Park now."""
    order = call.body.order()
    return _booked(call, bookings.park(call.deps, call.actor, order, source="legacy_api"))


def _scan_entry(call: Call) -> Answer:
    booking = check_in.scan_entry(
        call.deps,
        call.actor,
        call.body.qr_code,
        plate=call.body.vehicle_number,
        source="legacy_api",
    )
    assert booking.actual_start is not None
    return succeeded(
        "Entry recorded.",
        {
            "booking_id": booking.booking_id,
            "slot_number": booking.number,
            "vehicle_number": booking.details.vehicle_number,
            "entry_time": instant(booking.actual_start),
        },
    )


def _scan_exit(call: Call) -> Answer:
    try:
        outcome = check_out.scan_exit(
            call.deps,
            call.actor,
            call.body.qr_code,
            tender=call.body.tender,
            source="legacy_api",
        )
    except errors.Invalid as refusal:
        if "payment_method" in refusal.fields:  # in the words of the replaced system
            raise errors.Invalid({}, "Invalid payment method. Use CASH or ONLINE") from None
        raise
    return succeeded("Exit recorded.", _receipt(outcome))


def _receipt(outcome: Exit) -> dict[str, Any]:
    bill, booking = outcome.bill, outcome.booking
    return {
        "booking_id": booking.booking_id,
        "slot_number": booking.number,
        "vehicle_number": booking.details.vehicle_number,
        "entry_time": booking.actual_start and localtime.iso(booking.actual_start),
        "exit_time": booking.actual_end and localtime.iso(booking.actual_end),
        "duration_minutes": bill.duration_minutes,
        "total_amount": _number(bill.total),
        "booking_fee": _number(bill.booking_fee),
        "amount_due": _number(bill.amount_due),
        "amount_received": _number(outcome.tender.amount),
        "change": _number(outcome.change),
        "payment_method": booking.payment_method,
    }


def _number(money: Money) -> float:
    """Old apps read amounts as JSON numbers."""
    return float(money.text())


@routes.post(
    "/parking/entry-qr-scan",
    who=STAFF, takes=LegacyEntry, gives=LegacyView, forms=True, refusal=refused,
    once=True, sensitive=True, keys=KeyScope.SCANS,
)  # fmt: skip
def parking_entry_qr_scan(call: Call) -> Answer:
    """Scan a pass at the entry."""
    return _scan_entry(call)


@routes.post(
    "/api/parking/scan-entry",
    who=STAFF, takes=LegacyEntry, gives=LegacyView, forms=True, refusal=refused,
    once=True, sensitive=True, keys=KeyScope.SCANS,
)  # fmt: skip
def api_scan_entry(call: Call) -> Answer:
    """Scan a pass at the entry."""
    return _scan_entry(call)


@routes.post(
    "/parking/exit-qr-scan",
    who=STAFF, takes=LegacyExit, gives=LegacyView, forms=True, refusal=refused,
    once=True, sensitive=True, keys=KeyScope.SCANS,
)  # fmt: skip
def parking_exit_qr_scan(call: Call) -> Answer:
    """Scan a pass at the exit and take cash."""
    return _scan_exit(call)


@routes.post(
    "/api/parking/scan-exit",
    who=STAFF, takes=LegacyExit, gives=LegacyView, forms=True, refusal=refused,
    once=True, sensitive=True, keys=KeyScope.SCANS,
)  # fmt: skip
def api_scan_exit(call: Call) -> Answer:
    """Scan a pass at the exit and take cash."""
    return _scan_exit(call)


@routes.post(
    "/parking/cancel-booking",
    who=USER, takes=LegacyCancel, gives=LegacyView, forms=True, refusal=refused, once=True,
)  # fmt: skip
def parking_cancel_booking(call: Call) -> Answer:
    """Cancel before the stay."""
    booking_id = call.body.booking_id or call.body.session_id
    if booking_id is None:
        raise errors.Invalid({"booking_id": "is required"})
    outcome = bookings.cancel(call.deps, call.actor, booking_id, source="legacy_api")
    return succeeded(
        "Booking cancelled.",
        {
            "booking_id": booking_id,
            "refund_eligible": outcome.refund.eligible,
            "refund_amount": _number(outcome.refund.amount),
            "refund_reason": outcome.refund.reason,
        },
    )


@routes.get("/parking/zone/{zone_id}/status", who=PUBLIC, gives=LegacyView, refusal=refused)
def parking_zone_status(call: Call, zone_id: str) -> Answer:
    """How full a zone is."""
    zone = lists.zone_status(call.deps, zone_id)
    view = zone_status(zone)
    return succeeded(
        f"Status of {view.zone_name}.",
        {
            "zone_id": zone_id,
            "zone_name": view.zone_name,
            "total_slots": view.total_slots,
            "occupied_slots": view.total_slots - view.available_slots,
            "available_slots": view.available_slots,
            "occupancy_percent": view.occupancy_percent,
            "hourly_rate": _hourly_rate(zone.zone.tariff),
        },
    )


def _hourly_rate(tariff: Tariff) -> float | None:
    return _number(Money(tariff.rate, tariff.currency)) if tariff.kind == "hourly" else None
