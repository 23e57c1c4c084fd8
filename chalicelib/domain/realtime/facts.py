"""The data of events: what a subscriber and a webhook receive about a booking, a zone or a room. It
has no name, no plate and no code. Beside our own fields stand those of the hotel system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chalicelib.domain.bookings.booking import Booking, PaymentStatus
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import UtcInstant
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.domain.sites import room_numbers
from chalicelib.domain.sites.room_numbers import RoomNumber
from chalicelib.domain.sites.site import Zone, ZoneKind


@dataclass(frozen=True)
class BookingFacts:
    """The data of an event about a booking: the fields of the API's booking that are not
    personal."""

    booking_id: str
    status: Status
    site: str
    zone_id: str
    zone_name: str
    space_id: str
    slot_number: str
    kind: ZoneKind
    user_id: str | None
    start_time: UtcInstant
    end_time: UtcInstant
    actual_start_time: UtcInstant | None
    actual_end_time: UtcInstant | None
    overstay_since: UtcInstant | None
    confirmed: bool
    auto_checkout: bool
    payment_status: PaymentStatus
    updated_at: UtcInstant
    version: int
    room_number: RoomNumber
    timestamp: UtcInstant

    @classmethod
    def of(cls, booking: Booking, zone: Zone) -> Self:
        """The facts of `booking` in `zone`, as they are now."""
        return cls(
            booking_id=booking.booking_id,
            status=booking.status,
            site=booking.site,
            zone_id=booking.zone_id,
            zone_name=zone.name,
            space_id=booking.space_id,
            slot_number=booking.number,
            kind=booking.kind,
            user_id=booking.user_id,
            start_time=localtime.iso(booking.booked.start),
            end_time=localtime.iso(booking.booked.end),
            actual_start_time=_maybe(booking.actual_start),
            actual_end_time=_maybe(booking.actual_end),
            overstay_since=_maybe(
                booking.booked.end if booking.listed_through and booking.is_live else None
            ),
            confirmed=booking.confirmed_at is not None,
            auto_checkout=booking.auto_checkout,
            payment_status=booking.payment_status,
            updated_at=localtime.iso(booking.updated_at),
            version=booking.version,
            room_number=room_numbers.written(booking.number),
            timestamp=localtime.iso_ms(booking.actual_end or booking.updated_at),
        )


@dataclass(frozen=True)
class ZoneFacts:
    """The data of an event about a zone: its spaces, and those free now for the default
    duration."""

    site: str
    zone_id: str
    zone_name: str
    total_slots: int
    available_slots: int


@dataclass(frozen=True)
class RoomFacts:
    """The data of an event about a room: its condition and since when, without the guest."""

    site: str
    zone_id: str
    zone_name: str
    space_id: str
    slot_number: str
    condition: Condition
    occupied: bool
    since: UtcInstant | None
    room_number: RoomNumber
    old_status: Condition | None
    new_status: Condition
    source: str
    timestamp: UtcInstant | None

    @classmethod
    def of(cls, room: Room, zone: Zone) -> Self:
        """The facts of `room` in `zone`, as they are now."""
        return cls(
            site=zone.site,
            zone_id=zone.zone_id,
            zone_name=zone.name,
            space_id=room.space_id,
            slot_number=room.number,
            condition=room.condition,
            occupied=room.is_occupied,
            since=_maybe(room.since),
            room_number=room_numbers.written(room.number),
            old_status=room.was,
            new_status=room.condition,
            source=room.source,
            timestamp=None if room.since is None else localtime.iso_ms(room.since),
        )


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else localtime.iso(at)
