"""A pass made anew, and mails sent again, by HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.bookings.details import Guest
from tests.client import Client
from tests.world import World

Deliver = Callable[[], list[Any]]


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


@pytest.fixture
def desk(client: Client, world: World) -> Client:
    return client.by(world.staff)


@pytest.fixture
def limited(world: World) -> Iterator[None]:
    strict = replace(world.deps.settings, limits_factor=1)
    wiring.use(replace(world.deps, settings=strict))
    yield
    wiring.use(world.deps)


def test_the_pass_before_is_refused_at_the_gate_with_its_own_code(
    user: Client, desk: Client, world: World
) -> None:
    booking = world.book()
    old = world.deps.tokens.qr(booking)
    new = user.post(f"/api/bookings/{booking.booking_id}/pass")
    assert (new.status, new.body["qr_code"] != old) == (200, True)
    assert [entry["event"] for entry in new.body["timeline"]] == ["created", "pass_replaced"]
    refused = desk.post("/api/staff/entry", {"qr_code": old})
    assert (refused.status, refused.code) == (410, "PASS_REPLACED")
    assert desk.post("/api/staff/entry", {"qr_code": new.body["qr_code"]}).status == 200
    late = desk.post("/api/staff/exit", {"qr_code": old, "payment_method": "CASH"})
    assert (late.status, late.code) == (410, "PASS_REPLACED")


def test_the_older_url_of_the_gate_refuses_it_too(user: Client, desk: Client, world: World) -> None:
    booking = world.book()
    old = world.deps.tokens.qr(booking)
    user.post(f"/api/bookings/{booking.booking_id}/pass")
    refused = desk.post("/api/parking/scan-entry", {"qr_code": old})
    assert (refused.status, refused.body["success"]) == (400, False)
    assert refused.body["message"].startswith("This pass has been replaced by a newer one.")


def test_a_pass_of_an_ended_booking_is_not_made_anew(user: Client, world: World) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    user.post(f"{path}/cancel")
    refused = user.post(f"{path}/pass")
    assert (refused.status, refused.code) == (409, "ALREADY_ENDED")


def test_a_stale_pass_request_is_refused(user: Client, world: World) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    assert user.sending(If_Match='"7"').post(f"{path}/pass").status == 412


def test_staff_send_a_mail_again(desk: Client, world: World, deliver: Deliver) -> None:
    booking = world.book()
    before = len(deliver())
    assert desk.post(f"/api/bookings/{booking.booking_id}/resend").status == 200
    again = deliver()[before:]
    assert [mail.to for mail in again] == [("user1@example.com",)]
    assert again[0].subject.startswith("Booked: ")


def test_nothing_is_sent_again_about_a_booking_without_an_address(
    desk: Client, world: World
) -> None:
    booking = world.book(world.staff, guests=(Guest("Al"),))
    refused = desk.post(f"/api/bookings/{booking.booking_id}/resend")
    assert (refused.status, refused.code) == (409, "ILLEGAL_TRANSITION")


@pytest.mark.usefixtures("limited")
def test_a_booking_is_mailed_three_times_an_hour_at_most(desk: Client, world: World) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    assert [desk.post(f"{path}/resend").status for _ in range(4)] == [200, 200, 200, 429]
    assert desk.post(f"{path}/pass").status == 429


def test_a_corrected_address_is_confirmed_by_http(
    desk: Client, world: World, deliver: Deliver
) -> None:
    guest = {"name": "Al", "email": "la@example.com"}
    made = desk.post("/api/bookings", {"zone_id": "zone-a", "guests": [guest]})
    path = f"/api/bookings/{made.body['booking_id']}"
    before = len(deliver())
    corrected = {"guests": [{"name": "Al", "email": "al@example.com"}]}
    assert desk.patch(path, corrected).status == 200
    (mail,) = deliver()[before:]
    assert mail.to == ("al@example.com",)
    assert made.body["qr_code"] in mail.text
