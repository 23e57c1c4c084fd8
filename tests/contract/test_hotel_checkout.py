"""The check-out URLs of the hotel system, with the requests and the answers of its document."""

from __future__ import annotations

import pytest

from tests.client import Client
from tests.clock import Clock
from tests.hotel import Hotel
from tests.world import World

ROOMS = "/api/staff/hotel/hotel/rooms/checkout"


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


@pytest.fixture
def desk(hotel: Hotel) -> Client:
    return Client(hotel.world).by(hotel.staff)


def _urls(booking_id: str) -> tuple[str, ...]:
    primary = f"/api/staff/hotels/hotel/room-bookings/{booking_id}/check-out"
    older = f"/api/staff/hotels/hotel/bookings/{booking_id}/checkout"
    return primary, f"{primary}/", older, f"{older}/"


@pytest.mark.parametrize("url", range(4))
def test_a_check_out_answers_as_printed(hotel: Hotel, desk: Client, url: int) -> None:
    stay = hotel.stay()
    said = desk.call("POST", _urls(stay.booking_id)[url])
    assert said.status == 200
    assert said.body["message"] == "Booking checked out successfully"
    booking = said.body["booking"]
    assert booking["booking_id"] == stay.booking_id
    assert booking["status"] == "COMPLETED"
    assert booking["checked_out_at"] == "2026-11-21T06:30:00Z"
    assert booking["assigned_room"] == {"room_number": 101, "room_status": "CHECKOUT_DIRTY"}


def test_a_room_whose_number_is_no_number_is_named_by_text(hotel: Hotel, desk: Client) -> None:
    from chalicelib.domain.core.change import saving
    from chalicelib.domain.sites.site import Space

    hotel.world.deps.commit(saving(Space("rooms", "Garden")))
    stay = hotel.stay("Garden")
    said = desk.call("POST", _urls(stay.booking_id)[0])
    assert said.body["booking"]["assigned_room"]["room_number"] == "Garden"


@pytest.mark.parametrize("url", range(4))
def test_an_unknown_booking_is_refused_in_the_old_words(desk: Client, url: int) -> None:
    said = desk.call("POST", _urls("BK-2025-1234")[url])
    assert (said.status, said.code) == (404, "BOOKING_NOT_FOUND")
    assert said.body["error"]["message"] == "Booking not found"


@pytest.mark.parametrize("url", range(4))
def test_a_guest_who_is_not_in_is_refused_in_the_old_words(
    hotel: Hotel, desk: Client, url: int
) -> None:
    said = desk.call("POST", _urls(hotel.book_room().booking_id)[url])
    assert (said.status, said.code) == (409, "NOT_CHECKED_IN")
    assert said.body["error"]["message"] == "Booking must be checked in to check out"


@pytest.mark.parametrize("named", [[101, 102], ["101", "102"], ["rooms.101", 102, "102"]])
def test_many_rooms_are_named_by_numbers_texts_or_ids(
    hotel: Hotel, desk: Client, named: list[object]
) -> None:
    stays = [hotel.stay("101").booking_id, hotel.stay("102").booking_id]
    said = desk.post(f"{ROOMS}/", {"room_ids": named, "destructive": False})
    assert said.status == 200
    assert said.body["detail"].startswith("Processed 2 room(s) in hotel 'hotel'")
    results = said.body["results"]
    assert results["checked_out_bookings"] == stays
    assert results["rooms_cleared"] == []
    assert results["destructive_mode"] is False


def test_a_cleared_room_is_answered_by_its_number(hotel: Hotel, desk: Client) -> None:
    hotel.record_wrong_guest("103")
    said = desk.post(ROOMS, {"room_ids": [103]})
    assert said.body["results"]["rooms_cleared"] == [103]


def test_a_number_that_no_room_has_fails_alone(hotel: Hotel, desk: Client) -> None:
    stay = hotel.stay()
    results = desk.post(ROOMS, {"room_ids": [9999, 101]}).body["results"]
    assert [each["room_id"] for each in results["failed"]] == ["9999"]
    assert results["checked_out_bookings"] == [stay.booking_id]


def test_the_destructive_mode_is_for_admins_only(hotel: Hotel, desk: Client) -> None:
    body = {"room_ids": [101], "destructive": True, "reason": "burst pipe"}
    assert desk.post(ROOMS, body).status == 403
    admin = desk.by(hotel.world.admin)
    assert admin.post(ROOMS, body).body["results"]["destructive_mode"] is True


def test_a_field_sent_twice_is_named_and_nothing_is_done(hotel: Hotel, desk: Client) -> None:
    hotel.stay()
    said = desk.call("POST", ROOMS, b'{"room_ids": [101], "room_ids": [102]}')
    assert (said.status, said.fields) == (400, {"room_ids": "must be given once"})
    assert desk.post(ROOMS, {"room_ids": [101]}).body["results"]["checked_out_bookings"]


def test_room_ids_of_other_types_are_named_by_their_place(desk: Client) -> None:
    said = desk.post(ROOMS, {"room_ids": [101, True, 1.5, None]})
    assert said.status == 400
    assert set(said.fields) == {"room_ids[1]", "room_ids[2]", "room_ids[3]"}
