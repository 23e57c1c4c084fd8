"""The use cases of the waitlist that write, beside those in `use_cases.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib import sweeps
from chalicelib.domain.core.access import Actor
from chalicelib.domain.waitlist.entry import Entry
from tests.client import Client
from tests.clock import Clock
from tests.hall import START, Hall
from tests.world import World

Act = Callable[[], Any]


def _send(world: World, by: Actor, method: str, path: str, body: Any = None) -> Act:
    client = Client(world).by(by).sending(Idempotency_Key="k")
    return lambda: getattr(client, method)(path, *([] if body is None else [body]))


def join(world: World, clock: Clock) -> Act:
    """The first to wait for that day: its sheets are marked before."""
    Hall(world, clock, spaces=2)
    for number in ("A-001", "A-002"):
        world.book(zone="halls", number=number, start=START, minutes=60)
    body = {"zone_id": "halls", "start": "2026-11-23T06:30:00Z", "minutes": 60}
    return _send(world, world.other, "post", "/api/waitlist", body)


def _offered(world: World, clock: Clock) -> tuple[Hall, Entry]:
    hall = Hall(world, clock)
    booking = hall.book()
    entry, _ = hall.join(world.other), hall.join(hall.third)
    hall.cancel(booking)
    return hall, entry


def claim(world: World, clock: Clock) -> Act:
    """What is offered."""
    _, entry = _offered(world, clock)
    return _send(world, world.other, "post", f"/api/waitlist/{entry.entry_id}/claim", {})


def decline(world: World, clock: Clock) -> Act:
    """What is offered goes to the next."""
    _, entry = _offered(world, clock)
    return _send(world, world.other, "delete", f"/api/waitlist/{entry.entry_id}/leave")


def cancel(world: World, clock: Clock) -> Act:
    """Two are served by one gap, a third is not."""
    hall = Hall(world, clock)
    booking = hall.book(0, 2)
    hall.join(world.other, 0, 1)
    hall.join(hall.third, 1, 2)
    hall.join(hall.fourth, 0, 2)
    return _send(world, world.user, "post", f"/api/bookings/{booking.booking_id}/cancel", {})


def lapse(world: World, clock: Clock) -> Act:
    """By sweep."""
    _offered(world, clock)
    clock.move(minutes=15)
    return lambda: sweeps.run(world.deps, "waitlist-expiry")


def pass_by(world: World, clock: Clock) -> Act:
    """Somebody books what a lapsed offer still holds, and the last in line has had their turn."""
    hall = Hall(world, clock)
    booking = hall.book()
    hall.join(world.other)
    hall.cancel(booking)
    clock.move(minutes=15)
    body = {"zone_id": "halls", "start": "2026-11-23T06:30:00Z", "minutes": 60}
    return _send(world, hall.third, "post", "/api/bookings", body)
