"""The desk finds the guests it looks for, of past, present and future stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS, BookingDetails, DetailsEdit, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import saving
from chalicelib.services.accounts import erasure
from chalicelib.services.bookings import book_group, bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import assign_room, search
from chalicelib.services.sites import closing
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from chalicelib.store.booking_item import BookingItem
from local.metering import Meter
from tests.clock import Clock
from tests.hotel import NIGHTLY, Hotel, day
from tests.world import PASSWORD, World

AOIFE = Guest("Aoife Byrne", email="aoife@example.com", phone="+353 1 555 0100")
WAYS = ("aoife", "Byrne", "byr", "Byrne Aoife", "aoife@example.com", "01 555 0100")


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock, rooms=("A-001", "A-002", "A-003"))


def found(hotel: Hotel, wanted: str) -> list[str]:
    answer = search.search(hotel.deps, hotel.staff, "hotel", wanted)
    return [booking.booking_id for booking in answer.bookings]


def for_aoife(hotel: Hotel, arrival: str, **wishes: object) -> Booking:
    return hotel.book_nights(arrival, None, hotel.staff, guests=(AOIFE,), **wishes)


@pytest.mark.engine2
@pytest.mark.parametrize("wanted", WAYS)
def test_a_guest_is_found_who_comes_in_months(hotel: Hotel, wanted: str) -> None:
    booking = for_aoife(hotel, "2027-02-20")
    hotel.book_for("Egan", "2027-02-20", None)
    assert found(hotel, wanted) == [booking.booking_id]


@pytest.mark.parametrize("wanted", WAYS)
def test_a_guest_is_found_who_left_long_ago(hotel: Hotel, wanted: str) -> None:
    hotel.at("2026-11-22", "15:00")
    stay = hotel.check_in(for_aoife(hotel, "2026-11-22"))
    hotel.at("2026-11-23", "09:00")
    hotel.check_out(stay)
    hotel.at("2027-05-01", "09:00")
    assert found(hotel, wanted) == [stay.booking_id]


def test_whoever_is_inside_comes_first_then_who_comes_then_who_was_there(hotel: Hotel) -> None:
    hotel.at("2026-11-22", "15:00")
    over = hotel.check_in(for_aoife(hotel, "2026-11-22", number="A-001"))
    hotel.at("2026-11-23", "10:00")
    hotel.check_out(over)
    gone = for_aoife(hotel, "2026-11-25")
    bookings.cancel(hotel.deps, hotel.staff, gone.booking_id)
    later, soon = for_aoife(hotel, "2027-02-20"), for_aoife(hotel, "2027-01-10")
    inside = hotel.check_in(for_aoife(hotel, "2026-11-23", number="A-003", start=None, nights=9))
    expected = [each.booking_id for each in (inside, soon, later, gone, over)]
    assert found(hotel, "Byrne") == expected


def test_who_only_comes_along_is_found_while_the_party_is_there_or_about_to_come(
    hotel: Hotel,
) -> None:
    party = (AOIFE, Guest("Seán Murphy"))
    booking = hotel.book_nights("2026-12-24", "2027-01-20", hotel.staff, guests=party)
    assert found(hotel, "sean") == []
    hotel.at("2026-12-23", "16:00")
    assert found(hotel, "sean") == [booking.booking_id]
    hotel.at("2026-12-24", "15:00")
    hotel.check_in(booking)
    hotel.at("2027-01-10", "15:00")
    assert found(hotel, "Murphy") == [booking.booking_id]


def test_a_customer_who_names_nobody_is_found_by_their_own_name_and_address(hotel: Hotel) -> None:
    booking = hotel.book_nights("2027-02-20", None)
    assert booking.details.owner_name == "User1"
    assert found(hotel, "user1") == found(hotel, "User1@example.com") == [booking.booking_id]


def test_so_is_one_who_books_several_rooms_or_claims_an_offer(hotel: Hotel) -> None:
    deps, third = hotel.deps, hotel.third
    made = book_group.book(deps, third, Order("rooms", start=day("2027-02-20"), quantity=3))
    entry = entries.join(deps, hotel.world.other, WaitlistRequest("rooms", start=day("2027-02-20")))
    bookings.cancel(deps, third, made.bookings[0].booking_id)
    claimed = entries.claim(deps, hotel.world.other, entry.entry_id, NO_DETAILS)
    assert found(hotel, "User2") == [claimed.booking_id]
    assert len(found(hotel, "third")) == 3


def test_where_nobody_sleeps_nobody_is_named_who_does_not_say_so(world: World) -> None:
    assert world.book().details.owner_name is None


@pytest.mark.parametrize("said", [str.lower, str.upper, lambda said: f" {said} "])
def test_an_id_is_found_however_it_is_typed(hotel: Hotel, said: type[str]) -> None:
    booking = for_aoife(hotel, "2027-02-20")
    assert found(hotel, said(booking.booking_id)) == [booking.booking_id]


def test_a_group_is_found_by_its_id(hotel: Hotel) -> None:
    made = book_group.book(
        hotel.deps,
        hotel.staff,
        Order(
            "rooms", start=day("2027-02-20"), quantity=2, details=BookingDetails(guests=(AOIFE,))
        ),
    )
    assert set(found(hotel, made.group_id)) == {each.booking_id for each in made.bookings}
    assert set(found(hotel, "Byrne")) == {each.booking_id for each in made.bookings}


@pytest.mark.engine2
def test_a_room_leads_to_who_is_in_it_who_comes_and_who_was_there(hotel: Hotel) -> None:
    hotel.at("2026-11-22", "15:00")
    over = hotel.check_in(for_aoife(hotel, "2026-11-22", number="A-001"))
    hotel.at("2026-11-23", "10:00")
    hotel.check_out(over)
    inside = hotel.book_for("Egan", "2026-11-23", "2026-12-20", number="A-001")
    hotel.at("2026-11-23", "12:00")
    hotel.check_in(inside, override="not cleaned yet")
    comes = hotel.book_for("Foley", "2027-02-20", None, number="A-001")
    moved = hotel.book_for("Gray", "2027-03-20", None, number="A-001")
    assign_room.assign(hotel.deps, hotel.staff, moved.booking_id, "A-002")
    expected = [each.booking_id for each in (inside, comes, over)]
    assert found(hotel, "a-001") == expected


@pytest.mark.parametrize("wanted", ["Byrne", "aoife@example.com", "01 555 0100", "a-001"])
def test_a_guest_is_found_after_the_rooms_are_closed_for_good(hotel: Hotel, wanted: str) -> None:
    hotel.at("2026-11-22", "15:00")
    stay = hotel.check_in(for_aoife(hotel, "2026-11-22", number="A-001"))
    hotel.at("2026-11-23", "10:00")
    hotel.check_out(stay)
    admin = hotel.world.admin
    bookings.waive(hotel.deps, admin, stay.booking_id, reason="a gift")
    for space in hotel.deps.catalogue.fresh_spaces("rooms"):
        closing.close_space(hotel.deps, admin, space.space_id, source_ip="")
        assert found(hotel, wanted) == [stay.booking_id]
    closing.close_zone(hotel.deps, admin, "rooms", source_ip="")
    assert found(hotel, wanted) == [stay.booking_id]


@pytest.mark.engine2
def test_a_guest_who_is_named_anew_is_found_under_the_new_name_only(hotel: Hotel) -> None:
    booking = for_aoife(hotel, "2027-02-20")
    other = BookingEdit(DetailsEdit(guests=(Guest("Nora Quinn", phone="555 9999"),)))
    reschedule.modify(hotel.deps, hotel.staff, booking.booking_id, other)
    assert [found(hotel, each) for each in WAYS] == [[]] * len(WAYS)
    assert found(hotel, "Quinn") == found(hotel, "555 9999") == [booking.booking_id]


@pytest.mark.engine2
def test_whoever_is_erased_is_found_no_more(hotel: Hotel) -> None:
    booking = hotel.book_nights("2027-02-20", None, guests=(AOIFE,))
    bookings.cancel(hotel.deps, hotel.world.user, booking.booking_id)
    assert found(hotel, "Byrne") == [booking.booking_id]
    erasure.erase_me(hotel.deps, hotel.world.user, password=PASSWORD, source_ip="")
    assert [found(hotel, each) for each in (*WAYS, "user1@example.com")] == [[]] * 7
    assert found(hotel, booking.booking_id) == [booking.booking_id]


def test_nobody_is_found_at_another_hotel(hotel: Hotel) -> None:
    world = hotel.world
    world.add_site("inn", timezone="Europe/Dublin", currency="EUR")
    world.add_zone("beds", hotel.zone.policy, site="inn", kind="room", tariff=NIGHTLY)
    clerk = world.add_account("clerk", Role.STAFF, "inn")
    mine = for_aoife(hotel, "2026-11-22")
    own = hotel.book_nights("2026-11-22", None)
    for wanted in (*WAYS, "A-001", mine.booking_id, "user1", "user1@example.com"):
        assert search.search(hotel.deps, clerk, "inn", wanted).bookings == ()
    assert found(hotel, "user1@example.com") == [own.booking_id]
    for stranger in (clerk, world.user):
        with pytest.raises(errors.Forbidden):
            search.search(hotel.deps, stranger, "hotel", "Byrne")


def test_a_search_that_has_more_to_show_says_so(hotel: Hotel) -> None:
    for first in (0, 60):
        hotel.deps.commit(saving(*_past_stays("Byrne", first, 60)))
    many = search.search(hotel.deps, hotel.staff, "hotel", "byrne")
    assert (len(many.bookings), many.more) == (search.MOST_INDEXED, True)
    one = search.search(hotel.deps, hotel.staff, "hotel", "guest 7 byrne")
    assert ([b.details.guests[0].name for b in one.bookings], one.more) == (
        ["Guest 7 Byrne"],
        False,
    )


@pytest.mark.parametrize("wanted", ["Aoife Byrne", "aoife@example.com", "5550100", "A-001"])
def test_a_search_costs_the_same_however_many_have_stayed_there(
    hotel: Hotel, meter: Meter, wanted: str
) -> None:
    for_aoife(hotel, "2027-02-20", number="A-001")
    found(hotel, wanted)
    costs = []
    for first in (0, 80, 160):
        hotel.deps.commit(saving(*_past_stays("Daly", first, 80)))
        meter.reset()
        assert len(found(hotel, wanted)) == 1
        seen = meter.snapshot()
        costs.append((seen.requests, seen.read_units))
    assert costs[0] == costs[1] == costs[2]


def _past_stays(surname: str, first: int, count: int) -> Iterator[Booking]:
    """Stays of many years ago, each of another guest."""
    from tests.builders import a_booking, a_zone

    zone = a_zone(zone_id="rooms", site="hotel", kind="room", tariff=NIGHTLY)
    for number in range(first, first + count):
        guest = Guest(f"Guest {number} {surname}", email=f"g{number}@example.com")
        made = a_booking(
            zone, booking_id=f"BK{ids.locator(number)}1NG1QR00005", user_id=None, guests=(guest,)
        )
        yield replace(made, status=Status.COMPLETED, deadline=None)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Đorđe Petrović", ("dorde", "Đorđe", "petrovic dorde")),
        ("Łukasz Żółć", ("lukasz", "zolc")),
        ("Søren Kierkegård", ("soren", "soeren", "kierkegard", "Kierkegaard")),
        ("Işıl İnan", ("isil", "inan", "IŞIL")),
        ("Jürgen Groß", ("jurgen", "juergen", "gross", "Groß")),
        ("Juergen Gross", ("Jürgen", "groß")),
        ("प्रिया शर्मा", ("प्रिया", "प्रि", "शर्मा")),
        ("山田 太郎", ("山田", "太郎")),
    ],
)
def test_a_guest_is_found_without_accents_and_by_other_spellings(
    hotel: Hotel, name: str, wanted: tuple[str, ...]
) -> None:
    booking = hotel.book_for(name, "2027-02-20", None)
    hotel.book_for("Egan", "2027-02-20", None)
    for each in wanted:
        assert found(hotel, each) == [booking.booking_id], each


@pytest.mark.parametrize("apostrophe", "'’‘ʼʻ`´′＇ʹ")
def test_a_guest_is_found_with_any_apostrophe_or_none(hotel: Hotel, apostrophe: str) -> None:
    booking = hotel.book_for(f"Conor O{apostrophe}Connor", "2027-02-20", None)
    for wanted in ("oconnor", "O'Connor", "o’connor", f"O{apostrophe}Connor"):
        assert found(hotel, wanted) == [booking.booking_id]


@pytest.mark.parametrize("wanted", ["asha desk@example.com", "asha+desk@example.com"])
def test_a_plus_that_was_not_encoded_finds_the_address(hotel: Hotel, wanted: str) -> None:
    guest = Guest("Asha", email="asha+desk@example.com")
    booking = hotel.book_nights("2027-02-20", None, hotel.staff, guests=(guest,))
    assert found(hotel, wanted) == [booking.booking_id]


@pytest.mark.parametrize("wanted", [" 49 30 901820", "+49 30 901820", "030/901820", "٠٣٠ ٩٠١٨٢٠"])
def test_a_number_is_found_however_it_is_written(hotel: Hotel, wanted: str) -> None:
    guest = Guest("Asha", phone="+49 (0)30/90.18-20 ext. 77")
    booking = hotel.book_nights("2027-02-20", None, hotel.staff, guests=(guest,))
    assert found(hotel, wanted) == [booking.booking_id]


def test_a_booking_whose_keys_an_earlier_version_wrote_is_found_as_its_name_was_typed(
    hotel: Hotel,
) -> None:
    booking = hotel.book_for("Đorđe Petrović", "2027-02-20", None)
    key = ids.booking_key(booking.booking_id)
    assert key is not None
    item = BookingItem.get(*key)
    item.update([BookingItem.called.set("đorđe petrovic#1"), BookingItem.surname.remove()])
    assert found(hotel, "Đorđe") == [booking.booking_id]


def test_the_next_step_on_an_old_booking_writes_its_keys_anew(hotel: Hotel) -> None:
    booking = hotel.book_for("Đorđe Petrović", "2027-02-20", None)
    key = ids.booking_key(booking.booking_id)
    assert key is not None
    BookingItem.get(*key).update([BookingItem.called.set("đorđe petrovic#1")])
    bookings.cancel(hotel.deps, hotel.staff, booking.booking_id)
    assert found(hotel, "dorde") == [booking.booking_id]
