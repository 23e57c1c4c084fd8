"""The reservation as mail programs read it (schema.org JSON-LD in the head of the HTML): Gmail
shows it above the mail and in the calendar."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.free_text import unlinked
from chalicelib.domain.sites.site import Site, Zone

_SCHEMA = "http://schema.org"
_ESCAPES = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


def reservation(
    booking: Booking, site: Site, zone: Zone, *, fallback: str, cancelled: bool = False
) -> str:
    """The booking of a venue as an EventReservation; empty for other kinds, which the vocabulary
    does not know. `fallback` is what a guest without a name is called."""
    if booking.kind != "venue":
        return ""
    return script_safe(_reserved(booking, site, zone, fallback, cancelled))


def reservations(
    bookings: Iterable[Booking], site: Site, zone: Zone, *, fallback: str, cancelled: bool = False
) -> str:
    """The same for several bookings of one zone, as a list."""
    if zone.kind != "venue":
        return ""
    return script_safe([_reserved(each, site, zone, fallback, cancelled) for each in bookings])


def _reserved(
    booking: Booking, site: Site, zone: Zone, fallback: str, cancelled: bool
) -> dict[str, Any]:
    return {
        "@context": _SCHEMA,
        "@type": "EventReservation",
        "reservationNumber": booking.booking_id,
        "reservationStatus": f"{_SCHEMA}/{_status(booking, cancelled)}",
        "modifiedTime": _local(booking.updated_at, site.tz),
        "underName": {"@type": "Person", "name": _name(booking, fallback)},
        "reservationFor": _event(booking, site, zone),
    }


def script_safe(value: Any) -> str:
    r"""`value` as JSON that cannot end the script element around it.

    >>> script_safe({"name": "</script><b>"})
    '{"name": "\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    return json.dumps(value).translate(_ESCAPES)


def _status(booking: Booking, cancelled: bool) -> str:
    if cancelled:
        return "ReservationCancelled"
    return "ReservationPending" if booking.confirmed_at is None else "ReservationConfirmed"


def _name(booking: Booking, fallback: str) -> str:
    first = booking.details.guests[0].name if booking.details.guests else None
    return unlinked(booking.details.owner_name or first or fallback)


def _event(booking: Booking, site: Site, zone: Zone) -> dict[str, Any]:
    return {
        "@type": "Event",
        "name": unlinked(booking.details.purpose or f"{booking.number}, {zone.name}"),
        "startDate": _local(booking.booked.start, site.tz),
        "endDate": _local(booking.booked.end, site.tz),
        "location": {
            "@type": "Place",
            "name": f"{booking.number}, {site.name}",
            "address": ", ".join((site.address or site.name).splitlines()),
        },
    }


def _local(instant: datetime, tz: ZoneInfo) -> str:
    return instant.astimezone(tz).isoformat()
