"""Closing over HTTP: what the past answers afterwards, and what an owner finds in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.services.sites import closing
from tests import builders
from tests.client import Client
from tests.clock import Clock
from tests.hall import Hall
from tests.world import World

NONE = {"count": 0, "ids": []}


@pytest.fixture(autouse=True)
def short_window(world: World) -> None:
    """Bookings of zone-a begin today or tomorrow, so that it has few sheets to close."""
    world.change_zone(world.zone_a, policy=replace(builders.METERED, advance_window=1))


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    return client.by(world.admin)


@pytest.fixture
def stay(world: World, clock: Clock) -> str:
    """The id of a paid stay in zone-a, of world.user."""
    booking = world.enter(world.book(number="A-001"))
    clock.move(minutes=30)
    return world.leave(booking).booking.booking_id


def close(world: World, owner: Client) -> None:
    """Close zone-a with its spaces."""
    for space in world.deps.catalogue.fresh_spaces("zone-a"):
        assert owner.delete(f"/api/admin/spaces/{space.space_id}").status == 204
    assert owner.delete("/api/admin/zones/zone-a").status == 204


def test_after_a_closing_everybody_reads_the_past(
    client: Client, owner: Client, admin: Client, world: World, stay: str
) -> None:
    close(world, owner)
    assert admin.delete("/api/admin/sites/central").status == 204
    user, staff = client.by(world.user), client.by(world.staff)
    (kept,) = user.get("/api/bookings").body["items"]
    assert (kept["booking_id"], kept["zone_name"]) == (stay, "Zone A")
    for reader in (user, staff, owner, admin):
        assert reader.get(f"/api/bookings/{stay}").status == 200
    for path in ("qr.svg", "calendar.ics"):
        assert user.get(f"/api/bookings/{stay}/{path}").status == 200
    assert user.get("/api/user/current-session").body["active"] is False
    (seen,) = staff.get("/api/bookings?site=central").body["items"]
    assert seen["booking_id"] == stay
    assert staff.get("/api/staff/active-sessions?site=central").body["count"] == 0
    audit = owner.get("/api/admin/audit?site=central").body["items"]
    assert {"delete_zone", "delete_site", "delete_space"} <= {event["action"] for event in audit}


def test_the_waitlist_of_a_closed_zone_is_read_as_before(
    client: Client, owner: Client, world: World, clock: Clock
) -> None:
    hall = Hall(world, clock)
    booked, entry = hall.book(), hall.join(world.other)
    hall.cancel(booked)
    hall.leave(entry, world.other)
    assert owner.delete("/api/admin/spaces/halls.A-001").status == 204
    assert owner.delete("/api/admin/zones/halls").status == 204
    (left,) = client.by(world.other).get("/api/waitlist").body["items"]
    assert (left["status"], left["zone_name"]) == ("left", "Halls")


def test_the_history_of_a_closed_room_is_read_as_before(
    client: Client, world: World, clock: Clock
) -> None:
    from tests.hotel import Hotel

    hotel = Hotel(world, clock)
    closing.close_space(world.deps, world.admin, "rooms.101", source_ip="-")
    path = "/api/staff/hotels/hotel/rooms/rooms.101/turnover"
    assert client.by(hotel.staff).get(path).status == 200


def test_an_owner_sees_what_is_open_and_finishes_it_first(
    client: Client, owner: Client, world: World, clock: Clock
) -> None:
    hall = Hall(world, clock)
    booked, waiting = hall.book(), hall.join(world.other)
    refused = owner.delete("/api/admin/zones/halls")
    assert (refused.status, refused.code) == (409, "IN_USE")
    assert refused.body["error"]["message"] == (
        "Still open: 1 space, 1 live booking and 1 waitlist entry. Finish that first."
    )
    found = owner.get("/api/admin/zones/halls/open").body
    assert {kind: each for kind, each in found.items() if each != NONE} == (
        refused.body["error"]["open"]
    )
    assert found["waiting"] == {"count": 1, "ids": [waiting.entry_id]}
    assert owner.get("/api/admin/spaces/halls.A-001/open").body["bookings"]["ids"] == [
        booked.booking_id
    ]
    assert owner.get("/api/admin/sites/central/open").body["zones"]["ids"] == ["halls", "zone-a"]

    assert owner.delete(f"/api/waitlist/{waiting.entry_id}").body["status"] == "expired"
    assert owner.post(f"/api/bookings/{booked.booking_id}/cancel").status == 200
    assert owner.delete("/api/admin/spaces/halls.A-001").status == 204
    assert owner.delete("/api/admin/zones/halls").status == 204
    assert client.by(world.user).get("/api/bookings").body["items"][0]["zone_name"] == "Halls"


def test_a_debt_keeps_a_zone_open_until_it_is_waived(
    owner: Client, world: World, unpaid: str
) -> None:
    world.change_zone(world.zone_a, policy=replace(builders.TIMED, advance_window=1))
    for number in ("A-001", "A-002", "A-003"):
        assert owner.delete(f"/api/admin/spaces/zone-a.{number}").status == 204
    refused = owner.delete("/api/admin/zones/zone-a")
    assert refused.body["error"]["open"] == {"unpaid": {"count": 1, "ids": [unpaid]}}
    assert owner.post(f"/api/bookings/{unpaid}/waive", {"reason": "closed"}).status == 200
    assert owner.delete("/api/admin/zones/zone-a").status == 204


def test_an_id_is_never_given_again(owner: Client, admin: Client, world: World) -> None:
    close(world, owner)
    zone = {
        "zone_id": "zone-a", "site": "central", "name": "A", "kind": "parking",
        "tariff": {"rate": "50.00"},
    }  # fmt: skip
    again = owner.post("/api/admin/zones", zone)
    assert (again.status, again.code) == (409, "ID_RETIRED")
    assert owner.patch("/api/admin/zones/zone-a", {"name": "B"}).code == "CLOSED_FOR_GOOD"
    assert owner.post("/api/admin/spaces", {"zone_id": "zone-a", "number": "Z-1"}).status == 410
    assert owner.delete("/api/admin/zones/zone-a").status == 204  # again, without effect


def test_a_closed_site_is_given_to_nobody(admin: Client, world: World) -> None:
    world.add_site("north")
    assert admin.delete("/api/admin/sites/north").status == 204
    new = {"email": "new@example.com", "name": "New", "role": "staff", "sites": ["north"]}
    assert admin.post("/api/admin/users", new).fields == {
        "sites": "the site north is closed for good"
    }


def test_a_list_does_not_fail_for_one_missing_record(
    client: Client, world: World, clock: Clock, stay: str
) -> None:
    from chalicelib.store.catalogue_item import SiteItem, ZoneItem

    world.add_zone("zone-b", builders.METERED)
    other = world.book(zone="zone-b", start=clock.now(), minutes=60)
    ZoneItem("zones", "zone-a").delete()
    world.deps.catalogue.forget()
    user = client.by(world.user)
    listed = user.get("/api/bookings").body["items"]
    assert [(each["booking_id"], each["zone_name"]) for each in listed] == [
        (other.booking_id, "Zone B"),
        (stay, "zone-a"),
    ]
    SiteItem("sites", "central").delete()
    world.deps.catalogue.forget()
    assert len(user.get("/api/bookings").body["items"]) == 2
    assert user.get(f"/api/bookings/{stay}/calendar.ics").status == 200
