"""`Idempotency-Key`: a request that is sent again does nothing again (docs/api.md, Idempotency)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import routes
from chalicelib.api.web import incoming
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.gateways.tokens import Tokens
from chalicelib.services.core import idempotency
from chalicelib.services.core.deps import Deps
from chalicelib.store.idempotency import Claim, IdempotencyItem
from tests.builders import FREE, TIMER
from tests.client import Client
from tests.clock import Clock
from tests.fake_sockets import with_realtime
from tests.hall import Hall
from tests.hotel import Hotel
from tests.season_passes.car_park import PLANS
from tests.world import World

PARK = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
BOOK = {"zone_id": "zone-a", "minutes": 60}
WAIT = {"zone_id": "halls", "start": "2026-11-23T06:30:00Z", "minutes": 60}
SITE = {"slug": "north", "name": "North", "timezone": "Asia/Kolkata", "currency": "INR"}
ZONE = {
    "zone_id": "zone-n",
    "site": "central",
    "name": "N",
    "kind": "parking",
    "tariff": {"rate": "50"},
}
CLOSED = {
    "zone_id": "zone-a",
    "start": "2026-12-25T00:00:00Z",
    "end": "2026-12-26T00:00:00Z",
    "reason": "Christmas",
}
STAFF = {"email": "new@example.com", "name": "New", "role": "staff", "sites": ["central"]}
WALK_IN = {"zone_id": "rooms", "nights": 1, "guests": [{"name": "Ravi"}], "purpose": "fair"}
HOOK = {
    "site": "central",
    "url": "https://hooks.example.com/",
    "events": ["booking-updated"],
    "description": "Doors",
}
ASHA = {"email": "asha@example.com", "password": "a quiet harbour 9", "name": "Asha"}

DRAWER = {"site": "central", "cash_float": "500.00"}
BENT = {"site": "central", "kind": "damage", "text": "The barrier is bent."}

REGISTER = "/api/auth/register"

ONCE: dict[str, dict[str, Any]] = {
    REGISTER: ASHA,
    "/api/user/book-slot": PARK,
    "/api/bookings": BOOK,
    "/api/bookings/{booking_id}/renew": {},
    "/api/waitlist": WAIT,
    "/api/waitlist/{entry_id}/claim": {"owner_name": "Asha Rao"},
    "/api/admin/sites": SITE,
    "/api/admin/zones": ZONE,
    "/api/admin/passes/plans": {"site": "central", "period": "monthly", "name": "A month"},
    "/api/staff/passes": {
        "site": "central",
        "plan_id": "weekly",
        "vehicle_number": "KA02ZZ0001",
        "name": "Asha Rao",
    },
    "/api/admin/spaces": {"zone_id": "zone-a", "number": "B-001"},
    "/api/admin/users": STAFF,
    "/api/admin/blackouts": CLOSED,
    "/api/admin/api-keys": {"site": "central", "name": "North gate", "scope": "scans"},
    "/api/admin/promos": {
        "site": "central",
        "code": "SUMMER20",
        "percent": 20,
        "description": "Leaflet",
    },
    "/api/admin/webhooks": HOOK,
    "/api/staff/hotels/{slug}/walk-ins": WALK_IN,
    "/api/staff/shifts": DRAWER,
    "/api/staff/incidents": BENT,
    "/bookings": BOOK,
    "/bookings/{booking_id}/renew": {},
    "/waitlist": WAIT,
    "/waitlist/{entry_id}/claim": {"owner_name": "Asha Rao"},
    "/parking/entry": PARK,
    "/api/parking/book": PARK,
}
"""A good request of every route that creates something."""

MOVES_ON = {
    "/api/bookings/{booking_id}/deposit",
    "/api/bookings/{booking_id}/deposit/return",
    "/api/admin/payment-reviews/{case_id}/close",
    "/api/bookings/{booking_id}/refund",
    "/api/payment/phonepe/refund",
    "/api/user/cancel-booking",
    "/api/bookings/{booking_id}/cancel",
    "/api/bookings/{booking_id}/confirm",
    "/api/bookings/{booking_id}/override-autocancel",
    "/api/bookings/{booking_id}/override_autocancel",
    "/api/bookings/{booking_id}/check-in",
    "/api/bookings/{booking_id}/check-out",
    "/api/bookings/{booking_id}/waive",
    "/api/bookings/{booking_id}/terminate",
    "/api/bookings/{booking_id}/pass",
    "/api/bookings/{booking_id}/resend",
    "/api/staff/entry",
    "/api/staff/shifts/{shift_id}/close",
    "/api/staff/exit",
    "/api/staff/exit-quote",
    "/api/staff/let-out",
    "/api/staff/passes/{pass_id}/renew",
    "/bookings/{booking_id}/cancel",
    "/bookings/{booking_id}/confirm",
    "/bookings/{booking_id}/override-autocancel",
    "/bookings/{booking_id}/override_autocancel",
    "/parking/entry-qr-scan",
    "/parking/exit-qr-scan",
    "/parking/cancel-booking",
    "/api/parking/scan-entry",
    "/api/parking/scan-exit",
    "/api/admin/blackouts/{blackout_id}/cancel-bookings",
    "/api/admin/webhooks/{webhook_id}/rotate",
    "/api/bookings/{booking_id}/attachments",
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/assign-room",
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/swap-room",
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/check-in",
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/check-out",
    "/api/staff/hotels/{slug}/bookings/{booking_id}/checkout",
    "/api/staff/hotels/{slug}/rooms/{space_id}/turnover",
    "/api/staff/hotel/{slug}/rooms/checkout",
    "/api/staff/hotel/{slug}/rooms/checkin",
}
"""Routes that move money, or a booking or a room to where the same request is refused; and those of
attachments and of closing a shift, which take the same one twice anyway; and those that mail
something again."""

ONLINE = {
    "/api/payments/orders",
    "/api/payment/create-order",
    "/api/payment/phonepe/create",
    "/api/me/passes",
    "/api/me/passes/orders",
}
"""They need a gateway, and answer with the order that is open: tests/api/payments."""


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    return client.by(world.admin)


@pytest.fixture
def keyed(admin: Client) -> Client:
    return admin.sending(Idempotency_Key="first-try")


def a_path(path: str, world: World, clock: Clock) -> str:
    if path == "/api/staff/passes":
        site = world.deps.catalogue.fresh_site("central")
        world.deps.commit(saving(site.evolve(season_plans=PLANS)))
    if path.startswith(("/api/waitlist", "/waitlist")):
        return path.format(entry_id=an_entry(world, clock, offered="claim" in path))
    if path == "/api/admin/webhooks":
        with_realtime(world)
    if "{" not in path:
        return path
    if path.startswith("/api/staff/hotels/"):
        return path.format(slug=Hotel(world, clock).site)
    world.add_zone("zone-t", TIMER, tariff=FREE)
    booking = world.book(world.admin, zone="zone-t")
    clock.move(minutes=57)
    return path.format(booking_id=booking.booking_id)


def an_entry(world: World, clock: Clock, *, offered: bool) -> str:
    """A hall that is taken, or offered to the admin."""
    hall = Hall(world, clock)
    booking = hall.book()
    if not offered:
        return ""
    entry = hall.join(world.admin)
    hall.cancel(booking)
    return entry.entry_id


def bookings_of(client: Client) -> list[str]:
    return [item["booking_id"] for item in client.get("/api/user/history?limit=100").body["items"]]


def test_every_route_that_creates_something_takes_a_key() -> None:
    assert {
        route.path for route in routes.declared() if route.once
    } == ONCE.keys() | MOVES_ON | ONLINE
    creating = {r.path for r in routes.declared() if r.method == "POST" and r.status == 201}
    assert creating <= ONCE.keys() | ONLINE


@pytest.mark.parametrize("path", ONCE)
def test_the_same_key_and_body_give_the_first_answer_again(
    keyed: Client, world: World, clock: Clock, path: str
) -> None:
    asked, body = a_path(path, world, clock), ONCE[path]
    first = keyed.post(asked, body)
    clock.move(seconds=5)
    second = keyed.post(asked, body)
    secrets = first.body.keys() & {"secret", "api_key"}
    told = {**first.body, **dict.fromkeys(secrets)} if secrets else first.body
    assert (first.status, told) == (second.status, second.body)
    assert first.status in (200, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


def another(body: dict[str, Any]) -> dict[str, Any]:
    """The same request with another name, number, length, word or sum."""
    names = (
        "owner_name", "name", "number", "minutes", "reason", "description", "purpose", "text",
        "cash_float",
    )  # fmt: skip
    field = next(each for each in names if each in body)
    return body | {field: {"minutes": 61, "cash_float": "61"}.get(field, "Other-1")}


@pytest.mark.parametrize("path", [path for path, body in ONCE.items() if body and path != REGISTER])
def test_the_same_key_with_another_body_is_422(
    keyed: Client, world: World, clock: Clock, path: str
) -> None:
    asked, body = a_path(path, world, clock), ONCE[path]
    keyed.post(asked, body)
    answer = keyed.post(asked, another(body))
    assert answer.status == 422
    if "error" in answer.body:
        assert answer.code == "IDEMPOTENCY_MISMATCH"
    else:
        assert answer.body["success"] is False


def test_what_is_kept_of_a_request_helps_nobody_to_guess_a_password(
    client: Client, world: World
) -> None:
    client.sending(Idempotency_Key="k1").post(REGISTER, ASHA)
    [claim] = IdempotencyItem.scan(IdempotencyItem.seed.exists())
    request = incoming.fingerprint("POST", REGISTER, ASHA)
    assert world.deps.tokens.is_fingerprint(claim.fingerprint, request)
    assert not Tokens({"k1": b"another secret"}).is_fingerprint(claim.fingerprint, request)
    assert hashlib.sha256(request).hexdigest() not in f"{claim.pk} {claim.fingerprint}"


def test_the_same_body_written_otherwise_is_the_same_request(keyed: Client) -> None:
    first = keyed.post("/api/bookings", BOOK)
    turned = json.dumps(dict(reversed(BOOK.items())), indent=2).encode()
    assert keyed.call("POST", "/api/bookings", turned).body == first.body


def test_a_repeated_booking_is_one_booking(keyed: Client) -> None:
    first, second = (keyed.post("/api/bookings", BOOK) for _ in range(2))
    assert bookings_of(keyed) == [first.body["booking_id"]] == [second.body["booking_id"]]


def test_without_a_key_two_requests_are_two_bookings(admin: Client) -> None:
    for _ in range(2):
        admin.post("/api/bookings", BOOK)
    assert len(bookings_of(admin)) == 2


def test_the_same_key_on_another_route_is_another_request(keyed: Client) -> None:
    keyed.post("/api/bookings", BOOK)
    assert keyed.post("/api/user/book-slot", PARK).code == "IDEMPOTENCY_MISMATCH"


def test_the_same_key_for_another_booking_is_another_request(
    client: Client, world: World, clock: Clock
) -> None:
    world.add_zone("zone-t", TIMER, tariff=FREE)
    stays = [world.book(zone="zone-t") for _ in range(2)]
    clock.move(minutes=57)
    user = client.by(world.user).sending(Idempotency_Key="renew")
    first, second = (user.post(f"/api/bookings/{stay.booking_id}/renew") for stay in stays)
    assert first.status == 201
    assert second.code == "IDEMPOTENCY_MISMATCH"


def test_a_trailing_slash_makes_no_other_request(keyed: Client) -> None:
    first, second = keyed.post("/api/bookings", BOOK), keyed.post("/api/bookings/", BOOK)
    assert first.body == second.body


def test_two_people_may_think_of_the_same_key(keyed: Client, client: Client, world: World) -> None:
    first = keyed.post("/api/bookings", BOOK)
    second = client.by(world.user).sending(Idempotency_Key="first-try").post("/api/bookings", BOOK)
    assert second.status == 201
    assert first.body["booking_id"] != second.body["booking_id"]


def test_what_was_refused_may_be_tried_again_with_the_same_key(keyed: Client, world: World) -> None:
    taken = [world.book(world.other) for _ in range(3)]
    assert keyed.post("/api/bookings", BOOK).code == "ZONE_FULL"
    from chalicelib.services.bookings import bookings

    bookings.cancel(world.deps, world.other, taken[0].booking_id)
    assert keyed.post("/api/bookings", BOOK).status == 201


def test_a_faulty_body_may_be_mended_under_the_same_key(keyed: Client) -> None:
    assert keyed.post("/api/bookings", {"zone_id": "zone-a", "minutes": 0}).status == 400
    assert keyed.post("/api/bookings", BOOK).status == 201


def test_while_the_first_runs_the_second_is_told_to_wait(keyed: Client, world: World) -> None:
    claim(world, "/api/bookings", BOOK)
    answer = keyed.post("/api/bookings", BOOK)
    assert (answer.status, answer.code) == (409, "REQUEST_IN_PROGRESS")
    assert int(answer.headers["Retry-After"]) >= 1


def test_when_the_first_has_died_the_second_does_its_work(
    keyed: Client, world: World, clock: Clock
) -> None:
    claim(world, "/api/bookings", BOOK)
    clock.move(seconds=31)
    assert keyed.post("/api/bookings", BOOK).status == 201
    assert keyed.post("/api/bookings", BOOK).headers["Idempotency-Replayed"] == "true"


def test_a_key_is_good_for_a_day_and_then_for_another_request(
    keyed: Client, world: World, clock: Clock
) -> None:
    first = keyed.post("/api/bookings", BOOK)
    clock.move(hours=23, minutes=59)
    assert keyed.post("/api/bookings", BOOK).body == first.body
    clock.move(minutes=1)
    again = signed_in(keyed, world).post("/api/bookings", BOOK)
    assert again.status == 201
    assert again.body["booking_id"] != first.body["booking_id"]


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 129, "schlüssel", "\x7f"])
def test_a_key_is_short_and_plain(admin: Client, key: str) -> None:
    answer = admin.sending(Idempotency_Key=key).post("/api/bookings", BOOK)
    assert answer.status == 400
    assert set(answer.fields) == {"Idempotency-Key"}
    assert not bookings_of(admin)


def test_a_repeated_exit_says_again_what_change_to_give(
    client: Client, world: World, clock: Clock
) -> None:
    world.enter(booking := world.book())
    clock.move(minutes=10)
    staff = client.by(world.staff).sending(Idempotency_Key="gate-7")
    scan = {
        "qr_code": world.deps.tokens.qr(booking),
        "payment_method": "CASH",
        "amount_received": 60,
    }
    first, second = (staff.post("/api/staff/exit", scan) for _ in range(2))
    assert first.body["change"]["amount"] == "10.00"
    assert (second.status, second.body) == (200, first.body)
    assert client.by(world.staff).post("/api/staff/exit", scan).code == "ALREADY_ENDED"


def claim(world: World, path: str, body: dict[str, Any]) -> None:
    """As if the first request with the key `first-try` were still running, or had died."""
    fingerprint = world.deps.tokens.fingerprint(incoming.fingerprint("POST", path, body))
    owner, now = world.admin.account_id, world.deps.now()
    world.deps.idempotency.claim(
        Claim.new(owner, "first-try", fingerprint=fingerprint, seed="00", now=now)
    )


def signed_in(client: Client, world: World) -> Client:
    """The same client with a new token: a day has passed."""
    return client.by(world.admin)


def long_guests() -> list[dict[str, str]]:
    """Twenty guests whose names and addresses have nothing in common."""
    named = [hashlib.sha512(bytes([number])).hexdigest() for number in range(20)]
    far = str.maketrans("0123456789abcdef", "阿柏晨冬恩峰国海佳康丽明宁平琴瑞")
    return [
        {"name": each[:100].translate(far), "email": f"{each[:60]}@{each[60:120]}.com"}
        for each in named
    ]


def test_an_answer_longer_than_an_item_is_given_again(
    client: Client, world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock)
    keyed = client.by(hotel.staff).sending(Idempotency_Key="season")
    series = {
        "zone_id": "rooms",
        "nights": 1,
        "guests": long_guests(),
        "start": "2026-11-25",
        "repeat": {"every": "week", "times": 52},
    }
    rooms = world.deps.catalogue.zone("rooms")
    world.change_zone(rooms, policy=replace(rooms.policy, advance_window=400))
    first, second = (keyed.post("/api/bookings", series) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert len(json.dumps(first.body, ensure_ascii=False).encode()) > 400_000
    assert second.body == first.body
    assert second.headers["Idempotency-Replayed"] == "true"


def test_an_answer_that_cannot_be_kept_fails_nothing(world: World, clock: Clock) -> None:
    noise = "".join(hashlib.sha512(n.to_bytes(4, "big")).hexdigest() for n in range(8000))
    seeds = []

    def act(deps: Deps) -> str:
        seeds.append(deps.replay and deps.replay.seed)
        return noise

    def once() -> str:
        same: Callable[[str], str] = str
        return idempotency.once(
            world.deps, world.user, "big", b"request", act=act, pack=same, unpack=same
        )

    assert once() == noise
    with pytest.raises(errors.RequestInProgress):
        once()
    clock.move(seconds=31)
    assert once() == noise
    assert len(seeds) == 2
    assert len(set(seeds)) == 1
