"""Place and time of a request in the words of the venue system: `venue`, `date`, `start_time` and
`end_time`, by the clock of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as local_date
from datetime import datetime, time
from typing import Annotated, Any, Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Doc, Structure, Text
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.sites.site import split_space_id, zone_and_number

_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
_SCHEMA: Final = {
    "type": "string",
    "pattern": f"^{_TIME.pattern}$",
    "description": "A time of day by the clock of the site.",
    "examples": ["14:00"],
}


def _time_of_day(raw: Any) -> time:
    if isinstance(raw, str) and _TIME.fullmatch(raw):
        return time.fromisoformat(raw)
    raise Fault(say("must_be_clock"))


TimeOfDay = Annotated[time, Structure(_time_of_day, _SCHEMA)]
Venue = Annotated[
    str, Text(max=80, numbers=True), Doc("A space or a zone, in place of their ids.", "hall-a")
]
LocalDate = Annotated[local_date, Doc("By the calendar of the site.", "2026-11-21")]


@dataclass(frozen=True, kw_only=True)
class VenueWords:
    """`venue`, `date`, `start_time` and `end_time`, in place of the ids and of `start` and
    `end`."""

    venue: Venue | None = None
    date: LocalDate | None = None
    start_time: TimeOfDay | None = None
    end_time: TimeOfDay | None = None

    def place(self, zone_id: str | None, space_id: str | None) -> tuple[str, str | None]:
        """The zone and the number of the space. Raises Invalid unless exactly one of the venue, the
        zone and the space is given."""
        if self.venue is None:
            return zone_and_number(zone_id, space_id)
        if zone_id is not None or space_id is not None:
            raise errors.Invalid({"venue": say("give_one_place")})
        return split_space_id(self.venue) if "." in self.venue else (self.venue, None)

    def times(
        self, start: datetime | None, end: datetime | None
    ) -> tuple[datetime | None, datetime | None]:
        """Start and end, local where they are given as date and times. Raises Invalid for a part of
        these alone, for both kinds at once, and for an end that is not after the start."""
        parts = {"date": self.date, "start_time": self.start_time, "end_time": self.end_time}
        if not any(part is not None for part in parts.values()):
            return start, end
        if start is not None or end is not None:
            raise errors.Invalid({"date": say("give_one_kind_of_times")})
        if self.date is None or self.start_time is None or self.end_time is None:
            missing = (name for name, part in parts.items() if part is None)
            raise errors.Invalid(dict.fromkeys(missing, say("must_be_given")))
        if self.end_time <= self.start_time:
            raise errors.Invalid({"end_time": say("must_be_after_start_time")})
        return (
            datetime.combine(self.date, self.start_time),
            datetime.combine(self.date, self.end_time),
        )
