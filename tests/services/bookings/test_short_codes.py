"""Staff find a booking by the code that its guest says, in every trade, for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.change import saving
from chalicelib.services.accounts import erasure
from chalicelib.services.bookings import bookings, lists, reschedule, short_codes
from chalicelib.services.bookings.lists import Filters
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import search
from chalicelib.store.short_codes import MovedCodeItem
from local.metering import Meter
from tests import builders
from tests.client import Client
from tests.clock import NOON, Clock
from tests.hotel import Hotel
from tests.world import PASSWORD, World

pytestmark = pytest.mark.engine2

DAY = timedelta(days=1)


def ids_of(found: tuple[Booking, ...]) -> list[str]:
    return [booking.booking_id for booking in found]


def searched(world: World, text: str, site: str = "central") -> list[str]:
    return ids_of(search.search(world.deps, world.admin, site, text).bookings)


def moved_to(world: World, booking: Booking, **edit: object) -> Booking:
    return reschedule.modify(world.deps, world.user, booking.booking_id, BookingEdit(**edit))  # type: ignore[arg-type]


@pytest.mark.parametrize("trade", ["parking", "hall", "room"])
def test_the_desk_finds_a_booking_by_its_code_in_every_trade(
    world: World, clock: Clock, trade: str
) -> None:
    if trade == "room":
        booking = Hotel(world, clock).book_nights("2026-12-24", None)
    else:
        booking = world.book_hall() if trade == "hall" else world.book(start=NOON + 40 * DAY)
    typed = booking.code.replace("-", " ").lower()
    for text in (booking.code, typed, booking.code.replace("0", "O").replace("1", "l")):
        assert searched(world, text, booking.site) == [booking.booking_id]


def test_a_code_is_found_long_after_the_stay_and_long_before_it(world: World, clock: Clock) -> None:
    booking = world.book(start=NOON + 80 * DAY)
    assert searched(world, booking.code) == [booking.booking_id]
    clock.move(days=80 + 1023)
    assert searched(world, booking.code) == [booking.booking_id]


def test_a_booking_keeps_its_code_and_is_found_by_it_wherever_it_moves(
    world: World, meter: Meter
) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    for days in (9, 20, 2, 5):
        there = moved_to(world, booking, start=NOON + days * DAY)
        assert there.code == world.read(booking).code == booking.code
        assert searched(world, booking.code) == [booking.booking_id]


def test_a_move_within_the_day_writes_no_record_and_the_first_to_another_day_one(
    world: World,
) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    moved_to(world, booking, start=NOON + 2 * DAY + timedelta(hours=3))
    assert _records(world, booking) == 0
    moved_to(world, booking, start=NOON + 3 * DAY)
    moved_to(world, booking, start=NOON + 4 * DAY)
    assert _records(world, booking) == 1


def _records(world: World, booking: Booking) -> int:
    kept = MovedCodeItem.query("codes/central")
    return len([item for item in kept if item.booking_id == booking.booking_id])


def test_the_record_of_a_moved_code_expires_when_codes_of_its_day_come_again(world: World) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    moved_to(world, booking, start=NOON + 3 * DAY)
    (record,) = MovedCodeItem.query("codes/central")
    first = (NOON + 2 * DAY).replace(hour=0, minute=0)
    assert record.ttl == int((first + 1024 * DAY).timestamp())


def test_no_list_of_bookings_takes_the_record_of_a_code_for_a_booking(world: World) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    moved_to(world, booking, start=NOON + 3 * DAY)
    (record,) = MovedCodeItem.query("codes/central")
    assert record.sk[0].islower()
    found = lists.own(world.deps, world.user, Filters(), limit=20, after=None)
    assert ids_of(found.records) == [booking.booking_id]


def test_a_booking_that_has_moved_into_a_day_is_not_found_by_the_code_of_that_day(
    world: World,
) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    moved_to(world, booking, start=NOON + 3 * DAY)
    other = replace(world.read(booking), first_day=None).code
    assert short_codes.find(world.deps, "central", other) == ()


def test_all_bookings_with_one_code_are_shown(world: World) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    twin = replace(
        booking,
        booking_id=f"BKTW1NTW1N1NG1QR0{booking.booking_id[-4:]}",
        user_id=None,
        number="A-003",
        version=1,
        before=None,
    )
    world.deps.commit(saving(twin))
    assert twin.code == booking.code
    assert {*searched(world, booking.code)} == {booking.booking_id, twin.booking_id}


def test_a_code_names_bookings_of_its_site_only(world: World) -> None:
    world.add_site("north")
    booking = world.book()
    assert searched(world, booking.code, "north") == []


def test_a_name_of_six_letters_is_searched_as_a_name_too(world: World) -> None:
    booking = world.book(owner_name="Martin Egan")
    assert searched(world, "Martin") == [booking.booking_id]


def test_an_ended_booking_is_found_and_one_whose_person_was_erased(world: World) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    moved_to(world, booking, start=NOON + 3 * DAY)
    bookings.cancel(world.deps, world.user, booking.booking_id)
    erasure.erase_me(world.deps, world.user, password=PASSWORD, source_ip="203.0.113.9")
    (found,) = search.search(world.deps, world.staff, "central", booking.code).bookings
    assert (found.booking_id, found.details.vehicle_number) == (booking.booking_id, None)


def test_a_code_costs_the_same_however_many_bookings_other_days_have(
    world: World, meter: Meter
) -> None:
    booking = world.book(start=NOON + 2 * DAY)
    searched(world, booking.code)
    costs = []
    for first in (0, 80, 160):
        world.deps.commit(saving(*(_another_day(number) for number in range(first, first + 80))))
        meter.reset()
        assert ids_of(short_codes.find(world.deps, "central", booking.code)) == [booking.booking_id]
        seen = meter.snapshot()
        costs.append((seen.requests, seen.read_units))
    assert costs[0] == costs[1] == costs[2]
    assert costs[0][0] == {"Query": 3, "BatchGetItem": 1}


def _another_day(number: int) -> Booking:
    made = builders.a_booking(
        booking_id=f"BK{ids.locator(number)}1NG1QR00005", user_id=None, now=NOON - 30 * DAY
    )
    return replace(made, status=Status.COMPLETED, deadline=None)


# -- over HTTP -------------------------------------------------------------------------------------


def test_staff_list_the_bookings_with_a_code(world: World) -> None:
    booking, _ = world.book(start=NOON + 2 * DAY), world.book(start=NOON + 2 * DAY)
    client = Client(world)
    made = client.by(world.user).get(f"/api/bookings/{booking.booking_id}")
    assert made.body["code"] == booking.code
    typed = booking.code.lower().replace("-", "%20")
    listed = client.by(world.staff).get(f"/api/bookings?site=central&code={typed}")
    assert [each["booking_id"] for each in listed.body["items"]] == [booking.booking_id]


def test_a_list_by_code_takes_the_other_filters_too(world: World) -> None:
    booking = world.book()
    url = f"/api/bookings?site=central&code={booking.code}&status="
    client = Client(world).by(world.staff)
    assert len(client.get(f"{url}booked").body["items"]) == 1
    assert client.get(f"{url}cancelled").body["items"] == []


def test_customers_get_only_their_own_bookings_by_a_code(world: World) -> None:
    booking, client = world.book(), Client(world)
    url = f"/api/bookings?code={booking.code}"
    assert len(client.by(world.user).get(url).body["items"]) == 1
    assert client.by(world.other).get(url).body["items"] == []
    assert client.by(world.other).get(f"{url}&site=central").status == 403


def test_a_text_that_is_no_code_is_refused_by_the_list(world: World) -> None:
    answer = Client(world).by(world.staff).get("/api/bookings?site=central&code=9A-7U3R")
    assert (answer.status, [*answer.body["error"]["fields"]]) == (400, ["code"])


def test_a_code_is_no_id_and_no_pass(world: World) -> None:
    booking = world.book()
    with pytest.raises(errors.BookingNotFound):
        bookings.get(world.deps, world.user, booking.code)
    for path in (f"/api/bookings/{booking.code}", f"/api/bookings/{booking.code}/qr.svg"):
        assert Client(world).by(world.user).get(path).status == 404
    with pytest.raises(errors.UnknownCode):
        world.deps.tokens.read_qr(booking.code)
