"""The booking timer under the URLs of the timer system, as its document has it."""

from __future__ import annotations

import pytest

from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.world import World


@pytest.fixture
def driver(world: World) -> Client:
    world.add_zone("lot", builders.TIMER, tariff=builders.FREE, spaces=1)
    return Client(world).by(world.user)


def _book(driver: Client) -> str:
    said = driver.post("/api/bookings/", {"zone_id": "lot"})
    assert said.status == 201
    assert (said.body["remaining_time"], said.body["is_expired"]) == (3600, False)
    return str(said.body["booking_id"])


def _renew(driver: Client, booking_id: str) -> Reply:
    return driver.call("POST", f"/api/bookings/{booking_id}/renew/")


def test_each_poll_tells_the_seconds_of_that_moment(driver: Client, clock: Clock) -> None:
    path = f"/api/bookings/{_book(driver)}/"
    for gone, left, soon in ((10, 3590, False), (3291, 299, True)):
        clock.move(seconds=gone)
        said = driver.get(path)
        assert (said.body["remaining_time"], said.body["expiring_soon"]) == (left, soon)
        assert said.headers["Cache-Control"] == "no-store"
        listed = driver.get("/api/bookings/")
        assert listed.body["items"][0]["remaining_time"] == left
        assert listed.headers["Cache-Control"] == "no-store"


def test_a_stay_completes_by_itself_and_its_slot_is_free(
    driver: Client, world: World, clock: Clock
) -> None:
    booking_id = _book(driver)
    clock.move(minutes=60)
    said = driver.get(f"/api/bookings/{booking_id}")
    assert (said.body["status"], said.body["is_expired"]) == ("completed", True)
    assert said.body["remaining_time"] == 0
    other = driver.by(world.other)
    assert other.post("/api/bookings", {"zone_id": "lot"}).status == 201


@pytest.mark.parametrize("minutes", [57, 61])
def test_a_renewal_pressed_twice_is_one_booking(driver: Client, clock: Clock, minutes: int) -> None:
    booking_id = _book(driver)
    clock.move(minutes=minutes)
    first, second = _renew(driver, booking_id), _renew(driver, booking_id)
    assert (first.status, second.status) == (201, 201)
    assert first.body["booking_id"] == second.body["booking_id"] != booking_id
    assert first.body["slot_number"] == "A-001"
    assert len(driver.get("/api/bookings").body["items"]) == 2


def test_only_the_customer_renews(driver: Client, world: World, clock: Clock) -> None:
    booking_id = _book(driver)
    clock.move(minutes=57)
    assert _renew(driver.by(world.other), booking_id).status == 404
    assert _renew(driver.by(world.staff), booking_id).status == 403
    assert _renew(driver.by(world.owner), booking_id).status == 403
