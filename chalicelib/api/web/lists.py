"""Pages of lists: `?limit=` and `?cursor=` in, `items` and `next_cursor` out. A cursor is sealed
and valid only for its own list, filters, caller and role."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode

from chalicelib.api.web import parse
from chalicelib.api.web.http import Answer, Call, ok
from chalicelib.api.web.moments import MOMENT
from chalicelib.domain.core import errors, serialize
from chalicelib.domain.core.constraints import Doc, Integer, Structure, Text
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say

T = TypeVar("T")

_PLACE: Final = frozenset({"limit", "cursor", "format"})
"""The parts of a query that say which page, and in which form, not which entries."""

PageSize = Annotated[int, Integer(1, 100), Doc("Entries per page.", 20)]
Cursor = Annotated[str, Text(max=1000, code=True), Doc("The next_cursor of the previous page.")]


def _moment(raw: Any, day_offset: int) -> datetime:
    """An instant, or the UTC midnight at the start (or, with `day_offset` 1, the end) of a date."""
    if isinstance(raw, str) and len(raw) == 10:
        day = parse.value(date, raw, where="", texts=True)
        return datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=day_offset)
    moment: datetime = parse.value(datetime, raw, where="", texts=True)
    return moment


_MOMENT_SCHEMA = {
    "type": "string",
    "pattern": MOMENT,
    "description": "An instant, or a date (UTC).",
}
FROM = Structure(lambda raw: _moment(raw, 0), _MOMENT_SCHEMA)
TO = Structure(lambda raw: _moment(raw, 1), _MOMENT_SCHEMA)


def after(call: Call, what: str) -> str | None:
    """The place after which the page begins; None at the start. Raises Invalid for a cursor of
    another list, other filters, another caller or role."""
    return opened(call, what, call.query.cursor)


def opened(call: Call, what: str, cursor: str | None) -> str | None:
    """The place in a cursor of the list `what`. Raises Invalid as `after` does."""
    if cursor is None:
        return None
    place = call.deps.tokens.unseal("cursor", cursor)
    if place.get("of") != _name(call, what):
        raise errors.Invalid({"cursor": say("is_of_another_list")})
    return str(place["after"])


def page(call: Call, what: str, found: Listing[T], view: Callable[[T], Any]) -> Answer:
    """The answer with a page of the list `what`."""
    items = [serialize.fields(view(record)) for record in found.records]
    return ok({"items": items, "next_cursor": sealed(call, what, found.after)})


def array(call: Call, what: str, found: Listing[T], view: Callable[[T], Any]) -> Answer:
    """The answer with a page of the list `what` as a plain array; the header `Link` has the address
    of the next page, where there is one (RFC 8288)."""
    answer = ok([serialize.fields(view(record)) for record in found.records])
    cursor = sealed(call, what, found.after)
    if cursor is None:
        return answer
    asked = {name: value for name, value in vars(call.query).items() if value is not None}
    following = urlencode(asked | {"cursor": cursor})
    return replace(answer, headers={"Link": f'<?{following}>; rel="next"'})


def sealed(call: Call, what: str, place: str | None) -> str | None:
    """The cursor of a place in the list `what`; None at its end."""
    if place is None:
        return None
    return call.deps.tokens.seal("cursor", {"of": _name(call, what), "after": place})


def _name(call: Call, what: str) -> str:
    """A digest of the list, of its caller and of what the caller asks for."""
    filters = {name: value for name, value in vars(call.query).items() if name not in _PLACE}
    named = f"{what}/{call.actor.account_id}/{call.actor.role}/{sorted(filters.items())!r}"
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:20]
