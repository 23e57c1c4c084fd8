"""If-Match on every edit and step: only the version that the client has seen is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib import routes
from chalicelib.api.web.route import Route
from tests.access import asking
from tests.access.conftest import Tables
from tests.access.given import Named, TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client, Reply

ROUTES = {f"{route.method} {route.path}": route for route in routes.declared()}
EDITS = [row for row in TABLE if ROUTES[row.route].versioned]
FIRST = range(1, 8)
"""The versions that the given records of the table may have."""

NO_EDIT = {
    "POST /api/bookings/{booking_id}/renew": "makes another booking",
    "POST /bookings/{booking_id}/renew": "makes another booking",
    "POST /api/admin/blackouts/{blackout_id}/cancel-bookings": "changes the bookings it finds",
    "POST /api/admin/webhooks/{webhook_id}/test": "changes nothing",
    "POST /api/admin/sweeps/{name}": "a sweep is no record",
    "POST /api/staff/hotels/{slug}/walk-ins": "makes a booking",
    "POST /api/staff/hotel/{slug}/rooms/checkout": "steps of many bookings",
    "POST /api/staff/hotel/{slug}/rooms/checkin": "steps of many bookings",
    "POST /api/staff/hotels/{slug}/rooms/{space_id}/turnover": "a room has conditions, no version",
    "DELETE /api/admin/api-keys/{key_id}": "a key has nothing to edit, and a leaked one is revoked at any version",
    "POST /api/admin/payment-reviews/{case_id}/close": "a case is closed once, and never changes",
    "POST /l/{token}": "a link in a mail is no client with a version",
    "POST /pay/{token}": "a link in a mail is no client with a version",
    "POST /pay/{token}/result": "a link in a mail is no client with a version",
}
"""Writes to a path with an id that take no If-Match, and why."""

each_edit = pytest.mark.parametrize(
    "row", EDITS, ids=lambda row: f"{row.request} {row.given.__name__}"
)


def _ask(row: Row, two_sites: TwoSites, client: Client, named: Named, if_match: str) -> Reply:
    caller = asking.signed_in(client, two_sites, asking.allowed(row))
    return asking.ask(caller.sending(If_Match=if_match), row, named)


def _writes_to_an_id(route: Route) -> bool:
    return route.method == "PATCH" or (route.method != "GET" and "{" in route.path)


def test_every_edit_and_every_step_of_a_record_takes_a_version() -> None:
    without = {
        f"{route.method} {route.path}"
        for route in routes.declared()
        if _writes_to_an_id(route) and not route.versioned
    }
    assert without == set(NO_EDIT)


@each_edit
def test_one_version_is_changed_and_every_other_is_refused(
    row: Row, two_sites: TwoSites, client: Client
) -> None:
    named = row.given(two_sites)
    answers = {}
    for version in FIRST:
        answers[version] = _ask(row, two_sites, client, named, f'"{version}"')
        if answers[version].status < 300:
            break
    *others, last = answers.values()
    assert last.status == row.status(asking.allowed(row)), last.body
    assert [(other.status, other.code) for other in others] == [(412, "VERSION_CHANGED")] * len(
        others
    )


@each_edit
def test_a_stale_version_changes_nothing(
    row: Row, two_sites: TwoSites, client: Client, stored: Callable[[], Tables]
) -> None:
    named = row.given(two_sites)
    caller = asking.signed_in(client, two_sites, asking.allowed(row))
    before = stored()
    answer = asking.ask(caller.sending(If_Match='W/"0.5eed", "99"'), row, named)
    assert (answer.status, answer.code) == (412, "VERSION_CHANGED")
    after = stored()
    assert {table for table in before if before[table] != after[table]} <= {"audit"}


@each_edit
def test_any_version_will_do_where_any_is_asked_for(
    row: Row, two_sites: TwoSites, client: Client
) -> None:
    answer = _ask(row, two_sites, client, row.given(two_sites), "*")
    assert answer.status == row.status(asking.allowed(row)), answer.body


READ_AND_EDITED = [
    row
    for row in EDITS
    if row.method == "PATCH" and f"GET {row.path}" in ROUTES and "role" not in (row.body or {})
]


@pytest.mark.parametrize("row", READ_AND_EDITED, ids=lambda row: f"{row.request} {row.body}")
def test_the_tag_of_a_read_is_good_for_one_edit(
    row: Row, two_sites: TwoSites, client: Client
) -> None:
    named = row.given(two_sites)
    caller = asking.signed_in(client, two_sites, asking.allowed(row))
    read = caller.get(row.path.format(**named))
    tag = read.headers["ETag"]
    edited = _ask(row, two_sites, client, named, tag)
    assert edited.status == 200
    assert edited.body["version"] == read.body["version"] + 1
    assert _ask(row, two_sites, client, named, tag).status == 412
    again = f'"{edited.body["version"]}"'
    assert _ask(row, two_sites, client, named, again).status == 200
