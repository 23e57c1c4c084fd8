from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.sites.policy import Policy
from tests.builders import FREE, METERED, TIMED
from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.world import World


@pytest.fixture
def gate(client: Client, world: World) -> Client:
    """An attendant of the car park."""
    return client.by(world.staff)


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


def a_pass(world: World, **wishes: Any) -> str:
    return world.deps.tokens.qr(world.book(**wishes))


def enter(gate: Client, code: str, **more: Any) -> Reply:
    return gate.post("/api/staff/entry", {"qr_code": code, **more})


def leave(gate: Client, code: str, **more: Any) -> Reply:
    return gate.post("/api/staff/exit", {"qr_code": code, "payment_method": "CASH", **more})


# -- the gate


def test_an_entry_says_where_to_and_since_when(gate: Client, world: World) -> None:
    booking = world.book(number="A-002")
    answer = enter(gate, world.deps.tokens.qr(booking))
    assert answer.status == 200
    assert (answer.body["space_id"], answer.body["slot_number"]) == ("zone-a.A-002", "A-002")
    assert (answer.body["zone_name"], answer.body["entry_time"]) == (
        "Zone A",
        "2026-11-21T06:30:00Z",
    )
    assert answer.body["booking"]["status"] == "active"
    assert answer.body["booking"]["actual_start_time"] == "2026-11-21T06:30:00Z"


def test_an_exit_answers_the_bill_and_the_change(gate: Client, world: World, clock: Clock) -> None:
    code = a_pass(world)
    enter(gate, code)
    clock.move(minutes=66)
    answer = leave(gate, code, payment_method="CASH", amount_received="150.00")
    bill = answer.body
    assert answer.status == 200
    assert (bill["duration_minutes"], bill["units"]) == (66, 2)
    assert (bill["rate"], bill["total"]) == (inr("50.00"), inr("100.00"))
    assert (bill["booking_fee"], bill["amount_due"]) == (inr("50.00"), inr("100.00"))
    assert (bill["amount_received"], bill["change"]) == (inr("150.00"), inr("50.00"))
    assert bill["payment"]["method"] == "CASH"
    assert (bill["booking"]["status"], bill["booking"]["payment_status"]) == ("completed", "paid")
    assert bill["exit_time"] == "2026-11-21T07:36:00Z"
    assert [line["amount"] for line in bill["lines"]]


@pytest.mark.parametrize(
    ("minutes", "total"),
    [(3, "50.00"), (45, "50.00"), (60, "50.00"), (65, "50.00"), (66, "100.00"), (120, "100.00"),
     (125, "100.00"), (126, "150.00"), (150, "150.00"), (300, "250.00")],
)  # fmt: skip
def test_an_hour_begun_is_charged_after_five_minutes_of_grace(
    gate: Client, world: World, clock: Clock, minutes: int, total: str
) -> None:
    code = a_pass(world)
    enter(gate, code)
    clock.move(minutes=minutes)
    assert leave(gate, code).body["total"] == inr(total)


def test_tax_is_shown_by_its_name_and_adds_up(gate: Client, world: World, clock: Clock) -> None:
    taxed = Tariff("hourly", "INR", 5000, tax=Tax(1800))
    world.change_zone(world.zone_a, tariff=taxed)
    code = a_pass(world)
    enter(gate, code)
    clock.move(minutes=10)
    (tax,) = leave(gate, code).body["tax"]
    assert (tax["name"], tax["rate_percent"]) == ("GST", "18")


def test_what_is_left_out_is_paid_exactly(gate: Client, world: World) -> None:
    code = a_pass(world)
    enter(gate, code)
    answer = leave(gate, code)
    assert answer.body["amount_received"] == answer.body["amount_due"] == inr("50.00")
    assert answer.body["change"] == inr("0.00")


def test_a_pass_opens_once_in_and_once_out_and_in_that_order(gate: Client, world: World) -> None:
    code = a_pass(world)
    told = [each.code for each in (leave(gate, code),)]
    assert enter(gate, code).status == 200
    told.append(enter(gate, code).code)
    assert leave(gate, code).status == 200
    told += [leave(gate, code).code, enter(gate, code).code]
    assert told == ["NOT_CHECKED_IN", "ALREADY_CHECKED_IN", "ALREADY_ENDED", "ALREADY_ENDED"]


def test_a_scanner_may_add_blanks_and_change_the_case(gate: Client, world: World) -> None:
    assert enter(gate, f" {a_pass(world).lower()} ").status == 200


@pytest.mark.parametrize(
    "code", ["x", "BERTH", "BERTH" + "0" * 80, "https://example.com/BK1", "💥", "B" * 400]
)
def test_a_code_that_is_none_of_ours_is_404(gate: Client, code: str) -> None:
    for scan in (enter, leave):
        answer = scan(gate, code)
        assert (answer.status, answer.code) == (404, "CODE_NOT_FOUND")


def test_a_pass_with_one_letter_changed_opens_nothing(gate: Client, world: World) -> None:
    code = a_pass(world)
    for position in range(5, len(code), 7):
        letter = "A" if code[position] != "A" else "C"
        forged = code[:position] + letter + code[position + 1 :]
        assert enter(gate, forged).code == "CODE_NOT_FOUND"
    assert enter(gate, code).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"qr_code": ""},
        {"qr_code": None},
        {"qr_code": 7},
        {"qr_code": "B" * 401},
        {"qr_code": "\x00"},
    ],
)
def test_a_scan_without_a_code_names_the_field(gate: Client, body: dict[str, Any]) -> None:
    for path in ("/api/staff/entry", "/api/staff/exit"):
        assert set(gate.post(path, body).fields) == {"qr_code"}


def test_the_plate_at_the_gate_is_that_of_the_booking(gate: Client, world: World) -> None:
    code = a_pass(world, vehicle_number="KA01AB1234")
    wrong = enter(gate, code, vehicle_number="KA09ZZ9999")
    assert (wrong.status, wrong.code) == (409, "PLATE_MISMATCH")
    assert enter(gate, code, vehicle_number="ka-01 ab 1234").status == 200


def test_the_gate_opens_a_quarter_of_an_hour_early_and_no_sooner(
    gate: Client, world: World, clock: Clock
) -> None:
    code = a_pass(world, start=NOON.replace(hour=8, minute=0))
    clock.set(NOON.replace(hour=7, minute=44, second=59))
    early = enter(gate, code)
    assert (early.status, early.code) == (409, "TOO_EARLY")
    clock.move(seconds=1)
    assert enter(gate, code).status == 200


def test_too_little_cash_ends_nothing(gate: Client, world: World) -> None:
    code = a_pass(world)
    enter(gate, code)
    short = leave(gate, code, amount_received="49.99")
    assert (short.status, short.code) == (409, "NOT_ENOUGH_CASH")
    assert leave(gate, code, amount_received="50.00").status == 200


def test_nothing_is_paid_because_a_field_is_missing(
    gate: Client, world: World, clock: Clock
) -> None:
    booking = world.enter(world.book())
    code = world.deps.tokens.qr(booking)
    clock.move(minutes=66)
    for scan in ({"qr_code": code}, {"qr_code": code, "amount_received": "100.00"}):
        answer = gate.post("/api/staff/exit", scan)
        assert (answer.status, set(answer.fields)) == (400, {"payment_method"})
    assert world.read(booking) == booking
    paid = leave(gate, code)
    assert (paid.status, paid.body["amount_received"]) == (200, inr("100.00"))


def test_a_stay_that_costs_nothing_needs_no_way_to_pay(gate: Client, world: World) -> None:
    world.change_zone(world.zone_a, tariff=FREE)
    code = a_pass(world)
    enter(gate, code)
    left = gate.post("/api/staff/exit", {"qr_code": code})
    assert (left.status, left.body["change"]) == (200, inr("0.00"))


@pytest.mark.parametrize(
    ("payment", "status"),
    [
        ({}, "due"),
        ({"payment_method": "CASH"}, "paid"),
        ({"payment_method": "CASH", "amount_received": "120"}, "paid"),
        ({"amount_received": "120"}, "paid"),  # counted cash
    ],
)
def test_a_desk_takes_what_the_request_says_and_nothing_else(
    gate: Client, world: World, clock: Clock, payment: dict[str, str], status: str
) -> None:
    booking = world.enter(world.book())
    clock.move(minutes=66)
    left = gate.post(f"/api/bookings/{booking.booking_id}/check-out", payment)
    assert (left.status, left.body["payment_status"]) == (200, status)


def test_paying_online_at_the_exit_is_refused_by_name(gate: Client, world: World) -> None:
    code = a_pass(world)
    enter(gate, code)
    answer = leave(gate, code, payment_method="ONLINE")
    assert (answer.status, answer.code) == (409, "PAYMENT_METHOD_UNAVAILABLE")


def test_money_of_another_country_settles_nothing(gate: Client, world: World) -> None:
    code = a_pass(world)
    enter(gate, code)
    for wrong in ("EUR", "XXX"):
        answer = leave(gate, code, amount_received={"amount": "50.00", "currency": wrong})
        assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
        assert answer.fields.keys() == {"amount_received"}
    assert leave(gate, code, amount_received=inr("50.00")).status == 200


def test_a_stay_that_time_has_ended_is_paid_at_the_gate(
    gate: Client, world: World, clock: Clock
) -> None:
    world.change_zone(world.zone_a, policy=TIMED)
    code = a_pass(world)
    enter(gate, code)
    clock.move(hours=3)
    answer = leave(gate, code, amount_received=100)
    assert (answer.status, answer.body["duration_minutes"]) == (200, 60)
    assert (answer.body["amount_due"], answer.body["change"]) == (inr("50.00"), inr("50.00"))
    assert answer.body["booking"]["auto_checkout"] is True


# -- who is inside


def test_the_desk_sees_who_is_inside_overstays_first(
    gate: Client, world: World, clock: Clock
) -> None:
    long, short = world.book(minutes=240, number="A-001"), world.book(minutes=30, number="A-002")
    for booking in (long, short):
        world.enter(booking)
    clock.move(minutes=45)
    body = gate.get("/api/staff/active-sessions?site=central").body
    assert (body["count"], body["overstays"]) == (2, 1)
    first, second = body["items"]
    assert (first["booking_id"], first["overstay"], first["overstay_minutes"]) == (
        short.booking_id,
        True,
        15,
    )
    assert (second["booking_id"], second["overstay"], second["overstay_minutes"]) == (
        long.booking_id,
        False,
        0,
    )
    assert first["duration_minutes"] == 45
    assert first["amount_due"] == inr("50.00")


def test_the_desk_sees_how_full_each_zone_is(gate: Client, world: World) -> None:
    world.add_zone("zone-b", METERED, spaces=2)
    world.enter(world.book())
    world.book()
    zones = {zone["zone_id"]: zone for zone in gate.get("/api/staff/slot-status").body["items"]}
    counts = (
        "total_slots",
        "occupied_slots",
        "reserved_slots",
        "available_slots",
        "occupancy_percent",
    )
    assert [zones["zone-a"][name] for name in counts] == [3, 1, 1, 1, 66.7]
    assert [zones["zone-b"][name] for name in counts] == [2, 0, 0, 2, 0.0]


def test_a_stay_that_time_has_ended_is_inside_no_more(
    gate: Client, world: World, clock: Clock
) -> None:
    world.change_zone(world.zone_a, policy=Policy(auto_checkout_after=60))
    world.enter(world.book())
    clock.move(minutes=60)
    assert gate.get("/api/staff/active-sessions").body["count"] == 0


def test_an_admin_who_names_no_site_sees_all_and_who_names_none_that_exists_404(
    client: Client, world: World
) -> None:
    admin = client.by(world.admin)
    assert [zone["zone_id"] for zone in admin.get("/api/staff/slot-status").body["items"]] == [
        "zone-a"
    ]
    assert admin.get("/api/staff/slot-status?site=nowhere").code == "SITE_NOT_FOUND"
