"""The old URLs of the parking system, made of the samples of its own document: an old app changes
its host and its token, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.access import Role
from chalicelib.domain.pricing.tariff import Tariff
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.world import World

ZONE = "12345678-1234-5678-1234-567812345678"
CAR = {"vehicle_number": "DL-01-AB-1234", "owner_name": "John Doe"}
ENTRY = {**CAR, "zone_id": ZONE}
FORM = "application/x-www-form-urlencoded"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

UNKNOWN = "Invalid QR code. Session not found."
BAD_METHOD = "Invalid payment method. Use CASH or ONLINE"
INSIDE = "No refund allowed after vehicle entry (QR scanned)"

BOOK = ("/parking/entry", "/api/parking/book")
SCAN_IN = ("/parking/entry-qr-scan", "/api/parking/scan-entry")
SCAN_OUT = ("/parking/exit-qr-scan", "/api/parking/scan-exit")
CANCEL = "/parking/cancel-booking"
POSTS = (*BOOK, *SCAN_IN, *SCAN_OUT, CANCEL)

Send = Callable[[Client, str, dict[str, Any]], Reply]


@pytest.fixture(autouse=True)
def _zone_of_the_samples(world: World) -> None:
    """Zone A of the document: 10 slots from A-001 on, 50 an hour."""
    world.add_zone(ZONE, builders.METERED, spaces=10)
    zone = world.deps.catalogue.fresh_zone(ZONE)
    world.change_zone(zone, name="Zone A")


@pytest.fixture
def gate(world: World) -> Client:
    return Client(world).by(world.staff)


@pytest.fixture
def user(world: World) -> Client:
    return Client(world).by(world.user)


def form(client: Client, path: str, fields: dict[str, Any]) -> Reply:
    return client.sending(Content_Type=FORM).call("POST", path, urlencode(fields).encode())


def as_json(client: Client, path: str, fields: dict[str, Any]) -> Reply:
    return client.post(path, fields)


@pytest.fixture(params=[form, as_json], ids=["form", "json"])
def send(request: pytest.FixtureRequest) -> Send:
    sent: Send = request.param
    return sent


@pytest.fixture(params=["", "/"], ids=["bare", "slash"])
def slash(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def assert_done(reply: Reply, message: str) -> dict[str, Any]:
    """Assert a success with this message; returns its data."""
    assert reply.status == 200, reply.body
    assert reply.body.keys() == {"success", "message", "data"}
    assert (reply.body["success"], reply.body["message"]) == (True, message)
    found: dict[str, Any] = reply.body["data"]
    return found


def assert_refused(reply: Reply, status: int, message: str | None = None) -> str:
    """Assert a refusal in the old shape; returns its message."""
    assert (reply.status, reply.body.keys()) == (status, {"success", "message"}), reply.body
    assert reply.body["success"] is False
    if message is not None:
        assert reply.body["message"] == message
    return str(reply.body["message"])


def parked(gate: Client) -> dict[str, Any]:
    return assert_done(gate.post("/parking/entry/", ENTRY), "Slot allocated: A-001")


def entered(gate: Client) -> dict[str, Any]:
    car = parked(gate)
    assert gate.post("/parking/entry-qr-scan/", {"qr_code": car["qr_code"]}).status == 200
    return car


def left(gate: Client, car: dict[str, Any]) -> Reply:
    return gate.post(
        "/parking/exit-qr-scan/", {"qr_code": car["qr_code"], "payment_method": "CASH"}
    )


# -- L1: the entry ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BOOK)
def test_the_first_free_slot_is_allocated(gate: Client, send: Send, slash: str, path: str) -> None:
    first = assert_done(send(gate, path + slash, ENTRY), "Slot allocated: A-001")
    assert first["slot_number"] == "A-001"
    assert first["zone_name"] == "Zone A"
    assert first["vehicle_number"] == "DL-01-AB-1234"
    assert isinstance(first["session_id"], str)
    assert 0 < len(first["qr_code"]) <= 100
    second = assert_done(send(gate, path + slash, ENTRY), "Slot allocated: A-002")
    assert second["qr_code"] != first["qr_code"]


def test_a_freed_slot_is_the_first_again(gate: Client) -> None:
    car = entered(gate)
    assert_done(gate.post("/parking/entry/", ENTRY), "Slot allocated: A-002")
    left(gate, car)
    assert_done(gate.post("/parking/entry/", ENTRY), "Slot allocated: A-001")


@pytest.mark.parametrize("path", BOOK)
def test_a_full_zone_an_unknown_one_and_missing_fields(
    gate: Client, world: World, send: Send, path: str
) -> None:
    for _ in range(3):
        world.book(world.other)
    full = send(gate, path, ENTRY | {"zone_id": "zone-a"})
    assert_refused(full, 400, "No slots available in this zone")
    assert_refused(send(gate, path, ENTRY | {"zone_id": "nowhere"}), 404, "Zone not found")
    for name in ENTRY:
        lacking = {key: value for key, value in ENTRY.items() if key != name}
        assert f"{name} is required" in assert_refused(send(gate, path, lacking), 400)


@pytest.mark.parametrize("zone_id", [7, "7"])
def test_a_zone_that_came_along_keeps_its_number(
    gate: Client, world: World, zone_id: object
) -> None:
    world.add_zone("7", builders.METERED)
    assert_done(gate.post("/parking/entry/", {**CAR, "zone_id": zone_id}), "Slot allocated: A-001")
    assert_done(form(gate, "/parking/entry/", {**CAR, "zone_id": zone_id}), "Slot allocated: A-002")
    assert_refused(gate.post("/parking/entry/", {**CAR, "zone_id": True}), 400)


@pytest.mark.parametrize(("length", "status"), [(100, 200), (101, 400)])
def test_the_owner_has_a_name_of_a_hundred_characters_at_most(
    gate: Client, length: int, status: int
) -> None:
    assert gate.post("/parking/entry/", ENTRY | {"owner_name": "x" * length}).status == status


def test_nothing_is_asked_for_at_the_entry_and_the_slot_counts_at_once(gate: Client) -> None:
    car = parked(gate)
    assert (car["booking_fee"], car["status"], car["payment_status"]) == (0.0, "BOOKED", "PENDING")
    status = gate.get(f"/parking/zone/{ZONE}/status/").body
    assert (status["occupied_slots"], status["available_slots"]) == (1, 9)


def test_the_document_also_books_for_a_customer(user: Client, world: World) -> None:
    car = assert_done(user.post("/api/parking/book/", ENTRY), "Slot allocated: A-001")
    assert user.get(f"/api/bookings/{car['session_id']}").body["user_id"] == world.user.account_id


# -- L2: the entry scan ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCAN_IN)
def test_an_entry_is_scanned_once(gate: Client, send: Send, slash: str, path: str) -> None:
    car = parked(gate)
    scan = {"qr_code": car["qr_code"]}
    entry = assert_done(send(gate, path + slash, scan), "Entry QR scanned successfully")
    assert entry["session_id"] == car["session_id"]
    assert entry["vehicle_number"] == "DL-01-AB-1234"
    assert entry["slot_number"] == "A-001"
    assert INSTANT.fullmatch(entry["entry_time"])
    again = "Entry QR already scanned. Cannot scan twice!"
    assert_refused(send(gate, path + slash, scan), 400, again)
    left(gate, car)
    assert_refused(send(gate, path + slash, scan), 400, again)


@pytest.mark.parametrize("path", SCAN_IN)
def test_an_unknown_pass_at_the_entry(gate: Client, send: Send, path: str) -> None:
    assert_refused(send(gate, path, {"qr_code": "abc-123-def-456-ghi-789-jkl-012"}), 404, UNKNOWN)
    assert "qr_code is required" in assert_refused(send(gate, path, {}), 400)


# -- L3: the exit scan -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCAN_OUT)
def test_an_exit_is_billed_and_paid_once(
    gate: Client, clock: Clock, send: Send, slash: str, path: str
) -> None:
    car = entered(gate)
    clock.move(minutes=120)
    scan = {"qr_code": car["qr_code"], "payment_method": "CASH"}
    out = assert_done(send(gate, path + slash, scan), "Exit processed successfully")
    assert out["session_id"] == car["session_id"]
    assert out["vehicle_number"] == "DL-01-AB-1234"
    assert out["amount_charged"] == 100.0
    assert type(out["amount_charged"]) is float
    assert (out["payment_method"], out["slot_number"]) == ("CASH", "A-001")
    assert INSTANT.fullmatch(out["entry_time"])
    assert INSTANT.fullmatch(out["exit_time"])
    assert (out["status"], out["payment_status"]) == ("COMPLETED", "PAID")
    assert_refused(send(gate, path + slash, scan), 400, "Exit already scanned. Cannot scan twice!")


@pytest.mark.parametrize("path", SCAN_OUT)
def test_an_exit_needs_an_entry_a_pass_and_a_method(gate: Client, send: Send, path: str) -> None:
    car = parked(gate)
    scan = {"qr_code": car["qr_code"], "payment_method": "CASH"}
    assert_refused(send(gate, path, scan), 400, "Entry QR not scanned. Cannot exit!")
    assert_refused(send(gate, path, scan | {"qr_code": "abc-123"}), 404, UNKNOWN)
    gate.post("/parking/entry-qr-scan", {"qr_code": car["qr_code"]})
    assert_refused(send(gate, path, {"qr_code": car["qr_code"]}), 400, BAD_METHOD)
    for method in ("CARD", "cash", "Online", ""):
        assert_refused(send(gate, path, scan | {"payment_method": method}), 400, BAD_METHOD)
    assert (
        assert_done(send(gate, path, scan), "Exit processed successfully")["amount_charged"] == 50.0
    )


@pytest.mark.parametrize(
    ("minutes", "charged"),
    [(45, 50), (60, 50), (65, 50), (66, 100), (120, 100), (150, 150), (180, 150), (300, 250)],
)
def test_the_sums_of_the_document(gate: Client, clock: Clock, minutes: int, charged: int) -> None:
    car = entered(gate)
    clock.move(minutes=minutes)
    assert assert_done(left(gate, car), "Exit processed successfully")["amount_charged"] == charged


def test_a_walk_in_pays_its_hours_where_an_hour_costs_less_than_the_booking_fee(
    gate: Client, world: World, clock: Clock
) -> None:
    cheap = Tariff("hourly", "INR", 3000, booking_fee=5000)
    world.add_zone("cheap", builders.METERED, tariff=cheap)
    car = assert_done(
        gate.post("/parking/entry/", {**CAR, "zone_id": "cheap"}), "Slot allocated: A-001"
    )
    gate.post("/parking/entry-qr-scan/", {"qr_code": car["qr_code"]})
    clock.move(minutes=30)
    assert assert_done(left(gate, car), "Exit processed successfully")["amount_charged"] == 30.0


# -- L4: the cancellation --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "eligible", "reason"),
    [
        (0, True, "Cancelled within grace period (0 min < 5 min). 100% refund eligible."),
        (2, True, "Cancelled within grace period (2 min < 5 min). 100% refund eligible."),
        (5, True, "Cancelled within grace period (5 min = 5 min). 100% refund eligible."),
        (5.5, False, "Cancelled after grace period (6 min > 5 min). 0% refund."),
        (6, False, "Cancelled after grace period (6 min > 5 min). 0% refund."),
    ],
)
def test_a_cancellation_before_the_entry(
    gate: Client, clock: Clock, send: Send, slash: str, minutes: float, eligible: bool, reason: str
) -> None:
    car = parked(gate)
    clock.move(seconds=minutes * 60)
    over = assert_done(send(gate, CANCEL + slash, {"qr_code": car["qr_code"]}), "Session cancelled")
    assert over["session_id"] == car["session_id"]
    assert over["vehicle_number"] == "DL-01-AB-1234"
    assert (over["refund_eligible"], over["refund_amount"]) == (eligible, 0)
    assert over["refund_reason"] == reason
    assert over["slot_number"] == "A-001"
    assert_done(
        gate.post("/parking/entry/", ENTRY), "Slot allocated: A-001"
    )  # the slot is free again
    assert_refused(send(gate, CANCEL + slash, {"qr_code": car["qr_code"]}), 400)


def test_a_cancellation_after_the_entry_is_a_check_out_by_staff(
    gate: Client, world: World, clock: Clock
) -> None:
    car = entered(gate)
    clock.move(minutes=66)
    over = assert_done(gate.post(CANCEL, {"qr_code": car["qr_code"]}), "Session cancelled")
    assert (over["refund_eligible"], over["refund_amount"]) == (False, 0)
    assert over["refund_reason"] == INSIDE
    assert over["amount_due"] == 100.0
    stay = world.deps.bookings.get(car["session_id"])
    assert (stay.status, stay.payment_status) == (Status.COMPLETED, "due")
    assert_done(gate.post("/parking/entry/", ENTRY), "Slot allocated: A-001")
    assert assert_done(left(gate, car), "Exit processed successfully")["amount_charged"] == 100.0


def test_a_customer_who_is_inside_leaves_through_the_gate(
    gate: Client, user: Client, world: World
) -> None:
    car = assert_done(user.post("/api/parking/book", ENTRY), "Slot allocated: A-001")
    gate.post("/parking/entry-qr-scan", {"qr_code": car["qr_code"]})
    assert_refused(user.post(CANCEL, {"qr_code": car["qr_code"]}), 400, INSIDE)
    assert world.deps.bookings.get(car["session_id"]).status is Status.ACTIVE


def test_a_pass_cancels_for_its_customer_and_the_staff_of_its_site_only(
    gate: Client, user: Client, world: World
) -> None:
    world.add_site("north")
    elsewhere = Client(world).by(world.add_account("staff9", Role.STAFF, "north"))
    scan = {
        "qr_code": assert_done(user.post("/api/parking/book", ENTRY), "Slot allocated: A-001")[
            "qr_code"
        ]
    }
    assert_refused(Client(world).by(world.other).post(CANCEL, scan), 404, UNKNOWN)
    assert_refused(elsewhere.post(CANCEL, scan), 404, UNKNOWN)
    assert_refused(gate.post(CANCEL, {"qr_code": "abc-123-def-456"}), 404, UNKNOWN)
    assert_refused(gate.post(CANCEL, {"session_id": 123}), 404, UNKNOWN)
    assert_done(user.post(CANCEL, scan), "Session cancelled")


# -- L5: the zone ----------------------------------------------------------------------------------


def test_the_status_of_a_zone_has_no_data(gate: Client, world: World, slash: str) -> None:
    for _ in range(3):
        world.book(zone=ZONE)
    status = Client(world).get(f"/parking/zone/{ZONE}/status{slash}")
    assert status.status == 200
    assert status.body | {
        "success": True, "zone_name": "Zone A", "total_slots": 10, "occupied_slots": 3,
        "available_slots": 7, "occupancy_percent": 30.0, "hourly_rate": "50.00",
    } == status.body  # fmt: skip
    assert "data" not in status.body
    assert type(status.body["occupancy_percent"]) is float
    assert_refused(gate.get(f"/parking/zone/nowhere/status{slash}"), 404, "Zone not found")


# -- L6 to L8: the forms ---------------------------------------------------------------------------


def _page(world: World, path: str) -> str:
    answer = Client(world).get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return bytes(answer.body).decode()


def _fields(page: str) -> dict[str, list[str]]:
    """The fields of the form that works, with the options of each."""
    form = page.split('<form id="work"')[1].split("</form>")[0]
    names = re.findall(r'<(?:input|select) id="(\w+)"', form)
    options = {
        name: re.findall(r'<option value="([^"]+)">', part)
        for name, part in re.findall(r'<select id="(\w+)"(.*?)</select>', form, re.DOTALL)
    }
    return {name: options.get(name, []) for name in names}


def test_the_entry_form_offers_the_zones_that_take_cars(world: World, slash: str) -> None:
    world.change_zone(world.add_zone("shut", builders.METERED), active=False)
    world.add_zone("halls", builders.VENUE, kind="venue")
    assert _fields(_page(world, f"/parking/entry{slash}")) == {
        "vehicle_number": [], "owner_name": [], "zone_id": [ZONE, "zone-a"],
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/parking/entry-qr-scan", "/entry-qr-scan"])
def test_the_form_of_the_entry_scan_waits_for_the_scanner(
    world: World, slash: str, path: str
) -> None:
    page = _page(world, path + slash)
    assert _fields(page) == {"qr_code": []}
    assert 'name="qr_code" required maxlength="400" autocomplete="off" autofocus' in page
    assert 'data-path="/parking/entry-qr-scan"' in page


@pytest.mark.parametrize("path", ["/parking/exit-qr-scan", "/exit-qr-scan"])
def test_the_form_of_the_exit_scan_asks_for_the_method(world: World, slash: str, path: str) -> None:
    page = _page(world, path + slash)
    assert _fields(page) == {"qr_code": [], "payment_method": ["CASH", "ONLINE"]}
    assert "Cash Payment" in page
    assert "Online Payment" in page


# -- who and how -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
def test_a_sign_in_is_required_now(world: World, path: str) -> None:
    assert_refused(Client(world).post(path, {}), 401)


@pytest.mark.parametrize("path", ["/parking/entry", *SCAN_IN, *SCAN_OUT])
def test_a_customer_works_at_no_gate(user: Client, path: str) -> None:
    assert_refused(user.post(path, {"qr_code": "x"}), 403)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_405_in_the_old_shape(gate: Client, slash: str, method: str) -> None:
    assert_refused(gate.call(method, CANCEL + slash), 405)
    if method != "GET":
        assert_refused(gate.call(method, f"/parking/zone/{ZONE}/status{slash}"), 405)
    assert_refused(gate.call("POST", f"/parking/zone/{ZONE}/status{slash}"), 405)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("method", ["post", "PoSt", "DELETE", "TRACE", "BREW"])
def test_a_method_written_otherwise_does_nothing(gate: Client, path: str, method: str) -> None:
    assert_refused(gate.call(method, path, ENTRY), 405)


@pytest.mark.parametrize("path", ["/parking/nothing/", "/parking", "/api/parking/other"])
def test_an_unknown_old_address_is_404_in_the_old_shape(gate: Client, path: str) -> None:
    assert_refused(gate.get(path), 404)


@pytest.mark.parametrize("path", POSTS)
def test_another_type_is_415_in_the_old_shape(gate: Client, slash: str, path: str) -> None:
    assert_refused(gate.sending(Content_Type="text/plain").call("POST", path + slash, b"x=y"), 415)


@pytest.mark.parametrize("path", ["/parkings/zone", "/api/bookings/x/y/z", "/api/parkingmeter"])
def test_other_addresses_keep_the_usual_shape(gate: Client, path: str) -> None:
    assert gate.get(path).code == "NOT_FOUND"


# -- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
def test_a_field_that_is_sent_twice_is_named_and_nothing_is_done(
    gate: Client, world: World, path: str
) -> None:
    fields = list(({"qr_code": "a", "payment_method": "CASH"} | ENTRY).items())
    twice = urlencode([*fields, ("qr_code", "b")]).encode()
    told = assert_refused(gate.sending(Content_Type=FORM).call("POST", path, twice), 400)
    assert "qr_code must be given once" in told
    raw = b'{"zone_id": "zone-a", "zone_id": "zone-b", "qr_code": "a"}'
    assert "zone_id must be given once" in assert_refused(gate.call("POST", path, raw), 400)
    assert world.deps.sheets.of_zone(ZONE, "2026-11-20", "2026-11-22") == ()


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("tail", [b"x", b"{}", b"\x00", b"]"])
def test_trailing_garbage_is_named_and_nothing_is_done(
    gate: Client, world: World, path: str, tail: bytes
) -> None:
    raw = json.dumps(ENTRY).encode() + tail
    assert "body must be valid JSON" in assert_refused(gate.call("POST", path, raw), 400)
    assert world.deps.sheets.of_zone(ZONE, "2026-11-20", "2026-11-22") == ()


def test_a_form_may_bring_a_field_of_its_page(gate: Client) -> None:
    assert_done(
        form(gate, "/parking/entry/", ENTRY | {"csrfmiddlewaretoken": "x"}), "Slot allocated: A-001"
    )


# -- the workflow ----------------------------------------------------------------------------------


def test_the_workflow_of_the_document(gate: Client, clock: Clock) -> None:
    """Entry, entry scan, parked, exit scan; the status of the zone before and after."""
    car = assert_done(form(gate, "/parking/entry/", ENTRY), "Slot allocated: A-001")
    clock.move(minutes=1)
    assert_done(
        form(gate, "/parking/entry-qr-scan/", {"qr_code": car["qr_code"]}),
        "Entry QR scanned successfully",
    )
    assert gate.get(f"/parking/zone/{ZONE}/status/").body["available_slots"] == 9
    clock.move(hours=3)
    paid = {"qr_code": car["qr_code"], "payment_method": "CASH", "amount_received": "200"}
    out = assert_done(form(gate, "/parking/exit-qr-scan/", paid), "Exit processed successfully")
    assert (out["amount_charged"], out["amount_received"], out["change"]) == (150.0, 200.0, 50.0)
    assert gate.get(f"/parking/zone/{ZONE}/status/").body["available_slots"] == 10


def test_a_pass_too_small_to_name_its_slot_opens_the_gate(gate: Client, world: World) -> None:
    world.add_zone("z" * 48, builders.METERED, spaces=["ABC-123"])
    car = assert_done(
        gate.post("/parking/entry/", {**CAR, "zone_id": "z" * 48}), "Slot allocated: ABC-123"
    )
    assert len(car["qr_code"]) <= 100
    scan = {"qr_code": car["qr_code"]}
    assert_done(gate.post("/parking/entry-qr-scan/", scan), "Entry QR scanned successfully")
    assert_refused(gate.post("/parking/entry-qr-scan/", scan), 400)
    assert_done(left(gate, car), "Exit processed successfully")
