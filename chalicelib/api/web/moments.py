"""When something is to begin or end, as clients may say it: an instant, or a local time of the site
in question."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from chalicelib.api.web.scalars import Fault
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc, Integer, Structure

FORM: Final = (
    "must be an instant such as 2026-11-21T04:30:00Z, a local time without an offset, "
    "or for rooms a date"
)
_SCHEMA: Final = {
    "type": "string",
    "description": "An instant with its offset, or a local time of the site without one. Where "
    "clocks go back, the first of the two is meant; a time they leave out is refused. For "
    "rooms also a date: the zone's check-in or check-out hour of that day.",
    "examples": ["2026-11-21T04:30:00Z", "2026-11-21T10:00", "2026-11-21"],
}


def _read(raw: Any) -> datetime:
    try:
        return localtime.parse_moment(raw)
    except ValueError:
        raise Fault(FORM) from None


Moment = Annotated[datetime, Structure(_read, _SCHEMA)]
"""Naive where the client said no offset: services ask the site's clocks."""

Nights = Annotated[int, Integer(1, 366), Doc("Rooms: how long, instead of `end`.", 2)]
