"""The reference of the waitlist, a hundred slow lines: every change is replayed as it is committed.

Nothing here knows of sheets, marks or lines of days. There are bookings, offers and entries that
wait; after each change each entry in turn is checked: is its whole interval free now? Exactly these
entries must have got an offer from the code under test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites.site import Site, Space, Zone
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from tests.model import arrangement
from tests.model.arrangement import Taker
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
    makes_way: set[str] = field(default_factory=set)
    """The bookings and offers that named no space."""
    given_up_at: dict[str, datetime] = field(default_factory=dict)
    """When the bookings that have no answer yet are cancelled by themselves."""
    out: set[Place] = field(default_factory=set)
    """The rooms out of service, which entries for today cannot have."""
    late: Callable[[str], set[str]] = lambda zone: set()
    """The rooms of a zone whose guests should have left."""
    is_today: Callable[[datetime], bool] = lambda start: False
    unnoticed: set[str] = field(default_factory=set)
    """Zones in which time became free without a cancellation; a task in the outbox says so."""

    def committed(self, change: Change, now: datetime) -> None:
        """Replay a change that has just been written. Raises AssertionError."""
        offered = {e.entry_id: e for e in _entries(change) if self._is_new_offer(e)}
        could = self._could_have(change, now)
        for edit in change.rooms:
            is_out = edit.to is Condition.OUT_OF_SERVICE
            (self.out.add if is_out else self.out.discard)((edit.zone_id, edit.number))
        for record in change.saves:
            self._known(record, now)
        self._none_is_passed_by(could, offered, now)
        for effect in change.effects:
            if effect.name == "offer_time":
                self.unnoticed.add(effect.subject_id)
        zones = {e.zone_id for e in _entries(change)} | {b.zone_id for b in _bookings(change)}
        for zone in zones | {edit.zone_id for edit in change.rooms}:
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
                self.makes_way.discard(record.booking_id)
                self.given_up_at.pop(record.booking_id, None)
                due = record.deadline
                if due is not None and due.kind is DeadlineKind.AUTO_CANCEL:
                    self.given_up_at[record.booking_id] = due.at
                if record.is_live:
                    place = record.zone_id, record.number
                    self.taken[place][record.booking_id] = record.occupied
                if record.provisional and record.status is Status.BOOKED:
                    self.makes_way.add(record.booking_id)
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
            case EntryStatus.OFFERED if self._is_new_offer(entry):
                return  # in its turn
            case EntryStatus.OFFERED:
                self._makes_way(entry, now)
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
        if entry.status is EntryStatus.OFFERED:
            assert entry.held is not None
            self.taken[entry.zone_id, entry.held][entry.entry_id] = entry.interval
        else:
            self.makes_way.discard(entry.entry_id)
        self.entries[entry.entry_id] = entry

    def _is_new_offer(self, entry: Entry) -> bool:
        before = self.entries.get(entry.entry_id)
        was_offered = before is not None and before.status is EntryStatus.OFFERED
        return entry.status is EntryStatus.OFFERED and not was_offered

    def _makes_way(self, entry: Entry, now: datetime) -> None:
        """An offer moves to another space: one that named none, for the same time."""
        before = self.entries[entry.entry_id]
        assert entry.wish.number is None, entry
        assert (before.interval, before.lapses_at) == (entry.interval, entry.lapses_at), entry
        assert entry.lapses_at is not None
        assert now < entry.lapses_at, entry

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

    def can_have(self, entry: Entry, now: datetime) -> set[str]:
        """The spaces that an entry accepts and can have for all of its time, if others make way."""
        return self._obtainable(entry, now, within=False)

    def must_have(self, entry: Entry, now: datetime) -> set[str]:
        """Those for which only bookings within the pages of its time have to make way: an offer
        cannot wait. Others that could do so may be found at once or later."""
        return self._obtainable(entry, now, within=True)

    def _obtainable(self, entry: Entry, now: datetime, *, within: bool) -> set[str]:
        if self.is_closed(entry.zone_id, entry.interval):
            return set()
        among = self._usable(entry.zone_id, entry.interval.start)
        if entry.wish.number is not None:
            among &= {entry.wish.number}
        pages = set(entry.paging.pages(entry.interval)) if within else None
        others = [
            self._taker(place, holder, interval, now, entry.paging, pages)
            for place, holders in self.taken.items()
            if place[0] == entry.zone_id
            for holder, interval in holders.items()
            if holder != entry.entry_id
        ]
        near = arrangement.near(entry.interval, others)
        return arrangement.obtainable(entry.interval, among, near)

    def _taker(
        self, place: Place, holder: str, interval: Interval, now: datetime,
        paging: Paging, pages: set[str] | None,
    ) -> Taker:  # fmt: skip
        zone, number = place
        stays = holder not in self.makes_way or interval.start <= now or self._lapsed(holder, now)
        if stays or (pages is not None and not pages.issuperset(paging.pages(interval))):
            return Taker(interval, frozenset({number}))
        return Taker(interval, frozenset({number, *self._usable(zone, interval.start)}))

    def _lapsed(self, holder: str, now: datetime) -> bool:
        """Whether it is an offer that lapsed, or a booking that is given up, and not settled yet:
        it stays until it is."""
        if holder in self.given_up_at:
            return self.given_up_at[holder] <= now
        entry = self.entries.get(holder)
        return entry is not None and entry.lapses_at is not None and entry.lapses_at <= now

    def _usable(self, zone: str, start: datetime) -> set[str]:
        if not self.is_today(start):
            return set(self.numbers[zone])
        return self.numbers[zone] - {n for z, n in self.out if z == zone} - self.late(zone)

    def is_closed(self, zone: str, interval: Interval) -> bool:
        """Whether there is a blackout in the way."""
        return any(interval.overlaps(each) for each in self.closed.get(zone, ()))

    def held(self, zone: str, now: datetime) -> dict[str, list[Interval]]:
        """The offers that have not lapsed, by number."""
        return self._held(e for e in self.entries.values() if _stands(e, zone, now))

    def loose(self, zone: str, now: datetime) -> dict[str, list[Interval]]:
        """Those of them that named no space."""
        offers = (e for e in self.entries.values() if _stands(e, zone, now))
        return self._held(e for e in offers if e.wish.number is None)

    def _held(self, offers: Iterable[Entry]) -> dict[str, list[Interval]]:
        kept = defaultdict(list)
        for entry in offers:
            assert entry.held is not None
            kept[entry.held].append(entry.interval)
        return kept

    def _served(self, zone: str, offered: dict[str, Entry], now: datetime) -> None:
        """Each entry in turn: it has got an offer if and only if it can have a space."""
        skipped: list[Entry] = []
        for entry in self.waiting(zone, now):
            offer = offered.pop(entry.entry_id, None)
            if offer is None:
                due = self.must_have(entry, now)
                assert not due or zone in self.unnoticed, ("no offer was made", entry, due)
                skipped += [entry] if self.can_have(entry, now) else []
                continue
            assert offer.held in self._free_for(offer), ("another holds it", offer)
            self._offered(offer, now)
            for before in skipped:
                assert self.can_have(before, now), ("skipped", before, offer)

    def _free_for(self, offer: Entry) -> set[str]:
        """The spaces that it can have as things stand: the others have made way already."""
        accepted = self._usable(offer.zone_id, offer.interval.start)
        if offer.wish.number is not None:
            accepted &= {offer.wish.number}
        return {
            number
            for number in accepted
            if not any(map(offer.interval.overlaps, self.taken[offer.zone_id, number].values()))
        }

    def _offered(self, offer: Entry, now: datetime) -> None:
        assert offer.held is not None
        window = self.windows[offer.zone_id] * MINUTE
        assert offer.offered_at == now, offer
        assert offer.lapses_at == min(now + window, offer.interval.start), offer
        self.entries[offer.entry_id] = offer
        self.taken[offer.zone_id, offer.held][offer.entry_id] = offer.interval
        if offer.wish.number is None:
            self.makes_way.add(offer.entry_id)

    def _could_have(self, change: Change, now: datetime) -> list[Entry]:
        """The entries that could have had a space before a change that takes time ahead; a guest
        inside keeps the space."""
        taking = [b for b in _bookings(change) if b.status is Status.BOOKED and self._is_taking(b)]
        return [
            entry
            for zone in {booking.zone_id for booking in taking}
            for entry in self.waiting(zone, now)
            if self.must_have(entry, now)
        ]

    def _is_taking(self, booking: Booking) -> bool:
        had = self.taken[booking.zone_id, booking.number].get(booking.booking_id)
        return had != booking.occupied

    def _none_is_passed_by(
        self, could: list[Entry], offered: dict[str, Entry], now: datetime
    ) -> None:
        for entry in could:
            served = entry.entry_id in offered or self.entries[entry.entry_id] != entry
            assert served or self.can_have(entry, now), ("passed by", entry)

    def _one_claim_one_booking(self, change: Change) -> None:
        made = {b.booking_id for b in _bookings(change) if b.version == 1}
        claims = [e for e in _entries(change) if e.status is EntryStatus.CLAIMED]
        assert {entry.booking_id for entry in claims} <= made, (claims, made)
        known = [e.booking_id for e in self.entries.values() if e.booking_id is not None]
        assert len(known) == len(set(known)), known


def _stands(entry: Entry, zone: str, now: datetime) -> bool:
    """Whether it has a running offer in the zone."""
    return entry.zone_id == zone and entry.lapses_at is not None and now < entry.lapses_at


def _entries(change: Change) -> list[Entry]:
    return [record for record in change.saves if isinstance(record, Entry)]


def _bookings(change: Change) -> list[Booking]:
    return [record for record in change.saves if isinstance(record, Booking)]


def _apart(place: Place, taken: dict[str, Interval]) -> None:
    ordered = sorted((interval, holder) for holder, interval in taken.items())
    for (one, holder), (other, rival) in pairwise(ordered):
        assert not one.overlaps(other), (place, holder, one, rival, other)
