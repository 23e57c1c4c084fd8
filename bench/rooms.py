"""A hundred rooms that are checked out, one by one and all at once, by the desk of the demo's
hotel: every step a request, as a client would send it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from bench import record

NUMBERS: Final = tuple(str(101 + n) for n in range(100))
IN_THE_DEMO: Final = 10
HOTEL: Final = "/api/staff/hotels/{slug}"

Ask = Callable[..., dict[str, Any]]
"""The event of a POST by the desk: a route and a body."""


def scripts() -> dict[str, record.Script]:
    """Both ways, by name."""
    with record.started() as app:
        owner = record.sign_in(app, "owner")
        more = {"zone_id": "rooms", "numbers": NUMBERS[IN_THE_DEMO:]}
        record.ask(app, record.event("/api/admin/spaces", owner, more))
        desk = partial(_by_the_desk, record.sign_in(app, "staff2"))
        return {
            "100 rooms one by one": _script(app, desk, _one_by_one),
            "100 rooms all at once": _script(app, desk, _all_at_once),
        }


def _by_the_desk(token: str, route: str, body: Any, **params: str) -> dict[str, Any]:
    return record.event(route, token, body, slug="hotel-killarney", **params)


def _script(app: Any, desk: Ask, way: Callable[[Ask, list[str]], list[Any]]) -> record.Script:
    """The rooms are taken anew before each time."""
    first = way(desk, _taken(app, desk))
    record.forget()
    cold = record.played(app, first)
    return {"cold": cold, "warm": record.played(app, way(desk, _taken(app, desk)))}


def _taken(app: Any, desk: Ask) -> list[str]:
    """The bookings of those who are in the rooms now, cleaned or not."""
    return [_walked_in(app, desk, number) for number in NUMBERS]


def _walked_in(app: Any, desk: Ask, number: str) -> str:
    guest = {"name": "A. Guest", "email": "guest@example.com"}
    body = {"space_id": f"rooms.{number}", "nights": 1, "guests": [guest]}
    answer = record.ask(app, desk(f"{HOTEL}/walk-ins", {**body, "override_reason": "in a hurry"}))
    booking_id: str = answer["booking"]["booking_id"]
    return booking_id


def _one_by_one(desk: Ask, booking_ids: list[str]) -> list[Any]:
    route = f"{HOTEL}/room-bookings/{{booking_id}}/check-out"
    return [desk(route, {}, booking_id=booking_id) for booking_id in booking_ids]


def _all_at_once(desk: Ask, booking_ids: list[str]) -> list[Any]:
    rooms = [f"rooms.{number}" for number in NUMBERS]
    return [desk("/api/staff/hotel/{slug}/rooms/checkout", {"room_ids": rooms})]
