"""POST /api/quotes, and `max_total` of a booking (docs/rules/pricing.md, Quotes)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.clock import NOON
from tests.world import World

DEMAND: dict[str, Any] = {
    "steps": [{"full_percent": 30, "price_percent": 110}],
    "floor_percent": 50,
    "cap_percent": 200,
}
START = f"{NOON:%Y-%m-%d}T18:00:00Z"
ASKED = {"zone_id": "zone-a", "start": START, "minutes": 120}


@pytest.fixture
def owner_sets_demand(client: Client, world: World) -> None:
    owner = client.by(world.owner)
    answer = owner.patch("/api/admin/zones/zone-a", {"tariff": {"demand": DEMAND}})
    assert answer.body["tariff"]["demand"] == DEMAND


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


def test_without_demand_a_quote_is_what_the_sign_says(client: Client, world: World) -> None:
    quoted = client.by(world.user).post("/api/quotes", ASKED)
    assert quoted.status == 200
    assert quoted.body == {
        "zone_id": "zone-a",
        "start_time": START,
        "end_time": f"{NOON:%Y-%m-%d}T20:00:00Z",
        "available_slots": 3,
        "full_percent": 0,
        "demand_percent": 100,
        "units": 2,
        "rate": inr("50.00"),
        "lines": [
            {
                "text": "2 hours",
                "quantity": 2,
                "rate": inr("50.00"),
                "amount": inr("100.00"),
                "starts_at": START,
            }
        ],
        "total": inr("100.00"),
        "tax": [],
        "booking_fee": inr("50.00"),
        "promo_code": None,
        "deposit": inr("0.00"),
    }


def test_the_quoted_total_is_honoured_or_refused_with_the_new_price(
    client: Client, world: World, owner_sets_demand: None
) -> None:
    user, other = client.by(world.user), client.by(world.other)
    quoted = user.post("/api/quotes", ASKED).body
    wanted = ASKED | {"max_total": quoted["total"]}
    assert other.post("/api/bookings", wanted).body["demand_percent"] == 100
    refused = user.post("/api/bookings", wanted)
    assert (refused.status, refused.code) == (409, "PRICE_CHANGED")
    assert refused.body["error"]["price"] == inr("110.00")
    now = user.post("/api/quotes", ASKED).body
    assert (now["full_percent"], now["demand_percent"], now["total"]) == (33, 110, inr("110.00"))
    made = user.post("/api/bookings", wanted | {"max_total": "110.00"})
    assert (made.status, made.body["demand_percent"]) == (201, 110)
    asked = client.get(f"/api/zones/zone-a/availability?start={START}&end={now['end_time']}").body
    assert asked["demand_percent"] == 110
    assert [z["demand_percent"] for z in client.get("/api/public/zones").body["items"]] == [100]


def test_park_now_takes_a_limit_too(client: Client, world: World) -> None:
    park = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
    user = client.by(world.user)
    refused = user.post("/api/user/book-slot", park | {"max_total": "49.99"})
    assert (refused.status, refused.code) == (409, "PRICE_CHANGED")
    assert user.post("/api/user/book-slot", park | {"max_total": "50.00"}).status == 201


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"zone_id": "nowhere"}, 404, "ZONE_NOT_FOUND"),
        ({"zone_id": None, "space_id": "zone-a.Z-9"}, 404, "SPACE_NOT_FOUND"),
        ({"space_id": "zone-a.A-001"}, 400, "VALIDATION_FAILED"),
        ({"minutes": 0}, 400, "VALIDATION_FAILED"),
        ({"start": "2020-01-01T00:00:00Z"}, 400, "VALIDATION_FAILED"),
    ],
)
def test_a_quote_refuses_what_a_booking_would(
    client: Client, world: World, change: dict[str, Any], status: int, code: str
) -> None:
    answer = client.by(world.user).post("/api/quotes", ASKED | change)
    assert (answer.status, answer.code) == (status, code)
