"""What time has ended is in nobody's way, also before a sweep has come by: each door settles it
before it refuses (docs/rules/lifecycle.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.accounts.api_key import ApiKey
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import KeyScope
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.imports.bookings import OldBooking
from chalicelib.domain.imports.imported import OldId
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Space
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.accounts import api_keys, erasure
from chalicelib.services.bookings import (
    attachments,
    availability,
    book_group,
    bookings,
    confirmations,
    renewal,
    reschedule,
    settle,
)
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import assign_room, bulk, swap_rooms, walk_ins
from chalicelib.services.front_desk.bulk_result import Outcome
from chalicelib.services.imports import bookings as imports
from chalicelib.services.sites import blackout_bookings, blackouts, catalogue, closing
from chalicelib.services.sites.blackouts import ClosureRequest
from chalicelib.services.stays import check_in
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import builders
from tests.clock import Clock
from tests.hotel import GUEST, Hotel
from tests.wording import english, refuses
from tests.world import World

HERE = "203.0.113.7"
HOUR = timedelta(hours=1)
RULES = Policy(
    no_show_after=30, auto_checkout_after=60, quota_per_user=1, advance_window=30,
    early_check_in=60,
)  # fmt: skip


@dataclass
class Lot:
    """A car park with one space. `over` has it for three hours and is over by the rules of the
    zone, which nothing has applied yet."""

    world: World
    clock: Clock
    over: Booking

    @property
    def deps(self) -> Any:
        return self.world.deps

    def book(self, actor: Any = None, **wishes: Any) -> Booking:
        return self.world.book(actor or self.world.other, "lot", **wishes)

    def ended(self) -> bool:
        return not self.world.read(self.over).is_live


def _no_show(world: World, clock: Clock) -> Booking:
    booking = world.book(world.user, "lot", minutes=180)
    clock.move(minutes=45)
    return booking


def _auto_checkout(world: World, clock: Clock) -> Booking:
    booking = world.enter(world.book(world.user, "lot", minutes=180))
    clock.move(minutes=75)
    return booking


@pytest.fixture(params=[_no_show, _auto_checkout], ids=["no-show", "auto-checkout"])
def lot(request: pytest.FixtureRequest, world: World, clock: Clock) -> Lot:
    world.add_zone("lot", RULES, spaces=1, tariff=builders.FREE)
    return Lot(world, clock, request.param(world, clock))


# -- space ---------------------------------------------------------------------------------------


def _book(lot: Lot) -> None:
    assert lot.book(minutes=60).number == "A-001"


def _book_by_name(lot: Lot) -> None:
    assert lot.book(number="A-001", minutes=60).is_live


def _walk_in(lot: Lot) -> None:
    order = Order("lot", minutes=60)
    assert bookings.walk_in(lot.deps, lot.world.staff, order).number == "A-001"


def _book_a_series(lot: Lot) -> None:
    lot.world.change_zone(
        lot.deps.catalogue.zone("lot"), policy=replace(RULES, quota_per_user=None)
    )
    order = Order("lot", minutes=60, repeat=Repeat("week", times=2))
    assert len(book_group.book(lot.deps, lot.world.other, order).bookings) == 2


def _move_into_its_time(lot: Lot) -> None:
    later = lot.book(start=lot.over.booked.end, minutes=60)
    edit = BookingEdit(start=lot.clock.now() + timedelta(minutes=5))
    assert reschedule.modify(lot.deps, lot.world.other, later.booking_id, edit).is_live


def _come_early(lot: Lot) -> None:
    later = lot.book(start=lot.over.booked.end, minutes=60)
    lot.clock.set(lot.over.booked.end - timedelta(minutes=30))
    assert lot.world.enter(later).status is Status.ACTIVE


def _renew(lot: Lot) -> None:
    if lot.world.read(lot.over).status is Status.ACTIVE:
        again = renewal.renew(lot.deps, lot.world.user, lot.over.booking_id)
        assert (again.number, again.booked.start) == ("A-001", lot.clock.now())
    else:
        with pytest.raises(errors.AlreadyEnded):
            renewal.renew(lot.deps, lot.world.user, lot.over.booking_id)


def _bring_a_booking_over(lot: Lot) -> None:
    old = OldBooking(
        OldId("parking", "booking", "77"), lot.deps.catalogue.zone("lot"), "A-001",
        Interval(lot.clock.now(), lot.clock.now() + HOUR), Status.BOOKED, lot.clock.now() - HOUR,
    )  # fmt: skip
    assert imports.bring_over(lot.deps, [old]) == 1


def _see_it_free(lot: Lot) -> None:
    assert availability.of_interval(lot.deps, "lot", start=None, end=None).free == ("A-001",)


# -- the line ------------------------------------------------------------------------------------


def _wish(lot: Lot) -> WaitlistRequest:
    start = lot.clock.now() + timedelta(minutes=1)
    return WaitlistRequest("lot", None, start, start + HOUR)


def _wait_for_free_time(lot: Lot) -> None:
    with pytest.raises(errors.StillFree):
        entries.join(lot.deps, lot.world.other, _wish(lot))


def _wait_for_own_time(lot: Lot) -> None:
    with pytest.raises(errors.StillFree):
        entries.join(lot.deps, lot.world.user, _wish(lot))


# -- the quota -----------------------------------------------------------------------------------


def _book_within_the_quota(lot: Lot) -> None:
    assert lot.book(lot.world.user, start=lot.over.booked.end, minutes=60).is_live


def _book_two_within_the_quota(lot: Lot) -> None:
    lot.deps.commit(saving(Space("lot", "A-002"), Space("lot", "A-003")))
    lot.world.change_zone(lot.deps.catalogue.zone("lot"), policy=replace(RULES, quota_per_user=2))
    order = Order("lot", start=lot.over.booked.end, minutes=60, quantity=2)
    assert len(book_group.book(lot.deps, lot.world.user, order).bookings) == 2


def _book_a_series_within_the_quota(lot: Lot) -> None:
    lot.world.change_zone(lot.deps.catalogue.zone("lot"), policy=replace(RULES, quota_per_user=2))
    order = Order("lot", start=lot.over.booked.end, minutes=60, repeat=Repeat("week", times=2))
    assert len(book_group.book(lot.deps, lot.world.user, order).bookings) == 2


def _book_without_a_proved_address(lot: Lot) -> None:
    account = lot.deps.accounts.get(lot.world.user.account_id)
    lot.deps.commit(saving(replace(account, verified=False, version=account.version + 1)))
    lot.deps.accounts.forget_all()
    for zone in ("one", "two"):
        lot.world.add_zone(zone, builders.METERED, spaces=1, tariff=builders.FREE)
        assert lot.world.book(lot.world.user, zone).is_live


# -- owners --------------------------------------------------------------------------------------


def _close_the_space(lot: Lot) -> None:
    closing.close_space(lot.deps, lot.world.owner, "lot.A-001", source_ip=HERE)
    assert lot.deps.catalogue.fresh_space("lot", "A-001").closed_at is not None


def _see_what_is_open(lot: Lot) -> None:
    found = closing.open_in_zone(lot.deps, lot.world.owner, "lot")
    assert found.bookings == ()


def _change_the_timezone(lot: Lot) -> None:
    site = lot.deps.catalogue.fresh_site("central")
    long_ago = lot.clock.now() - timedelta(days=1)
    lot.deps.commit(saving(site.evolve(active=False, inactive_since=long_ago)))
    dublin = {"timezone": "Europe/Dublin"}
    edited = catalogue.edit_site(lot.deps, lot.world.owner, "central", dublin, source_ip=HERE)
    assert edited.record.timezone == "Europe/Dublin"


def _count_bookings_in_a_blackout(lot: Lot) -> None:
    start = lot.clock.now() + timedelta(minutes=1)
    request = ClosureRequest("lot", None, start, start + HOUR)
    closure = blackouts.create(lot.deps, lot.world.owner, request, source_ip=HERE)
    affected, _ = blackout_bookings.on_creation(lot.deps, lot.world.owner, closure, "keep")
    assert (affected.count, affected.first.records) == (0, ())


def _count_bookings_outside_new_limits(lot: Lot) -> None:
    rules = {"policy": {"max_duration": 60}}
    edited = catalogue.edit_zone(lot.deps, lot.world.owner, "lot", rules, source_ip=HERE)
    assert edited.affected is not None
    assert (edited.affected.count, edited.affected.first.records) == (0, ())


# -- people --------------------------------------------------------------------------------------


def _erase_the_account(lot: Lot) -> None:
    user = lot.world.user
    erasure.erase(lot.deps, user.account_id, by=user, action="erase_me", source_ip=HERE)
    assert lot.deps.accounts.get(user.account_id).erased


def _scan_at_the_gate(lot: Lot) -> None:
    key, text = api_keys.create(
        lot.deps, lot.world.owner, "central", "North gate", KeyScope.SCANS, source_ip=HERE
    )
    assert isinstance(key, ApiKey)
    assert text is not None
    device = api_keys.authenticate(lot.deps, text, source_ip=HERE)
    code = lot.deps.tokens.qr(lot.over)
    with pytest.raises(errors.AlreadyEnded):
        check_in.scan_entry(lot.deps, device, code, plate=None)


def _cancel(lot: Lot) -> None:
    with pytest.raises(errors.AlreadyEnded):
        bookings.cancel(lot.deps, lot.world.user, lot.over.booking_id)


def _confirm(lot: Lot) -> None:
    with pytest.raises(errors.AlreadyEnded):
        confirmations.confirm(lot.deps, lot.world.user, lot.over.booking_id)


def _change_the_plate(lot: Lot) -> None:
    with pytest.raises(errors.AlreadyEnded):
        reschedule.modify(lot.deps, lot.world.user, lot.over.booking_id, BookingEdit(minutes=240))


def _terminate(lot: Lot) -> None:
    with pytest.raises(errors.IllegalTransition):
        bookings.terminate(lot.deps, lot.world.admin, lot.over.booking_id, reason="fire")


def _attach(lot: Lot) -> None:
    with pytest.raises(errors.Conflict):
        attachments.attach(lot.deps, lot.world.staff, lot.over.booking_id, "order", "breakfast")


DOORS: dict[str, Callable[[Lot], None]] = {
    "a booking": _book,
    "a booking of the space": _book_by_name,
    "a walk-in": _walk_in,
    "a series": _book_a_series,
    "a move": _move_into_its_time,
    "an early guest": _come_early,
    "a renewal": _renew,
    "an import": _bring_a_booking_over,
    "the free spaces": _see_it_free,
    "waiting": _wait_for_free_time,
    "waiting for one's own time": _wait_for_own_time,
    "the quota": _book_within_the_quota,
    "the quota of a group": _book_two_within_the_quota,
    "the quota of a series": _book_a_series_within_the_quota,
    "an address that is not proved": _book_without_a_proved_address,
    "closing a space": _close_the_space,
    "what is open in a zone": _see_what_is_open,
    "another timezone": _change_the_timezone,
    "the count of a blackout": _count_bookings_in_a_blackout,
    "the count of new limits": _count_bookings_outside_new_limits,
    "an erasure": _erase_the_account,
    "a device at the gate": _scan_at_the_gate,
    "a cancellation": _cancel,
    "a confirmation": _confirm,
    "a change": _change_the_plate,
    "a termination": _terminate,
    "an attachment": _attach,
}


@pytest.mark.parametrize("door", DOORS)
def test_what_time_has_ended_is_ended_at_every_door(door: str, lot: Lot) -> None:
    DOORS[door](lot)
    assert lot.ended()


def _not_entered(world: World, clock: Clock) -> None:
    world.book(world.user, "lot", minutes=180)
    clock.move(minutes=20)


def _entered(world: World, clock: Clock) -> None:
    world.enter(world.book(world.user, "lot", minutes=180))
    clock.move(minutes=50)


@pytest.mark.parametrize("begin", [_not_entered, _entered], ids=["no-show", "auto-checkout"])
def test_what_time_has_ended_counts_in_no_quota_of_a_claim(
    begin: Callable[[World, Clock], None], world: World, clock: Clock
) -> None:
    """The offer is made before that time and claimed after it."""
    world.add_zone("lot", RULES, spaces=1, tariff=builders.FREE)
    begin(world, clock)
    start = clock.now() + 5 * HOUR
    taken = world.book(world.other, "lot", start=start, minutes=60)
    wish = WaitlistRequest("lot", None, start, start + HOUR)
    entry = entries.join(world.deps, world.user, wish)
    bookings.cancel(world.deps, world.other, taken.booking_id)
    clock.move(minutes=11)
    assert world.deps.waitlist.get(entry.entry_id).status is EntryStatus.OFFERED
    assert entries.claim(world.deps, world.user, entry.entry_id, NO_DETAILS).is_live


# -- rooms ---------------------------------------------------------------------------------------


@dataclass
class Rooms:
    """A hotel with two rooms. `over` has room 101 and is over by the rules of the zone, which
    nothing has applied yet; at its end the guest of `next` arrives there."""

    hotel: Hotel
    over: Booking
    next: Booking

    @property
    def condition(self) -> Condition:
        return self.hotel.room().condition


def _guest_not_come(world: World, clock: Clock) -> Rooms:
    hotel = Hotel(world, clock, rooms=2, no_show_after=120)
    over = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    later = hotel.book_for("Ann", "2026-12-26", "2026-12-27", number="101")
    hotel.at("2026-12-24", "17:30")
    return Rooms(hotel, over, later)


def _guest_gone(world: World, clock: Clock) -> Rooms:
    hotel = Hotel(world, clock, rooms=2, auto_checkout_after=1, overstay_grace=0)
    over = hotel.book_nights("2026-12-24", "2026-12-25", number="101")
    later = hotel.book_for("Ann", "2026-12-25", "2026-12-27", number="101")
    hotel.at("2026-12-24", "15:30")
    hotel.check_in(over)
    hotel.at("2026-12-25", "15:05")
    return Rooms(hotel, over, later)


@pytest.fixture(params=[_guest_not_come, _guest_gone], ids=["no-show", "auto-checkout"])
def rooms(request: pytest.FixtureRequest, world: World, clock: Clock) -> Rooms:
    made: Rooms = request.param(world, clock)
    return made


def _let_somebody_in(rooms: Rooms) -> None:
    """The night before the next guest; in a room that time has just emptied, as it is."""
    if rooms.condition is Condition.OCCUPIED:
        bookings.cancel(rooms.hotel.deps, rooms.hotel.staff, rooms.next.booking_id)
    order = Order("rooms", "101", nights=1, details=BookingDetails(guests=(GUEST,)))
    deps, staff = rooms.hotel.deps, rooms.hotel.staff
    made = walk_ins.walk_in(deps, staff, "hotel", order, override="asked to")
    assert (made.number, made.status) == ("101", Status.ACTIVE)


def _give_its_room(rooms: Rooms) -> None:
    if rooms.condition is Condition.OCCUPIED:
        bookings.cancel(rooms.hotel.deps, rooms.hotel.staff, rooms.next.booking_id)
    other = rooms.hotel.book_nights(*_tonight(rooms), number="102")
    deps, staff = rooms.hotel.deps, rooms.hotel.staff
    assert assign_room.assign(deps, staff, other.booking_id, "101").number == "101"


def _swap_with_its_room(rooms: Rooms) -> None:
    """The other guest wants to stay longer than the next one is away: in the time of `over`."""
    start, end = rooms.over.booked.start, rooms.next.booked.end
    other = rooms.hotel.book_room("102", start=max(start, rooms.hotel.clock.now()), end=end)
    pair = swap_rooms.swap(
        rooms.hotel.deps, rooms.hotel.staff, other.booking_id, rooms.next.booking_id,
        number="101", slug="hotel",
    )  # fmt: skip
    assert [each.number for each in pair] == ["101", "102"]


def _tonight(rooms: Rooms) -> tuple[str, str]:
    today = rooms.hotel.clock.now().date()
    return today.isoformat(), (today + timedelta(days=1)).isoformat()


def _let_all_in(rooms: Rooms) -> None:
    done = bulk.check_in(
        rooms.hotel.deps, rooms.hotel.staff, "hotel", ["rooms.101"], out_of_time=lambda: False
    )
    [failed] = done.failed
    if rooms.condition is Condition.READY_FOR_GUEST:
        assert isinstance(failed.refusal, errors.BookingExpired)
    else:
        assert isinstance(failed.refusal, errors.RoomNotReady)
        assert "is dirty" in english(failed.refusal)


def _send_all_out(rooms: Rooms) -> None:
    done = bulk.check_out(
        rooms.hotel.deps, rooms.hotel.staff, "hotel", ["rooms.101"], out_of_time=lambda: False
    )
    [row] = done.rows
    assert (row.outcome, row.was_cleared) == (Outcome.NOTHING, False)


def _clean(rooms: Rooms) -> None:
    to = (
        Condition.OUT_OF_SERVICE
        if rooms.condition is Condition.READY_FOR_GUEST
        else Condition.CLEANING_IN_PROGRESS
    )
    assert rooms.hotel.turn(to).condition is to
    settle.read(rooms.hotel.deps, rooms.over.booking_id)  # cleaning an empty room asks nobody


def _let_the_next_guest_in(rooms: Rooms) -> None:
    if rooms.condition is Condition.READY_FOR_GUEST:
        with pytest.raises(errors.TooEarly):
            rooms.hotel.check_in(rooms.next)
        settle.read(rooms.hotel.deps, rooms.over.booking_id)
    else:
        with refuses(errors.RoomNotReady, "is dirty"):
            rooms.hotel.check_in(rooms.next)


ROOM_DOORS: dict[str, Callable[[Rooms], None]] = {
    "a walk-in": _let_somebody_in,
    "a room assigned": _give_its_room,
    "a swap": _swap_with_its_room,
    "check-in of many": _let_all_in,
    "check-out of many": _send_all_out,
    "housekeeping": _clean,
    "the next guest": _let_the_next_guest_in,
}


@pytest.mark.parametrize("door", ROOM_DOORS)
def test_a_room_that_time_has_emptied_is_empty_at_every_door(door: str, rooms: Rooms) -> None:
    ROOM_DOORS[door](rooms)
    assert not rooms.hotel.world.read(rooms.over).is_live


def test_a_guest_who_did_not_come_hides_no_later_one_from_the_check_in_of_many(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=1, no_show_after=60, early_check_in=60)
    noon = clock.now()
    hotel.book_room("101", start=noon, end=noon + 2 * HOUR)
    later = hotel.book_room("101", start=noon + 2 * HOUR, end=noon + 4 * HOUR)
    clock.move(minutes=90)
    done = bulk.check_in(hotel.deps, hotel.staff, "hotel", ["rooms.101"], out_of_time=lambda: False)
    assert done.bookings == [later.booking_id]
