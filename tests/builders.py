"""Records for tests: fields that are not given are ordinary."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.bookings import create
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone, default_policy
from chalicelib.domain.stays import check_in
from tests.clock import NOON

IST = localtime.zone("Asia/Kolkata")
CUSTOMER = Actor("USCVSTMR01", Role.USER)
ATTENDANT = Actor("USSTAFF001", Role.STAFF, frozenset({"central"}))
HOURLY = Tariff("hourly", "INR", 5000, booking_fee=5000)
FREE = Tariff("hourly", "INR", 0)
METERED = Policy(auto_checkout_after=None)
TIMED = Policy(auto_checkout_after=60)
TIMER = Policy(check_in="none")
VENUE = default_policy("venue")
DETAILS = frozenset(field.name for field in fields(BookingDetails))


def an_interval(start: datetime = NOON, minutes: int = 60) -> Interval:
    return Interval(start, start + timedelta(minutes=minutes))


def cash(amount: str | None = None) -> TenderRequest:
    """Cash at the gate or at the desk; exactly what is due where no amount is given."""
    return TenderRequest(PaymentMethod.CASH, amount)


def a_blackout(start: datetime = NOON, minutes: int = 60, **fields: Any) -> Blackout:
    return Blackout(start, start + timedelta(minutes=minutes), **fields)


def a_site(**fields: Any) -> Site:
    return Site(
        **{"slug": "central", "name": "Central", "timezone": "Asia/Kolkata", "currency": "INR"}
        | fields
    )


def a_zone(**fields: Any) -> Zone:
    ordinary: dict[str, Any] = {
        "zone_id": "zone-a", "site": "central", "name": "Zone A", "kind": "parking",
        "policy": METERED, "tariff": HOURLY,
    }  # fmt: skip
    return Zone(**ordinary | fields)


def a_booking(
    zone: Zone | None = None, *, now: datetime = NOON, by: Actor = CUSTOMER, **given: Any
) -> Booking:
    """A booking as `book` makes it; `interval` defaults to an hour from `now`."""
    ordinary: dict[str, Any] = {
        "booking_id": f"BK{by.locator}1NG1QR00005", "user_id": by.account_id,
        "zone": zone or a_zone(), "number": "A-001", "interval": an_interval(now), "sheets": (),
        "by": by, "source": "api", "tz": IST, "now": now, "vehicle_number": "KA01AB1234",
    }  # fmt: skip
    return create.book(**with_details(ordinary | given)).booking


def with_details(given: dict[str, Any]) -> dict[str, Any]:
    """The fields `given`, with the details of a booking among them as one field `details`."""
    own = given.keys() & DETAILS
    others = {name: value for name, value in given.items() if name not in own}
    return {"details": BookingDetails(**{name: given[name] for name in own})} | others


def an_active_booking(zone: Zone | None = None, *, now: datetime = NOON, **fields: Any) -> Booking:
    """A booking that was entered at `now`."""
    zone = zone or a_zone()
    booking = a_booking(zone, now=now, **fields)
    return check_in.check_in(
        booking, by=ATTENDANT, source="gate_entry", policy=zone.policy, sheets=(), now=now
    ).booking
