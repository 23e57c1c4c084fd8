"""`/bookings` without `/api`, which the timer and the venue system share: each booking is shown in
the words of the system that its zone comes from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.core.access import Role
from tests import builders
from tests.client import Client, Reply
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.world import World

FORM = "application/x-www-form-urlencoded"
EVENT = {"venue": "halls", "date": "2026-11-23", "start_time": "12:00", "end_time": "13:00"}
"""An hour in a hall, by the clock of the site."""

each_slash = pytest.mark.parametrize("slash", ["", "/"])
each_type = pytest.mark.parametrize("form", [False, True], ids=["json", "form"])


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    world.add_zone("lot", builders.TIMER, tariff=builders.FREE, spaces=1)
    return Hall(world, clock, confirmation=True)


@pytest.fixture
def user(hall: Hall) -> Client:
    return Client(hall.world).by(hall.world.user)


def post(who: Client, path: str, fields: dict[str, str], *, form: bool) -> Reply:
    if not form:
        return who.post(path, fields)
    return who.sending(Content_Type=FORM).call("POST", path, urlencode(fields).encode())


def parked(who: Client) -> str:
    return str(who.post("/bookings/", {"zone_id": "lot"}).body["id"])


# -- the timer


@each_slash
@each_type
def test_a_slot_is_booked_and_its_timer_runs(user: Client, slash: str, form: bool) -> None:
    said = post(user, f"/bookings{slash}", {"zone_id": "lot"}, form=form)
    assert said.status == 201
    assert said.body["status"] == "booked"
    assert (said.body["remaining_time"], said.body["is_expired"]) == (3600, False)
    start, end = (datetime.fromisoformat(said.body[f"{name}_time"]) for name in ("start", "end"))
    assert (start, end) == (NOON, NOON + timedelta(hours=1))
    assert said.body["id"] == said.body["booking_id"]
    assert user.get(f"/bookings/{said.body['id']}{slash}").body == said.body


@each_slash
def test_a_poll_of_the_list_tells_the_seconds_of_that_moment(
    user: Client, clock: Clock, slash: str
) -> None:
    booking_id = parked(user)
    clock.move(seconds=3301)
    said = user.get(f"/bookings{slash}")
    assert [(row["id"], row["status"]) for row in said.body] == [(booking_id, "booked")]
    assert (said.body[0]["remaining_time"], said.body[0]["expiring_soon"]) == (299, True)
    assert said.headers["Cache-Control"] == "no-store"


def test_a_stay_completes_by_itself_and_its_slot_is_free(
    user: Client, world: World, clock: Clock
) -> None:
    booking_id = parked(user)
    clock.move(minutes=60)
    (row,) = user.get("/bookings/").body
    assert (row["id"], row["status"]) == (booking_id, "completed")
    assert (row["is_expired"], row["remaining_time"]) == (True, 0)
    assert user.by(world.other).post("/bookings/", {"zone_id": "lot"}).status == 201


@each_slash
@each_type
@pytest.mark.parametrize("minutes", [57, 61])
def test_a_renewal_is_the_new_booking_in_full_also_pressed_twice(
    user: Client, clock: Clock, minutes: int, slash: str, form: bool
) -> None:
    booking_id = parked(user)
    clock.move(minutes=minutes)
    first, second = (
        post(user, f"/bookings/{booking_id}/renew{slash}", {}, form=form) for _ in range(2)
    )
    assert (first.status, second.status) == (201, 201)
    assert first.body["id"] == second.body["id"] != booking_id
    assert (first.body["slot_number"], first.body["status"]) == ("A-001", "booked")
    begins, ends = (datetime.fromisoformat(first.body[n]) for n in ("start_time", "end_time"))
    assert ends - begins == timedelta(hours=1)
    assert [row["id"] for row in user.get("/bookings").body] == [first.body["id"], booking_id]


@pytest.mark.parametrize(("who", "status"), [("other", 404), ("staff", 403), ("owner", 403)])
def test_only_the_customer_renews(
    user: Client, world: World, clock: Clock, who: str, status: int
) -> None:
    booking_id = parked(user)
    clock.move(minutes=57)
    said = user.by(getattr(world, who)).post(f"/bookings/{booking_id}/renew/")
    assert said.status == status
    assert len(user.get("/bookings").body) == 1


# -- the venue


@each_slash
@each_type
@pytest.mark.parametrize("venue", ["halls", "halls.A-001"])
def test_a_venue_is_booked_and_shown_by_date_and_times(
    user: Client, world: World, venue: str, slash: str, form: bool
) -> None:
    asked = EVENT | {"venue": venue, "purpose": "Choir"}
    said = post(user, f"/bookings{slash}", asked, form=form)
    assert said.status == 201
    assert {name: said.body[name] for name in asked} == asked
    assert (said.body["status"], said.body["user"]) == ("confirmed", world.user.account_id)
    assert (said.body["starts_at"], said.body["ends_at"]) == (
        "2026-11-23T06:30:00Z",
        "2026-11-23T07:30:00Z",
    )
    assert (said.body["confirmed"], said.body["confirmed_at"]) == (False, None)
    assert (said.body["reminder_sent"], said.body["reminder_sent_at"]) == (False, None)
    assert (said.body["auto_cancelled"], said.body["auto_cancelled_at"]) == (False, None)
    assert said.body["auto_cancel_reason"] == ""


def test_the_date_is_that_of_the_site_not_of_utc(user: Client) -> None:
    night = EVENT | {"start_time": "01:30", "end_time": "03:00"}
    said = user.post("/bookings", night).body
    assert (said["date"], said["start_time"], said["end_time"]) == ("2026-11-23", "01:30", "03:00")
    assert said["starts_at"] == "2026-11-22T20:00:00Z"


@pytest.mark.parametrize(
    ("hours", "word"), [(0, "confirmed"), (48.5, "confirmed"), (49, "completed")]
)
def test_an_event_is_confirmed_until_it_is_over(
    user: Client, clock: Clock, hours: float, word: str, hall: Hall
) -> None:
    hall.world.change_zone(hall.deps.catalogue.zone("halls"), policy=builders.TIMER)
    booking_id = user.post("/bookings", EVENT).body["id"]
    clock.move(hours=hours)
    said = user.by(hall.world.user).get(f"/bookings/{booking_id}")
    assert said.body["status"] == word


@pytest.mark.parametrize("zone", ["lot", "halls"])
@each_slash
@each_type
def test_a_booking_is_cancelled(
    user: Client, clock: Clock, zone: str, slash: str, form: bool
) -> None:
    ahead = {"zone_id": zone} if zone == "lot" else EVENT
    hours = {} if zone == "halls" else {"start": "2026-11-23T12:00", "minutes": 60}
    booking_id = user.post("/api/bookings", ahead | hours).body["booking_id"]
    said = post(user, f"/bookings/{booking_id}/cancel{slash}", {"reason": "ill"}, form=form)
    assert (said.status, said.body["status"], said.body["id"]) == (200, "cancelled", booking_id)
    assert said.body["message"] == "Booking cancelled successfully"
    assert post(user, f"/bookings/{booking_id}/cancel", {}, form=form).code == "ALREADY_ENDED"


def test_a_booking_nobody_came_for_is_cancelled_there(
    user: Client, world: World, clock: Clock
) -> None:
    world.add_zone("gated", builders.METERED, tariff=builders.FREE)
    booking_id = user.post("/bookings", {"zone_id": "gated", "minutes": 60}).body["id"]
    clock.move(hours=3)
    assert user.get(f"/api/bookings/{booking_id}").body["status"] == "expired"
    said = user.get(f"/bookings/{booking_id}").body
    assert (said["status"], said["is_expired"]) == ("cancelled", True)


# -- the list of both


def test_one_list_has_both_each_in_its_words(user: Client, clock: Clock) -> None:
    hall_id = user.post("/bookings/", EVENT).body["id"]
    clock.move(seconds=1)
    lot_id = parked(user)
    rows = {row["id"]: row for row in user.get("/bookings/").body}
    assert list(rows) == [lot_id, hall_id]
    assert [rows[each]["status"] for each in (lot_id, hall_id)] == ["booked", "confirmed"]
    assert rows[lot_id]["start_time"] == rows[lot_id]["starts_at"]
    assert rows[hall_id]["start_time"] == "12:00"


def test_the_list_goes_on_at_the_address_in_link(user: Client, clock: Clock) -> None:
    made = []
    for _ in range(3):
        made.append(parked(user))
        clock.move(minutes=61)
    assert _followed(user, "/bookings/?limit=1") == [[each] for each in reversed(made)]
    assert "Link" not in user.get("/bookings/").headers


def _followed(who: Client, path: str) -> list[list[str]]:
    """The ids on each page that has any, as `Link` leads from one to the next."""
    found: list[list[str]] = []
    bare, _, query = path.partition("?")
    while True:
        said = who.get(f"{bare}?{query}")
        found.append([row["id"] for row in said.body])
        link = said.headers.get("Link")
        if link is None:
            return [page for page in found if page]
        query, _, relation = link.removeprefix("<?").partition(">; ")
        assert relation == 'rel="next"'


def test_owners_and_staff_see_the_bookings_of_their_own_lots_and_no_others(
    user: Client, world: World
) -> None:
    world.add_site("annex")
    world.add_zone("annex-lot", builders.TIMER, site="annex", tariff=builders.FREE)
    here = parked(user)
    there = user.by(world.other).post("/bookings/", {"zone_id": "annex-lot"}).body["id"]
    both = world.add_account("both", Role.OWNER, "annex", "central")
    beside = world.add_account("beside", Role.OWNER, "annex")
    seen: dict[Any, list[str]] = {
        who: [row["id"] for row in user.by(who).get("/bookings/").body]
        for who in (world.user, world.other, world.owner, world.staff, beside, both, world.admin)
    }
    assert list(seen.values()) == [
        [here], [there], [here], [here], [there], [there, here], [there, here],
    ]  # fmt: skip
    assert _followed(user.by(both), "/bookings/?limit=1") == [[there], [here]]
    assert user.by(world.owner).get("/bookings/?site=annex").status == 403
