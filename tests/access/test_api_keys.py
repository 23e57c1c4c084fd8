"""Every route, asked with an API key of each scope, of the site and of another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib import routes
from chalicelib.domain.core.access import KeyScope
from chalicelib.services.accounts import api_keys
from tests.access.asking import ask, assert_untouched
from tests.access.conftest import Tables
from tests.access.given import TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client

OPEN = {
    KeyScope.SCANS: {
        "POST /api/staff/entry",
        "POST /api/staff/exit",
        "POST /api/staff/exit-quote",
        "GET /api/staff/exit-quote",
        "POST /parking/entry-qr-scan",
        "POST /api/parking/scan-entry",
        "POST /parking/exit-qr-scan",
        "POST /api/parking/scan-exit",
    },
    KeyScope.READS: {
        "GET /api/bookings",
        "GET /api/staff/active-sessions",
        "GET /api/staff/slot-status",
        "GET /api/staff/hotels/{slug}/arrivals",
        "GET /api/staff/hotels/{slug}/departures",
        "GET /api/staff/hotels/{slug}/in-house",
        "GET /api/staff/hotels/{slug}/overstays",
        "GET /api/staff/hotels/{slug}/rooms",
        "GET /api/staff/hotels/{slug}/housekeeping",
    },
}
"""The routes that a key of a scope may call. A route that is not here must refuse it."""

PUBLIC = {f"{route.method} {route.path}" for route in routes.declared() if not route.who}


def holding_key(client: Client, two_sites: TwoSites, scope: KeyScope, site: str) -> Client:
    deps, admin = two_sites.world.deps, two_sites.world.admin
    _, text = api_keys.create(deps, admin, site, "North gate", scope, source_ip="-")
    assert text is not None
    return client.sending(X_API_Key=text)


def expected(row: Row, scope: KeyScope, staff: str) -> int:
    """The status for a key: on its own routes that of staff, on public ones that of everyone."""
    if row.route in PUBLIC:
        return row.status("nobody")
    return row.status(staff) if row.route in OPEN[scope] else 403


def test_the_routes_of_each_scope_are_those_of_the_list() -> None:
    for scope, names in OPEN.items():
        declared = {f"{r.method} {r.path}" for r in routes.declared() if r.keys is scope}
        assert declared == names
    assert {row.route for row in TABLE} >= OPEN[KeyScope.SCANS] | OPEN[KeyScope.READS]


@pytest.mark.parametrize(
    ("site", "staff"), [("central", "staff"), ("elsewhere", "staff-x")], ids=["own", "another"]
)
@pytest.mark.parametrize("scope", list(KeyScope))
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.request} {row.given.__name__}")
def test_a_key_may_call_the_routes_of_its_scope_at_its_site_and_no_other(
    row: Row,
    scope: KeyScope,
    site: str,
    staff: str,
    two_sites: TwoSites,
    client: Client,
    stored: Callable[[], Tables],
) -> None:
    named = row.given(two_sites)
    device = holding_key(client, two_sites, scope, site)
    before = stored()
    answer = ask(device, row, named)
    assert answer.status == expected(row, scope, staff), answer.body
    assert_untouched(row, answer, before, stored())
