"""The role endpoints of the parking system's document: signing in, customers, attendants."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.errors import Unavailable
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.opening_hours import OpeningHours
from local import demo
from local.gateway import Gateway, HttpRequest
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.world import PASSWORD, World

CAR = {"vehicle_number": "DL-01-AB-1234", "owner_name": "John Doe"}
BOOK = {"zone_id": 1, **CAR}


@pytest.fixture(autouse=True)
def _zone_1(world: World) -> None:
    """The zone that the document's samples book by its number."""
    world.add_zone("1", builders.METERED, spaces=2)


@pytest.fixture
def anyone(world: World) -> Client:
    return Client(world)


@pytest.fixture
def user(world: World) -> Client:
    return Client(world).by(world.user)


@pytest.fixture
def staff(world: World) -> Client:
    return Client(world).by(world.staff)


def booked(user: Client) -> dict[str, Any]:
    reply = user.post("/api/user/book-slot/", BOOK)
    assert reply.status == 201, reply.body
    found: dict[str, Any] = reply.body
    return found


def message(reply: Reply) -> str:
    return str(reply.body["error"]["message"])


# -- signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_sign_in_answers_access_and_refresh(anyone: Client, slash: str) -> None:
    made = anyone.post(f"/api/auth/login{slash}", {"username": "user1", "password": PASSWORD})
    assert made.status == 200
    claims = made.body["access"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["role"] == "user"
    again = anyone.post(f"/api/auth/refresh{slash}", {"refresh": made.body["refresh"]})
    assert again.status == 200
    signed_in = anyone.sending(Authorization=f"Bearer {again.body['access']}")
    assert signed_in.get("/api/user/zones/").status == 200


def test_an_access_token_lasts_a_day_and_a_refresh_token_a_week(
    anyone: Client, clock: Clock
) -> None:
    made = anyone.post("/api/auth/login/", {"username": "user1", "password": PASSWORD}).body
    signed_in = anyone.sending(Authorization=f"Bearer {made['access']}")
    clock.move(hours=23, minutes=59)
    assert signed_in.get("/api/user/zones/").status == 200
    clock.move(minutes=2)
    assert signed_in.get("/api/user/zones/").status == 401
    clock.move(days=5, hours=23)
    assert anyone.post("/api/auth/refresh/", {"refresh": made["refresh"]}).status == 200


# -- public ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_public_zones_have_rates_free_counts_hours_and_contact(
    anyone: Client, world: World, slash: str
) -> None:
    hours = {"mon": ["06:00-22:00"]}
    site = world.site.evolve(
        contact="+91 80 5550 0100", address="1 Station Road", latitude="12.97",
        opening_hours=OpeningHours.from_json(hours), amenities=("Covered",),
    )  # fmt: skip
    world.deps.commit(saving(site))
    zones = anyone.get(f"/api/public/zones{slash}").body["items"]
    zone = next(each for each in zones if each["zone_id"] == "1")
    assert zone["name"] == "1"
    assert zone["hourly_rate"] == {"amount": "50.00", "currency": "INR"}
    assert (zone["available_slots"], zone["total_slots"]) == (0, 2)  # closed on this Saturday
    assert (zone["opening_hours"], zone["open_now"]) == (hours, False)
    assert (zone["contact"], zone["address"]) == ("+91 80 5550 0100", "1 Station Road")
    assert (zone["latitude"], zone["amenities"]) == (12.97, ["Covered"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_health_says_status_version_time_and_the_database(anyone: Client, slash: str) -> None:
    health = anyone.get(f"/api/public/health{slash}").body
    assert health["status"] == "ok"
    assert health["checks"] == {"dynamodb": "ok"}
    assert health["version"]
    assert health["time"]


# -- the customer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_booked_slot_says_what_to_do_at_the_entry(user: Client, slash: str) -> None:
    made = user.post(f"/api/user/book-slot{slash}", BOOK)
    assert made.status == 201
    assert made.body["booking_id"]
    assert 0 < len(made.body["qr_code"]) <= 100
    assert (made.body["zone_name"], made.body["slot_number"]) == ("1", "A-001")
    assert made.body["amount_paid"] == {"amount": "0.00", "currency": "INR"}
    assert made.body["instructions"] == (
        "Show the QR code at the entry, park in A-001, 1, and show it again at the exit."
    )


def test_the_texts_for_customers(user: Client, world: World) -> None:
    plate = user.post("/api/user/book-slot/", BOOK | {"vehicle_number": ""})
    assert (plate.status, message(plate)) == (400, "Check vehicle number")
    assert "vehicle_number" in plate.fields
    online = user.post("/api/user/book-slot/", BOOK | {"payment_method": "ONLINE"})
    assert message(online).startswith("Payment issue, retry.")
    for _ in range(2):
        world.book(world.other, "1")
    full = user.post("/api/user/book-slot/", BOOK)
    assert (full.status, full.code) == (409, "ZONE_FULL")
    assert message(full).startswith("Zone full, try another zone.")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/api/user/book-slot/", "Technical issue, contact support"),
        ("/api/staff/entry/", "Technical issue, please wait"),
        ("/api/staff/exit/", "Technical issue, please wait"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "status"), [(Unavailable(retry_after=1), 503), (RuntimeError("a bug"), 500)]
)
def test_a_technical_fault_has_its_own_text(
    world: World, path: str, text: str, fault: Exception, status: int
) -> None:
    code = world.deps.tokens.qr(world.enter(world.book()))
    bodies = {"/api/user/book-slot/": BOOK, "/api/staff/entry/": {"qr_code": code}}
    body = bodies.get(path, {"qr_code": code, "payment_method": "CASH"})
    token = world.token(world.admin)
    headers = (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"))

    def failing() -> datetime:
        raise fault

    from app import app  # the whole way in: no answer of 500 is in the contract

    request = HttpRequest("POST", path, headers, json.dumps(body).encode())
    wiring.use(replace(world.deps, now=failing))
    answer = Gateway(app).handle(request)
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (status, text)


def test_a_running_stay_shows_its_duration_and_its_cost(
    user: Client, staff: Client, clock: Clock
) -> None:
    made = booked(user)
    before = user.get("/api/user/current-session/").body["session"]
    assert (before["duration_minutes"], before["cost"]) == (None, None)
    staff.post("/api/staff/entry/", {"qr_code": made["qr_code"]})
    clock.move(minutes=66)
    now = user.get("/api/user/current-session/").body["session"]
    assert (now["duration_minutes"], now["cost"]["amount"]) == (66, "100.00")
    assert (now["qr_code"], now["slot_number"]) == (made["qr_code"], "A-001")
    assert now["payment_status"] == "pending"


def test_the_history_shows_the_duration_and_the_cost_of_each_stay(
    user: Client, staff: Client, clock: Clock
) -> None:
    made = booked(user)
    staff.post("/api/staff/entry/", {"qr_code": made["qr_code"]})
    clock.move(minutes=180)
    paid = {"qr_code": made["qr_code"], "payment_method": "CASH"}
    assert staff.post("/api/staff/exit/", paid).status == 200
    booked(user)
    page = user.get("/api/user/history/?limit=1").body
    assert len(page["items"]) == 1
    over = user.get(f"/api/user/history/?limit=1&cursor={page['next_cursor']}").body["items"][0]
    assert (over["duration_minutes"], over["cost"]["amount"]) == (180, "150.00")
    assert over["amount_paid"]["amount"] == "150.00"
    only = user.get("/api/user/history/?status=completed&zone_id=1").body["items"]
    assert [each["booking_id"] for each in only] == [made["booking_id"]]


@pytest.mark.parametrize(("minutes", "eligible"), [(5, True), (6, False)])
def test_a_customer_cancels_by_the_session(
    user: Client, clock: Clock, minutes: int, eligible: bool
) -> None:
    made = booked(user)
    clock.move(minutes=minutes)
    over = user.post("/api/user/cancel-booking/", {"session_id": made["booking_id"]})
    assert over.status == 200
    assert (over.body["status"], over.body["refund_eligible"]) == ("cancelled", eligible)
    assert over.body["refund_reason"]
    assert user.post("/api/user/cancel-booking/", {"session_id": 123}).status == 404


def test_after_the_entry_nothing_is_cancelled(user: Client, staff: Client) -> None:
    made = booked(user)
    staff.post("/api/staff/entry/", {"qr_code": made["qr_code"]})
    late = user.post("/api/user/cancel-booking/", {"session_id": made["booking_id"]})
    assert (late.status, late.code) == (409, "ILLEGAL_TRANSITION")


# -- the attendant ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_entry_shows_the_vehicle_and_the_slot(user: Client, staff: Client, slash: str) -> None:
    made = booked(user)
    entry = staff.post(f"/api/staff/entry{slash}", {"qr_code": made["qr_code"]})
    assert entry.status == 200
    assert (entry.body["vehicle_number"], entry.body["slot_number"]) == ("DL-01-AB-1234", "A-001")
    assert entry.body["entry_time"] == "2026-11-21T06:30:00Z"


def test_the_texts_for_attendants(user: Client, staff: Client, world: World, clock: Clock) -> None:
    unknown = "QR code not found, please check booking"
    for path in ("/api/staff/entry/", "/api/staff/exit/", "/api/staff/exit-quote/"):
        assert message(staff.post(path, {"qr_code": "QR-ABC123DEF456"})) == unknown
    scan = {"qr_code": booked(user)["qr_code"]}
    assert staff.post("/api/staff/entry/", scan).status == 200
    again = staff.post("/api/staff/entry/", scan)
    assert (again.status, again.code) == (409, "ALREADY_CHECKED_IN")
    assert message(again).startswith("Entry already processed. ")
    assert staff.post("/api/staff/exit/", scan | {"payment_method": "CASH"}).status == 200
    assert message(staff.post("/api/staff/entry/", scan)).startswith("Entry already processed. ")
    late = {"qr_code": world.deps.tokens.qr(world.book())}
    clock.move(hours=23)
    assert message(staff.post("/api/staff/entry/", late)) == "Booking expired, please rebook"


def test_the_plate_is_checked_at_the_exit_too(user: Client, staff: Client) -> None:
    scan = {"qr_code": booked(user)["qr_code"]}
    staff.post("/api/staff/entry/", scan)
    paid = scan | {"payment_method": "CASH", "vehicle_number": "KA05ZZ9999"}
    assert staff.post("/api/staff/exit/", paid).code == "PLATE_MISMATCH"
    quoted = scan | {"vehicle_number": "KA05ZZ9999"}
    assert staff.post("/api/staff/exit-quote/", quoted).code == "PLATE_MISMATCH"
    paid["vehicle_number"] = "dl 01 ab 1234"
    assert staff.post("/api/staff/exit/", paid).status == 200


def _quotes(staff: Client, code: str, how: str) -> Reply:
    scan = {"qr_code": code}
    match how:
        case "post":
            return staff.post("/api/staff/exit-quote/", scan)
        case "get":
            return staff.get(f"/api/staff/exit-quote/?qr_code={code}")
        case _:
            return staff.post("/api/staff/exit/", scan | {"quote": True})


@pytest.mark.parametrize("how", ["post", "get", "exit"])
def test_the_bill_is_presented_before_it_is_paid_and_holds(
    user: Client, staff: Client, clock: Clock, how: str
) -> None:
    made = booked(user)
    scan = {"qr_code": made["qr_code"]}
    staff.post("/api/staff/entry/", scan)
    clock.move(minutes=65)
    quote = _quotes(staff, made["qr_code"], how)
    assert quote.status == 200
    bill = quote.body
    assert (bill["entry_time"], bill["exit_time"]) == (
        "2026-11-21T06:30:00Z",
        "2026-11-21T07:35:00Z",
    )
    assert (bill["duration_minutes"], bill["rate"]["amount"]) == (65, "50.00")
    assert (bill["total"]["amount"], bill["amount_paid"]["amount"]) == ("50.00", "0.00")
    assert (bill["amount_due"]["amount"], bill["message"]) == ("50.00", "50.00 INR is due.")
    assert bill["quote_until"] == "2026-11-21T07:50:00Z"
    assert bill["booking"]["status"] == "active"
    clock.move(minutes=15)
    assert _quotes(staff, made["qr_code"], how).body["quote_until"] == bill["quote_until"]
    paid = staff.post("/api/staff/exit/", scan | {"payment_method": "CASH", "amount_received": 100})
    assert (paid.body["amount_due"]["amount"], paid.body["change"]["amount"]) == ("50.00", "50.00")
    assert (paid.body["exit_time"], paid.body["quote_until"]) == ("2026-11-21T07:50:00Z", None)


def test_a_quote_that_has_lapsed_is_billed_anew(user: Client, staff: Client, clock: Clock) -> None:
    scan = {"qr_code": booked(user)["qr_code"]}
    staff.post("/api/staff/entry/", scan)
    clock.move(minutes=65)
    staff.post("/api/staff/exit-quote/", scan)
    clock.move(minutes=15, seconds=1)
    assert staff.post("/api/staff/exit-quote/", scan).body["amount_due"]["amount"] == "100.00"
    paid = staff.post("/api/staff/exit/", scan | {"payment_method": "CASH"})
    assert paid.body["total"]["amount"] == "100.00"


def test_no_bill_is_presented_before_the_entry_or_after_the_exit(
    user: Client, staff: Client
) -> None:
    scan = {"qr_code": booked(user)["qr_code"]}
    assert staff.post("/api/staff/exit-quote/", scan).code == "NOT_CHECKED_IN"
    staff.post("/api/staff/entry/", scan)
    staff.post("/api/staff/exit-quote/", scan)
    staff.post("/api/staff/exit/", scan | {"payment_method": "CASH"})
    assert staff.post("/api/staff/exit-quote/", scan).code == "ALREADY_ENDED"


def test_the_old_exit_url_presents_the_bill_too(staff: Client, clock: Clock) -> None:
    car = staff.post("/parking/entry/", BOOK).body["data"]
    scan = {"qr_code": car["qr_code"]}
    staff.post("/parking/entry-qr-scan/", scan)
    clock.move(minutes=120)
    bill = staff.post("/parking/exit-qr-scan/", scan | {"quote": True}).body["data"]
    assert (bill["amount_charged"], bill["amount_due"], bill["status"]) == (100.0, 100.0, "ACTIVE")
    assert staff.post("/parking/exit-qr-scan/", scan | {"payment_method": "CASH"}).status == 200


def test_an_unpaid_fee_stands_in_a_line_of_the_bill(
    user: Client, staff: Client, world: World
) -> None:
    world.add_zone(
        "cheap", builders.METERED, tariff=Tariff("hourly", "INR", 3000, booking_fee=5000)
    )
    made = user.post("/api/user/book-slot/", BOOK | {"zone_id": "cheap"}).body
    scan = {"qr_code": made["qr_code"]}
    staff.post("/api/staff/entry/", scan)
    bill = staff.post("/api/staff/exit/", scan | {"payment_method": "CASH"}).body
    lines = [(line["text"], line["amount"]["amount"]) for line in bill["lines"]]
    assert lines == [("1 hour", "30.00"), ("Booking fee, minimum", "20.00")]
    assert (bill["total"]["amount"], bill["amount_due"]["amount"]) == ("50.00", "50.00")


def test_active_stays_and_slots_right_now(user: Client, staff: Client, clock: Clock) -> None:
    staff.post("/api/staff/entry/", {"qr_code": booked(user)["qr_code"]})
    clock.move(minutes=90)
    stays = staff.get("/api/staff/active-sessions/").body
    assert [
        (s["vehicle_number"], s["slot_number"], s["duration_minutes"], s["overstay"])
        for s in stays["items"]
    ] == [("DL-01-AB-1234", "A-001", 90, True)]
    zone = next(
        z for z in staff.get("/api/staff/slot-status/").body["items"] if z["zone_id"] == "1"
    )
    assert (zone["occupied_slots"], zone["available_slots"]) == (1, 1)
    assert zone["occupancy_percent"] == 50.0


# -- roles -----------------------------------------------------------------------------------------

ROLES = (None, Role.USER, Role.STAFF, Role.ADMIN)


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        ("POST /api/staff/entry/", {Role.STAFF, Role.ADMIN}),
        ("POST /api/staff/exit/", {Role.STAFF, Role.ADMIN}),
        ("GET /api/staff/active-sessions/", {Role.STAFF, Role.ADMIN}),
        ("POST /api/user/book-slot/", {Role.USER, Role.ADMIN}),
        ("GET /api/user/history/", {Role.USER, Role.ADMIN}),
        ("POST /api/user/cancel-booking/", {Role.USER, Role.ADMIN}),
        ("GET /api/public/zones/", set(ROLES)),
        ("GET /api/public/health/", set(ROLES)),
    ],
)
def test_the_matrix_of_roles(
    anyone: Client, world: World, request_: str, allowed: set[Role | None]
) -> None:
    actors = {Role.USER: world.user, Role.STAFF: world.staff, Role.ADMIN: world.admin}
    method, path = request_.split()
    for role in ROLES:
        client = anyone if role is None else anyone.by(actors[role])
        status = client.call(method, path, {} if method == "POST" else None).status
        assert (status not in (401, 403)) is (role in allowed), (role, status)


# -- the workflow ----------------------------------------------------------------------------------


def test_the_workflow_from_the_booking_to_the_exit(
    anyone: Client, staff: Client, clock: Clock
) -> None:
    """Booked by number, entered, parked for three hours, paid in cash."""
    made = anyone.post("/api/auth/login/", {"username": "user1", "password": PASSWORD}).body
    user = anyone.sending(Authorization=f"Bearer {made['access']}")
    assert "1" in [zone["zone_id"] for zone in user.get("/api/user/zones/").body["items"]]
    booking = booked(user)
    assert booking["status"] == "booked"
    entry = staff.post("/api/staff/entry/", {"qr_code": booking["qr_code"]}).body
    assert entry["booking"]["status"] == "active"
    clock.move(hours=3)
    paid = {"qr_code": booking["qr_code"], "payment_method": "CASH"}
    bill = staff.post("/api/staff/exit/", paid).body
    assert bill["total"]["amount"] == "150.00"
    assert (bill["booking"]["status"], bill["booking"]["payment_status"]) == ("completed", "paid")
    status = staff.get("/api/staff/slot-status/").body["items"]
    assert next(z for z in status if z["zone_id"] == "1")["available_slots"] == 2


# -- demo data -------------------------------------------------------------------------------------


def test_the_demo_data_has_the_accounts_and_the_places_of_the_document() -> None:
    admins = {p.username for p in demo.ACCOUNTS if p.role is Role.ADMIN}
    assert admins == {"admin", "superadmin"}
    for site in demo.SITES:
        assert site.contact
        assert site.address
        assert site.latitude
        assert site.longitude
        assert site.amenities
        assert site.opening_hours.to_json()
