"""Every way to end a stay leaves the same records."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.bookings import attachments, settle
from chalicelib.services.front_desk import bulk
from chalicelib.services.stays import check_out
from chalicelib.store.audit import AuditItem
from chalicelib.store.ledger import LedgerItem
from chalicelib.store.outbox import OutboxItem
from chalicelib.store.sheets import SheetItem
from tests.builders import cash
from tests.client import Client
from tests.clock import Clock
from tests.hotel import Hotel
from tests.world import World

Door = Callable[[Hotel, Booking], Any]


def _post(path: str, body: Any = None) -> Door:
    def call(hotel: Hotel, stay: Booking) -> None:
        answer = Client(hotel.world).by(hotel.staff).post(path.format(stay.booking_id), body)
        assert answer.status == 200, answer.body

    return call


def _gate(hotel: Hotel, stay: Booking) -> None:
    code = hotel.deps.tokens.qr(stay)
    check_out.scan_exit(hotel.deps, hotel.staff, code, tender=cash())


def _bulk(hotel: Hotel, stay: Booking) -> None:
    bulk.check_out(hotel.deps, hotel.staff, "hotel", ["rooms.101"], out_of_time=lambda: False)


HOTEL = "/api/staff/hotels/hotel"
BY_STAFF: dict[str, tuple[Door, str]] = {
    "the canonical URL": (_post(f"{HOTEL}/room-bookings/{{}}/check-out"), "staff_api"),
    "its older twin": (_post(f"{HOTEL}/bookings/{{}}/checkout"), "legacy_api"),
    "the booking's own URL": (_post("/api/bookings/{}/check-out"), "staff_api"),
    "the gate": (_gate, "gate_exit"),
    "many rooms at once": (_bulk, "bulk"),
}
BY_TIME: dict[str, tuple[Door, str]] = {
    "the sweep": (lambda hotel, stay: sweeps.run(hotel.deps, "auto-checkout"), "auto_checkout"),
    "whoever reads first": (lambda hotel, stay: settle.read(hotel.deps, stay.booking_id), "lazy"),
}


def _stay(hotel: Hotel) -> Booking:
    """A paid stay in room 101, with a phone and a breakfast."""
    stay = hotel.stay("101")
    hotel.deps.commit(saving(replace(stay, paid=12000, version=stay.version + 1)))
    attachments.attach(hotel.deps, hotel.staff, stay.booking_id, "push_token", "phone-1")
    attachments.attach(hotel.deps, hotel.staff, stay.booking_id, "order", "breakfast")
    return stay


def _left_behind(hotel: Hotel, stay: Booking) -> dict[str, Any]:
    """Everything stored that a check-out writes, in every table."""
    over, room = hotel.world.read(stay), hotel.room()
    [ended] = [e for e in over.timeline if e.what == "checked_out"]
    sheets = SheetItem.scan(SheetItem.pk == "sheets#rooms")
    batches = OutboxItem.scan(OutboxItem.pk.startswith("waiting."))
    return {
        "status": (over.status, over.payment_status, over.paid, over.deadline),
        "ended": (over.actual_end, over.checked_out_by, over.auto_checkout),
        "timeline": (ended.at, ended.actor, ended.source, ended.note),
        "bill": (over.bill.total.minor, over.bill.amount_due.minor) if over.bill else None,
        "attachments": [(a.kind, a.ref, a.closed_at) for a in over.attachments],
        "room": (room.condition, room.booking_id, room.since, room.by, room.note),
        "history": [
            step.to for _, step in hotel.deps.rooms.history("rooms", "101", limit=9).records
        ],
        "sheets": [holder for sheet in sheets for holder in sheet.taken or ()],
        "ledger": [(entry.kind, entry.actor, int(entry.at)) for entry in LedgerItem.scan()],
        "audit": [event.action for event in AuditItem.scan()],
        "effects": sorted(e["name"] for batch in batches for e in batch.effects),
    }


def _expected(stay: Booking, at: datetime, by: Actor, source: str) -> dict[str, Any]:
    who, auto = by.account_id, by == SYSTEM
    note = f"{stay.booking_id} checked out"
    return {
        "status": (Status.COMPLETED, "paid", 12000, None),
        "ended": (at, who, auto),
        "timeline": (at, who, source, "AUTO" if auto else ""),
        "bill": (12000, 0),
        "attachments": [("push_token", "", at), ("order", "breakfast", at)],
        "room": (Condition.CHECKOUT_DIRTY, None, at, who, note),
        "history": [Condition.CHECKOUT_DIRTY, Condition.OCCUPIED],
        "sheets": [],
        "ledger": [("billed", who, int(at.timestamp()))],
        "audit": [],
        "effects": ["booking_confirmed", "issue_papers", "issue_papers", "stay_ended"],
    }


@pytest.mark.parametrize("name", BY_STAFF)
def test_whoever_ends_a_stay_by_whatever_door_leaves_the_same_behind(
    name: str, world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock)
    door, source = BY_STAFF[name]
    stay = _stay(hotel)
    clock.move(hours=20)
    door(hotel, stay)
    expected = _expected(stay, clock.now(), hotel.staff, source)
    assert _left_behind(hotel, stay) == expected


@pytest.mark.parametrize("name", BY_TIME)
def test_time_leaves_the_same_behind_in_its_own_name(name: str, world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, auto_checkout_after=1)
    door, source = BY_TIME[name]
    stay = _stay(hotel)
    clock.move(hours=30)
    door(hotel, stay)
    expected = _expected(stay, stay.booked.end, SYSTEM, source)
    assert _left_behind(hotel, stay) == expected


@pytest.mark.parametrize("second", BY_STAFF)
@pytest.mark.parametrize("first", BY_STAFF)
def test_a_second_door_finds_the_stay_ended_and_changes_nothing(
    first: str, second: str, world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock)
    stay = _stay(hotel)
    BY_STAFF[first][0](hotel, stay)
    before = _left_behind(hotel, stay)
    clock.move(minutes=5)
    with contextlib.suppress(errors.AlreadyEnded):  # a gate answers so
        BY_STAFF[second][0](hotel, stay)
    assert _left_behind(hotel, stay) == before
