from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from chalicelib.api.web import parse
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.pricing import tariff_schema
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.policy import Policy
from chalicelib.services.sites.spaces import MOST_NEW_SPACES
from tests.builders import METERED
from tests.client import Client
from tests.clock import Clock
from tests.world import World

SITE: dict[str, Any] = {
    "slug": "north",
    "name": "North Car Park",
    "timezone": "Asia/Kolkata",
    "currency": "INR",
    "opening_hours": {"mon": ["06:00-22:00"]},
    "contact": "+91 80 5550 0100",
    "latitude": 12.97,
    "longitude": "77.59",
}
CHRISTMAS = {"start": "2026-12-25T00:00:00Z", "end": "2026-12-26T00:00:00Z"}
ZONE: dict[str, Any] = {
    "zone_id": "zone-n",
    "site": "central",
    "name": "Zone N",
    "kind": "parking",
    "tariff": {"rate": "60.00"},
}


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    return client.by(world.admin)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


@pytest.fixture
def rival(client: Client, world: World) -> Client:
    """The owner of another site."""
    world.add_site("elsewhere")
    return client.by(world.add_account("rival", Role.OWNER, "elsewhere"))


def audited(world: World, site: str | None = "central") -> list[tuple[str, str, str]]:
    """What the trail of today says, oldest first."""
    page = world.deps.audit.list_day(site, world.deps.now().date(), 100)
    return [(event.action, event.subject, event.outcome) for event in reversed(page.events)]


# -- sites


def test_an_admin_opens_a_site_and_it_is_audited(admin: Client, world: World) -> None:
    answer = admin.post("/api/admin/sites", SITE)
    assert answer.status == 201
    assert answer.body == SITE | {
        "longitude": 77.59, "address": None, "amenities": [], "active": True, "realtime": False,
        "version": 1, "closed_at": None, "colour": None, "seller": None, "language": None,
    }  # fmt: skip
    assert admin.get("/api/admin/sites/north").body == answer.body
    assert audited(world, "north") == [("create_site", "north", "allowed")]


def test_a_slug_is_taken_once(admin: Client) -> None:
    assert admin.post("/api/admin/sites", SITE | {"slug": "central"}).code == "ALREADY_EXISTS"


def test_all_faulty_fields_of_a_site_are_named_at_once(admin: Client) -> None:
    faulty = {
        "slug": "North Side",
        "timezone": "Asia/Bombay-ish",
        "currency": "XXX",
        "opening_hours": {"mon": ["late"], "\ud800": []},
        "latitude": 91,
        "longitude": True,
        "colour": "blue",
        "motto": "Park here",
    }
    answer = admin.post("/api/admin/sites", faulty)
    assert answer.status == 400
    assert answer.fields == {
        "slug": "must be lower-case letters, digits, single dashes",
        "name": "is required",
        "timezone": "must be an IANA timezone such as Asia/Kolkata",
        "currency": "must be a currency such as INR",
        "opening_hours.mon[0]": 'must be two times of day such as "06:00-22:00"',
        "opening_hours.?": "is not a weekday: mon, tue, wed, thu, fri, sat, sun",
        "latitude": "must be degrees from -90 to 90, such as 12.97",
        "longitude": "must be degrees from -180 to 180, such as 12.97",
        "colour": 'must be a colour such as "#1f6f5c"',
        "motto": "is not a known field",
    }


def test_an_edit_changes_what_it_names_and_null_clears(admin: Client) -> None:
    admin.post("/api/admin/sites", SITE)
    answer = admin.patch("/api/admin/sites/north", {"name": "North", "contact": None})
    assert answer.status == 200
    assert (answer.body["name"], answer.body["contact"]) == ("North", None)
    assert (answer.body["latitude"], answer.body["version"]) == (12.97, 2)


@pytest.mark.parametrize("faulty", ["#12345", "#1234567", "1f6f5c", "#gggggg", "#fff", "red;}", 7])
def test_a_colour_is_six_hexadecimal_digits(admin: Client, faulty: object) -> None:
    answer = admin.patch("/api/admin/sites/central", {"colour": faulty})
    assert answer.status == 400
    assert list(answer.fields) == ["colour"]


def test_the_colour_of_a_site_is_public_and_can_be_cleared(admin: Client, client: Client) -> None:
    assert (
        admin.patch("/api/admin/sites/central", {"colour": "#0B1F3a"}).body["colour"] == "#0B1F3a"
    )
    assert client.get("/api/public/sites/central").body["colour"] == "#0B1F3a"
    assert client.get("/api/public/sites").body["items"][0]["colour"] == "#0B1F3a"
    assert admin.patch("/api/admin/sites/central", {"colour": None}).body["colour"] is None


def test_a_site_keeps_its_currency_while_it_sells_season_passes(
    admin: Client, world: World
) -> None:
    world.add_site("north", currency="INR")
    plan = {"site": "north", "period": "monthly"}
    assert admin.post("/api/admin/passes/plans", plan).status == 201
    refused = admin.patch("/api/admin/sites/north", {"currency": "JPY"})
    assert refused.code == "IN_USE"
    assert "season passes" in refused.body["error"]["message"]
    assert admin.delete("/api/admin/passes/plans/north.monthly").status == 204
    assert admin.patch("/api/admin/sites/north", {"currency": "JPY"}).status == 200


def test_a_site_keeps_its_currency_while_it_has_zones(admin: Client) -> None:
    assert admin.patch("/api/admin/sites/central", {"currency": "EUR"}).code == "IN_USE"
    assert admin.patch("/api/admin/sites/central", {"currency": "INR"}).status == 200


def test_a_site_is_deleted_only_without_zones(admin: Client, world: World) -> None:
    admin.post("/api/admin/sites", SITE)
    assert admin.delete("/api/admin/sites/central").code == "IN_USE"
    assert admin.delete("/api/admin/sites/north").status == 204
    assert admin.get("/api/admin/sites/north").body["closed_at"] == "2026-11-21T06:30:00Z"
    assert ("delete_site", "north", "allowed") in audited(world, "north")


def test_an_owner_sees_and_edits_own_sites_only(owner: Client, admin: Client) -> None:
    admin.post("/api/admin/sites", SITE)
    assert [site["slug"] for site in owner.get("/api/admin/sites").body["items"]] == ["central"]
    assert [site["slug"] for site in admin.get("/api/admin/sites").body["items"]] == [
        "central",
        "north",
    ]
    assert owner.patch("/api/admin/sites/central", {"name": "Mine"}).body["name"] == "Mine"
    assert owner.get("/api/admin/sites/north").code == "FORBIDDEN"
    assert owner.patch("/api/admin/sites/north", {"name": "Mine"}).code == "FORBIDDEN"


# -- zones


def test_a_zone_starts_with_the_policy_and_prices_of_its_kind(owner: Client) -> None:
    answer = owner.post("/api/admin/zones", ZONE)
    assert answer.status == 201
    assert answer.body["tariff"] | {"tax": None} == {
        "kind": "hourly",
        "currency": "INR",
        "rate": "60.00",
        "unit_minutes": 60,
        "grace_minutes": 5,
        "booking_fee": "50.00",
        "late_fee": "0.00",
        "free_minutes": 0,
        "day_cap": None,
        "no_show_fee": "0.00",
        "deposit": "0.00",
        "deposit_return_days": 3,
        "cancellation": None,
        "demand": None,
        "discounts": [],
        "bands": [],
        "tax": None,
    }
    policy = answer.body["policy"]
    assert (policy["check_in"], policy["auto_checkout_after"]) == ("gate", 60)
    assert owner.get("/api/admin/zones/zone-n").body == answer.body


@pytest.mark.parametrize(
    ("kind", "check_in", "priced"),
    [("parking", "gate", "hourly"), ("venue", "none", "hourly"), ("room", "staff", "nightly")],
)
def test_zones_of_all_kinds_may_be_opened(
    owner: Client, kind: str, check_in: str, priced: str
) -> None:
    body = owner.post("/api/admin/zones", ZONE | {"kind": kind}).body
    assert (body["policy"]["check_in"], body["tariff"]["kind"]) == (check_in, priced)


@pytest.mark.parametrize(
    ("kind", "tariff", "policy", "fields"),
    [
        ("parking", {"kind": "nightly"}, {}, {"tariff.kind"}),
        ("venue", {"kind": "nightly"}, {}, {"tariff.kind"}),
        ("parking", {"late_fee": "5.00"}, {}, {"tariff.late_fee"}),
        ("room", {"kind": "flat", "late_fee": "5.00"}, {}, {"tariff.late_fee"}),
        ("room", {"unit_minutes": 30}, {}, {"tariff.unit_minutes"}),
        ("venue", {"kind": "flat", "unit_minutes": 30}, {}, {"tariff.unit_minutes"}),
        ("parking", {}, {"overstay_grace": 10}, {"policy.overstay_grace"}),
        ("venue", {}, {"check_in_hour": "16:00"}, {"policy.check_in_hour"}),
        (
            "parking",
            {"kind": "nightly"},
            {"check_in_hour": "16:00", "check_out_hour": "10:00"},
            {"tariff.kind", "policy.check_in_hour", "policy.check_out_hour"},
        ),
        ("room", {"kind": "nightly", "late_fee": "5.00"}, {"check_in_hour": "16:00"}, set()),
        ("room", {"kind": "daily"}, {"overstay_grace": 10}, set()),
        ("venue", {"unit_minutes": 30}, {"overstay_grace": 10}, set()),
        ("parking", {"late_fee": "0.00"}, {"check_in_hour": "15:00"}, set()),
    ],
)
def test_a_field_that_has_no_effect_in_a_zone_of_its_kind_is_refused_by_name(
    owner: Client, kind: str, tariff: dict[str, Any], policy: dict[str, Any], fields: set[str]
) -> None:
    """When the zone is made, and when it is edited."""
    parts = {"tariff": {"rate": "50", **tariff}, "policy": policy}
    made = owner.post("/api/admin/zones", ZONE | parts | {"kind": kind})
    owner.post("/api/admin/zones", ZONE | {"kind": kind, "zone_id": "plain"})
    edited = owner.patch("/api/admin/zones/plain", parts)
    for answer, well in ((made, 201), (edited, 200)):
        assert answer.status == (400 if fields else well), answer.body
        assert not fields or set(answer.fields) == fields


def test_a_tariff_of_nights_says_where_it_may_be(owner: Client) -> None:
    refused = owner.patch("/api/admin/zones/zone-a", {"tariff": {"kind": "nightly"}})
    assert refused.fields == {"tariff.kind": "may be nightly for rooms only"}


def test_a_tariff_without_effect_of_an_earlier_version_is_written_back_as_it_was_read(
    owner: Client, world: World
) -> None:
    """Bookings made under it are billed as before; only a change is judged."""
    world.add_zone("old", METERED, tariff=Tariff("nightly", "INR", 9000))
    read = owner.get("/api/admin/zones/old").body["tariff"]
    assert owner.patch("/api/admin/zones/old", {"tariff": read}).status == 200
    assert owner.patch("/api/admin/zones/old", {"tariff": {"rate": "80"}}).status == 200
    assert owner.patch("/api/admin/zones/old", {"tariff": {"kind": "hourly"}}).status == 200
    assert owner.patch("/api/admin/zones/old", {"tariff": {"kind": "nightly"}}).status == 400


def test_parking_outside_india_has_no_booking_fee_unless_it_says_so(
    admin: Client, world: World
) -> None:
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    zone = ZONE | {"site": "dublin", "tariff": {"rate": "2.50"}}
    assert admin.post("/api/admin/zones", zone).body["tariff"]["booking_fee"] == "0.00"


def test_a_policy_departs_from_the_defaults_where_it_says_so(owner: Client) -> None:
    wanted = {
        "auto_checkout_after": None,
        "max_duration": 720,
        "opening_hours": {"mon": ["06:00-22:00"]},
        "blackouts": [{"start": "2026-12-25T00:00:00Z", "end": "2026-12-26T00:00:00Z"}],
    }
    policy = owner.post("/api/admin/zones", ZONE | {"policy": wanted}).body["policy"]
    (blackout,) = policy.pop("blackouts")
    assert wanted.pop("blackouts") == [{name: blackout[name] for name in ("start", "end")}]
    assert wanted.items() <= policy.items()
    assert policy["default_duration"] == 60


def test_a_policy_is_written_back_as_it_was_read(owner: Client) -> None:
    closed = {"start": "2026-12-25T00:00:00Z", "end": "2026-12-26T00:00:00Z", "reason": "Christmas"}
    owner.patch("/api/admin/zones/zone-a", {"policy": {"blackouts": [closed]}})
    policy = owner.get("/api/admin/zones/zone-a").body["policy"]
    written = owner.patch("/api/admin/zones/zone-a", {"policy": policy}).body["policy"]
    assert written == policy
    assert closed.items() <= written["blackouts"][0].items()


def test_all_faulty_fields_of_a_zone_are_named_at_once(owner: Client) -> None:
    faulty = {
        "zone_id": "Zone N",
        "site": "central",
        "name": "",
        "kind": "garage",
        "policy": {"min_duration": 0, "opening_hours": {"mon": "all day"}, "colour": 1},
        "tariff": {"bands": [{"from": "25:00", "to": "09:00", "rate": "80.00"}]},
    }
    answer = owner.post("/api/admin/zones", faulty)
    assert set(answer.fields) == {
        "zone_id",
        "name",
        "kind",
        "policy.min_duration",
        "policy.opening_hours.mon",
        "policy.colour",
        "tariff.rate",
        "tariff.bands[0].from",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tariff": {"rate": "60.00", "currency": "EUR"}}, "tariff.currency"),
        ({"tariff": {"rate": "60.001"}}, "tariff.rate"),  # three decimals
        ({"tariff": "cheap"}, "tariff"),
        ({"tariff": {"rate": "60", "\ud800": 1}}, "tariff.?"),
        ({"policy": []}, "policy"),
        ({"policy": {"min_duration": 60, "max_duration": 30}}, "policy.max_duration"),
        ({"policy": {"min_duration": 90}}, "policy.default_duration"),
        ({"policy": {"max_duration": 30}}, "policy.default_duration"),
        ({"policy": {"granularity": 45}}, "policy.default_duration"),
        ({"policy": {"check_in": "teleport"}}, "policy.check_in"),
        (
            {
                "policy": {
                    "blackouts": [{"start": "2026-12-26T00:00:00Z", "end": "2026-12-25T00:00:00Z"}]
                }
            },
            "policy.blackouts[0].end",
        ),
        ({"policy": {"blackouts": [CHRISTMAS, CHRISTMAS]}}, "policy.blackouts"),
        ({"policy": {"blackouts": [CHRISTMAS | {"key": "?"}]}}, "policy.blackouts[0].key"),
        ({"policy": {"blackouts": [CHRISTMAS] * 101}}, "policy.blackouts"),
    ],
)
def test_a_zone_that_makes_no_sense_names_the_field(
    owner: Client, changes: dict[str, Any], field: str
) -> None:
    answer = owner.post("/api/admin/zones", ZONE | changes)
    assert answer.status == 400
    assert list(answer.fields) == [field]


def test_a_zone_id_is_unique_in_all_sites(admin: Client, world: World) -> None:
    world.add_site("elsewhere")
    zone = ZONE | {"site": "elsewhere", "zone_id": "zone-a"}
    assert admin.post("/api/admin/zones", zone).code == "ALREADY_EXISTS"
    assert admin.post("/api/admin/zones", ZONE | {"site": "nowhere"}).code == "SITE_NOT_FOUND"


def test_an_edit_of_policy_and_tariff_changes_the_parts_it_names(
    owner: Client, world: World, clock: Clock
) -> None:
    owner.post("/api/admin/zones", ZONE | {"policy": {"max_duration": 720}})
    clock.move(seconds=1)
    edit = {"policy": {"max_duration": None, "early_check_in": 30}, "tariff": {"rate": 75}}
    body = owner.patch("/api/admin/zones/zone-n", edit).body
    assert (body["policy"]["max_duration"], body["policy"]["early_check_in"]) == (None, 30)
    assert (body["tariff"]["rate"], body["tariff"]["booking_fee"]) == ("75.00", "50.00")
    assert (body["name"], body["version"]) == ("Zone N", 2)
    event = world.deps.audit.list_day("central", world.deps.now().date(), 1).events[0]
    assert (event.action, event.detail) == (
        "edit_zone",
        "policy.early_check_in, policy.max_duration, tariff.rate",
    )


def test_a_code_of_gst_is_set_alone_in_the_currency_of_the_site(owner: Client) -> None:
    tax = {"tariff": {"tax": {"sac": "996743"}}}
    assert owner.patch("/api/admin/zones/zone-a", tax).body["tariff"]["tax"]["sac"] == "996743"
    made = owner.post("/api/admin/zones", ZONE | {"tariff": {"rate": "40.00"} | tax["tariff"]})
    assert (made.status, made.body["tariff"]["currency"]) == (201, "INR")


def test_a_code_of_gst_is_refused_where_prices_are_in_another_currency(admin: Client) -> None:
    admin.post(
        "/api/admin/sites",
        {"slug": "south", "name": "S", "timezone": "Europe/Dublin", "currency": "EUR"},
    )
    zone = ZONE | {"site": "south", "tariff": {"rate": "4.00", "tax": {"sac": "996743"}}}
    assert admin.post("/api/admin/zones", zone).fields == {
        "tariff.tax.sac": "is for tariffs in rupees only"
    }


def test_a_zone_keeps_its_kind_and_its_site(owner: Client) -> None:
    answer = owner.patch("/api/admin/zones/zone-a", {"kind": "room", "site": "elsewhere"})
    assert set(answer.fields) == {"kind", "site"}


def test_the_price_of_a_booking_is_that_of_the_day_it_was_made(owner: Client, world: World) -> None:
    booking = world.book()
    owner.patch("/api/admin/zones/zone-a", {"tariff": {"rate": "99.00"}})
    assert world.read(booking).tariff.rate == 5000


def test_a_zone_is_deleted_only_without_spaces(owner: Client) -> None:
    owner.post("/api/admin/zones", ZONE)
    assert owner.delete("/api/admin/zones/zone-a").code == "IN_USE"
    assert owner.delete("/api/admin/zones/zone-n").status == 204
    assert owner.get("/api/admin/zones/zone-n").body["closed_at"] == "2026-11-21T06:30:00Z"


def test_zones_are_listed_for_one_site_or_for_all_one_runs(
    admin: Client, owner: Client, world: World
) -> None:
    world.add_site("elsewhere")
    world.add_zone("zone-e", METERED, site="elsewhere")
    assert [zone["zone_id"] for zone in admin.get("/api/admin/zones").body["items"]] == [
        "zone-a",
        "zone-e",
    ]
    assert [zone["zone_id"] for zone in owner.get("/api/admin/zones").body["items"]] == ["zone-a"]
    assert [
        zone["zone_id"] for zone in admin.get("/api/admin/zones?site=elsewhere").body["items"]
    ] == ["zone-e"]
    assert owner.get("/api/admin/zones?site=elsewhere").code == "FORBIDDEN"


# -- spaces


def test_a_space_is_added_and_can_be_booked_at_once(owner: Client, world: World) -> None:
    answer = owner.post(
        "/api/admin/spaces", {"zone_id": "zone-a", "number": "B-001", "note": "narrow"}
    )
    assert answer.status == 201
    assert answer.body["space_id"] == "zone-a.B-001"
    assert owner.get("/api/admin/spaces/zone-a.B-001").body["note"] == "narrow"
    assert world.book(number="B-001").number == "B-001"
    assert audited(world) == [("create_spaces", "zone-a.B-001", "allowed")]


def test_many_spaces_are_added_all_or_none(owner: Client) -> None:
    fresh = [f"C-{n:03}" for n in range(1, MOST_NEW_SPACES + 1)]
    answer = owner.post("/api/admin/spaces", {"zone_id": "zone-a", "numbers": fresh})
    assert [space["number"] for space in answer.body["spaces"]] == fresh
    again = owner.post("/api/admin/spaces", {"zone_id": "zone-a", "numbers": ["D-001", "A-001"]})
    assert again.code == "ALREADY_EXISTS"
    assert owner.get("/api/admin/spaces/zone-a.D-001").code == "SPACE_NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": "A 1"}, "number"),
        ({"number": "A.1"}, "number"),
        ({"number": "A-1234567890123456789"}, "number"),
        ({"numbers": []}, "numbers"),
        ({"numbers": ["B-1", "B-1"]}, "numbers"),
        ({"numbers": ["B-1", 2]}, "numbers[1]"),
        ({"numbers": [str(n) for n in range(MOST_NEW_SPACES + 1)]}, "numbers"),
        ({}, "number"),
        ({"number": "B-1", "numbers": ["B-2"]}, "number"),
    ],
)
def test_spaces_that_make_no_sense_name_the_field(
    owner: Client, body: dict[str, Any], field: str
) -> None:
    answer = owner.post("/api/admin/spaces", {"zone_id": "zone-a"} | body)
    assert answer.status == 400
    assert list(answer.fields) == [field]


def test_an_inactive_space_takes_no_new_bookings_and_keeps_those_it_has(
    owner: Client, world: World
) -> None:
    booking = world.book(number="A-001")
    answer = owner.patch("/api/admin/spaces/zone-a.A-001", {"active": False})
    assert (answer.body["active"], answer.body["version"]) == (False, 2)
    assert world.enter(booking).number == "A-001"
    assert owner.get("/api/public/zones").body["items"][0]["total_slots"] == 2


def test_a_space_is_deleted_when_nobody_is_in_it_or_has_booked_it(
    owner: Client, world: World, clock: Clock
) -> None:
    world.enter(world.book(number="A-001"))
    clock.move(hours=5)  # it outstays
    world.book(number="A-002", start=clock.now(), minutes=60)
    clock.move(hours=2)  # a no-show that no sweep has settled
    assert owner.delete("/api/admin/spaces/zone-a.A-001").code == "IN_USE"
    assert owner.delete("/api/admin/spaces/zone-a.A-002").status == 204
    assert owner.delete("/api/admin/spaces/zone-a.A-003").status == 204
    assert owner.delete("/api/admin/spaces/zone-a.A-003").status == 204  # again, without effect


def test_a_space_booked_far_ahead_is_in_use(owner: Client, world: World, clock: Clock) -> None:
    start = clock.now().replace(year=2027, month=1)
    world.book(number="A-001", start=start, minutes=60)
    assert owner.delete("/api/admin/spaces/zone-a.A-001").code == "IN_USE"


def test_spaces_are_listed_page_by_page(owner: Client) -> None:
    first = owner.get("/api/admin/spaces?zone_id=zone-a&limit=2").body
    second = owner.get(
        f"/api/admin/spaces?zone_id=zone-a&limit=2&cursor={first['next_cursor']}"
    ).body
    listed = [space["number"] for space in first["items"] + second["items"]]
    assert listed == ["A-001", "A-002", "A-003"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "path",
    [
        "admin/spaces/zone-a",
        "admin/spaces/zone-a.",
        "admin/spaces/.A-001",
        "admin/spaces/zone-a.Z-9",
        "admin/spaces/nowhere.A-001",
        "admin/spaces/zone-a." + "9" * 3000,
        "admin/zones/" + "z" * 3000,
        "public/sites/" + "s" * 3000,
        "public/sites/%00",
        "public/sites/ü",
        "zones/" + "z" * 3000 + "/availability",
    ],
)
def test_an_id_that_names_nothing_is_not_found(owner: Client, path: str) -> None:
    assert owner.get(f"/api/{path}").status == 404


# -- callers without the permission


@pytest.mark.parametrize(
    ("call", "filed"),
    [
        (lambda c: c.get("/api/admin/zones/zone-a"), "central"),
        (lambda c: c.post("/api/admin/zones", ZONE), "central"),
        (lambda c: c.patch("/api/admin/zones/zone-a", {"name": "Mine"}), "central"),
        (lambda c: c.delete("/api/admin/zones/zone-a"), "central"),
        (lambda c: c.get("/api/admin/spaces?zone_id=zone-a"), "central"),
        (lambda c: c.get("/api/admin/spaces/zone-a.A-001"), "central"),
        (lambda c: c.post("/api/admin/spaces", {"zone_id": "zone-a", "number": "X-1"}), "central"),
        (lambda c: c.patch("/api/admin/spaces/zone-a.A-001", {"active": False}), "central"),
        (lambda c: c.delete("/api/admin/spaces/zone-a.A-001"), "central"),
        (lambda c: c.get("/api/admin/audit?site=central"), "central"),
        (lambda c: c.post("/api/admin/sites", SITE), "elsewhere"),
        (lambda c: c.delete("/api/admin/sites/central"), "elsewhere"),
        (lambda c: c.post("/api/admin/sweeps/outbox"), "elsewhere"),
    ],
)
def test_the_owner_of_another_site_changes_nothing(
    rival: Client, world: World, call: Callable[[Client], Any], filed: str
) -> None:
    answer = call(rival)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert world.deps.catalogue.fresh_zone("zone-a").version == 1
    assert audited(world, filed)[-1][2] == "FORBIDDEN"


@pytest.mark.parametrize("path", ["sites", "zones", "spaces?zone_id=zone-a", "audit"])
def test_customers_and_staff_have_no_business_here(client: Client, world: World, path: str) -> None:
    assert client.get(f"/api/admin/{path}").code == "NOT_AUTHENTICATED"
    assert client.by(world.user).get(f"/api/admin/{path}").code == "FORBIDDEN"
    assert client.by(world.staff).get(f"/api/admin/{path}").code == "FORBIDDEN"


# -- odd bodies

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=9), parts, max_size=3)
    ),
    max_leaves=8,
)


def spoilt(body: dict[str, Any], *parts: str) -> st.SearchStrategy[dict[str, Any]]:
    """`body` with some of its fields, and of the fields of `parts`, replaced by anything."""
    names = st.sampled_from([*body, "unknown"])
    inner = {
        part: st.dictionaries(st.sampled_from(list(fields)) | st.text(max_size=5), JSON, max_size=3)
        for part, fields in (
            ("policy", parse.shape(Policy)),
            ("tariff", tariff_schema.SCHEMA["properties"]),
        )
        if part in parts
    }
    return st.builds(
        lambda odd, known: body | odd | known,
        st.dictionaries(names, JSON, max_size=2),
        st.fixed_dictionaries({}, optional=inner),
    )


@pytest.mark.parametrize(
    ("method", "path", "bodies"),
    [
        ("POST", "/api/admin/sites", spoilt(SITE)),
        (
            "PATCH",
            "/api/admin/sites/central",
            spoilt({name: SITE[name] for name in SITE if name != "slug"}),
        ),
        ("POST", "/api/admin/zones", spoilt(ZONE, "policy", "tariff")),
        ("PATCH", "/api/admin/zones/zone-a", spoilt({"name": "A"}, "policy", "tariff")),
        ("POST", "/api/admin/spaces", spoilt({"zone_id": "zone-a", "numbers": ["A-001"]})),
        ("PATCH", "/api/admin/spaces/zone-a.A-001", spoilt({"note": "narrow"})),
        ("POST", "/api/admin/sweeps/outbox", spoilt({"dry_run": True})),
    ],
)
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(data=st.data())
def test_no_body_is_odd_enough_for_a_fault_of_ours(
    admin: Client,
    method: str,
    path: str,
    bodies: st.SearchStrategy[dict[str, Any]],
    data: st.DataObject,
) -> None:
    answer = admin.call(method, path, data.draw(bodies))
    assert answer.status < 500, answer.body


# -- sweeps and the audit trail


def test_an_admin_runs_a_sweep_or_only_counts(admin: Client, world: World, clock: Clock) -> None:
    booking = world.book()
    clock.move(hours=2)
    dry = admin.post("/api/admin/sweeps/expire-bookings", {"dry_run": True}).body
    assert [found["booking_id"] for found in dry["affected"]] == [booking.booking_id]
    assert (dry["sweep"], dry["due"], dry["done"], dry["dry_run"]) == (
        "expire-bookings",
        1,
        0,
        True,
    )
    done = admin.post("/api/admin/sweeps/expire-bookings").body
    assert (done["due"], done["done"], done["dry_run"]) == (1, 1, False)
    assert admin.post("/api/admin/sweeps/clean-windows").code == "SWEEP_NOT_FOUND"


def test_the_trail_is_listed_newest_first_across_sites(
    admin: Client, world: World, clock: Clock
) -> None:
    for slug in ("north", "south"):
        clock.move(seconds=1)
        admin.post("/api/admin/sites", SITE | {"slug": slug})
    clock.move(seconds=1)
    admin.patch("/api/admin/sites/north", {"name": "N"})
    newest = admin.get("/api/admin/audit?limit=3").body["items"]
    seen = [(event["action"], event["subject"]) for event in newest]
    assert seen == [("edit_site", "north"), ("create_site", "south"), ("create_site", "north")]
    assert newest[0]["actor"] == world.admin.account_id
    assert newest[0]["address"]


def test_the_trail_goes_on_behind_its_cursor(admin: Client, clock: Clock) -> None:
    for number in range(5):
        clock.move(seconds=1)
        admin.patch("/api/admin/sites/central", {"name": f"Central {number}"})
    first = admin.get("/api/admin/audit?site=central&limit=3").body
    second = admin.get(f"/api/admin/audit?site=central&limit=3&cursor={first['next_cursor']}").body
    events = [event["event_id"] for event in first["items"] + second["items"]]
    assert len(events) == len(set(events)) == 5
    assert events == sorted(events, reverse=True)
    assert second["next_cursor"] is None


def test_an_owner_reads_the_trail_of_own_sites(owner: Client, admin: Client, world: World) -> None:
    admin.post("/api/admin/sites", SITE)
    owner.patch("/api/admin/sites/central", {"name": "Mine"})
    events = owner.get("/api/admin/audit").body["items"]
    assert {event["site"] for event in events} == {"central"}
    assert owner.get("/api/admin/audit?date=2026-11-20").body["items"] == []
    assert owner.get("/api/admin/audit?site=north").code == "FORBIDDEN"


def test_a_site_is_opened_once_however_often_the_request_comes(admin: Client) -> None:
    repeating = admin.sending(Idempotency_Key="k-1")
    first = repeating.post("/api/admin/sites", SITE)
    second = repeating.post("/api/admin/sites", SITE)
    assert (second.status, second.body) == (201, first.body)
    assert repeating.post("/api/admin/sites", SITE | {"slug": "south"}).status == 422


def test_lists_of_owners_leave_out_sites_that_are_gone(client: Client, world: World) -> None:
    ghost: Actor = world.add_account("ghost", Role.OWNER, "central", "gone")
    listed = client.by(ghost).get("/api/admin/sites").body["items"]
    assert [site["slug"] for site in listed] == ["central"]
