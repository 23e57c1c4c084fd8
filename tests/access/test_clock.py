"""What the clock alone changes in the answers of all routes: no cache may show it again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chalicelib.api.web.caching import TICKING
from tests.access import asking
from tests.access.given import TwoSites
from tests.access.table import TABLE, Row
from tests.client import Client, Reply
from tests.clock import Clock

READS = [row for row in TABLE if row.method == "GET"]


def _may_be_kept(headers: Mapping[str, str]) -> bool:
    return "no-store" not in headers.get("Cache-Control", "")


def _counters(body: object) -> set[str]:
    """The names of the fields in `body` that the clock alone changes."""
    if isinstance(body, dict):
        named = {name for name in TICKING & set(body) if not isinstance(body[name], dict)}
        return named.union(*map(_counters, body.values()))
    return set().union(*map(_counters, body)) if isinstance(body, list) else set()


@pytest.mark.parametrize("row", READS, ids=lambda row: f"{row.request} {row.given.__name__}")
def test_an_answer_that_a_cache_may_show_again_is_the_truth_of_that_second(
    row: Row, two_sites: TwoSites, client: Client, clock: Clock
) -> None:
    path = row.path.format(**row.given(two_sites))
    reader = asking.signed_in(client, two_sites, asking.allowed(row))
    first = reader.get(path)
    clock.move(seconds=61)
    again = reader.get(path)
    if _may_be_kept(first.headers) and first.headers.get("ETag") == again.headers.get("ETag"):
        assert again.body == first.body
    assert not (_may_be_kept(again.headers) and _counters(again.body))
    _assert_a_client_may_ask_for_news(reader, path, again)


def _assert_a_client_may_ask_for_news(reader: Client, path: str, known: Reply) -> None:
    """With the tag of the last answer, a poll costs no body and leaves nothing in a cache."""
    if (tag := known.headers.get("ETag")) is not None:
        unchanged = reader.sending(If_None_Match=tag).get(path)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert unchanged.headers["Cache-Control"] == known.headers["Cache-Control"]
