"""Every route of a hotel, asked for with another site's name, booking, room and zone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import routes
from tests.access import given
from tests.access.conftest import Tables
from tests.access.given import TwoSites
from tests.client import Client, Reply

GUEST = {"guests": [{"name": "Ravi"}], "nights": 1}
BODIES: dict[str, dict[str, Any]] = {
    "check-in": {"override_reason": "let me in"},
    "check-out": {"amount_received": 500},
    "bookings/{booking_id}/checkout": {},
    "assign-room": {"room_number": "102"},
    "swap-room": {"with_booking_id": "BK7Q2M9X4T1NG1QR00006", "room_number": "102"},
    "walk-ins": GUEST | {"space_id": "rooms.102"},
    "rooms/checkout": {"room_ids": ["rooms.101", "rooms.102"]},
    "rooms/checkin": {"room_ids": ["rooms.101", "rooms.102"]},
    "turnover": {"to": "OUT_OF_SERVICE"},
}
ROUTES = [
    (route.method, route.path)
    for route in routes.declared()
    if route.path.startswith("/api/staff/hotel")
]
STRANGERS = (
    # who, at which site's URL, what they may be told of the hotel at the site `central`
    ("nobody", "central", {401}),
    ("own", "central", {403}),  # the guest of the stay
    ("other", "central", {403}),
    ("staff-x", "central", {403, 404}),
    ("owner-x", "central", {403, 404}),
    ("staff", "elsewhere", {403, 404}),
    ("owner", "elsewhere", {403, 404}),
    ("staff-x", "elsewhere", {200, 404}),  # they work there: what is not theirs does not exist
    ("owner-x", "elsewhere", {200, 404}),
    ("admin", "elsewhere", {200, 404}),
)


def test_every_route_that_changes_something_has_its_body() -> None:
    for method, path in ROUTES:
        assert method == "GET" or any(path.endswith(end) for end in BODIES), path


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(("who", "slug", "told"), STRANGERS)
def test_nobody_does_or_learns_anything_at_a_hotel_that_is_not_theirs(
    client: Client,
    two_sites: TwoSites,
    stored: Callable[[], Tables],
    who: str,
    slug: str,
    told: set[int],
    method: str,
    path: str,
) -> None:
    named = given.a_room_stay(two_sites) | {"slug": slug, "space_id": "rooms.102"}
    caller = _as(client, two_sites, who)
    before = _without_trail(stored())
    answer = _ask(caller, method, path, named)
    assert answer.status in told
    assert _without_trail(stored()) == before
    if answer.status == 200:
        said = json.dumps(answer.body)
        assert named["booking_id"] not in said
        assert '"room_number"' not in said


def _ask(caller: Client, method: str, path: str, named: dict[str, str]) -> Reply:
    query = "?q=" + named["booking_id"] if path.endswith("/search") else ""
    body = next((BODIES[end] for end in BODIES if path.endswith(end)), None)
    url = path.format(**named) + query
    return caller.call(method, url, None if method == "GET" else body)


def _as(client: Client, two_sites: TwoSites, who: str) -> Client:
    actor = two_sites.actors[who]
    return client if actor is None else client.by(actor)


def _without_trail(tables: Tables) -> Tables:
    """What is stored, but for the trail, in which refusals stand."""
    return {name: items for name, items in tables.items() if name != "audit"}


@pytest.mark.parametrize("who", ["staff-x", "owner-x", "admin"])
@pytest.mark.parametrize("wish", [{"zone_id": "rooms"}, {"space_id": "rooms.102"}])
def test_a_walk_in_is_never_given_another_sites_room(
    client: Client, two_sites: TwoSites, who: str, wish: dict[str, str]
) -> None:
    given.a_hotel(two_sites)
    answer = _as(client, two_sites, who).post("/api/staff/hotels/elsewhere/walk-ins", GUEST | wish)
    assert (answer.status, answer.code) == (404, "ZONE_NOT_FOUND")
