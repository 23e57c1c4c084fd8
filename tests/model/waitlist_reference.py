"""The reference of the waitlist, a hundred slow lines: every change is replayed as it is committed.

Nothing here knows of sheets, marks or lines of days. There are bookings, offers and entries that
wait; after each change each entry in turn is checked: is its whole interval free now? Exactly these
entries must have got an offer from the code under test.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.site import Site, Space, Zone
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from tests.model.reference import MINUTE

Place = tuple[str, str]
"""A zone and a number: one space."""

ENDED = (EntryStatus.CLAIMED, EntryStatus.LEFT, EntryStatus.EXPIRED)


@dataclass
class WaitlistReference:
    """Every entry, and the bookings, offers and blackouts that stand in its way."""

    entries: dict[str, Entry] = field(default_factory=dict)
    taken: dict[Place, dict[str, Interval]] = field(default_factory=lambda: defaultdict(dict))
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    closed: dict[str, tuple[Interval, ...]] = field(default_factory=dict)
    windows: dict[str, int] = field(default_factory=dict)
    unnoticed: set[str] = field(default_factory=set)
    """Zones in which time became free without a cancellation; a task in the outbox says so."""

    def committed(self, change: Change, now: datetime) -> None:
        """Replay a change that has just been written. Raises AssertionError."""
        offered = {e.entry_id: e for e in _entries(change) if e.status is EntryStatus.OFFERED}
        for booking in _bookings(change):
            self._none_is_passed_by(booking, now)
        for record in change.saves:
            self._known(record, now)
        for effect in change.effects:
            if effect.name == "offer_time":
                self.unnoticed.add(effect.subject_id)
        for zone in {e.zone_id for e in _entries(change)} | {b.zone_id for b in _bookings(change)}:
            self._served(zone, offered, now)
        assert offered == {}, offered
        self._one_claim_one_booking(change)
        for place in self.taken:
            _apart(place, self.taken[place])

    # -- records ---------------------------------------------------------------------------------

    def _known(self, record: object, now: datetime) -> None:
        match record:
            case Entry():
                self._entry(record, now)
            case Booking():
                for (zone, _), holders in self.taken.items():
                    if zone == record.zone_id:
                        holders.pop(record.booking_id, None)
                if record.is_live:
                    place = record.zone_id, record.number
                    self.taken[place][record.booking_id] = record.occupied
            case Zone():
                self.closed[record.zone_id] = tuple(each.interval for each in record.blackouts)
                self.windows[record.zone_id] = record.policy.claim_window
            case Space():
                (self.numbers[record.zone_id].add if record.active else
                 self.numbers[record.zone_id].discard)(record.number)  # fmt: skip
            case Site():
                assert record.blackouts == ()

    def _entry(self, entry: Entry, now: datetime) -> None:
        before = self.entries.get(entry.entry_id)
        assert before is None or before.is_live, ("it was over before", before, entry)
        match entry.status:
            case EntryStatus.WAITING:
                assert before is None, (before, entry)
                assert now < entry.interval.start, entry
                self._comes_last(entry)
            case EntryStatus.OFFERED:
                return  # in its turn
            case EntryStatus.CLAIMED:
                assert before is not None
                assert before.lapses_at is not None
                assert now < before.lapses_at, ("claimed too late", before, now)
            case EntryStatus.EXPIRED if not entry.reason:
                assert before is not None
                due = before.lapses_at or before.interval.start
                assert entry.ended_at == due <= now, (entry, due, now)
        if before is not None and before.held is not None:
            del self.taken[before.zone_id, before.held][before.entry_id]
        self.entries[entry.entry_id] = entry

    def _comes_last(self, entry: Entry) -> None:
        for other in self.entries.values():
            same = (other.zone_id, other.interval.start.date(), other.created_at)
            if same == (entry.zone_id, entry.interval.start.date(), entry.created_at):
                assert other.ticket < entry.ticket, (other, entry)

    # -- turns -----------------------------------------------------------------------------------

    def waiting(self, zone: str, now: datetime) -> list[Entry]:
        """The entries that wait for a time that has not begun, in their turn."""
        return sorted(
            (
                each
                for each in self.entries.values()
                if (each.zone_id, each.status) == (zone, EntryStatus.WAITING)
                and now < each.interval.start
            ),
            key=lambda each: (each.priority, each.created_at, each.ticket, each.entry_id),
        )

    def can_have(self, entry: Entry) -> set[str]:
        """The spaces that an entry accepts and that are free for all of its time."""
        if self.is_closed(entry.zone_id, entry.interval):
            return set()
        numbers = self.numbers[entry.zone_id]
        wanted = numbers if entry.wish.number is None else numbers & {entry.wish.number}
        return {
            number
            for number in wanted
            if not any(
                entry.interval.overlaps(other)
                for other in self.taken[entry.zone_id, number].values()
            )
        }

    def is_closed(self, zone: str, interval: Interval) -> bool:
        """Whether there is a blackout in the way."""
        return any(interval.overlaps(each) for each in self.closed.get(zone, ()))

    def held(self, zone: str, now: datetime) -> dict[str, list[Interval]]:
        """The offers that have not lapsed, by number."""
        kept = defaultdict(list)
        for entry in self.entries.values():
            if entry.zone_id == zone and entry.lapses_at is not None and now < entry.lapses_at:
                assert entry.held is not None
                kept[entry.held].append(entry.interval)
        return kept

    def _served(self, zone: str, offered: dict[str, Entry], now: datetime) -> None:
        """Each entry in turn: it has got an offer if and only if it can have a space."""
        skipped: list[tuple[Entry, set[str]]] = []
        for entry in self.waiting(zone, now):
            free = self.can_have(entry)
            offer = offered.pop(entry.entry_id, None)
            if offer is None:
                assert not free or zone in self.unnoticed, ("no offer was made", entry, free)
                skipped.append((entry, free))
                continue
            assert offer.held in free, ("another holds it", offer, free)
            for before, had in skipped:
                late = offer.held in had and before.interval.overlaps(offer.interval)
                assert not late, ("skipped", before, offer)
            self._offered(offer, now)

    def _offered(self, offer: Entry, now: datetime) -> None:
        assert offer.held is not None
        window = self.windows[offer.zone_id] * MINUTE
        assert offer.offered_at == now, offer
        assert offer.lapses_at == min(now + window, offer.interval.start), offer
        self.entries[offer.entry_id] = offer
        self.taken[offer.zone_id, offer.held][offer.entry_id] = offer.interval

    def _none_is_passed_by(self, booking: Booking, now: datetime) -> None:
        """A guest inside keeps the space; for any other time the waitlist comes first."""
        place = booking.zone_id, booking.number
        had = self.taken[place].get(booking.booking_id)
        if booking.status is not Status.BOOKED or had == booking.occupied:
            return
        for entry in self.waiting(booking.zone_id, now):
            if entry.interval.overlaps(booking.occupied):
                assert booking.number not in self.can_have(entry), ("passed by", entry, booking)

    def _one_claim_one_booking(self, change: Change) -> None:
        made = {b.booking_id for b in _bookings(change) if b.version == 1}
        claims = [e for e in _entries(change) if e.status is EntryStatus.CLAIMED]
        assert {entry.booking_id for entry in claims} <= made, (claims, made)
        known = [e.booking_id for e in self.entries.values() if e.booking_id is not None]
        assert len(known) == len(set(known)), known


def _entries(change: Change) -> list[Entry]:
    return [record for record in change.saves if isinstance(record, Entry)]


def _bookings(change: Change) -> list[Booking]:
    return [record for record in change.saves if isinstance(record, Booking)]


def _apart(place: Place, taken: dict[str, Interval]) -> None:
    ordered = sorted((interval, holder) for holder, interval in taken.items())
    for (one, holder), (other, rival) in pairwise(ordered):
        assert not one.overlaps(other), (place, holder, one, rival, other)
