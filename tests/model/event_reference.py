"""The reference of a hotel's events: each change of state is published once, and the log of the
site has them in their order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.realtime.event import Event
from chalicelib.domain.sites.site import Space
from chalicelib.domain.waitlist.entry import Entry
from tests.model.invariants import Stored
from tests.model.reference import ROOMS
from tests.model.room_bookings import SITE

Published = tuple[str, str]
"""The name of an event and its subject."""
Holding = tuple[str, Interval] | None

ROOM, FREE = "room-status-changed", "availability-changed"
BOOKING, LATE, OUT = "booking-updated", "booking-overstayed", "booking-checked-out"
RANK: Mapping[str, int] = {ROOM: 0, BOOKING: 1, LATE: 2, OUT: 3, FREE: 4}
"""The order of the events of one step."""


@dataclass
class EventReference:
    """What each booking and offer holds of the rooms, its status, and all events so far."""

    holding: dict[str, Holding] = field(default_factory=dict)
    status: dict[str, Status] = field(default_factory=dict)
    shown: dict[str, object] = field(default_factory=dict)
    late: Counter[str] = field(default_factory=Counter)
    assigned: Counter[str] = field(default_factory=Counter)
    posted: Counter[Published] = field(default_factory=Counter)

    def committed(self, change: Change) -> None:
        """Replay a change that has just been written. Raises AssertionError."""
        events = list(_events(change.effects))
        assert set(events) == set(self._due(change)), (events, change)
        assert len(events) == len(set(events)), events
        ranks = [RANK[name] for name, _ in events]
        assert ranks == sorted(ranks), events
        self.posted.update(events)

    def _due(self, change: Change) -> Iterator[Published]:
        for edit in filter(lambda edit: edit.step.was is not edit.to, change.rooms):
            yield ROOM, f"{edit.zone_id}.{edit.number}"
        for record in change.saves:
            if isinstance(record, Booking):
                yield from self._of_booking(record)
            elif isinstance(record, Entry):
                if self._holds(record.entry_id, _offered(record)):
                    yield FREE, record.zone_id
            elif isinstance(record, Space) and record.zone_id in ROOMS:
                yield FREE, record.zone_id

    def _of_booking(self, booking: Booking) -> Iterator[Published]:
        booking_id, before = booking.booking_id, self.status.get(booking.booking_id)
        self.status[booking_id] = booking.status
        shows = (len(booking.timeline), booking.attachments)  # all else is on the timeline too
        if shows != self.shown.get(booking_id):
            self.shown[booking_id] = shows
            yield BOOKING, booking_id
        late = sum(entry.what == "overstayed" for entry in booking.timeline)
        if late > self.late[booking_id]:
            self.late[booking_id] = late
            yield LATE, booking_id
        if booking.status is Status.COMPLETED and before is not Status.COMPLETED:
            yield OUT, booking_id
        has = (booking.number, booking.occupied) if booking.is_live else None
        moved, assigned = self._holds(booking_id, has), self._is_assigned(booking)
        if moved or assigned:
            yield FREE, booking.zone_id

    def _is_assigned(self, booking: Booking) -> bool:
        """Whether staff have just assigned a room: the one it has, too, makes way for no other any
        more."""
        before = self.assigned[booking.booking_id]
        assigned = sum(entry.what == "room_assigned" for entry in booking.timeline)
        self.assigned[booking.booking_id] = assigned
        return assigned > before

    def _holds(self, holder: str, what: Holding) -> bool:
        """Keep what `holder` holds, and return whether that has changed."""
        before = self.holding.get(holder)
        self.holding[holder] = what
        return before != what


def _events(effects: Iterable[Effect]) -> Iterator[Published]:
    for each in effects:
        if each.kind == "event":
            assert each.site == SITE, each
            yield each.name, each.subject_id


def _offered(entry: Entry) -> Holding:
    held = entry.held if entry.lapses_at is not None else None
    return None if held is None else (held, entry.interval)


def check_log(log: Sequence[Event], posted: Counter[Published], waiting: Iterable[Effect]) -> None:
    """Everything that has left the outbox is in the log once and without a gap, and no entry has an
    older state than an earlier entry of its subject."""
    first = log[0].number if log else 0
    assert [event.number for event in log] == list(range(first, first + len(log)))
    assert len({event.effect_id for event in log}) == len(log), "logged twice"
    logged = Counter((str(event.name), event.subject_id) for event in log)
    still = Counter(_events(waiting))
    assert logged <= posted, logged - posted
    assert posted - still <= logged, posted - still - logged
    latest: dict[str, Any] = {}
    for event in log:
        stands = event.data.get("version") or event.data.get("since")
        if stands is not None:
            assert latest.setdefault(event.subject_id, stands) <= stands, event
            latest[event.subject_id] = stands


def check_order(log: Iterable[Event]) -> None:
    """The events of one step are in the log in their order."""
    of_step: dict[str, list[int]] = defaultdict(list)
    for event in log:
        of_step[event.effect_id.partition("-")[0]].append(RANK[event.name])
    for ranks in of_step.values():
        assert ranks == sorted(ranks), ranks


def check_last(log: Iterable[Event], stored: Stored) -> None:
    """Once all events are published, a listener knows the state of everything."""
    last = {event.subject_id: event.data for event in log}
    for booking in stored.bookings.values():
        assert last[booking.booking_id]["status"] == booking.status, booking
        assert last[booking.booking_id]["space_id"] == booking.space_id, booking
    for room in stored.rooms:
        assert last[room.space_id]["condition"] == room.condition, room
