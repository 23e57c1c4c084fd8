"""What holds of the store at every moment: the tables of bookings, sheets, ledger, tallies and
outbox are read and held against each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import get_args

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import LIVE, STEPS, Status, Step, require_step
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.operations import day_books
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.store import booking_item
from chalicelib.store import ledger as ledger_store
from chalicelib.store import rooms as room_store
from chalicelib.store import sheets as sheet_store
from chalicelib.store.accounts import AccountItem
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.ledger import LedgerItem
from chalicelib.store.outbox import OutboxItem
from chalicelib.store.rooms import RoomItem
from chalicelib.store.sheets import SheetItem
from chalicelib.store.tallies import TallyItem

ENDS = frozenset(step.value for step, (_, after) in STEPS.items() if after not in LIVE)
EVENTS = frozenset(get_args(EventName))
OTHER_EFFECTS = EVENTS | {
    "verify_email", "reset_password", "offer", "offer_time", "overstay", "offer_lapsed", "wait_ended",
    "address_taken", "sign_in_locked", "change_email", "email_changing", "email_changed",
    "ask_mover", "ask_gateway", "await_payment",
}  # fmt: skip
Place = tuple[str, str]
"""A zone and a number: one space."""


@dataclass(frozen=True)
class Stored:
    """Everything in the tables that belongs to bookings, by one scan of each."""

    bookings: Mapping[str, Booking]
    sheets: tuple[Sheet, ...]
    entries: tuple[LedgerEntry, ...]
    owing: Mapping[str, int]
    debts: Mapping[str, frozenset[str]]
    tallies: Mapping[tuple[str, str], int]
    effects: tuple[tuple[str, str], ...]
    rooms: tuple[Room, ...]


def read() -> Stored:
    """The present contents of the tables."""
    people = list(AccountItem.scan(AccountItem.sk == "account", consistent_read=True))
    tallies = TallyItem.scan(TallyItem.sk.startswith("tally#"), consistent_read=True)
    batches = OutboxItem.scan(OutboxItem.pk.startswith("waiting."), consistent_read=True)
    rooms = RoomItem.scan(RoomItem.pk.startswith("rooms#"), consistent_read=True)
    entries = LedgerItem.scan(LedgerItem.lines.exists(), consistent_read=True)
    sheets = SheetItem.scan(SheetItem.pk.startswith("sheets#"), consistent_read=True)
    return Stored(
        bookings={booking.booking_id: booking for booking in map(_booking, _booking_items())},
        sheets=tuple(map(sheet_store.from_item, sheets)),
        entries=tuple(map(ledger_store.from_item, entries)),
        owing={person.pk: int(person.owing) for person in people},
        debts={person.pk: frozenset(person.debts or ()) for person in people},
        tallies={(t.pk, t.sk.removeprefix("tally#")): int(t.n) for t in tallies},
        effects=tuple((row["name"], row["subject_id"]) for item in batches for row in item.effects),
        rooms=tuple(map(room_store.from_item, rooms)),
    )


def _booking_items() -> Iterable[BookingItem]:
    stands = ~BookingItem.pk.startswith("codes/") & (BookingItem.sk < "a")
    return BookingItem.scan(stands, consistent_read=True)


def _booking(item: BookingItem) -> Booking:
    """The booking of an item, which is in the due index with all its attributes or not at all."""
    parts: tuple[object, ...] = (item.due_kind, item.due_shard, item.due_at)
    is_unpaid = (item.due_shard or "").startswith("unpaid/") and item.due_kind is None
    assert is_unpaid == (item.payment == "due"), item
    assert all(parts) or parts == (None, None, None) or is_unpaid, parts
    return booking_item.from_item(item)


def check(now: datetime, *, posted: Counter[tuple[str, str]] | None = None) -> Stored:
    """Check everything stored, and return it; `posted` are all effects of the past, where some have
    left the outbox already. Raises AssertionError."""
    stored = read()
    waiting = Counter(stored.effects)
    assert posted is None or waiting <= posted
    for booking in stored.bookings.values():
        _one_deadline(booking)
        _one_way(booking)
        _nothing_hangs_on_what_is_over(booking)
    _sheets_show_the_live(stored)
    _one_holder_at_a_time(stored.sheets)
    _one_stay_at_a_time(stored.bookings.values(), now)
    _money(stored)
    _tallies(stored)
    _each_mail_once(stored, waiting if posted is None else posted)
    _overstays_are_noticed_once(stored, waiting if posted is None else posted)
    _rooms_name_who_is_inside(stored)
    return stored


def _one_deadline(booking: Booking) -> None:
    assert (booking.deadline is not None) == booking.is_live, booking


def _rooms_name_who_is_inside(stored: Stored) -> None:
    """A room with a record names exactly the stay that is in it."""
    stays = (b for b in stored.bookings.values() if b.status is Status.ACTIVE)
    inside = {stay.space_id: stay.booking_id for stay in stays}
    for room in stored.rooms:
        assert (room.condition is Condition.OCCUPIED) == room.is_occupied, room
        assert room.booking_id == inside.get(room.space_id), room


def _one_way(booking: Booking) -> None:
    """A booking is made once, entered and ended at most once, and its times are in order."""
    whats = Counter(entry.what for entry in booking.timeline)
    assert (whats["created"], whats["checked_in"] <= 1) == (1, True), booking.timeline
    ends = sum(whats[end] for end in ENDS) - _had_again(booking)
    assert ends == (not booking.is_live), booking.timeline
    assert _after_its_steps(booking) is booking.status, booking.timeline
    inside = booking.status in (Status.ACTIVE, Status.COMPLETED)
    assert (booking.actual_start is not None) == bool(whats["checked_in"]), booking
    assert not inside or booking.actual_start is not None, booking
    if booking.actual_end is not None:
        assert booking.actual_start is not None
        assert booking.actual_start <= booking.actual_end, booking


def _after_its_steps(booking: Booking) -> Status:
    """Where the steps on its timeline lead, one after the other. Raises the refusal of a step that
    was not legal."""
    steps = [Step(entry.what) for entry in booking.timeline if entry.what in {*Step}]
    awaits_fee = bool(booking.payments) and booking.payments[0].purpose == "fee"
    is_hold = awaits_fee or booking.status is Status.PENDING or Step.LAPSE in steps
    status = Status.PENDING if is_hold else Status.BOOKED
    for before, step in zip([None, *steps], steps, strict=False):
        has_again = (before, step) == (Step.LAPSE, Step.PAY)
        status = require_step(step, Status.PENDING if has_again else status)
    return status


def _awaits_fee(booking: Booking) -> bool:
    """Whether it holds its space until its fee is paid. The hold of a group has no fee."""
    return booking.status is Status.PENDING and bool(booking.payments)


def _had_again(booking: Booking) -> int:
    """1 where a hold has lapsed, and its payment came late and booked it again."""
    whats = [entry.what for entry in booking.timeline if entry.what in {*Step}]
    return sum(pair == (Step.LAPSE, Step.PAY) for pair in pairwise(whats))


def _nothing_hangs_on_what_is_over(booking: Booking) -> None:
    """A stay that has ended has no open attachment, no phone and no guest in the space."""
    inside = booking.status is Status.ACTIVE
    assert booking.guests_in == (booking.number if inside else None), booking
    if booking.actual_end is not None:
        assert not any(each.is_open for each in booking.attachments), booking.attachments
        assert {e.ref for e in booking.attachments if e.kind == "push_token"} <= {""}, booking


def _sheets_show_the_live(stored: Stored) -> None:
    """A sheet holds an interval if and only if its booking is live, on every day it touches; that
    of a noticed overstay is on two more, which are later."""
    shown: dict[tuple[str, Place], set[str]] = defaultdict(set)
    for sheet in stored.sheets:
        for holder in sheet.taken.keys() - sheet.lapses.keys():
            shown[holder, (sheet.zone_id, sheet.number)].add(sheet.day)
    holds = {sheet_holder for sheet in stored.sheets for sheet_holder in sheet.lapses}
    live = [b for b in stored.bookings.values() if b.is_live and not _awaits_fee(b)]
    for booking in stored.bookings.values():
        assert (booking.holder in holds) == _awaits_fee(booking), booking
    due = {
        (booking.holder, (booking.zone_id, booking.number)): {
            *booking.paging.pages(booking.occupied),
            *_pages_of_overstay(booking),
        }
        for booking in live
    }
    assert shown == due
    held = _held(stored.sheets)
    marked = {h for sheet in stored.sheets for h in sheet.provisional}
    for booking in live:
        if booking.status is not Status.ACTIVE:
            assert (booking.holder in marked) == booking.is_space_provisional, booking
        taken = held[booking.zone_id, booking.number][booking.holder]
        assert taken == booking.occupied, (taken, booking)


def _pages_of_overstay(booking: Booking) -> set[str]:
    """The day that begins then and the day before, or the months."""
    if booking.listed_through is None:
        return set()
    assert booking.listed_through > booking.booked.end, booking
    assert booking.status is Status.ACTIVE, booking
    last = booking.listed_through
    return {booking.paging.page_of(at) for at in (last, last - timedelta(hours=1))}


def _overstays_are_noticed_once(stored: Stored, mails: Counter[tuple[str, str]]) -> None:
    """The timeline says so at the booked end; the desk has at most one mail for each."""
    for booking in stored.bookings.values():
        noticed = [entry.at for entry in booking.timeline if entry.what == "overstayed"]
        assert len(set(noticed)) == len(noticed), booking.timeline
        assert (booking.listed_through is None) or noticed[-1] == booking.booked.end, booking
        about = [of for name, of in mails if name == "overstay" and booking.booking_id in of]
        assert len(about) in (0, len(noticed)), (booking, about)
        assert all(mails["overstay", each] == 1 for each in about), about


def _held(sheets: Iterable[Sheet]) -> dict[Place, dict[str, Interval]]:
    by_zone: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        by_zone[sheet.zone_id].append(sheet)
    return {
        (zone, number): taken
        for zone, of_zone in by_zone.items()
        for number, taken in occupancy.held(of_zone).items()
    }


def _one_holder_at_a_time(sheets: Iterable[Sheet]) -> None:
    for place, taken in _held(sheets).items():
        _apart(place, taken)


def _one_stay_at_a_time(bookings: Iterable[Booking], now: datetime) -> None:
    """No two stays were in one space at one instant."""
    stays: dict[Place, dict[str, Interval]] = defaultdict(dict)
    for booking in bookings:
        for nth, (number, since, until) in enumerate(_where(booking, now)):
            if until > since:
                who = f"{booking.booking_id}.{nth}"
                stays[booking.zone_id, number][who] = Interval(since, until)
    for place, taken in stays.items():
        _apart(place, taken)


def _where(booking: Booking, now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """The spaces of a stay, each with its time, last first: staff may assign another one during the
    stay, as the timeline shows."""
    if booking.actual_start is None:
        return
    number, until = booking.number, booking.actual_end or _inside_until(booking, now)
    for entry in reversed(booking.timeline):
        if entry.what == "checked_in":
            break
        if entry.what == "room_assigned":
            yield number, entry.at, until
            number, until = entry.note.partition(" to ")[0], entry.at
    yield number, booking.actual_start, until


def _inside_until(booking: Booking, now: datetime) -> datetime:
    """The end of a stay so far: at an auto-checkout it is over, even if it is not settled yet."""
    assert booking.deadline is not None
    ends = booking.deadline.kind is DeadlineKind.AUTO_CHECKOUT
    return min(now, booking.deadline.at) if ends else now


def _apart(place: Place, taken: Mapping[str, Interval]) -> None:
    ordered = sorted((interval, holder) for holder, interval in taken.items())
    for (one, holder), (other, rival) in pairwise(ordered):
        assert not one.overlaps(other), (place, holder, one, rival, other)


def _money(stored: Stored) -> None:
    """Every entry adds up to zero; the books of each site agree with its bookings, and cash is what
    was paid by hand."""
    own: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in stored.entries:
        assert sum(line.minor for line in entry.lines) == 0
        own[entry.booking_id].append(entry)
    assert own.keys() <= stored.bookings.keys()
    for site in {booking.site for booking in stored.bookings.values()}:
        of_site = [booking for booking in stored.bookings.values() if booking.site == site]
        entries = [entry for booking in of_site for entry in own[booking.booking_id]]
        assert day_books.faults_of_site(site, of_site, entries) == ()
    for booking in stored.bookings.values():
        online = sum(payment.received for payment in booking.payments)
        cash = booking.paid - online - booking.by_hand
        assert books.sums(own[booking.booking_id])[ledger.CASH] == cash, booking
        assert booking.kept >= 0, booking


def _is_owed(booking: Booking) -> bool:
    return booking.payment_status == "due"


def _tallies(stored: Stored) -> None:
    owing = Counter(b.locator for b in stored.bookings.values() if b.user_id and _is_owed(b))
    assert {who: n for who, n in stored.owing.items() if n} == dict(owing)
    for who, debts in stored.debts.items():
        assert debts == {
            f"{b.site}/{b.booking_id}"
            for b in stored.bookings.values()
            if b.user_id == f"US{who}" and _is_owed(b)
        }
    live = (b for b in stored.bookings.values() if b.is_live and b.counted)
    counted = Counter((b.locator, f"quota.{b.zone_id}") for b in live)
    for booking in stored.bookings.values():
        for name, by in booking.counts:
            counted[booking.locator, name] += by
        counted.update(booking.redeemed)
    assert {which: n for which, n in stored.tallies.items() if n} == dict(counted)


def _last_step(booking: Booking) -> str:
    """The last step of its stay on the timeline; money may have moved since."""
    whats = [entry.what for entry in booking.timeline if entry.what in {*Step}]
    return whats[-1] if whats else ""


def _was_ever_made(booking: Booking) -> bool:
    """Whether it was more than a hold whose fee is to be paid."""
    is_paid = any(entry.what == Step.PAY for entry in booking.timeline)
    is_hold = bool(booking.payments) and booking.payments[0].purpose == "fee"
    return is_paid or not is_hold


def _each_mail_once(stored: Stored, mails: Counter[tuple[str, str]]) -> None:
    for booking in stored.bookings.values():
        alone = booking.has_mailbox and booking.group_id is None
        was_made = alone and _was_ever_made(booking)
        assert mails["booking_confirmed", booking.booking_id] == was_made, booking
        ended = booking.has_mailbox and booking.status is Status.COMPLETED
        sent = mails["stay_ended", booking.booking_id] + mails["stay_over", booking.booking_id]
        assert sent == ended, booking
        asked = sum(entry.what == "reminded" for entry in booking.timeline)
        assert mails["reminder", booking.booking_id] == asked, booking
        if booking.group_id is None:
            sent = mails["booking_cancelled", booking.booking_id]
            cancelled = _last_step(booking) == "cancelled"
            assert sent == (booking.has_mailbox and cancelled), booking
        expired = booking.has_mailbox and _last_step(booking) == "expired"
        assert mails["booking_expired", booking.booking_id] == expired, booking
        terminated = booking.has_mailbox and _last_step(booking) == "terminated"
        assert mails["stay_terminated", booking.booking_id] == terminated, booking
        if booking.news is not None:
            changed = f"{booking.booking_id}/{booking.news.name}"
            assert mails["booking_changed", changed] == 1, booking
        given_up = booking.has_mailbox and booking.auto_cancel is not None
        assert mails["auto_cancelled", booking.booking_id] == given_up, booking
    made = {b.group_id for b in stored.bookings.values() if b.has_mailbox and b.was_made}
    confirmed = Counter(of for name, of in mails.elements() if name == "group_confirmed")
    assert confirmed == Counter(group_id for group_id in made if group_id is not None)
    known = {subject.partition("/")[0] for name, subject in mails if name not in OTHER_EFFECTS}
    assert known <= set(stored.bookings) | made
