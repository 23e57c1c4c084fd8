from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.core.access import Role
from tests.builders import METERED
from tests.client import Client, Reply
from tests.world import World

PATH = "/api/admin/blackouts"
CLOSED: dict[str, Any] = {
    "zone_id": "zone-a",
    "start": "2026-11-21T08:30:00Z",
    "end": "2026-11-21T12:30:00Z",
    "reason": "The floor is polished",
}
INSIDE = {"start": "2026-11-21T09:30:00Z", "minutes": 60}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


def book(user: Client, **wishes: Any) -> str:
    return str(
        user.post("/api/bookings", {"zone_id": "zone-a"} | INSIDE | wishes).body["booking_id"]
    )


def test_a_closed_zone_says_until_when_and_why(owner: Client, user: Client) -> None:
    answer = owner.post(PATH, CLOSED)
    body = answer.body
    assert answer.status == 201
    assert body["blackout_id"].startswith("zone.zone-a.")
    assert {name: body[name] for name in CLOSED} == CLOSED
    assert (body["site"], body["cancelling"]) == ("central", None)
    assert body["bookings"] == {"count": 0, "items": [], "next_cursor": None}
    refused = user.post("/api/bookings", {"zone_id": "zone-a"} | INSIDE)
    assert (refused.status, refused.code) == (409, "BLACKED_OUT")
    assert refused.body["error"]["message"] == (
        "Closed from Sat 21 Nov 2026, 14:00 until Sat 21 Nov 2026, 18:00 (Asia/Kolkata): "
        "The floor is polished"
    )


def test_it_is_read_listed_changed_and_lifted(owner: Client, user: Client) -> None:
    made = owner.post(PATH, CLOSED).body
    one = f"{PATH}/{made['blackout_id']}"
    shown = {name: made[name] for name in made if name not in ("bookings", "cancelling")}
    assert owner.get(one).body == shown
    assert owner.get(f"{PATH}?zone_id=zone-a").body["items"] == [shown]
    assert owner.get(f"{PATH}?site=central").body["items"] == [shown]
    changed = shown | {"reason": "Repairs", "version": shown["version"] + 1}
    assert owner.patch(one, {"reason": "Repairs"}).body == changed == owner.get(one).body
    policy = owner.get("/api/admin/zones/zone-a").body["policy"]
    assert [each["reason"] for each in policy["blackouts"]] == ["Repairs"]
    assert owner.delete(one).status == 204
    assert owner.get(one).code == "BLACKOUT_NOT_FOUND"
    assert owner.get(PATH).body["items"] == []
    book(user)


def test_one_set_with_the_policy_is_managed_like_any_other(owner: Client) -> None:
    plain = {"start": "2026-12-25T00:00:00Z", "end": "2026-12-26T00:00:00Z"}
    owner.patch("/api/admin/zones/zone-a", {"policy": {"blackouts": [plain]}})
    (listed,) = owner.get(PATH).body["items"]
    one = f"{PATH}/{listed['blackout_id']}"
    assert owner.get(one).body == listed
    assert owner.patch(one, {"reason": "Christmas"}).body["reason"] == "Christmas"
    assert owner.delete(one).status == 204


def test_a_whole_site_is_closed_at_once(owner: Client, user: Client, world: World) -> None:
    world.add_zone("lot", METERED)
    closed = {name: value for name, value in CLOSED.items() if name != "zone_id"}
    body = owner.post(PATH, closed | {"site": "central"}).body
    assert (body["blackout_id"].split(".")[0], body["zone_id"]) == ("site", None)
    for zone in ("zone-a", "lot"):
        assert user.post("/api/bookings", {"zone_id": zone} | INSIDE).code == "BLACKED_OUT"


def test_times_without_an_offset_are_the_sites(owner: Client) -> None:
    local = {"start": "2026-12-25T00:00", "end": "2026-12-26T00:00"}
    made = owner.post(PATH, CLOSED | local).body
    assert (made["start"], made["end"]) == ("2026-12-24T18:30:00Z", "2026-12-25T18:30:00Z")
    one = f"{PATH}/{made['blackout_id']}"
    assert owner.patch(one, {"end": "2026-12-27T00:00"}).body["end"] == "2026-12-26T18:30:00Z"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"end": "2026-11-21T08:30:00Z"}, {"end"}),  # not after its start
        ({"start": "2026-11-20T08:30", "end": "2026-11-20T12:30"}, {"end"}),  # over
        ({"zone_id": None}, {"zone_id"}),  # neither
        ({"site": "central"}, {"zone_id"}),  # both
        ({"start": "today", "end": 5, "reason": "x" * 201}, {"start", "end", "reason"}),
        ({"bookings": "burn"}, {"bookings"}),
        ({"why": "?"}, {"why"}),
    ],
)
def test_a_blackout_that_makes_no_sense_names_the_field(
    owner: Client, changes: dict[str, Any], fields: set[str]
) -> None:
    answer = owner.post(PATH, CLOSED | changes)
    assert (answer.status, set(answer.fields)) == (400, fields)


@pytest.mark.parametrize("zone_id", ["nowhere", "zone-x"])
def test_only_ones_own_zones_can_be_closed(owner: Client, world: World, zone_id: str) -> None:
    world.add_site("elsewhere")
    world.add_zone("zone-x", METERED, site="elsewhere")
    answer = owner.post(PATH, CLOSED | {"zone_id": zone_id})
    assert answer.code == ("ZONE_NOT_FOUND" if zone_id == "nowhere" else "FORBIDDEN")


def test_another_owner_learns_nothing_about_it(owner: Client, client: Client, world: World) -> None:
    one = f"{PATH}/{owner.post(PATH, CLOSED).body['blackout_id']}"
    world.add_site("elsewhere")
    rival = client.by(world.add_account("rival", Role.OWNER, "elsewhere"))
    answers: list[Reply] = [
        rival.get(one),
        rival.patch(one, {"reason": ""}),
        rival.delete(one),
        rival.get(f"{one}/bookings"),
        rival.post(f"{one}/cancel-bookings"),
        rival.get(f"{PATH}?zone_id=zone-a"),
    ]
    assert {answer.code for answer in answers} == {"FORBIDDEN"}
    assert rival.get(PATH).body["items"] == []


def test_a_double_click_with_a_key_closes_once(owner: Client) -> None:
    once = owner.sending(Idempotency_Key="k")
    assert once.post(PATH, CLOSED).body == once.post(PATH, CLOSED).body
    assert owner.post(PATH, CLOSED).code == "ALREADY_EXISTS"
    assert len(owner.get(PATH).body["items"]) == 1


def test_whoever_asks_what_is_free_reads_why_nothing_is(client: Client, owner: Client) -> None:
    owner.post(PATH, CLOSED)
    closed = [{name: CLOSED[name] for name in ("start", "end", "reason")}]
    asked = "/api/zones/zone-a/availability"
    inside = client.get(f"{asked}?start=2026-11-21T09:30:00Z").body
    assert (inside["available_slots"], inside["closed"]) == (0, closed)
    assert client.get(asked).body["closed"] == []
    day = client.get(f"{asked}?date=2026-11-21").body
    assert day["closed"] == closed
    assert day["spaces"][0]["free"][0]["end"] == CLOSED["start"]


# -- whom it hits


def test_it_answers_whom_it_hits_and_lets_them_stand(owner: Client, user: Client) -> None:
    made = {book(user) for _ in range(3)}
    body = owner.post(PATH, CLOSED).body
    assert (body["bookings"]["count"], body["cancelling"]) == (3, None)
    assert {each["booking_id"] for each in body["bookings"]["items"]} == made
    path = f"{PATH}/{body['blackout_id']}/bookings?limit=2"
    page = owner.get(path).body
    rest = owner.get(f"{path}&cursor={page['next_cursor']}").body
    listed = [*page["items"], *rest["items"]]
    assert ({each["booking_id"] for each in listed}, len(listed)) == (made, 3)
    assert rest["next_cursor"] is None
    assert {each["status"] for each in listed} == {"booked"}


def test_the_answer_holds_no_more_than_a_page(owner: Client, user: Client, world: World) -> None:
    world.add_zone("big", METERED, spaces=21)
    for _ in range(21):
        book(user, zone_id="big")
    body = owner.post(PATH, CLOSED | {"zone_id": "big"}).body
    hit = body["bookings"]
    assert (hit["count"], len(hit["items"])) == (21, 20)
    rest = owner.get(f"{PATH}/{body['blackout_id']}/bookings?cursor={hit['next_cursor']}").body
    assert len(rest["items"]) == 1


def test_a_cursor_opens_only_its_own_list(owner: Client, user: Client) -> None:
    for _ in range(2):
        book(user)
    one = owner.post(PATH, CLOSED).body["blackout_id"]
    other = owner.post(PATH, CLOSED | {"end": "2026-11-21T13:30:00Z"}).body["blackout_id"]
    cursor = owner.get(f"{PATH}/{one}/bookings?limit=1").body["next_cursor"]
    assert owner.get(f"{PATH}/{other}/bookings?cursor={cursor}").fields.keys() == {"cursor"}
    wrong = owner.post(f"{PATH}/{other}/cancel-bookings", {"cursor": cursor})
    assert wrong.fields.keys() == {"cursor"}
    right = owner.post(f"{PATH}/{one}/cancel-bookings", {"cursor": cursor})
    assert len(right.body["cancelled"]) == 1


def test_they_can_be_cancelled_in_the_same_breath(owner: Client, user: Client) -> None:
    made = book(user)
    body = owner.post(PATH, CLOSED | {"bookings": "cancel"}).body
    assert body["bookings"]["count"] == 1
    assert body["cancelling"]["failed"] == []
    (gone,) = body["cancelling"]["cancelled"]
    assert (gone["booking_id"], gone["refund_eligible"]) == (made, True)
    assert gone["refund_reason"] == "Cancelled by the site: everything paid is refunded."
    shown = user.get(f"/api/bookings/{made}").body
    assert shown["status"] == "cancelled"
    last = shown["timeline"][-1]
    assert (last["event"], last["source"], last["note"]) == (
        "cancelled", "blackout", "The floor is polished",
    )  # fmt: skip


def test_they_can_be_cancelled_later_and_twice(owner: Client, user: Client, world: World) -> None:
    free = book(user)
    begun = book(user, start="2026-11-21T06:30:00Z", minutes=240)
    world.enter(world.deps.bookings.get(begun))
    one = owner.post(PATH, CLOSED).body["blackout_id"]
    first = owner.post(f"{PATH}/{one}/cancel-bookings").body
    assert [each["booking_id"] for each in first["cancelled"]] == [free]
    assert first["failed"] == [
        {
            "booking_id": begun,
            "code": "ILLEGAL_TRANSITION",
            "message": "The stay has begun. Check out instead.",
        }
    ]
    again = owner.post(f"{PATH}/{one}/cancel-bookings").body
    assert (again["cancelled"], len(again["failed"]), again["next_cursor"]) == ([], 1, None)


def test_every_step_is_audited(owner: Client, user: Client, world: World) -> None:
    made = book(user)
    one = owner.post(PATH, CLOSED | {"bookings": "cancel"}).body["blackout_id"]
    owner.patch(f"{PATH}/{one}", {"reason": ""})
    owner.delete(f"{PATH}/{one}")
    user.delete(f"{PATH}/{one}")
    events = world.deps.audit.list_day("central", world.deps.now().date(), 100).events
    assert {(event.action, event.subject, event.outcome) for event in events} >= {
        ("create_blackout", one, "allowed"),
        ("cancel_booking", made, "allowed"),
        ("edit_blackout", one, "allowed"),
        ("lift_blackout", one, "allowed"),
    }
