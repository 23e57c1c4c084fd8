"""Pages of lists that go by an id: sites, zones, spaces, audit events. Like `lists`, a cursor is
sealed and only opens the list it was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from chalicelib.api.http import Answer, Call, ok
from chalicelib.domain import errors
from chalicelib.store.catalogue import Listing

T = TypeVar("T")


def after(call: Call, what: str) -> str | None:
    """The id behind which the page begins; None at the start. Raises Invalid for a foreign
    cursor."""
    if call.query.cursor is None:
        return None
    place = call.deps.tokens.open("cursor", call.query.cursor)
    if place.get("of") != what:
        raise errors.Invalid({"cursor": "belongs to another list"})
    return str(place["after"])


def page(call: Call, what: str, found: Listing[T], view: Callable[[T], Any]) -> Answer:
    """A page as the answer."""
    following = None
    if found.after is not None:
        following = call.deps.tokens.seal("cursor", {"of": what, "after": found.after})
    items = [asdict(view(record)) for record in found.records]
    return ok({"items": items, "next_cursor": following})
