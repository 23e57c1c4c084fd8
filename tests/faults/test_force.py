"""The destructive mode is used once under one key, and audited once, wherever the request dies."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from chalicelib.store.audit import AuditItem
from tests.clock import Clock
from tests.faults.harness import Harness
from tests.faults.test_crashes import USE
from tests.faults.use_case import Act, UseCase, post
from tests.faults.wire import Died
from tests.hotel import Hotel
from tests.world import World

ROOMS: Final = "/api/staff/hotel/hotel/rooms/checkout"
BODY: Final[dict[str, Any]] = {
    "room_ids": ["rooms.101", "rooms.102"], "destructive": True, "reason": "flood",
}  # fmt: skip


def _arranged(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    for number in ("101", "102"):
        hotel.stay(number)
        hotel.record_wrong_guest(number)
    return post(world, ROOMS, BODY, key="k", by=world.admin)


def _uses() -> list[AuditItem]:
    return list(AuditItem.scan(AuditItem.action == USE))


def test_a_use_under_one_key_is_audited_once_wherever_it_dies(harness: Harness) -> None:
    case = UseCase("clear by force", _arranged)
    act = harness.arranged(case)
    with harness.wire.breaking(0, None):
        assert act().status == 200
    [undisturbed] = _uses()
    calls = len(harness.wire.calls)
    for at in range(calls):
        act = harness.arranged(case)
        with harness.wire.breaking(at, "dies after"), suppress(Died):
            act()
        for _ in range(4):
            answer = act()
            if answer.status != 409:
                break
            harness.clock.move(seconds=15)
        assert answer.status == 200, (at, answer.body)
        [use] = _uses()
        assert (use.subject, use.detail is None) == (undisturbed.subject, False), at
        stays = use.detail.rpartition("bookings: ")[2] if use.detail else ""
        assert len(stays.split(", ")) == 3, (at, use.detail)  # two guests, one name in the record
