"""Events: what those who listen to a site are told (docs/realtime.md).

They follow from what a step writes and not from the door it came through. A step that ends a stay
tells of the room, of the booking, of the end, and of the time that is free again, in this order. An
event says what is the case when it leaves; it names no person, no plate and no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime, unixtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.housekeeping.turnover import Room, RoomEdit
from chalicelib.domain.sites.site import Space, Zone

KEPT: Final = timedelta(days=7)
"""How long a site's log of events goes back."""


_DAY: Final = 86_400_000
"""Milliseconds."""


@dataclass(frozen=True)
class EventDraft:
    """What a change is worth telling: an event, what it is about, and the zone it happened in."""

    name: EventName
    subject_id: str
    zone_id: str


def of(change: Change) -> tuple[EventDraft, ...]:
    """What `change` is worth telling, each thing once: its records first, then the time that it
    takes or gives back. Rooms come before bookings."""
    told = [_of_room(edit) for edit in change.rooms]
    told += [news for record in change.saves for news in _told(record)]
    told += [availability(edit.zone_id) for edit in change.sheets if edit.puts or edit.drops]
    ordered = sorted(dict.fromkeys(told), key=lambda news: news.name == "availability-changed")
    return tuple(ordered)


def _told(record: object) -> Iterator[EventDraft]:
    teller = _TELLERS.get(type(record))
    return teller(record) if teller else iter(())


def _of_room(edit: RoomEdit) -> EventDraft:
    return EventDraft("room-status-changed", edit.space_id, edit.zone_id)


def _of_booking(booking: Booking) -> Iterator[EventDraft]:
    """Nothing of what is held for a group that is not booked yet."""
    if not booking.was_made:
        return
    yield EventDraft("booking-updated", booking.booking_id, booking.zone_id)
    if booking.status is Status.COMPLETED and booking.timeline[-1].what == "checked_out":
        yield EventDraft("booking-checked-out", booking.booking_id, booking.zone_id)


def _of_zone(zone: Zone) -> Iterator[EventDraft]:
    """New hours or a blackout; a new zone has no spaces yet."""
    if zone.version > 1:
        yield availability(zone.zone_id)


def _of_space(space: Space) -> Iterator[EventDraft]:
    yield availability(space.zone_id)


def availability(zone_id: str) -> EventDraft:
    """That what can be had in a zone may have changed."""
    return EventDraft("availability-changed", zone_id, zone_id)


_TELLERS: Final[dict[type, Callable[[Any], Iterator[EventDraft]]]] = {
    Booking: _of_booking,
    Zone: _of_zone,
    Space: _of_space,
}
"""What a record tells when it is saved."""


@dataclass(frozen=True)
class BookingFacts:
    """What an event tells of a booking: the fields of the API's booking that name nobody.
    Whoever may know more asks for the booking."""

    booking_id: str
    status: str
    site: str
    zone_id: str
    zone_name: str
    space_id: str
    slot_number: str
    kind: str
    user_id: str | None
    start_time: str
    end_time: str
    actual_start_time: str | None
    actual_end_time: str | None
    confirmed: bool
    auto_checkout: bool
    payment_status: str
    updated_at: str
    version: int

    @classmethod
    def of(cls, booking: Booking, zone: Zone) -> Self:
        """The facts of `booking` in `zone`, as they are now."""
        return cls(
            booking_id=booking.booking_id,
            status=booking.status.value,
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
            confirmed=booking.confirmed_at is not None,
            auto_checkout=booking.auto_checkout,
            payment_status=booking.payment_status,
            updated_at=localtime.iso(booking.updated_at),
            version=booking.version,
        )


@dataclass(frozen=True)
class ZoneFacts:
    """What an event tells of a zone: how many of its spaces can be had now, for its default
    duration."""

    site: str
    zone_id: str
    zone_name: str
    total_slots: int
    available_slots: int


@dataclass(frozen=True)
class RoomFacts:
    """What an event tells of a room: its condition and since when, but not who is in it."""

    site: str
    zone_id: str
    zone_name: str
    space_id: str
    slot_number: str
    condition: str
    occupied: bool
    since: str | None

    @classmethod
    def of(cls, room: Room, zone: Zone) -> Self:
        """The facts of `room` in `zone`, as they are now."""
        return cls(
            site=zone.site,
            zone_id=zone.zone_id,
            zone_name=zone.name,
            space_id=room.space_id,
            slot_number=room.number,
            condition=room.condition.value,
            occupied=room.is_occupied,
            since=_maybe(room.since),
        )


@dataclass(frozen=True)
class Event:
    """One entry of a site's log. `number` counts up by one within the site; `effect_id` is the
    effect it was made of, which makes no second one."""

    site: str
    number: int
    name: EventName
    subject_id: str
    effect_id: str
    at: datetime
    data: Mapping[str, Any]
    version: int = 1

    @property
    def event_id(self) -> str:
        """Its id within the site: digits that sort as text."""
        return event_id(self.number)

    def as_json(self) -> dict[str, Any]:
        """The event as listeners, webhooks and the API show it."""
        return {
            "id": self.event_id,
            "event": self.name,
            "site": self.site,
            "at": localtime.iso(self.at),
            "data": dict(self.data),
        }

    def is_for(self, actor: Actor) -> bool:
        """Whether `actor` may hear it: those who work at the site everything, others what is
        public and what their own bookings do."""
        if actor.works_at(self.site) or self.name == "availability-changed":
            return True
        return actor.owns(self.data.get("user_id"))


def first_number(now: datetime) -> int:
    """The number that a log without events begins with: the milliseconds of the UTC day. A log is
    empty only when nothing has happened for `KEPT`, and in that time this grows by more than any
    log; so numbers go up for ever, though nobody keeps count.

    >>> from datetime import UTC
    >>> first_number(datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    1795219200000
    """
    return unixtime.of(now) // 86_400 * _DAY


def end_of(latest: Sequence[Event], now: datetime) -> str:
    """The cursor behind the `latest` event of a log, which has none where it is empty.

    >>> from datetime import UTC
    >>> end_of((), datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    '001795219199999'
    """
    return event_id(latest[0].number if latest else first_number(now) - 1)


def goes_on(cursor: int, events: Sequence[Event], now: datetime) -> bool:
    """Whether none is missing between a cursor and the `events` found behind it. One that stands
    before the first number of a day was given out while the log was empty; then it goes on with
    the first number of any day, and whatever came since is still kept for as long as `KEPT`."""
    was_empty = (cursor + 1) % _DAY == 0 and cursor + 1 >= first_number(now - KEPT)
    if not events:
        return was_empty
    first = events[0].number
    return first == cursor + 1 or (was_empty and first % _DAY == 0)


def event_id(number: int) -> str:
    """The id of a site's event of that number.

    >>> event_id(1795219200042)
    '001795219200042'
    """
    return f"{number:015}"


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else localtime.iso(at)
