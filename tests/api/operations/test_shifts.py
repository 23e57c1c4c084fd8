"""Shifts and incidents over HTTP: an attendant's day."""

from __future__ import annotations

import pytest

from tests.client import Client
from tests.clock import Clock
from tests.world import World

SHIFTS, INCIDENTS = "/api/staff/shifts", "/api/staff/incidents"
BENT = {"kind": "damage", "text": "The barrier is bent.\nBy a van."}


@pytest.fixture
def staff(client: Client, world: World) -> Client:
    return client.by(world.staff)


def pays(staff: Client, world: World, clock: Clock) -> None:
    booking = world.enter(world.book())
    clock.move(minutes=30)
    scan = {"qr_code": world.deps.tokens.qr(booking), "payment_method": "CASH"}
    assert staff.post("/api/staff/exit", scan).status == 200


def test_an_attendants_day(staff: Client, world: World, clock: Clock) -> None:
    opened = staff.post(SHIFTS, {"cash_float": "500.00"})
    assert (opened.status, opened.body["site"], opened.body["closed_at"]) == (201, "central", None)
    path = f"{SHIFTS}/{opened.body['shift_id']}"
    for _ in range(2):
        pays(staff, world, clock)
    assert staff.post(INCIDENTS, BENT).status == 201
    clock.move(minutes=1)
    assert staff.get(f"{path}/report").body["difference"] is None
    done = staff.post(f"{path}/close", {"cash_counted": 590, "note": "Ten short."})
    assert (done.status, done.body["cash_counted"]["amount"]) == (200, "590.00")
    report = staff.get(f"{path}/report").body
    money = ("cash_float", "cash_taken", "cash_expected", "cash_counted", "difference")
    amounts = [report[name]["amount"] for name in money]
    assert amounts == ["500.00", "100.00", "600.00", "590.00", "-10.00"]
    assert (report["payments"], report["incidents"], report["note"]) == (2, 1, "Ten short.")
    assert report["takings"] == [
        {"kind": "cash", "count": 2, "amount": {"amount": "100.00", "currency": "INR"}}
    ]


def test_a_shift_is_open_or_closed_and_says_so(staff: Client) -> None:
    path = f"{SHIFTS}/{staff.post(SHIFTS, {'cash_float': '0'}).body['shift_id']}/close"
    again = staff.post(SHIFTS, {"cash_float": "0"})
    assert (again.status, again.code) == (409, "SHIFT_OPEN")
    first, second = (staff.post(path, {"cash_counted": "0"}) for _ in range(2))
    assert first.body == second.body
    other = staff.post(path, {"cash_counted": "1"})
    assert (other.status, other.code) == (409, "SHIFT_CLOSED")
    assert staff.get(f"{SHIFTS}/central.SH1/report").code == "SHIFT_NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, "cash_float"),
        ({"cash_float": "-1"}, "cash_float"),
        ({"cash_float": "1.001"}, "cash_float"),
        ({"cash_float": {"amount": "1", "currency": "EUR"}}, "cash_float"),
        ({"cash_float": "1", "site": "A B"}, "site"),
        ({"cash_float": "1", "note": "too early"}, "note"),
    ],
)
def test_what_is_wrong_with_a_shift_is_named(staff: Client, body: object, fault: str) -> None:
    answer = staff.post(SHIFTS, body)
    assert (answer.status, list(answer.fields)) == (400, [fault])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kind": "fun"}, "kind"),
        ({"text": ""}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"occurred_at": "2026-11-21T06:30:01Z"}, "occurred_at"),
        ({"occurred_at": "2026-11-21"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"booking_id": "BKZZZZZZZZ1NG1QR00005"}, "booking_id"),
        ({"space_id": "zone-a.Z-9"}, "space_id"),
        ({"vehicle_number": "?"}, "vehicle_number"),
        ({"site": "A B"}, "site"),
    ],
)
def test_what_is_wrong_with_an_incident_is_named(
    staff: Client, change: dict[str, object], fault: str
) -> None:
    answer = staff.post(INCIDENTS, {**BENT, **change})
    assert (answer.status, list(answer.fields)) == (400, [fault])


def test_an_incident_keeps_its_lines_and_what_it_was_about(staff: Client, world: World) -> None:
    booking = world.book()
    about = {"booking_id": booking.booking_id, "space_id": booking.space_id}
    made = staff.post(INCIDENTS, BENT | about | {"occurred_at": "2026-11-21T11:30"})
    assert made.body["occurred_at"] == "2026-11-21T06:00:00Z"
    assert made.body["text"] == BENT["text"]
    assert about.items() <= made.body.items()
    assert staff.get(INCIDENTS).body["items"] == [made.body]


def test_a_colleague_reads_the_note_and_not_the_report(
    client: Client, staff: Client, world: World
) -> None:
    from chalicelib.domain.core.access import Role

    shift = staff.post(SHIFTS, {"cash_float": "500"}).body
    staff.post(f"{SHIFTS}/{shift['shift_id']}/close", {"cash_counted": "500", "note": "Keys."})
    colleague = client.by(world.add_account("staff9", Role.STAFF, "central"))
    assert [each["note"] for each in colleague.get(SHIFTS).body["items"]] == ["Keys."]
    report = f"{SHIFTS}/{shift['shift_id']}/report"
    assert colleague.get(report).code == "FORBIDDEN"
    trail = client.by(world.owner).get("/api/admin/audit?site=central").body["items"]
    assert ("shift_report", "FORBIDDEN") in {(each["action"], each["outcome"]) for each in trail}
