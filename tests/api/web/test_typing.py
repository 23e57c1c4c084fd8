"""What people type and paste, through the routes (docs/rules/typing.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.details import Guest
from tests.client import Client
from tests.clock import NOON, Clock
from tests.hotel import Hotel
from tests.world import World

DAY = timedelta(days=1)


@pytest.mark.parametrize("plate", ["WÜ-AB 123", "А123ВС77", "京A·12345", "A", "ka 01"])
def test_a_plate_of_any_country_is_booked_and_shown_in_upper_case(
    client: Client, world: World, plate: str
) -> None:
    body = {"zone_id": "zone-a", "vehicle_number": plate}
    made = client.by(world.user).post("/api/bookings", body)
    assert (made.status, made.body["vehicle_number"]) == (201, plate.upper())


def test_an_attendant_types_the_plate_on_a_latin_keyboard(client: Client, world: World) -> None:
    body = {"zone_id": "zone-a", "vehicle_number": "А123ВС77"}
    made = client.by(world.user).post("/api/bookings", body).body
    scan = {"qr_code": made["qr_code"], "vehicle_number": "a123 bc 77"}
    assert client.by(world.staff).post("/api/staff/entry", scan).status == 200


def test_pasted_phone_numbers_and_addresses_lose_what_is_not_seen(
    client: Client, world: World
) -> None:
    guest = {
        "name": "Asha\u202e\u00a0Rao",
        "phone": "\u202a+49 (0)30/90.18-20 ext. 7\u202c",
        "email": "\u200basha@münchen.example\ufeff",
    }
    body = {"zone_id": "zone-a", "guests": [guest]}
    made = client.by(world.staff).post("/api/bookings", body)
    assert made.status == 201
    kept = world.deps.bookings.get(made.body["booking_id"]).details.guests[0]
    assert (kept.name, kept.phone) == ("Asha Rao", "+49 (0)30/90.18-20 ext. 7")
    assert kept.email == "asha@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("phone", "(((((", "must be a phone number with 5 to 20 digits"),
        ("phone", "123", "must have 5 to 40 characters"),
        ("email", "a..b@x.example", "single dots before the @"),
        ("email", "x" * 65 + "@x.example", "at most 64 characters before the @"),
        ("name", "\u200b\u2060", "must have 1 to 120 characters"),
    ],
)
def test_a_refusal_names_the_field_and_what_it_must_be(
    client: Client, world: World, field: str, typed: str, fault: str
) -> None:
    guest: dict[str, Any] = {"name": "Asha", field: typed}
    body = {"zone_id": "zone-a", "guests": [guest]}
    refused = client.by(world.user).post("/api/bookings", body)
    assert refused.status == 400
    assert fault in refused.fields[f"guests[0].{field}"]


def test_an_account_signs_in_with_its_domain_written_either_way(
    client: Client, world: World
) -> None:
    account = {"email": "new@münchen.example", "password": "correct horse 7", "name": "New"}
    assert client.post("/api/auth/register", account).status == 201
    for email in ("new@MÜNCHEN.example", "new@xn--mnchen-3ya.example"):
        body = {"email": email, "password": "correct horse 7"}
        assert client.post("/api/auth/login", body).status == 200, email


@pytest.mark.parametrize("typed", ["asha+desk@example.com", "+353+1+555+0100", "Asha+Rao"])
def test_a_plus_that_is_not_encoded_finds_the_guest_all_the_same(
    client: Client, world: World, clock: Clock, typed: str
) -> None:
    hotel = Hotel(world, clock)
    guest = Guest("Asha Rao", email="asha+desk@example.com", phone="+353 1 555 0100")
    booking = hotel.book_nights("2027-02-20", None, hotel.staff, guests=(guest,))
    found = client.by(hotel.staff).get(f"/api/staff/hotels/hotel/search?q={typed}")
    assert [row["booking"]["booking_id"] for row in found.body["items"]] == [booking.booking_id]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/bookings?from=2026-11-24T12:00:00+05:30", "from"),
        ("/api/bookings?to=2026-11-24T12:00:00+05:30", "to"),
        ("/api/admin/users?email=asha+desk@example.com", "email"),
        ("/api/zones/zone-a/availability?start=2026-11-24T12:00:00+05:30", "start"),
    ],
)
def test_a_plus_that_is_not_encoded_is_refused_where_it_cannot_be_read(
    client: Client, world: World, path: str, field: str
) -> None:
    answer = client.by(world.admin).get(path)
    assert (answer.status, [*answer.fields]) == (400, [field])


def test_a_code_with_a_plus_for_its_blank_is_read(client: Client, world: World) -> None:
    booking = world.book()
    typed = booking.code.replace("-", "+")
    answer = client.by(world.staff).get(f"/api/bookings?site=central&code={typed}")
    assert len(answer.body["items"]) == 1


FAR = "2029-11-21T10:00:00Z"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/bookings", {"zone_id": "zone-a", "start": FAR}),
        ("POST", "/api/bookings", {"zone_id": "zone-a", "start": FAR, "quantity": 2}),
        (
            "POST",
            "/api/bookings",
            {"zone_id": "zone-a", "start": FAR, "repeat": {"every": "day", "times": 2}},
        ),
        ("PATCH", "/api/bookings/{booking_id}", {"start": FAR}),
        ("POST", "/api/waitlist", {"zone_id": "zone-a", "start": FAR}),
    ],
)
def test_a_start_too_far_ahead_is_a_faulty_field_wherever_it_is_given(
    client: Client, world: World, method: str, path: str, body: dict[str, Any]
) -> None:
    booking = world.book(start=NOON + DAY)
    caller = client.by(world.user)
    answer = caller.call(method, path.format(booking_id=booking.booking_id), body)
    assert (answer.status, answer.code, [*answer.fields]) == (400, "VALIDATION_FAILED", ["start"])


def test_a_later_date_too_far_ahead_is_named_among_the_dates(client: Client, world: World) -> None:
    body = {
        "zone_id": "zone-a",
        "start": "2027-02-17T10:00:00Z",
        "repeat": {"every": "week", "times": 2},
    }
    answer = client.by(world.user).post("/api/bookings", body)
    assert (answer.status, answer.code) == (409, "DATES_UNAVAILABLE")
    assert [each["code"] for each in answer.body["error"]["dates"]] == ["TOO_FAR_AHEAD"]
