"""The requests of the access table, as the callers of its columns send them."""

from __future__ import annotations

from typing import Any

from tests.access.conftest import Tables
from tests.access.given import COLUMNS, Named, TwoSites
from tests.access.table import Row
from tests.client import Client, Reply

LEFT_BY_A_REFUSAL = {"audit"}
"""The one table a refused request may write to."""


def allowed(row: Row) -> str:
    """The column with the most rights of those that the row serves."""
    return next(who for who in reversed(COLUMNS) if row.status(who) < 300)


def signed_in(client: Client, two_sites: TwoSites, who: str) -> Client:
    """The caller of a column."""
    actor = two_sites.actors[who]
    return client if actor is None else client.by(actor)


def ask(caller: Client, row: Row, named: Named) -> Reply:
    """The answer to the request of a row, with its holes filled."""
    bodiless = row.method == "GET" or (row.method == "DELETE" and row.body is None)
    body = None if bodiless else _filled(row.body or {}, named)
    return caller.call(row.method, row.path.format(**named), body)


def _filled(body: Any, named: Named) -> Any:
    """`body` with its holes filled."""
    if isinstance(body, str):
        return named.get(body[1:-1], body)
    if isinstance(body, dict):
        return {key: _filled(value, named) for key, value in body.items()}
    return [_filled(each, named) for each in body] if isinstance(body, list) else body


def assert_untouched(row: Row, answer: Reply, before: Tables, after: Tables) -> None:
    """A GET changes nothing, and what is refused changes nothing but the audit trail, where every
    403 is found."""
    changed = {table for table in before if before[table] != after[table]}
    if answer.status == 403:
        assert changed == LEFT_BY_A_REFUSAL
    elif answer.status >= 400:
        assert changed <= LEFT_BY_A_REFUSAL
    elif row.method == "GET":
        assert not changed
