from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.accounts import erasure
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.sites.site import default_policy
from tests.builders import a_booking, a_zone

ROOMS = a_zone(zone_id="rooms", kind="room", policy=default_policy("room"))
AOIFE = Guest("Aoife O'Byrne", email="Aoife@Example.com", phone="+353 1 555 0100")


def a_stay(*guests: Guest, owner_name: str | None = None) -> Booking:
    return a_booking(
        ROOMS, number="101", vehicle_number="12D345", owner_name=owner_name, guests=guests
    )


def test_a_room_is_found_by_name_surname_number_and_address() -> None:
    assert search_keys.keys(a_stay(AOIFE, Guest("Sean Daly"))) == {
        "name": "aoife obyrne#1NG1QR0",
        "surname": "obyrne aoife#1NG1QR0",
        "phone": "5550100#1NG1QR0",
        "mail": "aoife@example.com#1NG1QR0",
    }


def test_who_has_one_name_has_one_key() -> None:
    assert search_keys.keys(a_stay(owner_name="Asha")) == {"name": "asha#1NG1QR0"}


@pytest.mark.parametrize("guests", [(), (Guest("---"),)])
def test_whoever_says_no_name_has_no_key(guests: tuple[Guest, ...]) -> None:
    assert search_keys.keys(a_stay(*guests)) == {}


def test_only_rooms_are_kept_under_names() -> None:
    assert search_keys.keys(a_booking(guests=(AOIFE,))) == {}


def test_what_is_forgotten_of_a_person_is_found_no_more() -> None:
    assert search_keys.keys(erasure.anonymous(a_stay(AOIFE))) == {}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("101", True),
        ("10", False),  # a room is named in full
        ("byr", True),  # part of a name
        ("obyr", True),
        ("O’BYRNE", True),
        ("aoife obyrne", True),
        ("obyrne, aoife", True),
        ("ao ob", True),
        ("fe o'b", True),
        ("sean", True),  # who comes along
        ("Daly", False),
        ("12d345", True),
        ("12-D-345", True),
        ("12d", False),
        ("aoife@example.com", True),
        ("AOIFE@", True),
        ("aoife@elsewhere.com", False),
        ("+353 1 555 0100", True),
        ("(01) 555-0100", True),
        ("00353 1 5550100", True),
        ("555 0100", True),
        ("+44 1 555 0100", False),  # another country's
        ("555 0101", False),
        ("---", False),
        ("aoife@example.com ", True),
    ],
)
def test_a_booking_is_found_by_what_a_guest_says(wanted: str, found: bool) -> None:
    stay = a_stay(AOIFE, Guest("Seán Murphy"))
    assert search_keys.matches(stay, wanted) is found
    assert search_keys.matches(stay, stay.booking_id)


def test_who_comes_is_told_by_the_guests_or_by_the_name_it_is_booked_in() -> None:
    assert search_keys.names(a_stay(Guest("Aoife"), Guest("Sean"))) == ("Aoife", "Sean")
    assert search_keys.names(a_stay(owner_name="Aoife")) == ("Aoife",)
    assert search_keys.names(a_stay(owner_name=None)) == ()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


@given(TEXT)
def test_keys_are_short_enough_for_an_index_and_begin_as_one_looks_for_them(said: str) -> None:
    keys = search_keys.keys(a_stay(Guest(said, email=f"{said}@example.com")))
    wanted = {
        **search_keys.prefixes(said.replace("@", "")),
        **search_keys.prefixes(f"{said}@example.com"),
    }
    looked_up = (each for prefixes in wanted.values() for each in prefixes)
    assert all(0 < len(key.encode()) < 1024 for key in (*keys.values(), *looked_up))
    assert keys["mail"].startswith(wanted["mail"])
    if "name" in keys and "@" not in said:
        assert keys["name"].startswith(wanted.get("name", ("",))[0])
