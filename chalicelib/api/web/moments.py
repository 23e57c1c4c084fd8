"""Start and end times as clients write them: an instant, a local time of the site, or a date."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc, Integer, Structure
from chalicelib.domain.core.sentence import Fault, say

_TIME: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
MOMENT: Final = (
    rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"(?:T{_TIME}(?::[0-5][0-9](?:\.[0-9]{{1,9}})?)?(?:Z|[+-]{_TIME})?)?$"
)
"""The pattern of a start or an end: a date, a local time or an instant."""

_SCHEMA: Final = {
    "type": "string",
    "pattern": MOMENT,
    "description": "An instant with an offset, or a local time of the site without one. Of a "
    "time that a clock change repeats the first is meant; a skipped time is refused. For rooms "
    "also a date: the check-in or check-out hour of that day. Only the years 2000 to 2100.",
    "examples": ["2026-11-21T04:30:00Z", "2026-11-21T10:00", "2026-11-21"],
}


def _read(raw: Any) -> datetime:
    try:
        return localtime.parse_moment(raw)
    except localtime.FarYear:
        raise
    except ValueError:
        raise Fault(say("must_be_moment")) from None


Moment = Annotated[datetime, Structure(_read, _SCHEMA)]
"""Naive where the client gave no offset; services resolve it by the timezone of the site."""

Nights = Annotated[int, Integer(1, 366), Doc("Rooms: the number of nights, in place of `end`.", 2)]
