from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.core.change import saving
from chalicelib.domain.pricing.cancellation import CancelDeadline, CancellationTerms
from tests.builders import HOURLY
from tests.client import Client
from tests.clock import NOON, Clock
from tests.world import World

TERMS: dict[str, Any] = {
    "deadlines": [
        {"days_before": 3, "until": "18:00", "percent": 100},
        {"days_before": 1, "until": "18:00", "percent": 50},
    ],
    "kept": "5.00",
}


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


@pytest.fixture
def booked(client: Client, world: World) -> str:
    """A booking five days ahead, of which 50.00 is paid."""
    client.by(world.owner).patch("/api/admin/zones/zone-a", {"tariff": {"cancellation": TERMS}})
    booking = world.book(start=NOON + timedelta(days=5))
    paid = replace(booking, paid=5000, version=booking.version + 1)
    world.deps.commit(saving(paid))
    return booking.booking_id


def shown(client: Client, world: World, booking_id: str) -> Any:
    return client.by(world.user).get(f"/api/bookings/{booking_id}").body["cancellation"]


def test_an_owner_sets_terms_and_everybody_reads_them(client: Client, world: World) -> None:
    owner = client.by(world.owner)
    answer = owner.patch("/api/admin/zones/zone-a", {"tariff": {"cancellation": TERMS}})
    assert answer.body["tariff"]["cancellation"] == TERMS
    zones = client.get("/api/public/zones").body["items"]
    assert [zone["cancellation"] for zone in zones] == [TERMS]
    cleared = owner.patch("/api/admin/zones/zone-a", {"tariff": {"cancellation": None}})
    assert cleared.body["tariff"]["cancellation"] is None


def test_a_faulty_deadline_is_named(client: Client, world: World) -> None:
    faulty = {"deadlines": [TERMS["deadlines"][1], TERMS["deadlines"][0]]}
    answer = client.by(world.owner).patch(
        "/api/admin/zones/zone-a", {"tariff": {"cancellation": faulty}}
    )
    assert (answer.status, answer.fields) == (
        400,
        {
            "tariff.cancellation.deadlines[1]": "must be later and give back less than "
            "tariff.cancellation.deadlines[0]"
        },
    )


def test_a_booking_says_what_comes_back_now_and_until_when(
    client: Client, world: World, clock: Clock, booked: str
) -> None:
    assert shown(client, world, booked) == {
        "eligible": True,
        "amount": inr("45.00"),
        "reason": "Cancelled early enough for 100 % of what was paid to be refunded, "
        "less 5.00 INR.",
        "until": "2026-11-23T12:30:00Z",
        "later": [{"until": "2026-11-25T12:30:00Z", "amount": inr("20.00")}],
    }
    clock.set(NOON + timedelta(days=3))
    assert shown(client, world, booked)["amount"] == inr("20.00")
    assert shown(client, world, booked)["later"] == []
    clock.set(NOON + timedelta(days=4, hours=12))
    assert shown(client, world, booked)["eligible"] is False


def test_a_cancelled_booking_says_what_came_back(
    client: Client, world: World, clock: Clock, booked: str
) -> None:
    clock.set(NOON + timedelta(days=3))
    answer = client.by(world.user).post(f"/api/bookings/{booked}/cancel", {})
    assert (answer.body["refund_eligible"], answer.body["refund_amount"]) == (True, inr("20.00"))
    clock.move(days=30)
    brought = shown(client, world, booked)
    assert (brought["amount"], brought["until"]) == (inr("20.00"), None)


def test_a_booking_keeps_the_terms_it_was_made_under(
    client: Client, world: World, booked: str
) -> None:
    world.change_zone(world.zone_a, tariff=replace(HOURLY, cancellation=None))
    assert shown(client, world, booked)["amount"] == inr("45.00")
    strict = CancellationTerms((CancelDeadline(30, 0, 10),))
    world.change_zone(world.zone_a, tariff=replace(HOURLY, cancellation=strict))
    assert shown(client, world, booked)["amount"] == inr("45.00")


def test_once_inside_nothing_is_shown(client: Client, world: World) -> None:
    booking = world.book()
    world.enter(booking)
    assert shown(client, world, booking.booking_id) is None
