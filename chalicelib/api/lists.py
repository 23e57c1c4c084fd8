"""Pages of lists: `?limit=` and `?cursor=` in, `items` and `next_cursor` out. A cursor is sealed,
and only opens the list it was made for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from chalicelib.api import parse, show
from chalicelib.api.http import Answer, Call, ok
from chalicelib.domain import errors
from chalicelib.domain.booking import Booking
from chalicelib.domain.fields import About, Structure, Text, Whole
from chalicelib.store.bookings import Mark, Page

PageSize = Annotated[int, Whole(1, 100), About("Entries a page.", 20)]
Cursor = Annotated[str, Text(max=1000), About("The next_cursor of the page before.")]


def _moment(raw: Any, day_offset: int) -> datetime:
    """An instant; or a date, for the UTC midnight it begins or ends with."""
    if isinstance(raw, str) and len(raw) == 10:
        day = parse.value(date, raw, where="", texts=True)
        return datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=day_offset)
    moment: datetime = parse.value(datetime, raw, where="", texts=True)
    return moment


_MOMENT_SCHEMA = {"type": "string", "description": "An instant, or a date (UTC)."}
FROM = Structure(lambda raw: _moment(raw, 0), _MOMENT_SCHEMA)
TO = Structure(lambda raw: _moment(raw, 1), _MOMENT_SCHEMA)


def mark(call: Call, what: str) -> Mark | None:
    """The place a cursor stands for; None at the start. Raises Invalid for a foreign cursor."""
    if call.query.cursor is None:
        return None
    place = call.deps.tokens.open("cursor", call.query.cursor)
    if place.get("of") != _list_name(call, what):
        raise errors.Invalid({"cursor": "belongs to another list"})
    return Mark(place["id"], place["start"])


def page(call: Call, what: str, found: Page, view: Callable[[Booking], Any]) -> Answer:
    """A page of bookings as the answer."""
    return ok(
        {
            "items": [show.as_json(view(booking)) for booking in found.bookings],
            "next_cursor": _sealed(call, what, found.next),
        }
    )


def _sealed(call: Call, what: str, place: Mark | None) -> str | None:
    if place is None:
        return None
    payload = {"of": _list_name(call, what), "id": place.booking_id, "start": place.start}
    return call.deps.tokens.seal("cursor", payload)


def _list_name(call: Call, what: str) -> str:
    return f"{what}/{call.actor.account_id}"
