"""The payment method that an account prefers, for bookings that name none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client, Reply
from tests.payments.car_park import PayingCarPark

SLOT = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
AHEAD = {"zone_id": "zone-a", "start": "2026-11-21T09:00:00Z"}
each_way = pytest.mark.parametrize(
    ("path", "body"), [("/api/user/book-slot", SLOT), ("/api/bookings", AHEAD)]
)


def prefer(client: Client, method: str | None) -> Reply:
    return client.patch("/api/me", {"payment_method": method})


@each_way
def test_a_booking_that_names_no_method_is_paid_as_the_account_prefers(
    client: Client, path: str, body: dict[str, Any]
) -> None:
    assert client.get("/api/me").body["payment_method"] is None
    assert client.post(path, body).body["payment"]["method"] == "CASH"
    assert prefer(client, "ONLINE").body["payment_method"] == "ONLINE"
    held = client.post(path, body).body
    assert (held["payment"]["method"], held["status"]) == ("ONLINE", "pending")


@each_way
def test_the_method_that_a_booking_names_counts(
    client: Client, path: str, body: dict[str, Any]
) -> None:
    prefer(client, "ONLINE")
    booked = client.post(path, body | {"payment_method": "CASH"}).body
    assert booked["payment"]["method"] == "CASH"


def test_the_preference_is_cleared_and_no_other_value_is_taken(client: Client) -> None:
    prefer(client, "ONLINE")
    assert prefer(client, None).body["payment_method"] is None
    assert prefer(client, "GOLD").status == 400


def test_a_group_is_paid_at_the_site(client: Client) -> None:
    prefer(client, "ONLINE")
    group = client.post("/api/bookings", AHEAD | {"quantity": 2})
    assert (group.status, group.body["payment"]["method"]) == (201, "CASH")


def test_staff_who_prefer_to_pay_online_book_for_a_guest_in_cash(
    client: Client, paying: PayingCarPark
) -> None:
    desk = client.by(paying.staff)
    prefer(desk, "ONLINE")
    guest = {"guests": [{"name": "Asha Rao", "email": "asha@example.com"}]}
    booked = desk.post("/api/bookings", AHEAD | guest)
    assert (booked.status, booked.body["payment"]["method"]) == (201, "CASH")
