"""The routes of a hotel, held to their contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.hotel import NIGHTLY, Hotel
from tests.world import World

HOTEL = "/api/staff/hotels/hotel"
BULK = "/api/staff/hotel/hotel/rooms"


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


@pytest.fixture
def desk(hotel: Hotel) -> Client:
    return Client(hotel.world).by(hotel.staff)


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def test_a_check_out_answers_with_the_booking_and_its_room(hotel: Hotel, desk: Client) -> None:
    stay = hotel.stay()
    path = f"{HOTEL}/room-bookings/{stay.booking_id}/check-out"
    expected = {
        "message": "Booking checked out successfully",
        "booking": {
            "booking_id": stay.booking_id,
            "status": "COMPLETED",
            "checked_in_at": "2026-11-21T06:30:00Z",
            "checked_out_at": "2026-11-21T06:30:00Z",
            "assigned_room": {"room_number": 101, "room_status": "CHECKOUT_DIRTY"},
            "payment_due": {"amount": "120.00", "currency": "EUR"},
        },
        "bill": {
            "duration_minutes": 1,
            "units": 1,
            "rate": eur("120.00"),
            "lines": [
                {
                    "text": "1 night",
                    "quantity": 1,
                    "rate": eur("120.00"),
                    "amount": eur("120.00"),
                    "starts_at": "2026-11-21T06:30:00Z",
                }
            ],
            "total": eur("120.00"),
            "tax": [],
            "booking_fee": eur("0.00"),
            "amount_paid": eur("0.00"),
            "amount_due": eur("120.00"),
            "amount_received": None,
            "change": None,
        },
    }
    assert desk.post(path).body == expected
    hotel.clock.move(minutes=9)
    again = desk.post(path)
    assert (again.status, again.body) == (200, expected)
    twin = desk.post(f"{HOTEL}/bookings/{stay.booking_id}/checkout")
    assert (twin.status, twin.body) == (200, expected)


def test_a_check_in_of_many_destroys_nothing(desk: Client) -> None:
    refused = desk.post(f"{BULK}/checkin", {"room_ids": ["rooms.101"], "destructive": True})
    assert (refused.status, set(refused.fields)) == (400, {"destructive"})


def test_a_refusal_is_audited_under_what_it_was_about(hotel: Hotel, desk: Client) -> None:
    booked = hotel.book_room()
    desk.post(f"{HOTEL}/room-bookings/{booked.booking_id}/check-out")
    assert booked.booking_id in {subject for _, subject, _ in hotel.audited()}


def test_a_check_out_says_what_is_left_to_pay(hotel: Hotel, desk: Client) -> None:
    path = f"{HOTEL}/room-bookings/{hotel.stay().booking_id}/check-out"

    def due(body: dict[str, str]) -> str:
        answer: str = desk.post(path, body).body["booking"]["payment_due"]["amount"]
        return answer

    assert due({}) == "120.00"
    assert due({"amount_received": "150"}) == "0.00"
    assert due({}) == "0.00"


@pytest.mark.parametrize("url", ["room-bookings/{}/check-out", "bookings/{}/checkout"])
def test_a_check_out_that_takes_cash_has_the_change_and_its_repetition_none(
    hotel: Hotel, desk: Client, url: str
) -> None:
    path = f"{HOTEL}/{url.format(hotel.stay().booking_id)}"
    first, again = (desk.post(path, {"amount_received": "150"}).body["bill"] for _ in range(2))
    assert (first["amount_received"], first["change"]) == (eur("150.00"), eur("30.00"))
    assert (again["amount_received"], again["change"]) == (None, None)
    assert again["lines"] == first["lines"] != []


def test_the_desk_takes_the_fee_of_a_guest_who_did_not_come(
    world: World, hotel: Hotel, client: Client
) -> None:
    world.change_zone(hotel.zone, tariff=replace(NIGHTLY, no_show_fee=3000))
    booked = hotel.book_nights("2026-11-24", None)
    hotel.at("2026-11-25", "12:00")
    desk = client.by(hotel.staff)
    path = f"{HOTEL}/room-bookings/{booked.booking_id}/check-out"
    answers = [desk.post(path, body) for body in ({}, {"amount_received": "30"}, {})]
    assert [(each.status, each.body["message"]) for each in answers] == [
        (200, "The guest did not arrive, so the booking has expired.")
    ] * 3
    assert [each.body["booking"]["payment_due"]["amount"] for each in answers] == [
        "30.00",
        "0.00",
        "0.00",
    ]
    assert answers[1].body["booking"]["status"] == "EXPIRED"
    assert answers[1].body["booking"]["checked_out_at"] is None


def test_what_is_audited_says_from_where_it_was_done(hotel: Hotel, desk: Client) -> None:
    hotel.check_out(hotel.stay())
    path = f"{HOTEL}/room-bookings/{hotel.book_room().booking_id}/check-in"
    assert desk.post(path, {"override_reason": "they are tired"}).status == 200
    (event,) = hotel.deps.audit.list_day("hotel", NOON.date(), limit=9).events
    assert (event.action, event.source_ip) == ("check_in_unready", "127.0.0.1")


def test_the_errors_of_a_check_out_have_their_codes(hotel: Hotel, desk: Client) -> None:
    booked = hotel.book_room()
    elsewhere = hotel.world.enter(hotel.world.book())

    def code(booking_id: str) -> tuple[int, str]:
        answer = desk.post(f"{HOTEL}/room-bookings/{booking_id}/check-out")
        return answer.status, answer.code

    assert code("BKNEVERMADE") == (404, "BOOKING_NOT_FOUND")
    assert code(elsewhere.booking_id) == (404, "BOOKING_NOT_FOUND")
    assert code(booked.booking_id) == (409, "NOT_CHECKED_IN")


def test_an_admin_finds_a_booking_only_at_its_own_site(hotel: Hotel) -> None:
    stay = hotel.stay()
    path = f"/api/staff/hotels/central/room-bookings/{stay.booking_id}/check-out"
    assert Client(hotel.world).by(hotel.world.admin).post(path).status == 404


def test_a_check_in_needs_a_ready_room_or_a_reason(hotel: Hotel, desk: Client) -> None:
    hotel.check_out(hotel.stay())
    path = f"{HOTEL}/room-bookings/{hotel.book_room().booking_id}/check-in"
    refused = desk.post(path)
    assert (refused.status, refused.code) == (409, "ROOM_NOT_READY")
    message = "The room is dirty. Take another one, or give a reason."
    assert refused.body["error"]["message"] == message
    done = desk.post(path, {"override_reason": "a late arrival"})
    assert (done.status, done.body["booking"]["status"]) == (200, "ACTIVE")
    assert done.body["booking"]["assigned_room"]["room_status"] == "OCCUPIED"
    assert desk.post(path).code == "ALREADY_CHECKED_IN"


def test_the_board_shows_every_room_and_is_quick_to_poll(hotel: Hotel, desk: Client) -> None:
    stay = hotel.stay("102")
    board = desk.get(f"{HOTEL}/rooms")
    assert [(r["room_number"], r["room_status"]) for r in board.body["items"]] == [
        ("101", "READY_FOR_GUEST"), ("102", "OCCUPIED"), ("103", "READY_FOR_GUEST"),
    ]  # fmt: skip
    assert board.body["items"][1] == {
        "space_id": "rooms.102", "room_number": "102", "room_status": "OCCUPIED",
        "is_occupied": True, "booking_id": stay.booking_id, "notes": None,
        "since": "2026-11-21T06:30:00Z", "overstay_since": None,
    }  # fmt: skip
    polling = desk.sending(If_None_Match=board.headers["ETag"])
    assert polling.get(f"{HOTEL}/rooms").status == 304
    hotel.check_out(stay)
    assert polling.get(f"{HOTEL}/rooms").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "rooms", "housekeeping", "rooms/rooms.101/turnover", "search?q=Ravi", "arrivals",
        "departures", "in-house", "overstays",
    ],
)  # fmt: skip
def test_whatever_the_desk_polls_says_when_nothing_has_happened(
    hotel: Hotel, desk: Client, path: str
) -> None:
    hotel.stay("101")
    hotel.check_out(hotel.stay("102"))
    seen = desk.get(f"{HOTEL}/{path}")
    assert seen.status == 200
    hotel.clock.move(seconds=30)
    polling = desk.sending(If_None_Match=seen.headers["ETag"])
    assert polling.get(f"{HOTEL}/{path}").status == 304


def test_housekeeping_turns_a_room_and_reads_its_history(hotel: Hotel, desk: Client) -> None:
    stay = hotel.stay()
    hotel.clock.move(minutes=1)
    hotel.check_out(stay)
    [chore] = desk.get(f"{HOTEL}/housekeeping").body["items"]
    assert (chore["space_id"], chore["next_arrival"]) == ("rooms.101", None)
    path = f"{HOTEL}/rooms/rooms.101/turnover"
    hotel.clock.move(minutes=1)
    turned = desk.post(path, {"to": "CLEANING_IN_PROGRESS", "note": "no towels"})
    assert (turned.body["room_status"], turned.body["notes"]) == (
        "CLEANING_IN_PROGRESS", "no towels",
    )  # fmt: skip
    refused = desk.post(path, {"to": "READY_FOR_GUEST"})
    assert (refused.status, refused.code) == (409, "ILLEGAL_TRANSITION")
    newest = desk.get(f"{path}?limit=1").body
    assert newest["items"][0]["note"] == "no towels"
    rest = desk.get(f"{path}?cursor={newest['next_cursor']}").body
    assert [row["to"] for row in rest["items"]] == ["CHECKOUT_DIRTY", "OCCUPIED"]


@pytest.mark.parametrize("body", [{}, {"to": "CLEAN"}, {"to": None}, {"to": "OCCUPIED", "x": 1}])
def test_a_step_that_there_is_not_is_a_bad_request(desk: Client, body: Any) -> None:
    assert desk.post(f"{HOTEL}/rooms/rooms.101/turnover", body).status == 400


def test_many_rooms_are_checked_in_and_out(hotel: Hotel, desk: Client) -> None:
    booked = [hotel.book_room("101").booking_id, hotel.book_room("102").booking_id]
    rooms = {"room_ids": ["rooms.101", "rooms.102", "rooms.103", "rooms.999"]}
    missing = {
        "room_id": "rooms.999", "code": "SPACE_NOT_FOUND", "reason": "No such space. Check its number.",
    }  # fmt: skip
    came = desk.post(f"{BULK}/checkin", rooms | {"destructive": False})
    nobody = {
        "room_id": "rooms.103", "code": "BOOKING_NOT_FOUND",
        "reason": "Nobody is due to arrive in this room today. Check the room number.",
    }  # fmt: skip
    came.body["results"].pop("rooms")
    assert came.body["results"] == {
        "checked_in_bookings": booked, "failed": [nobody, missing], "remaining": [],
    }  # fmt: skip
    left = desk.post(f"{BULK}/checkout", rooms)
    left.body["results"].pop("rooms")
    assert left.body == {
        "detail": "Processed 4 room(s) in hotel 'hotel': "
        "2 checked out, 0 cleared, 1 failed, 0 remaining.",
        "results": {
            "checked_out_bookings": booked, "rooms_cleared": [], "failed": [missing],
            "remaining": [], "destructive_mode": False,
        },
    }  # fmt: skip


def _rows(answer: Reply) -> dict[str, tuple[str, str | None, str | None]]:
    """The rows of a bulk answer, by room: outcome, booking, code."""
    rows = answer.body["results"]["rooms"]
    assert all(row["reason"] for row in rows if row["outcome"] in ("NOTHING", "FAILED"))
    return {row["room_id"]: (row["outcome"], row["booking_id"], row["code"]) for row in rows}


def test_each_of_twelve_rooms_has_its_row(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=12)
    desk = Client(world).by(hotel.staff)
    rooms = {"room_ids": [f"rooms.{101 + n}" for n in range(12)] + ["rooms.101"]}
    guests = [hotel.book_room(str(101 + n)).booking_id for n in range(10)]
    came = _rows(desk.post(f"{BULK}/checkin", rooms))
    expected: dict[str, tuple[str, str | None, str | None]] = {
        f"rooms.{101 + n}": ("CHECKED_IN", guest, None) for n, guest in enumerate(guests)
    }
    nobody = ("FAILED", None, "BOOKING_NOT_FOUND")
    assert came == expected | {"rooms.111": nobody, "rooms.112": nobody}
    hotel.book_room("111")  # not arrived yet
    left = _rows(desk.post(f"{BULK}/checkout", rooms))
    expected = {room: ("CHECKED_OUT", guest, None) for room, (_, guest, _) in expected.items()}
    nothing = ("NOTHING", None, None)
    assert left == expected | {"rooms.111": nothing, "rooms.112": nothing}
    assert len(left) == 12


def test_force_is_refused_to_staff_and_needs_a_reason_from_admins(
    hotel: Hotel, desk: Client
) -> None:
    force = {"room_ids": ["rooms.101"], "destructive": True}
    assert desk.post(f"{BULK}/checkout", force).status == 403
    admin = Client(hotel.world).by(hotel.world.admin)
    assert admin.post(f"{BULK}/checkout", force).fields == {
        "reason": "is required when destructive is true"
    }
    hotel.stay()
    hotel.record_wrong_guest("101")
    done = admin.post(f"{BULK}/checkout", force | {"reason": "flood"})
    assert done.body["results"]["destructive_mode"] is True
    audited = admin.get("/api/admin/audit?site=hotel&date=2026-11-21").body["items"]
    [cleared] = [event for event in audited if event["action"] == "clear_room"]
    assert (cleared["outcome"], cleared["address"]) == ("allowed", "127.0.0.1")


def test_more_rooms_than_one_call_takes_are_a_bad_request(desk: Client) -> None:
    rooms = [f"rooms.{n}" for n in range(501)]
    assert "room_ids" in desk.post(f"{BULK}/checkout", {"room_ids": rooms}).fields


def test_a_walk_in_is_repeated_under_its_key_and_happens_once(hotel: Hotel, desk: Client) -> None:
    body = {"zone_id": "rooms", "nights": 1, "guests": [{"name": "Asha"}]}
    keyed = desk.sending(Idempotency_Key="walk-in-1")
    first, again = (keyed.post(f"{HOTEL}/walk-ins", body) for _ in range(2))
    assert (first.status, first.body["booking"]["status"]) == (201, "ACTIVE")
    assert again.body == first.body
    occupied = [r for r in desk.get(f"{HOTEL}/rooms").body["items"] if r["is_occupied"]]
    assert len(occupied) == 1


def test_a_walk_in_needs_no_zone_while_there_is_only_one(hotel: Hotel, desk: Client) -> None:
    path, body = f"{HOTEL}/walk-ins", {"nights": 1, "guests": [{"name": "Asha"}]}
    assert desk.post(path, body).status == 201
    policy = hotel.deps.catalogue.zone("rooms").policy
    hotel.world.add_zone("suites", policy, site="hotel", kind="room")
    assert "zone_id" in desk.post(path, body).fields


def test_a_walk_in_without_a_guest_is_a_bad_request(desk: Client) -> None:
    body = {"zone_id": "rooms", "guests": []}
    assert "guests" in desk.post(f"{HOTEL}/walk-ins", body).fields


def test_a_guest_who_gets_another_room_leaves_one_to_be_cleaned(hotel: Hotel, desk: Client) -> None:
    stay = hotel.stay("101")
    path = f"{HOTEL}/room-bookings/{stay.booking_id}/assign-room"
    moved = desk.post(path, {"room_number": "102"}).body
    assert moved["message"] == "The room has been assigned."
    assert moved["booking"]["assigned_room"] == {"room_number": "102", "room_status": "OCCUPIED"}
    assert hotel.room("101").note == f"{stay.booking_id} moved to 102"
    conditions = [hotel.room(number).condition for number in ("101", "102")]
    assert conditions == ["CHECKOUT_DIRTY", "OCCUPIED"]
    assert desk.post(path, {"room_number": "101"}).code == "ROOM_NOT_READY"
    assert hotel.check_out(stay).number == "102"


# -- attachments -------------------------------------------------------------------------------


def _attach(who: Client, path: str, kind: str, ref: str) -> Reply:
    return who.post(path, {"kind": kind, "ref": ref})


def test_what_hangs_on_a_stay_is_closed_when_it_ends(hotel: Hotel, desk: Client) -> None:
    stay = hotel.stay()
    path = f"/api/bookings/{stay.booking_id}/attachments"
    for kind, ref in (("chat_session", "c-1"), ("push_token", "phone-1"), ("order", "tea")):
        _attach(desk, path, kind, ref)
    assert len(_attach(desk, path, "order", "tea").body["items"]) == 3
    closed = desk.delete(f"{path}?kind=order&ref=tea").body["items"]
    assert [row["closed_at"] is None for row in closed] == [True, True, False]
    hotel.clock.move(minutes=5)
    hotel.check_out(stay)
    assert desk.get(path).body["items"] == [
        {"kind": "chat_session", "ref": "c-1", "opened_at": "2026-11-21T06:30:00Z", "closed_at": "2026-11-21T06:35:00Z"},
        {"kind": "push_token", "ref": None, "opened_at": "2026-11-21T06:30:00Z", "closed_at": "2026-11-21T06:35:00Z"},
        {"kind": "order", "ref": "tea", "opened_at": "2026-11-21T06:30:00Z", "closed_at": "2026-11-21T06:30:00Z"},
    ]  # fmt: skip
    assert _attach(desk, path, "order", "late").code == "ALREADY_ENDED"
    assert desk.delete(f"{path}?kind=order&ref=none").code == "ATTACHMENT_NOT_FOUND"


@pytest.mark.parametrize("how", ["cancel", "terminate", "no-show"])
def test_however_a_booking_ends_what_hangs_on_it_is_closed(hotel: Hotel, how: str) -> None:
    booking = hotel.book_room()
    if how == "terminate":
        hotel.check_in(booking)
    admin = Client(hotel.world).by(hotel.world.admin)
    path = f"/api/bookings/{booking.booking_id}"
    _attach(admin, f"{path}/attachments", "push_token", "phone-1")
    if how == "no-show":
        hotel.clock.set(booking.booked.end)
        admin = admin.by(hotel.world.admin)
        assert admin.get(path).body["status"] == "expired"
    else:
        assert admin.post(f"{path}/{how}", {"reason": "fire"}).status == 200
    [closed] = admin.get(f"{path}/attachments").body["items"]
    assert (closed["ref"], closed["closed_at"] is None) == (None, False)


def test_a_guest_attaches_a_phone_but_no_order(hotel: Hotel) -> None:
    world = hotel.world
    booking = world.book(world.user, "rooms", number="101")
    guest = Client(world).by(world.user)
    path = f"/api/bookings/{booking.booking_id}/attachments"
    assert _attach(guest, path, "push_token", "phone-1").status == 200
    assert _attach(guest, path, "order", "tea").status == 403


def test_a_stay_has_so_many_attachments_and_no_more(hotel: Hotel, desk: Client) -> None:
    path = f"/api/bookings/{hotel.stay().booking_id}/attachments"
    answers = [_attach(desk, path, "order", f"o-{n}") for n in range(51)]
    assert {answer.status for answer in answers[:50]} == {200}
    assert answers[50].code == "TOO_MANY_ATTACHMENTS"
