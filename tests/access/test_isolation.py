"""What belongs to one site, or to one customer, shows nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import routes
from chalicelib.domain.bookings.booking import Booking
from tests.access import given
from tests.access.given import TwoSites
from tests.client import Client

ABSENT = "BKZZZZZZZZ1NG1QR00005"
"""A booking id as they look, that was never given out."""

UNASKED = "US00000000"


@pytest.fixture
def both(two_sites: TwoSites) -> tuple[Booking, Booking]:
    """A booking at each site, of one customer each."""
    here = two_sites.world.book()
    there = two_sites.world.book(two_sites.actors["other"], zone="zone-x")
    return here, there


def ids(items: list[dict[str, Any]], name: str = "booking_id") -> set[str]:
    return {item[name] for item in items}


@pytest.mark.parametrize("path", ["/api/bookings", "/api/user/history"])
def test_a_list_of_ones_own_has_nobody_elses(
    client: Client, two_sites: TwoSites, both: tuple[Booking, Booking], path: str
) -> None:
    here, there = both
    assert ids(client.by(two_sites.world.user).get(path).body["items"]) == {here.booking_id}
    assert ids(client.by(two_sites.world.other).get(path).body["items"]) == {there.booking_id}
    assert client.by(two_sites.world.admin).get(path).body["items"] == []


def test_the_list_of_a_site_has_no_other_sites_bookings(
    client: Client, two_sites: TwoSites, both: tuple[Booking, Booking]
) -> None:
    here, there = both
    for who, site, seen in (("staff", "central", here), ("staff-x", "elsewhere", there)):
        listed = as_(client, two_sites, who).get(f"/api/bookings?site={site}").body["items"]
        assert ids(listed) == {seen.booking_id}


@pytest.mark.parametrize("path", ["/api/waitlist", "/api/waitlist/my_waitlist"])
def test_a_list_of_entries_has_nobody_elses(client: Client, two_sites: TwoSites, path: str) -> None:
    given.an_entry(two_sites)
    assert len(client.by(two_sites.world.user).get(path).body["items"]) == 1
    assert as_(client, two_sites, "other").get(path).body["items"] == []


@pytest.mark.parametrize("who", ["staff", "owner", "admin"])
def test_the_own_entries_of_staff_are_not_those_of_customers(
    client: Client, two_sites: TwoSites, who: str
) -> None:
    given.an_entry(two_sites)
    assert as_(client, two_sites, who).get("/api/waitlist/my_waitlist").body["items"] == []


@pytest.mark.parametrize(
    ("who", "count"), [("staff", 1), ("owner", 1), ("admin", 1), ("staff-x", 0)]
)
def test_staff_list_the_entries_of_their_sites_and_of_no_others(
    client: Client, two_sites: TwoSites, who: str, count: int
) -> None:
    given.an_entry(two_sites)
    assert len(as_(client, two_sites, who).get("/api/waitlist").body["items"]) == count


def test_the_waitlist_of_a_site_has_no_other_sites_entries(
    client: Client, two_sites: TwoSites
) -> None:
    given.an_entry(two_sites)
    listed = {
        who: as_(client, two_sites, who).get(f"/api/waitlist?site={site}").body["items"]
        for who, site in (("staff", "central"), ("staff-x", "elsewhere"))
    }
    assert (len(listed["staff"]), listed["staff-x"]) == (1, [])


def test_current_sessions_are_ones_own(
    client: Client, two_sites: TwoSites, both: tuple[Booking, Booking]
) -> None:
    sessions = client.by(two_sites.world.user).get("/api/user/current-session").body["sessions"]
    assert ids(sessions) == {both[0].booking_id}


@pytest.mark.parametrize(
    ("who", "sites"),
    [
        ("staff", {"central"}),
        ("owner-x", {"elsewhere"}),
        ("admin", {"central", "elsewhere"}),
    ],
)
def test_staff_see_the_zones_and_stays_of_where_they_work(
    client: Client, two_sites: TwoSites, both: tuple[Booking, Booking], who: str, sites: set[str]
) -> None:
    two_sites.world.enter(both[0])
    two_sites.world.enter(both[1], two_sites.actors["staff-x"])
    caller = as_(client, two_sites, who)
    assert ids(caller.get("/api/staff/slot-status").body["items"], "site") == sites
    assert ids(caller.get("/api/staff/active-sessions").body["items"], "site") == sites


@pytest.mark.parametrize(
    ("path", "name", "mine", "theirs"),
    [
        ("/api/admin/sites", "slug", {"central"}, {"elsewhere"}),
        ("/api/admin/zones", "zone_id", {"zone-a"}, {"zone-x"}),
    ],
)
def test_owners_see_what_they_run(
    client: Client, two_sites: TwoSites, path: str, name: str, mine: set[str], theirs: set[str]
) -> None:
    def listed(who: str) -> set[str]:
        return ids(as_(client, two_sites, who).get(path).body["items"], name)

    assert (listed("owner"), listed("owner-x"), listed("admin")) == (mine, theirs, mine | theirs)


def test_owners_see_the_people_and_the_trail_of_their_own_sites(
    client: Client, two_sites: TwoSites
) -> None:
    as_(client, two_sites, "owner").patch("/api/admin/zones/zone-a", {"name": "Renamed"})
    for who, site in (("owner", "central"), ("owner-x", "elsewhere")):
        people = as_(client, two_sites, who).get("/api/admin/users").body["items"]
        assert {site for person in people for site in person["sites"]} == {site}
        trail = as_(client, two_sites, who).get("/api/admin/audit").body["items"]
        assert {event["site"] for event in trail} <= {site}


BOOKING_ROUTES = [
    (route.method, route.path) for route in routes.declared() if "{booking_id}" in route.path
]


@pytest.mark.parametrize(("method", "path"), BOOKING_ROUTES)
@pytest.mark.parametrize("who", ["other", "staff-x", "owner-x"])
def test_somebody_elses_booking_is_told_from_none_by_nobody(
    client: Client, two_sites: TwoSites, method: str, path: str, who: str
) -> None:
    foreign = two_sites.world.book().booking_id
    caller = as_(client, two_sites, who)
    body = (
        None
        if method == "GET"
        else {"reason": "x"}
        if path.endswith(("waive", "terminate"))
        else {}
    )
    first, second = (
        caller.call(method, path.format(slug="central", booking_id=i), body)
        for i in (foreign, ABSENT)
    )
    assert first.status == second.status
    assert first.body["error"] == second.body["error"]


@pytest.mark.parametrize(
    ("path", "field"),
    [("/api/user/cancel-booking", "booking_id"), ("/parking/cancel-booking", "session_id")],
)
def test_nor_is_it_told_where_the_id_stands_in_the_body(
    client: Client, two_sites: TwoSites, path: str, field: str
) -> None:
    foreign = two_sites.world.book().booking_id
    caller = as_(client, two_sites, "other")
    first, second = (caller.post(path, {field: i}) for i in (foreign, ABSENT))
    assert first.status == second.status == 404
    assert told(first.body) == told(second.body)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_somebody_elses_account_is_told_from_none_by_no_owner(
    client: Client, two_sites: TwoSites, method: str
) -> None:
    caller = as_(client, two_sites, "owner-x")
    body = {"name": "New"} if method == "PATCH" else None
    known = (two_sites.world.user.account_id, two_sites.world.staff.account_id, UNASKED)
    answers = [caller.call(method, f"/api/admin/users/{user_id}", body) for user_id in known]
    assert {answer.status for answer in answers} == {404}
    assert len({str(told(answer.body)) for answer in answers}) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/bookings",
        "/api/waitlist",
        "/api/staff/slot-status",
        "/api/admin/zones",
        "/bookings",
        "/waitlist",
    ],
)
def test_a_site_that_is_not_ones_own_is_told_from_none_by_nobody(
    client: Client, two_sites: TwoSites, path: str
) -> None:
    caller = as_(client, two_sites, "owner-x")
    first, second = (caller.get(f"{path}?site={site}") for site in ("central", "nowhere"))
    assert first.status == second.status == 403
    assert told(first.body) == told(second.body)


@pytest.mark.parametrize(
    "path",
    [
        "/api/staff/hotels/{}/arrivals",
        "/api/admin/sites/{}",
        "/api/staff/shifts/{}.SH1NG2EK8000000007/report",
    ],
)
def test_nor_is_one_with_a_name_longer_than_any_site_has(
    client: Client, two_sites: TwoSites, path: str
) -> None:
    answer = as_(client, two_sites, "owner").get(path.format("x" * 3000))
    assert answer.code in ("FORBIDDEN", "SHIFT_NOT_FOUND")
    trail = as_(client, two_sites, "owner").get("/api/admin/audit?site=central").body["items"]
    assert answer.code in {event["outcome"] for event in trail}


def test_a_webhook_with_an_endless_name_is_one_that_nobody_has(
    client: Client, two_sites: TwoSites
) -> None:
    answer = as_(client, two_sites, "owner").get(f"/api/admin/webhooks/{'x' * 3000}")
    assert (answer.status, answer.code) == (404, "WEBHOOK_NOT_FOUND")


def as_(client: Client, two_sites: TwoSites, who: str) -> Client:
    actor = two_sites.actors[who]
    assert actor is not None
    return client.by(actor)


def told(body: dict[str, Any]) -> Any:
    """A refusal without the id of its request."""
    return body.get("error", body)
