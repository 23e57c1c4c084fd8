"""Lists: pages, cursors, filters (docs/api.md, Lists)."""

from __future__ import annotations

import csv
import io
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any, get_origin

import pytest

from chalicelib import routes
from chalicelib.api.web import csv_lists
from chalicelib.domain.core.access import KeyScope, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.operations.incident import IncidentKind
from chalicelib.services.accounts import api_keys
from chalicelib.services.bookings import bookings
from chalicelib.services.operations import incidents, shifts
from chalicelib.services.operations.incidents import NewIncident
from chalicelib.services.promos import promos
from tests.builders import FREE, METERED, a_blackout
from tests.client import Client
from tests.clock import NOON, Clock
from tests.fake_sockets import with_realtime
from tests.fake_webhook_client import add_webhook
from tests.hall import Hall
from tests.world import World

DAY = timedelta(days=1)
OWN = ("/api/bookings", "/api/user/history")
OF_SITE = "/api/bookings?site=central"
BOOKING_LISTS = (*OWN, OF_SITE)

HIT = "/api/admin/blackouts/{blackout_id}/bookings"
IDS = {
    "/api/admin/api-keys": "key_id",
    "/api/admin/audit": "at",
    "/api/admin/blackouts": "blackout_id",
    HIT: "booking_id",
    "/api/admin/promos": "promo_id",
    "/api/admin/sites": "slug",
    "/api/admin/spaces": "space_id",
    "/api/admin/users": "user_id",
    "/api/admin/webhooks": "webhook_id",
    "/api/admin/zones": "zone_id",
    "/api/bookings": "booking_id",
    "/api/public/sites": "slug",
    "/api/public/zones": "zone_id",
    "/api/staff/incidents": "incident_id",
    "/api/staff/shifts": "shift_id",
    "/api/user/history": "booking_id",
    "/api/user/zones": "zone_id",
    "/api/waitlist": "id",
    "/api/waitlist/my_waitlist": "id",
}
"""Every list, and what names its entries."""

ARRAYS = {"/bookings": "id", "/waitlist": "id", "/waitlist/my_waitlist": "id"}
"""The lists of replaced systems that are plain arrays, and what names their entries."""

OF_ONE_SITE = {
    "/api/admin/api-keys",
    "/api/admin/promos",
    "/api/admin/webhooks",
    "/api/staff/incidents",
    "/api/staff/shifts",
}
"""Lists that need the name of a site."""

TOLD_ELSEWHERE = {
    "/api/admin/sites/{slug}/affected-bookings",
    "/api/admin/zones/{zone_id}/affected-bookings",
    "/api/admin/payment-reviews",
    "/api/admin/sites/{slug}/papers",
    "/api/me/passes",
    "/api/me/payments",
    "/api/admin/webhooks/{webhook_id}/deliveries",
    "/api/staff/hotels/{slug}/rooms/{space_id}/turnover",
}
"""Lists with pages and tests of their own: what happened to one thing."""


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


@pytest.fixture
def crowded(world: World, clock: Clock) -> World:
    """Seven bookings of `user1`, five seconds and a day apart, in two zones, two cancelled, and five
    entries of theirs in line; other sites, zones and people beside."""
    world.add_zone("zone-b", METERED, tariff=FREE)
    for n in range(7):
        zone = "zone-a" if n % 2 else "zone-b"
        booking = world.book(zone=zone, start=NOON + (n + 1) * DAY)
        if n in (2, 5):
            bookings.cancel(world.deps, world.user, booking.booking_id)
        clock.move(seconds=5)
    for n in range(4):
        world.add_site(f"site-{n}")
        world.add_zone(f"zone-{n}", METERED, site=f"site-{n}")
        world.add_account(f"guest{n}")
    world.book(world.other, start=NOON + DAY)
    hall = Hall(world, clock, max_entries_per_day=9)
    hall.book(0, 5, actor=world.other)
    for n in range(5):
        hall.join(world.user, n, n + 1)
    days = [a_blackout(NOON + n * DAY, 24 * 60) for n in range(8)]
    whole = a_blackout(NOON, 9 * 24 * 60, key="7Q2M9X4T")
    world.deps.commit(saving(world.site.with_blackouts((whole, *days))))
    with_realtime(world)
    for n in range(4):
        new_code = promos.NewPromo(f"CODE-{n}", "central", percent=5)
        promos.create(world.deps, world.owner, new_code, source_ip="-")
        add_webhook(world)
        api_keys.create(world.deps, world.owner, "central", "Gate", KeyScope.SCANS, source_ip="-")
    for n, who in enumerate((world.staff, world.owner, world.admin)):
        shifts.open_shift(world.deps, who, "central", "500", source_ip="-")
        new = NewIncident(IncidentKind.OTHER, f"number {n}", site="central")
        incidents.report(world.deps, who, new)
    return world


def who_lists(client: Client, world: World, path: str) -> Client:
    own = {*OWN, *ARRAYS, "/api/user/zones"}
    if path in own or path.startswith("/api/waitlist"):
        return client.by(world.user)
    return client.by(world.admin)


def joined(path: str, **query: Any) -> str:
    mark = "&" if "?" in path else "?"
    return path + "".join(
        f"{mark if n == 0 else '&'}{k}={v}" for n, (k, v) in enumerate(query.items())
    )


def asking(path: str) -> str:
    """The path with what its list cannot do without."""
    if path == "/api/admin/spaces":
        return joined(path, zone_id="zone-a")
    if path in OF_ONE_SITE:
        return joined(path, site="central")
    return path.format(blackout_id="site.central.7Q2M9X4T")


def pages(client: Client, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """Every page of a list, to its end."""
    found, cursor = [], None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        body = client.get(joined(path, limit=limit, **more)).body
        found.append(body["items"])
        cursor = body["next_cursor"]
        assert len(found) < 50
        if cursor is None:
            return found


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["booking_id"] for item in items]


def test_every_list_there_is_takes_limit_and_cursor() -> None:
    lists = {r.path for r in routes.declared() if isinstance(r.gives, list)}
    assert lists == IDS.keys() | TOLD_ELSEWHERE


def test_every_plain_array_there_is_is_one_of_these() -> None:
    assert {r.path for r in routes.declared() if get_origin(r.gives) is tuple} == ARRAYS.keys()


@pytest.mark.parametrize("path", ARRAYS)
def test_link_leads_through_a_plain_array(client: Client, crowded: World, path: str) -> None:
    caller, found, query = client.by(crowded.user), [], "limit=2"
    whole = caller.get(f"{path}?limit=100")
    assert "Link" not in whole.headers
    while query:
        page = caller.get(f"{path}?{query}")
        assert len(page.body) <= 2
        found += page.body
        query = page.headers.get("Link", "").removeprefix("<?").removesuffix('>; rel="next"')
    assert found == whole.body
    named = [row[ARRAYS[path]] for row in found]
    assert len(set(named)) == len(named) > 2


@pytest.mark.parametrize("path", [*IDS, OF_SITE])
def test_the_pages_of_a_list_are_the_list(client: Client, crowded: World, path: str) -> None:
    caller, asked = who_lists(client, crowded, path), asking(path)
    whole = caller.get(joined(asked, limit=100)).body
    assert whole["next_cursor"] is None
    for limit in (1, 2, 3, 7):
        cut = pages(caller, asked, limit)
        assert [item for page in cut for item in page] == whole["items"]
        assert all(len(page) <= limit for page in cut)


@pytest.mark.parametrize("path", [*sorted(IDS.keys() - {"/api/admin/audit"}), OF_SITE])
def test_no_list_names_anything_twice(client: Client, crowded: World, path: str) -> None:
    caller, name = who_lists(client, crowded, path), IDS[path.partition("?")[0]]
    named = [item[name] for item in caller.get(joined(asking(path), limit=100)).body["items"]]
    assert len(set(named)) == len(named) > 0


def test_a_page_has_twenty_unless_asked_otherwise(client: Client, world: World) -> None:
    world.add_zone("zone-l", METERED, spaces=25)
    admin = client.by(world.admin)
    first = admin.get("/api/admin/spaces?zone_id=zone-l").body
    assert len(first["items"]) == 20
    assert first["next_cursor"]


def test_own_bookings_are_newest_first_and_a_sites_latest_first(
    client: Client, crowded: World
) -> None:
    own = client.by(crowded.user).get("/api/bookings").body["items"]
    created = [item["created_at"] for item in own]
    assert created == sorted(created, reverse=True)
    of_site = client.by(crowded.staff).get(OF_SITE).body["items"]
    starts = [item["start_time"] for item in of_site]
    assert len(starts) == 9
    assert starts == sorted(starts, reverse=True)


def test_what_is_added_meanwhile_moves_no_page(user: Client, crowded: World) -> None:
    first = user.get("/api/bookings?limit=3").body
    crowded.book(zone="zone-b", start=NOON + 9 * DAY)
    second = user.get(f"/api/bookings?limit=3&cursor={first['next_cursor']}").body
    assert len(set(ids(first["items"])) | set(ids(second["items"]))) == 6


# -- what is not a page


@pytest.mark.parametrize("path", [*IDS, *ARRAYS, OF_SITE])
def test_a_limit_is_a_number_from_1_to_100(client: Client, world: World, path: str) -> None:
    caller = who_lists(client, world, path)
    for limit in ("0", "101", "-1", "1.5", "ten", "", "1e2", "9" * 30, "true", "%00"):
        answer = caller.get(joined(asking(path), limit=limit))
        assert (answer.status, set(answer.fields)) == (400, {"limit"}), limit


@pytest.mark.parametrize("path", [*IDS, *ARRAYS, OF_SITE])
def test_a_cursor_is_one_of_ours(client: Client, world: World, path: str) -> None:
    caller = who_lists(client, world, path)
    for cursor in (
        "",
        "x",
        "BK1",
        "e30",
        "A" * 1001,
        "A" * 400,
        "%F0%9F%92%A5",
        "....",
        "AAAA-___",
    ):
        answer = caller.get(joined(asking(path), cursor=cursor))
        assert (answer.status, set(answer.fields)) == (400, {"cursor"}), cursor


def test_a_cursor_with_one_letter_changed_is_none_of_ours(user: Client, crowded: World) -> None:
    cursor = user.get("/api/bookings?limit=1").body["next_cursor"]
    for position in range(0, len(cursor), 5):
        letter = "A" if cursor[position] != "A" else "B"
        forged = cursor[:position] + letter + cursor[position + 1 :]
        assert user.get(f"/api/bookings?cursor={forged}").status == 400


def test_a_cursor_opens_only_the_list_and_for_whom_it_was_made(
    client: Client, crowded: World
) -> None:
    user, other, staff = (client.by(each) for each in (crowded.user, crowded.other, crowded.staff))
    cursor = user.get("/api/bookings?limit=1").body["next_cursor"]
    of_site = staff.get(joined(OF_SITE, limit=1)).body["next_cursor"]
    foreign = [
        user.get(f"/api/user/history?cursor={cursor}"),
        other.get(f"/api/bookings?cursor={cursor}"),
        staff.get(joined(OF_SITE, cursor=cursor)),
        staff.get(f"/api/bookings?cursor={of_site}"),
        user.get(f"/api/public/zones?cursor={cursor}"),
    ]
    named = {"cursor": "belongs to another list, or to other filters"}
    assert [answer.fields for answer in foreign] == [named] * 5


def test_a_cursor_of_an_admin_is_worth_nothing_to_the_owner_they_become(
    client: Client, crowded: World
) -> None:
    world = crowded
    cursor = client.by(world.admin).get("/api/admin/users?limit=1").body["next_cursor"]
    account = world.deps.accounts.get(world.admin.account_id)
    demoted = account.evolve(role=Role.OWNER, sites=frozenset({"central"}))
    world.deps.commit(saving(demoted))
    answer = client.by(demoted.actor()).get(f"/api/admin/users?cursor={cursor}")
    assert (answer.status, set(answer.fields)) == (400, {"cursor"})


def test_a_cursor_shows_nobody_s_address(client: Client, crowded: World) -> None:
    admin, seen = client.by(crowded.admin), []
    for page in pages(admin, "/api/admin/users", 1)[:-1]:
        seen.append(page[0]["email"])
    cursor = admin.get("/api/admin/users?limit=2").body["next_cursor"]
    bare = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert seen[1] not in cursor
    assert not any(part.encode() in bare for part in (seen[1], "example", "user", "US", "after"))


# -- filters

FILTERS: tuple[tuple[dict[str, str], int], ...] = (
    ({"status": "cancelled"}, 2),
    ({"status": "completed"}, 0),
    ({"zone_id": "zone-b"}, 4),
    ({"zone_id": "nowhere"}, 0),
    ({"status": "cancelled", "zone_id": "zone-b"}, 1),
    ({"from": "2026-11-24T06:30:00Z"}, 5),
    ({"from": "2026-11-24T06:30:01Z"}, 4),
    ({"to": "2026-11-24T06:30:00Z"}, 2),
    ({"from": "2026-11-23", "to": "2026-11-24"}, 2),  # both days, UTC
    ({"from": "2026-11-24", "to": "2026-11-23"}, 0),
    ({"from": "2099-11-24"}, 0),
    ({"to": "2001-11-24"}, 0),
    ({"from": "2026-11-24T12:00:00%2B05:30"}, 5),
)
"""What of the seven bookings is left."""

SENSELESS = (
    ("status", "gone"), ("status", ""), ("status", "BOOKED"), ("from", "yesterday"), ("from", "2026-02-30"),
    ("to", "2026-11-24T06:30:00"), ("to", "24.11.2026"), ("zone_id", "Zone%20A"), ("zone_id", ""),
    ("colour", "red"), ("from_", "2026-11-24"),
)  # fmt: skip


@pytest.mark.engine2
@pytest.mark.parametrize("path", BOOKING_LISTS)
def test_a_filter_leaves_what_it_names(client: Client, crowded: World, path: str) -> None:
    caller = who_lists(client, crowded, path)
    for wanted, left in FILTERS:
        items = caller.get(joined(path, limit=100, **wanted)).body["items"]
        assert sum(item["user_id"] == crowded.user.account_id for item in items) == left, wanted


@pytest.mark.parametrize("path", BOOKING_LISTS)
def test_filtered_pages_are_the_filtered_list(client: Client, crowded: World, path: str) -> None:
    caller, asked = who_lists(client, crowded, path), joined(path, zone_id="zone-b")
    whole = caller.get(joined(asked, limit=100)).body["items"]
    for limit in (1, 2):
        assert [item for page in pages(caller, asked, limit) for item in page] == whole


@pytest.mark.engine2
@pytest.mark.parametrize("path", BOOKING_LISTS)
def test_a_cursor_goes_on_with_the_same_filters_only(
    client: Client, crowded: World, path: str
) -> None:
    caller = who_lists(client, crowded, path)
    cursor = caller.get(joined(path, limit=2)).body["next_cursor"]
    for wanted in (
        {"from": "2026-12-24"},
        {"to": "2026-11-20"},
        {"from": "2099-01-01"},
        {"status": "booked"},
    ):
        other = caller.get(joined(path, cursor=cursor, **wanted))
        assert (other.status, set(other.fields)) == (400, {"cursor"}), wanted
    assert caller.get(joined(path, cursor=cursor, limit=3)).status == 200


@pytest.mark.parametrize("path", BOOKING_LISTS)
def test_a_filter_that_makes_no_sense_names_itself(client: Client, world: World, path: str) -> None:
    caller = who_lists(client, world, path)
    for name, value in SENSELESS:
        answer = caller.get(joined(path, **{name: value}))
        assert (answer.status, set(answer.fields)) == (400, {name}), value


def test_a_route_that_takes_no_query_refuses_one(user: Client) -> None:
    assert user.get("/api/me?colour=red").fields == {"colour": "is not a known field"}


# -- as tables


def table(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV answer, by the names of their columns."""
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline=""), strict=True))


@pytest.mark.parametrize("path", [*IDS, OF_SITE])
def test_the_tables_of_a_list_are_its_pages(client: Client, crowded: World, path: str) -> None:
    caller, asked, name = (
        who_lists(client, crowded, path),
        asking(path),
        IDS[path.partition("?")[0]],
    )
    items = caller.get(joined(asked, limit=100)).body["items"]
    rows, query = [], f"{asked.partition('?')[2]}&limit=3&format=csv".removeprefix("&")
    while query:
        answer = caller.get(f"{asked.partition('?')[0]}?{query}")
        rows += table(answer)
        query = answer.headers.get("Link", "").removeprefix("<?").removesuffix('>; rel="next"')
    assert [row[name] for row in rows] == [item[name] for item in items]
    assert len(rows) > 0


def test_every_route_with_rows_names_the_columns_of_its_table() -> None:
    listing = [route for route in routes.declared() if route.is_list]
    assert {r.path for r in listing} > IDS.keys() | TOLD_ELSEWHERE
    for route in listing:
        names = csv_lists.columns(route.gives)
        assert len({*names}) == len(names) > 2


def test_the_lists_of_a_desk_are_tables_too(client: Client, world: World) -> None:
    world.enter(world.book(world.other, vehicle_number="KA09XY0009"))
    staff = client.by(world.staff)
    inside = table(staff.get("/api/staff/active-sessions?site=central&format=csv"))
    assert [row["vehicle_number"] for row in inside] == ["KA09XY0009"]
    found = table(staff.get("/api/staff/hotels/central/search?q=KA09XY0009&format=csv"))
    assert [row["booking.vehicle_number"] for row in found] == ["KA09XY0009"]


def test_a_table_has_amounts_and_texts_as_they_are_and_nothing_for_null(
    client: Client, world: World
) -> None:
    name = 'Asha "A", Rao\u0905'
    made = world.book(owner_name=name)
    (row,) = table(client.by(world.staff).get(joined(OF_SITE, format="csv")))
    assert (row["code"], row["owner_name"]) == (made.code, name)
    assert (row["booking_fee.amount"], row["booking_fee.currency"]) == ("50.00", "INR")
    assert (row["purpose"], row["cost.amount"], row["overstay"]) == ("", "", "false")
    assert row["guests"] == "[]"
    assert "qr_code" not in row


@pytest.mark.parametrize(
    "typed", ["=1+1", "+49 30", "-2+3", "@SUM(A1)", "=HYPERLINK(1)", "\uff1d1", " =1"]
)
def test_no_cell_is_a_formula(client: Client, world: World, typed: str) -> None:
    kept = world.book_hall(purpose=typed).details.purpose
    (row,) = table(client.by(world.staff).get(joined(OF_SITE, format="csv")))
    assert row["purpose"] == f"'{kept}"


def test_a_tab_or_a_break_in_front_of_a_formula_does_not_hide_it() -> None:
    for text in ("\t=1", "\r=1", "\n=1", "\tx"):
        assert csv_lists.harmless(text) == f"'{text}"
    for text in ("-50.00", "7", "9A-7M3R", "Asha", ""):
        assert csv_lists.harmless(text) == text


def test_a_table_is_a_file_with_a_name(client: Client, world: World) -> None:
    answer = client.by(world.user).get("/api/bookings?format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="bookings.csv"'
    assert answer.body.endswith(b"\r\n")
    assert answer.body[:10] == b"booking_id"


def test_a_table_has_the_rights_of_its_list(client: Client, world: World) -> None:
    for path in (OF_SITE, "/api/admin/users"):
        answer = client.by(world.user).get(joined(path, format="csv"))
        assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize("form", ["xml", "", "CSV"])
def test_a_list_has_no_other_form(client: Client, world: World, form: str) -> None:
    answer = client.by(world.user).get(f"/api/bookings?format={form}&limit=0")
    assert (answer.status, set(answer.fields)) == (400, {"format", "limit"})


def test_what_is_no_list_has_no_form(client: Client, world: World) -> None:
    answer = client.by(world.user).get(f"/api/bookings/{world.book().booking_id}?format=csv")
    assert (answer.status, set(answer.fields)) == (400, {"format"})


def test_a_list_is_json_where_json_is_asked_for(client: Client, world: World) -> None:
    plain, asked = (
        client.by(world.user).get(f"/api/bookings{query}") for query in ("", "?format=json")
    )
    assert plain.body == asked.body == {"items": [], "next_cursor": None}
