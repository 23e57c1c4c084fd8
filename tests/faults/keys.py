"""Use cases: what is made under an Idempotency-Key that others have, or that is used again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from tests import builders
from tests.client import Client
from tests.clock import Clock
from tests.faults.bookings import BOOKINGS
from tests.faults.use_case import Act, UseCase, post
from tests.world import World

REGISTER: Final = "/api/auth/register"
USERS: Final = "/api/admin/users"


def _person(name: str) -> dict[str, Any]:
    return {"email": f"{name}@example.com", "password": "seven purple bicycles", "name": name}


def _staff(name: str) -> dict[str, Any]:
    return {"email": f"{name}@example.com", "name": name, "role": "staff", "sites": ["central"]}


def _guest(name: str) -> dict[str, Any]:
    guest = {"name": name, "email": f"{name}@example.com"}
    return {"zone_id": "lot", "minutes": 60, "guests": [guest]}


def _register_under_anothers_key(world: World, clock: Clock) -> Act:
    client = Client(world).sending(Idempotency_Key="signup-1")
    assert client.post(REGISTER, _person("asha")).status == 201
    return lambda: client.post(REGISTER, _person("ravi"))


def _yesterday(arrange: Callable[[World, str], Act], world: World, clock: Clock) -> Act:
    """The same key a day later: it is new."""
    world.add_zone("lot", builders.METERED, spaces=9)
    assert arrange(world, "asha")().status == 201
    clock.move(hours=24)
    return arrange(world, "ravi")


def _add_staff(world: World, name: str) -> Act:
    return post(world, USERS, _staff(name), by=world.admin, key="k")


def _book_for_a_guest(world: World, name: str) -> Act:
    return post(world, BOOKINGS, _guest(name), by=world.staff, key="k")


def _book_a_group(world: World, name: str) -> Act:
    return post(world, BOOKINGS, {"zone_id": "lot", "quantity": 3}, key="k")


def _close_a_day(world: World, name: str) -> Act:
    day = (world.deps.now() + timedelta(days=2)).date()
    body = {"zone_id": "lot", "start": f"{day}T06:00Z", "end": f"{day}T18:00Z"}
    return post(world, "/api/admin/blackouts", body, by=world.owner, key="k")


def _two_desks(world: World, clock: Clock) -> Act:
    """Two of the staff think of the same key at the same time."""
    world.add_zone("lot", builders.METERED, spaces=9)
    assert post(world, BOOKINGS, _guest("asha"), by=world.owner, key="k")().status == 201
    return post(world, BOOKINGS, _guest("ravi"), by=world.staff, key="k")


CASES: Final = (
    UseCase("register under another's key", _register_under_anothers_key),
    UseCase("book for a guest under a colleague's key", _two_desks),
    UseCase("add staff under yesterday's key", partial(_yesterday, _add_staff)),
    UseCase("book for a guest under yesterday's key", partial(_yesterday, _book_for_a_guest)),
    UseCase("book a group under yesterday's key", partial(_yesterday, _book_a_group)),
    UseCase("close a day under yesterday's key", partial(_yesterday, _close_a_day)),
)
