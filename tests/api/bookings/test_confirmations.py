"""Confirming over HTTP: the shape of the answers, and the refusals by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.services.bookings import confirmations
from tests.client import Client
from tests.clock import Clock
from tests.world import World

FIELDS = (
    "confirmed", "confirmed_at", "reminder_sent", "reminder_sent_at", "auto_cancelled",
    "auto_cancelled_at", "auto_cancel_reason",
)  # fmt: skip


class Customer:
    """Whose sign-in is always fresh, for tests that last for days."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, path: str) -> Any:
        return Client(self._world).by(self._world.user).get(path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return Client(self._world).by(self._world.user).post(path, body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return Client(self._world).by(self._world.user).patch(path, body)


@pytest.fixture
def user(world: World) -> Customer:
    return Customer(world)


def shown(answer: Any) -> tuple[Any, ...]:
    return tuple(answer.body[name] for name in FIELDS)


def test_a_booking_tells_how_far_its_confirmation_has_come(
    world: World, user: Customer, clock: Clock
) -> None:
    path = f"/api/bookings/{world.book_hall().booking_id}"
    assert shown(user.get(path)) == (False, None, False, None, False, None, "")
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    assert shown(user.get(path))[:4] == (False, None, True, "2026-11-22T06:30:00Z")
    answer = user.post(f"{path}/confirm", {})
    assert (answer.status, shown(answer)[:2]) == (200, (True, "2026-11-22T06:30:00Z"))
    assert [entry["event"] for entry in answer.body["timeline"]] == [
        "created", "reminded", "confirmed",
    ]  # fmt: skip
    clock.move(hours=1)
    assert shown(user.post(f"{path}/confirm", {})) == shown(answer)


def test_a_booking_given_up_tells_when_and_why_and_cannot_be_saved_any_more(
    world: World, user: Customer, clock: Clock
) -> None:
    booking = world.book_hall()
    path = f"/api/bookings/{booking.booking_id}"
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    clock.move(hours=23)
    answer = user.get(path)
    assert answer.body["status"] == "cancelled"
    assert shown(answer)[4:] == (
        True, "2026-11-23T04:30:00Z", "Not confirmed before event",
    )  # fmt: skip
    assert user.post(f"{path}/confirm", {}).code == "ALREADY_ENDED"
    owner = Client(world).by(world.owner)
    assert owner.post(f"{path}/override-autocancel", {}).code == "ALREADY_ENDED"


@pytest.mark.parametrize("step", ["confirm", "override-autocancel", "override_autocancel"])
def test_a_confirmation_with_a_key_gives_its_first_answer_again(
    world: World, client: Client, clock: Clock, step: str
) -> None:
    path = f"/api/bookings/{world.book_hall().booking_id}/{step}"
    staff = client.by(world.staff).sending(Idempotency_Key="k1")
    first = staff.post(path, {"reason": "Rang at noon"})
    clock.move(minutes=5)
    again = staff.post(path, {"reason": "Rang at noon"})
    assert (again.status, again.body) == (200, first.body)
    assert staff.post(path, {"reason": "Rang at one"}).code == "IDEMPOTENCY_MISMATCH"


def test_only_what_is_ahead_can_be_confirmed(world: World, user: Customer, clock: Clock) -> None:
    path = f"/api/bookings/{world.book_hall().booking_id}"
    clock.move(hours=48)
    assert user.post(f"{path}/confirm", {}).code == "ILLEGAL_TRANSITION"
    clock.move(hours=1)
    assert user.post(f"{path}/confirm", {}).code == "ALREADY_ENDED"


def test_an_auto_cancel_before_the_reminder_makes_no_sense(world: World) -> None:
    world.book_hall()
    owner = Client(world).by(world.owner)
    early = {"policy": {"reminder_lead": 60, "auto_cancel_lead": 120}}
    answer = owner.patch("/api/admin/zones/halls", early)
    assert answer.code == "VALIDATION_FAILED"
    assert answer.body["error"]["fields"] == {
        "policy.auto_cancel_lead": "must be less than reminder_lead"
    }


def test_a_booking_moved_near_its_start_is_confirmed_by_the_move(
    world: World, user: Customer, clock: Clock
) -> None:
    path = f"/api/bookings/{world.book_hall().booking_id}"
    soon = clock.now() + timedelta(minutes=90)
    answer = user.patch(path, {"start": soon.isoformat().replace("+00:00", "Z")})
    assert (answer.status, shown(answer)[:2]) == (200, (True, "2026-11-21T06:30:00Z"))
