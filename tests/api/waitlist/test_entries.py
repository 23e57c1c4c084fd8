"""The waitlist over HTTP: the shape of an entry, who sees what, and the refusals by name."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.waitlist.entry import Entry
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.hall import Hall
from tests.world import World

HOUR = {"start": "2026-11-23T06:30:00Z", "minutes": 60}
WISH = {"zone_id": "halls", **HOUR}


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


@pytest.fixture
def other(client: Client, hall: Hall) -> Client:
    """Signed in, and without a booking."""
    return client.by(hall.world.other)


def offered(hall: Hall) -> Entry:
    """What `other` is offered: the only hall, for an hour."""
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    return entry


def part(reply: Reply, *names: str) -> tuple[Any, ...]:
    return tuple(reply.body[name] for name in names)


def refusal(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.code


# -- an entry, from joining to its end -----------------------------------------------------------


def test_joining_tells_the_place_and_the_chance(hall: Hall, other: Client, clock: Clock) -> None:
    hall.book()
    hall.join(hall.third)
    joined = other.post("/api/waitlist", WISH)
    assert joined.status == 201
    assert joined.body == {
        "id": joined.body["id"], "status": "waiting", "site": "central", "zone_id": "halls",
        "zone_name": "Halls", "space_id": None, "offered_space_id": None,
        "user_id": hall.world.other.account_id, "user": hall.world.other.account_id,
        "user_email": "user2@example.com", "venue": "halls", "venue_name": "Halls", "date": "2026-11-23",
        "start_time": "2026-11-23T06:30:00Z", "end_time": "2026-11-23T07:30:00Z",
        "priority": 0, "favour": None, "position": 2, "chance": "low", "notified": False, "notified_at": None,
        "expires_at": None, "time_remaining": 0, "claimed": False, "claimed_at": None,
        "booking_id": None, "expired": False, "created_at": "2026-11-21T06:30:00Z",
        "updated_at": "2026-11-21T06:30:00Z", "server_time": "2026-11-21T06:30:00Z", "version": 1,
    }  # fmt: skip
    assert joined.body["id"].startswith("WL")


def test_a_local_time_of_the_site_may_be_waited_for(hall: Hall, other: Client) -> None:
    hall.book()
    local = {"zone_id": "halls", "start": "2026-11-23T12:00", "minutes": 60}
    joined = other.post("/api/waitlist", local)
    assert (joined.status, joined.body["start_time"]) == (201, "2026-11-23T06:30:00Z")


def test_an_hour_that_clocks_leave_out_is_refused_by_field(world: World, client: Client) -> None:
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    world.add_zone("rooms-x", builders.VENUE, kind="venue", tariff=builders.FREE, site="dublin")
    refused = client.by(world.other).post(
        "/api/waitlist", {"zone_id": "rooms-x", "start": "2027-03-28T01:30", "minutes": 60}
    )
    assert refusal(refused) == (400, "VALIDATION_FAILED")
    assert "2027" in refused.body["error"]["fields"]["start"]


def test_an_offer_tells_which_space_and_how_long_it_is_held(
    hall: Hall, other: Client, clock: Clock
) -> None:
    path = f"/api/waitlist/{offered(hall).entry_id}"
    clock.move(minutes=2)
    shown = other.get(path)
    assert part(shown, "status", "offered_space_id", "position", "chance") == (
        "offered", "halls.A-001", None, None,
    )  # fmt: skip
    assert part(shown, "notified", "notified_at", "expires_at", "time_remaining") == (
        True, "2026-11-21T06:30:00Z", "2026-11-21T06:45:00Z", 780,
    )  # fmt: skip


def test_a_claim_makes_a_confirmed_booking_with_what_is_said_about_it(
    hall: Hall, other: Client
) -> None:
    path = f"/api/waitlist/{offered(hall).entry_id}"
    said = {"purpose": "choir", "owner_name": "Asha Rao", "guests": [{"name": "Ravi"}]}
    claimed = other.post(f"{path}/claim", said)
    assert claimed.status == 201
    assert part(claimed, "space_id", "start_time", "confirmed", "purpose", "owner_name") == (
        "halls.A-001", "2026-11-23T06:30:00Z", True, "choir", "Asha Rao",
    )  # fmt: skip
    entry = other.get(path)
    assert part(entry, "status", "claimed", "booking_id", "expires_at", "time_remaining") == (
        "claimed", True, claimed.body["booking_id"], None, 0,
    )  # fmt: skip


def test_a_claim_repeated_with_its_key_answers_with_the_same_booking(
    hall: Hall, other: Client
) -> None:
    path = f"/api/waitlist/{offered(hall).entry_id}/claim"
    keyed = other.sending(Idempotency_Key="mine")
    first, second = keyed.post(path), keyed.post(path)
    assert (first.status, second.status) == (201, 201)
    assert first.body["booking_id"] == second.body["booking_id"]
    assert refusal(other.post(path)) == (409, "ALREADY_CLAIMED")


def test_joining_repeated_with_its_key_is_joining_once(hall: Hall, other: Client) -> None:
    hall.book()
    keyed = other.sending(Idempotency_Key="mine")
    first, second = keyed.post("/api/waitlist", WISH), keyed.post("/api/waitlist", WISH)
    assert (second.status, second.body["id"]) == (201, first.body["id"])
    assert refusal(other.post("/api/waitlist", WISH)) == (409, "ALREADY_WAITING")


@pytest.mark.parametrize("suffix", ["", "/leave"])
def test_whoever_leaves_sees_the_entry_as_left_and_may_leave_twice(
    hall: Hall, other: Client, suffix: str
) -> None:
    hall.book()
    path = f"/api/waitlist/{hall.join(hall.world.other).entry_id}"
    for _ in range(2):
        left = other.delete(path + suffix)
        assert (left.status, *part(left, "status", "position", "expired")) == (
            200, "left", None, False,
        )  # fmt: skip


def test_a_lapsed_offer_is_gone_for_good(hall: Hall, other: Client, clock: Clock) -> None:
    path = f"/api/waitlist/{offered(hall).entry_id}"
    clock.move(minutes=15)
    assert refusal(other.post(f"{path}/claim")) == (410, "OFFER_EXPIRED")
    assert refusal(other.delete(path)) == (410, "OFFER_EXPIRED")
    assert part(other.get(path), "status", "expired", "notified") == ("expired", True, True)


# -- refusals ------------------------------------------------------------------------------------


def test_somebody_elses_place_is_refused_by_name(hall: Hall, client: Client) -> None:
    path = f"/api/waitlist/{offered(hall).entry_id}"
    third = client.by(hall.third)
    answers = (third.get(path), third.post(f"{path}/claim"), third.delete(f"{path}/leave"))
    assert {refusal(answer) for answer in answers} == {(403, "FORBIDDEN")}
    assert {answer.body["error"]["message"] for answer in answers} == {
        "This waitlist entry belongs to another customer. Look at your own waitlist."
    }


def test_an_entry_that_never_was_is_not_found(other: Client) -> None:
    for name in ("WL000000001NG1QR00005", "nonsense"):
        assert refusal(other.get(f"/api/waitlist/{name}")) == (404, "ENTRY_NOT_FOUND")
        assert refusal(other.post(f"/api/waitlist/{name}/claim")) == (404, "ENTRY_NOT_FOUND")
        assert refusal(other.delete(f"/api/waitlist/{name}")) == (404, "ENTRY_NOT_FOUND")


def test_who_is_not_first_cannot_claim_yet(hall: Hall, other: Client) -> None:
    hall.book()
    path = f"/api/waitlist/{hall.join(hall.world.other).entry_id}/claim"
    assert refusal(other.post(path)) == (409, "NOT_OFFERED")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (HOUR, {"zone_id"}),  # neither a zone nor a space
        ({**WISH, "space_id": "halls.A-001"}, {"zone_id"}),  # both
        ({**WISH, "end": "2026-11-23T07:30:00Z"}, {"minutes"}),  # the end twice
        ({"zone_id": "halls"}, {"start"}),  # now is not ahead
        ({**WISH, "start": "2026-11-20T12:00:00Z"}, {"start"}),  # past
        ({**WISH, "priority": -101, "colour": "red"}, {"priority", "colour"}),
    ],
)
def test_a_wish_that_makes_no_sense_names_its_fields(
    hall: Hall, other: Client, body: dict[str, Any], fields: set[str]
) -> None:
    hall.book()
    answer = other.post("/api/waitlist", body)
    assert (answer.status, set(answer.fields)) == (400, fields)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"zone_id": "nowhere", **HOUR}, (404, "ZONE_NOT_FOUND")),
        ({"space_id": "halls.A-009", **HOUR}, (404, "SPACE_NOT_FOUND")),
        ({**WISH, "start": "2026-11-23T09:30:00Z"}, (409, "STILL_FREE")),
    ],
)
def test_what_cannot_be_waited_for_says_why(
    hall: Hall, other: Client, wish: dict[str, Any], expected: tuple[int, str]
) -> None:
    hall.book()
    for who in (other, other.sending(Idempotency_Key="mine")):
        assert refusal(who.post("/api/waitlist", wish)) == expected


def test_nobody_waits_for_what_they_have(hall: Hall, client: Client) -> None:
    hall.book()
    mine = client.by(hall.world.user).post("/api/waitlist", WISH)
    assert refusal(mine) == (409, "ALREADY_BOOKED")


def test_a_zone_that_keeps_no_waitlist_says_so(world: World, clock: Clock, client: Client) -> None:
    Hall(world, clock, waitlist=False).book()
    assert refusal(client.by(world.other).post("/api/waitlist", WISH)) == (409, "WAITLIST_CLOSED")


# -- staff ---------------------------------------------------------------------------------------


def test_staff_put_somebody_in_line_and_say_how_urgent_it_is(hall: Hall, client: Client) -> None:
    hall.book()
    hall.join(hall.world.other)
    hall.world.make_known(hall.third)
    urgent = {
        **WISH, "user_id": hall.third.account_id, "priority": -5, "reason": "wheelchair",
    }  # fmt: skip
    assert refusal(client.by(hall.fourth).post("/api/waitlist", urgent)) == (403, "FORBIDDEN")
    joined = client.by(hall.world.staff).post("/api/waitlist", urgent)
    assert (joined.status, *part(joined, "user_id", "priority", "position")) == (
        201, hall.third.account_id, -5, 1,
    )  # fmt: skip
    assert client.by(hall.third).get(f"/api/waitlist/{joined.body['id']}").status == 200
    assert joined.body["favour"] == f"{hall.world.staff.account_id}: wheelchair"


def test_a_favour_without_a_reason_is_refused_by_field(hall: Hall, client: Client) -> None:
    hall.book()
    hall.world.make_known(hall.third)
    for favour in ({"user_id": hall.third.account_id}, {"priority": 1}):
        answer = client.by(hall.world.staff).post("/api/waitlist", {**WISH, **favour})
        assert (answer.status, answer.fields) == (
            400, {"reason": "is required for a priority and for another customer"},
        )  # fmt: skip


def test_staff_see_the_live_entries_of_their_site_by_their_start_without_their_places(
    hall: Hall, client: Client
) -> None:
    hall.book(0, 2)
    later, first = hall.join(hall.world.other, 1, 2), hall.join(hall.third)
    hall.leave(hall.join(hall.fourth), hall.fourth)
    listed = client.by(hall.world.staff).get("/api/waitlist?site=central")
    assert [item["id"] for item in listed.body["items"]] == [first.entry_id, later.entry_id]
    assert {(item["position"], item["chance"]) for item in listed.body["items"]} == {(None, None)}


# -- lists ---------------------------------------------------------------------------------------


def test_own_entries_come_page_by_page_and_the_live_ones_apart(
    hall: Hall, other: Client, clock: Clock
) -> None:
    hall.book(0, 3)
    entries = []
    for hour in range(3):
        entries.append(hall.join(hall.world.other, hour, hour + 1).entry_id)
        clock.move(seconds=1)
    other.delete(f"/api/waitlist/{entries[1]}")
    for path, expected in (
        ("/api/waitlist", [entries[2], entries[1], entries[0]]),
        ("/api/waitlist/my_waitlist", [entries[0], entries[2]]),
    ):
        assert pages(other, path) == expected


def pages(who: Client, path: str) -> list[str]:
    """The ids on all pages of a list, one entry a page."""
    found, cursor = [], ""
    while True:
        page = who.get(f"{path}?limit=1{cursor}").body
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_an_own_list_tells_places(hall: Hall, other: Client) -> None:
    hall.book()
    hall.join(hall.third)
    hall.join(hall.world.other)
    for path in ("/api/waitlist", "/api/waitlist/my_waitlist"):
        [item] = other.get(path).body["items"]
        assert (item["position"], item["chance"]) == (2, "low")


def test_the_cursor_of_one_list_does_not_open_another(hall: Hall, client: Client) -> None:
    hall.book(0, 2)
    for hour in range(2):
        hall.join(hall.world.staff, hour, hour + 1)
    staff = client.by(hall.world.staff)
    cursor = staff.get("/api/waitlist?limit=1").body["next_cursor"]
    for path in ("/api/waitlist/my_waitlist?", "/api/waitlist?site=central&"):
        assert staff.get(f"{path}cursor={cursor}").status == 400


def test_an_offer_that_has_only_grown_older_is_not_sent_again(
    hall: Hall, other: Client, clock: Clock
) -> None:
    path = f"/api/waitlist/{offered(hall).entry_id}"
    tag = other.get(path).headers["ETag"]
    clock.move(minutes=1)
    assert other.sending(If_None_Match=tag).get(path).status == 304
    clock.move(minutes=14)
    assert other.sending(If_None_Match=tag).get(path).status == 200


# -- the chance ----------------------------------------------------------------------------------


def test_the_chance_grows_with_the_spaces_that_would_do(world: World, clock: Clock) -> None:
    hall = Hall(world, clock, spaces=5)
    for number in range(1, 6):
        hall.book(number=f"A-{number:03}")
    who = Client(world).by(world.other)
    anywhere = who.post("/api/waitlist", WISH)
    just_there = who.post("/api/waitlist", {"space_id": "halls.A-002", **HOUR})
    assert (anywhere.body["chance"], just_there.body["chance"]) == ("good", "fair")
    assert just_there.body["space_id"] == "halls.A-002"
    clock.move(hours=44)
    later = Client(world).by(world.other).get(f"/api/waitlist/{anywhere.body['id']}")
    assert later.body["chance"] == "low"
