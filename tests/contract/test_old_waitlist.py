"""Confirmation and waitlist of the venue system under its URLs without `/api`: the fields, messages
and texts of its document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.access import Role
from chalicelib.services.bookings import confirmations
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.contract.test_old_bookings import EVENT, each_slash, each_type, post
from tests.hall import HOUR, START, Hall
from tests.world import World

FIELDS: dict[str, type | tuple[type, ...]] = {
    "id": str, "venue": str, "venue_name": str, "user": str, "user_email": str, "date": str,
    "start_time": str, "end_time": str, "created_at": str, "notified": bool,
    "notified_at": (str, type(None)), "claimed": bool, "claimed_at": (str, type(None)),
    "expired": bool, "priority": int, "time_remaining": int,
}  # fmt: skip
"""The fields of the serializer of an entry, as it prints them."""


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock, confirmation=True)


@pytest.fixture
def user(hall: Hall) -> Client:
    return Client(hall.world).by(hall.world.user)


@pytest.fixture
def other(hall: Hall) -> Client:
    return Client(hall.world).by(hall.world.other)


def text(said: Reply) -> str:
    """What a refusal says to people."""
    return str(said.body["error"]["message"])


def offered(hall: Hall) -> str:
    """An entry of the other customer whose time is free now."""
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    return entry.entry_id


# -- confirmation


@each_slash
@each_type
def test_a_guest_confirms(hall: Hall, user: Client, slash: str, form: bool) -> None:
    booking = hall.book()
    said = post(user, f"/bookings/{booking.booking_id}/confirm{slash}", {}, form=form)
    assert said.status == 200
    assert said.body["message"] == "Booking confirmed successfully"
    assert said.body["booking_id"] == booking.booking_id
    assert datetime.fromisoformat(said.body["confirmed_at"]) == hall.clock.now()
    assert (said.body["status"], said.body["start_time"]) == ("confirmed", "12:00")


@each_slash
@each_type
@pytest.mark.parametrize("step", ["confirm", "override_autocancel", "override-autocancel"])
def test_staff_confirm_for_a_guest_and_it_is_audited(
    hall: Hall, user: Client, step: str, slash: str, form: bool
) -> None:
    booking, world = hall.book(), hall.world
    path = f"/bookings/{booking.booking_id}/{step}{slash}"
    said = post(user.by(world.staff), path, {"reason": "Rang"}, form=form)
    assert said.status == 200
    assert said.body["message"] == "Auto-cancellation overridden by admin"
    assert (said.body["booking_id"], said.body["confirmed"]) == (booking.booking_id, True)
    trail = user.by(world.owner).get("/api/admin/audit").body["items"]
    named = [row["action"] for row in trail if row["subject"] == booking.booking_id]
    assert named == ["override_autocancel"]


def _of_another(hall: Hall, booking_id: str) -> Client:
    return Client(hall.world).by(hall.world.other)


def _of_none(hall: Hall, booking_id: str) -> Client:
    hall.cancel(hall.deps.bookings.get(booking_id))
    return Client(hall.world).by(hall.world.user)


def _in_the_past(hall: Hall, booking_id: str) -> Client:
    hall.clock.move(hours=48)
    return Client(hall.world).by(hall.world.user)


@pytest.mark.parametrize(
    ("who", "status", "says"),
    [
        (_of_another, 404, "You can only confirm your own bookings"),
        (_of_none, 409, "Only active bookings can be confirmed"),
        (_in_the_past, 409, "Cannot confirm past bookings"),
    ],
)
def test_a_confirmation_is_refused_in_the_old_words(
    hall: Hall, who: Callable[[Hall, str], Client], status: int, says: str
) -> None:
    booking_id = hall.book().booking_id
    said = who(hall, booking_id).post(f"/bookings/{booking_id}/confirm/")
    assert (said.status, text(said)) == (status, says)
    assert not hall.deps.bookings.get(booking_id).confirmed_at


def test_a_booking_given_up_without_an_answer_says_so_and_is_not_confirmed(
    hall: Hall, user: Client
) -> None:
    booking_id, world = hall.book().booking_id, hall.world
    hall.clock.move(hours=24)
    sweeps.run(hall.deps, "reminders")
    confirmations.reminder_left(hall.deps, booking_id)
    said = user.by(world.user).get(f"/bookings/{booking_id}/").body
    assert (said["reminder_sent"], said["reminder_sent_at"]) == (True, "2026-11-22T06:30:00Z")
    hall.clock.move(hours=23)
    said = user.by(world.user).get(f"/bookings/{booking_id}/").body
    assert (said["status"], said["auto_cancelled"]) == ("cancelled", True)
    assert said["auto_cancelled_at"] == "2026-11-23T04:30:00Z"
    assert said["auto_cancel_reason"] == "Not confirmed before event"
    for who, step in ((world.user, "confirm"), (world.staff, "override_autocancel")):
        answer = user.by(who).post(f"/bookings/{booking_id}/{step}/")
        assert (answer.status, text(answer)) == (409, "Only active bookings can be confirmed")


# -- the entries


@each_slash
@each_type
@pytest.mark.parametrize("venue", ["halls", "halls.A-001"])
def test_a_customer_joins_with_the_documented_fields(
    hall: Hall, other: Client, venue: str, slash: str, form: bool
) -> None:
    hall.book()
    asked = EVENT | {"venue": venue}
    said = post(other, f"/waitlist{slash}", asked, form=form)
    assert said.status == 201
    _assert_documented(said.body)
    assert {name: said.body[name] for name in asked} == asked
    assert said.body["user"] == hall.world.other.account_id
    assert said.body["user_email"] == "user2@example.com"
    assert said.body["starts_at"] == "2026-11-23T06:30:00Z"
    assert other.get(f"/waitlist/{said.body['id']}{slash}").body == said.body


def _assert_documented(row: dict[str, Any]) -> None:
    """That an entry has each field of the document, of its type."""
    wrong = {name for name, kind in FIELDS.items() if not isinstance(row[name], kind)}
    assert not wrong
    date.fromisoformat(row["date"])
    for at in ("created_at", "notified_at", "claimed_at"):
        assert row[at] is None or isinstance(datetime.fromisoformat(row[at]), datetime)


def test_who_waits_is_the_caller_whatever_the_old_form_sends(hall: Hall, other: Client) -> None:
    hall.book()
    said = other.post("/waitlist/", EVENT | {"user": 7, "priority": 0})
    assert (said.status, said.body["user"]) == (201, hall.world.other.account_id)


@each_slash
def test_the_lists_are_plain_arrays(hall: Hall, other: Client, slash: str) -> None:
    for hour in (-24, 0, 24):
        hall.book(hour, hour + 3)
    joined = [hall.join(hall.world.other, hour, hour + 1).entry_id for hour in (1, 24, 0)]
    left = hall.join(hall.world.other, -24, -23)
    hall.leave(left, hall.world.other)
    mine = other.get(f"/waitlist/my_waitlist{slash}").body
    assert [row["id"] for row in mine] == [joined[n] for n in (2, 0, 1)]
    every = other.get(f"/waitlist{slash}").body
    assert {row["id"] for row in every} == {*joined, left.entry_id}
    for row in (*mine, *every):
        _assert_documented(row)
    assert (mine[0]["date"], mine[0]["start_time"]) == ("2026-11-23", "12:00")


def test_staff_list_the_entries_of_all_their_sites(hall: Hall, other: Client) -> None:
    world = hall.world
    world.add_site("annex")
    world.add_zone("annex-hall", builders.VENUE, site="annex", kind="venue", spaces=1)
    hall.book()
    world.book(None, "annex-hall", start=START, end=START + HOUR)
    for venue in ("halls", "annex-hall"):
        assert other.post("/waitlist", EVENT | {"venue": venue}).status == 201
    both = world.add_account("both", Role.STAFF, "annex", "central")
    seen = {
        who: [row["venue"] for row in other.by(actor).get("/waitlist/").body]
        for who, actor in (("both", both), ("staff", world.staff), ("admin", world.admin))
    }
    assert seen == {
        "both": ["annex-hall", "halls"], "staff": ["halls"], "admin": ["annex-hall", "halls"]
    }  # fmt: skip
    assert other.by(hall.third).get("/waitlist").body == []


def test_joining_is_refused_in_the_old_words(hall: Hall, user: Client, other: Client) -> None:
    hall.book(0, 5)
    said = user.post("/waitlist/", EVENT)
    assert (said.status, text(said)) == (409, "You already have a booking for this time slot")
    assert other.post("/waitlist/", EVENT).status == 201
    said = other.post("/waitlist/", EVENT)
    assert (said.status, text(said)) == (
        409,
        "You are already in the waitlist for this time slot",
    )
    for hour in (13, 14):
        slot = {"start_time": f"{hour}:00", "end_time": f"{hour + 1}:00"}
        assert other.post("/waitlist/", EVENT | slot).status == 201
    said = other.post("/waitlist/", EVENT | {"start_time": "15:00", "end_time": "16:00"})
    assert (said.status, text(said)) == (409, "Maximum 3 waitlist entries allowed per day")
    assert len(other.get("/waitlist/my_waitlist/").body) == 3


# -- the claim


@each_slash
@each_type
def test_an_offer_is_claimed(hall: Hall, other: Client, slash: str, form: bool) -> None:
    entry_id = offered(hall)
    assert other.get(f"/waitlist/{entry_id}").body["time_remaining"] == 900
    said = post(other, f"/waitlist/{entry_id}/claim{slash}", {}, form=form)
    assert said.status == 201
    assert said.body["message"] == "Slot claimed successfully!"
    assert said.body["waitlist_entry_id"] == entry_id
    assert (said.body["purpose"], said.body["confirmed"]) == ("Claimed from waitlist", True)
    assert (said.body["status"], said.body["date"]) == ("confirmed", "2026-11-23")
    made = other.get(f"/bookings/{said.body['booking_id']}").body
    assert made["purpose"] == "Claimed from waitlist"
    entry = other.get(f"/waitlist/{entry_id}").body
    assert (entry["claimed"], entry["time_remaining"]) == (True, 0)


def test_a_claim_is_refused_in_the_old_words(hall: Hall, user: Client, other: Client) -> None:
    booking = hall.book()
    entry_id = hall.join(hall.world.other).entry_id
    path = f"/waitlist/{entry_id}/claim/"
    said = user.post(path)
    assert (said.status, text(said)) == (403, "You can only claim your own waitlist entries")
    said = other.post(path)
    assert (said.status, text(said)) == (409, "You have not been notified yet")
    hall.cancel(booking)
    assert other.post(path).status == 201
    said = other.post(path)
    assert (said.status, text(said)) == (409, "This slot has already been claimed")


@pytest.mark.parametrize("minutes", [15, 40])
def test_a_lapsed_offer_says_after_how_long(world: World, clock: Clock, minutes: int) -> None:
    hall = Hall(world, clock, claim_window=minutes)
    entry_id = offered(hall)
    clock.move(minutes=minutes)
    said = Client(world).by(world.other).post(f"/waitlist/{entry_id}/claim/")
    assert (said.status, text(said)) == (
        410,
        f"This notification has expired ({minutes}-minute window passed)",
    )


def test_what_was_never_offered_has_not_lapsed(hall: Hall, other: Client) -> None:
    hall.book()
    entry_id = hall.join(hall.world.other).entry_id
    hall.clock.move(hours=48)
    said = other.by(hall.world.other).post(f"/waitlist/{entry_id}/claim/")
    assert (said.status, text(said)) == (410, "The time you waited for has begun.")


def test_one_who_has_left_is_not_told_to_wait(hall: Hall, other: Client) -> None:
    hall.book()
    entry = hall.join(hall.world.other)
    hall.leave(entry, hall.world.other)
    said = other.post(f"/waitlist/{entry.entry_id}/claim/")
    assert (said.status, text(said)) == (409, "You have left the waitlist. Join again.")


# -- leaving


@pytest.mark.parametrize("tail", ["/leave/", "/leave", "/", ""])
def test_a_customer_leaves(hall: Hall, user: Client, other: Client, tail: str) -> None:
    hall.book()
    path = f"/waitlist/{hall.join(hall.world.other).entry_id}{tail}"
    said = user.delete(path)
    assert (said.status, text(said)) == (403, "You can only remove your own waitlist entries")
    said = other.delete(path)
    assert (said.status, said.body["message"]) == (200, "Removed from waitlist successfully")
    assert other.get("/waitlist/my_waitlist/").body == []
