"""Every route, asked by every actor: `table.py` says what each is answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib import routes
from tests.access import asking
from tests.access.conftest import Tables
from tests.access.given import COLUMNS, TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    declared = {f"{route.method} {route.path}" for route in routes.declared()}
    assert {row.route for row in TABLE} == declared


def test_every_row_tells_everybody() -> None:
    assert {len(row.expected.split()) for row in TABLE} == {len(COLUMNS)}


@pytest.mark.parametrize("who", COLUMNS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.request} {row.given.__name__}")
def test_who_may(
    row: Row, who: str, two_sites: TwoSites, client: Client, stored: Callable[[], Tables]
) -> None:
    named = row.given(two_sites)
    caller = asking.signed_in(client, two_sites, who)
    before = stored()
    answer = asking.ask(caller, row, named)
    assert answer.status == row.status(who), answer.body
    asking.assert_untouched(row, answer, before, stored())
