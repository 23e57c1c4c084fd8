"""Every route, asked by every actor: `table.py` says what each is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import routes
from tests.access.conftest import Tables
from tests.access.given import COLUMNS, Named, TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client, Reply

LEFT_BY_A_REFUSAL = {"audit"}
"""The one table a refused request may write to."""


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
    caller = _signed_in(client, two_sites, who)
    before = stored()
    answer = _ask(caller, row, named)
    assert answer.status == row.status(who), answer.body
    _assert_untouched(row, answer, before, stored())


def _signed_in(client: Client, two_sites: TwoSites, who: str) -> Client:
    actor = two_sites.actors[who]
    return client if actor is None else client.by(actor)


def _ask(caller: Client, row: Row, named: Named) -> Reply:
    body = None if row.method in ("GET", "DELETE") else _filled(row.body or {}, named)
    return caller.call(row.method, row.path.format(**named), body)


def _filled(body: Any, named: Named) -> Any:
    """`body` with its holes filled."""
    if isinstance(body, str):
        return named.get(body[1:-1], body)
    if isinstance(body, dict):
        return {key: _filled(value, named) for key, value in body.items()}
    return [_filled(each, named) for each in body] if isinstance(body, list) else body


def _assert_untouched(row: Row, answer: Reply, before: Tables, after: Tables) -> None:
    """A GET changes nothing, and what is refused changes nothing but the audit trail, where every
    403 is found."""
    changed = {table for table in before if before[table] != after[table]}
    if answer.status == 403:
        assert changed == LEFT_BY_A_REFUSAL
    elif answer.status >= 400:
        assert changed <= LEFT_BY_A_REFUSAL
    elif row.method == "GET":
        assert not changed
