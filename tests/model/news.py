"""What those who listen to a hotel must be told: each change of state once, and in the log of the
site one behind the other (docs/realtime.md)."""

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
from tests.model.lodgers import SITE
from tests.model.reference import ROOMS

Told = tuple[str, str]
"""An event and what it is about."""
Holding = tuple[str, Interval] | None

ROOM, FREE = "room-status-changed", "availability-changed"
BOOKING, OUT = "booking-updated", "booking-checked-out"
RANK: Mapping[str, int] = {ROOM: 0, BOOKING: 1, OUT: 2, FREE: 3}
"""Of what one step tells, this before that."""


@dataclass
class News:
    """What each booking and offer held of the rooms, how it stood, and all that was ever told."""

    holding: dict[str, Holding] = field(default_factory=dict)
    status: dict[str, Status] = field(default_factory=dict)
    posted: Counter[Told] = field(default_factory=Counter)

    def committed(self, change: Change) -> None:
        """Replay a change that has just been written. Raises AssertionError."""
        told = list(_events(change.effects))
        assert set(told) == set(self._due(change)), (told, change)
        assert len(told) == len(set(told)), told
        ranks = [RANK[name] for name, _ in told]
        assert ranks == sorted(ranks), told
        self.posted.update(told)

    def _due(self, change: Change) -> Iterator[Told]:
        for edit in change.rooms:
            yield ROOM, f"{edit.zone_id}.{edit.number}"
        for record in change.saves:
            if isinstance(record, Booking):
                yield from self._of_booking(record)
            elif isinstance(record, Entry):
                if self._holds(record.entry_id, _offered(record)):
                    yield FREE, record.zone_id
            elif isinstance(record, Space) and record.zone_id in ROOMS:
                yield FREE, record.zone_id

    def _of_booking(self, booking: Booking) -> Iterator[Told]:
        booking_id, before = booking.booking_id, self.status.get(booking.booking_id)
        self.status[booking_id] = booking.status
        yield BOOKING, booking_id
        if booking.status is Status.COMPLETED and before is not Status.COMPLETED:
            yield OUT, booking_id
        has = (booking.number, booking.occupied) if booking.is_live else None
        if self._holds(booking_id, has):
            yield FREE, booking.zone_id

    def _holds(self, holder: str, what: Holding) -> bool:
        """Note it. Whether that is something else than before."""
        before = self.holding.get(holder)
        self.holding[holder] = what
        return before != what


def _events(effects: Iterable[Effect]) -> Iterator[Told]:
    for each in effects:
        if each.kind == "event":
            assert each.site == SITE, each
            yield each.name, each.subject_id


def _offered(entry: Entry) -> Holding:
    held = entry.held if entry.lapses_at is not None else None
    return None if held is None else (held, entry.interval)


def check_log(log: Sequence[Event], posted: Counter[Told], waiting: Iterable[Effect]) -> None:
    """Everything that has left the outbox is in the log once and without a gap, and nothing in it
    tells of an older state than what stands before."""
    first = log[0].number if log else 0
    assert [event.number for event in log] == list(range(first, first + len(log)))
    assert len({event.effect_id for event in log}) == len(log), "logged twice"
    logged = Counter((str(event.name), event.subject_id) for event in log)
    still = Counter(_events(waiting))
    assert logged <= posted, logged - posted
    assert posted - still <= logged, posted - still - logged
    told: dict[str, Any] = {}
    for event in log:
        stands = event.data.get("version") or event.data.get("since")
        if stands is not None:
            assert told.setdefault(event.subject_id, stands) <= stands, event
            told[event.subject_id] = stands


def check_order(log: Iterable[Event]) -> None:
    """What one step tells stands in the log in the order it was told in."""
    of_step: dict[str, list[int]] = defaultdict(list)
    for event in log:
        of_step[event.effect_id.partition("-")[0]].append(RANK[event.name])
    for ranks in of_step.values():
        assert ranks == sorted(ranks), ranks


def check_last(log: Iterable[Event], stored: Stored) -> None:
    """Once everything has been told, whoever has listened knows how everything stands."""
    last = {event.subject_id: event.data for event in log}
    for booking in stored.bookings.values():
        assert last[booking.booking_id]["version"] == booking.version, booking
    for room in stored.rooms:
        assert last[room.space_id]["condition"] == room.condition, room
