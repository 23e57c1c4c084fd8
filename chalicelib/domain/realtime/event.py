"""Events of a site, for subscribers and webhooks (docs/realtime.md).

Events follow from the records that a step writes, not from its source. The end of a stay emits the
room, the booking, the check-out and the freed time, in this order. An event shows the state at its
delivery; it contains no name, no plate and no code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import localtime, unixtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.housekeeping.turnover import RoomEdit
from chalicelib.domain.occupancy.occupancy import SheetEdit
from chalicelib.domain.realtime import visible
from chalicelib.domain.sites.site import Space, Zone
from chalicelib.domain.stays import overstay

KEPT: Final = timedelta(days=7)
"""How long the event log of a site is kept."""

_DAY: Final = 86_400_000
"""Milliseconds."""

_RANK: Final = {name: rank for rank, name in enumerate(get_args(EventName))}


@dataclass(frozen=True)
class EventDraft:
    """An event to emit: its name, its subject, and the zone of the subject."""

    name: EventName
    subject_id: str
    zone_id: str


def of(change: Change) -> tuple[EventDraft, ...]:
    """The events of `change`, each once and in the order of `EventName`, however many bookings it
    saves. None for what no listener can see."""
    drafts = [_of_room(edit) for edit in change.rooms if edit.is_visible]
    drafts += [draft for record in change.saves for draft in _of_record(record)]
    drafts += _of_overstays(change)
    drafts += [availability(edit.zone_id) for edit in change.sheets if _changes_time(edit)]
    return tuple(sorted(dict.fromkeys(drafts), key=lambda draft: _RANK[draft.name]))


def _changes_time(edit: SheetEdit) -> bool:
    """Whether it changes what is taken."""
    return bool(edit.puts or edit.drops) and not edit.relists


def _of_record(record: object) -> Iterator[EventDraft]:
    emits = _EMITS.get(type(record))
    return emits(record) if emits else iter(())


def _of_room(edit: RoomEdit) -> EventDraft:
    return EventDraft("room-status-changed", edit.space_id, edit.zone_id)


def _of_booking(booking: Booking) -> Iterator[EventDraft]:
    """The events of a booking; none for the hold of a group that is not booked yet, and none for a
    version that differs only in what Berth keeps for itself."""
    if not (booking.was_made and visible.in_booking(booking)):
        return
    yield EventDraft("booking-updated", booking.booking_id, booking.zone_id)
    if visible.is_check_out(booking):
        yield EventDraft("booking-checked-out", booking.booking_id, booking.zone_id)


def _of_overstays(change: Change) -> Iterator[EventDraft]:
    """The event of a stay that becomes an overstay: not of one that is only kept on the sheets."""
    if any(edit.relists for edit in change.sheets):
        for record in change.saves:
            if isinstance(record, Booking) and overstay.is_new(record):
                yield EventDraft("booking-overstayed", record.booking_id, record.zone_id)


def _of_zone(zone: Zone) -> Iterator[EventDraft]:
    if visible.in_zone(zone):
        yield availability(zone.zone_id)


def _of_space(space: Space) -> Iterator[EventDraft]:
    if visible.in_space(space):
        yield availability(space.zone_id)


def availability(zone_id: str) -> EventDraft:
    """The event of a zone whose free spaces may have changed."""
    return EventDraft("availability-changed", zone_id, zone_id)


_EMITS: Final[dict[type, Callable[[Any], Iterator[EventDraft]]]] = {
    Booking: _of_booking,
    Zone: _of_zone,
    Space: _of_space,
}
"""The events of a saved record, by its type."""


@dataclass(frozen=True)
class Event:
    """One entry of the event log of a site. `number` rises by one within the site. `effect_id` is
    the effect it comes from; one effect makes one event."""

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
        """The id within the site: digits that sort as text."""
        return event_id(self.number)

    def as_json(self) -> dict[str, Any]:
        """The event as subscribers, webhooks and the API receive it."""
        return {
            "id": self.event_id,
            "event": self.name,
            "site": self.site,
            "at": localtime.iso(self.at),
            "data": dict(self.data),
        }

    def is_for(self, actor: Actor) -> bool:
        """Whether `actor` may receive it: staff of the site all events, others those of
        availability and of their own bookings."""
        if actor.works_at(self.site) or self.name == "availability-changed":
            return True
        return actor.owns(self.data.get("user_id"))


def first_number(now: datetime) -> int:
    """The first number of an empty log: the milliseconds of the UTC day. A log is empty only after
    `KEPT` without events, and in that time this number grows by more than any log, so numbers
    always rise without a stored counter.

    >>> from datetime import UTC
    >>> first_number(datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    1795219200000
    """
    return unixtime.of(now) // 86_400 * _DAY


def end_of(latest: Sequence[Event], now: datetime) -> str:
    """The cursor after the `latest` event of a log, or at the start of an empty one.

    >>> from datetime import UTC
    >>> end_of((), datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    '001795219199999'
    """
    return event_id(latest[0].number if latest else first_number(now) - 1)


def goes_on(cursor: int, events: Sequence[Event], now: datetime) -> bool:
    """Whether no event is missing between a cursor and the `events` after it. A cursor just before
    the first number of a day was given out for an empty log; the log then continues with the first
    number of any later day, and all events since are kept for `KEPT`."""
    was_empty = (cursor + 1) % _DAY == 0 and cursor + 1 >= first_number(now - KEPT)
    if not events:
        return was_empty
    first = events[0].number
    return first == cursor + 1 or (was_empty and first % _DAY == 0)


def event_id(number: int) -> str:
    """The id of the event with that number.

    >>> event_id(1795219200042)
    '001795219200042'
    """
    return f"{number:015}"
