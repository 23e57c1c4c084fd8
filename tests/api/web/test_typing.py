"""What people type and paste, through the routes (docs/rules/typing.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.world import World


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
