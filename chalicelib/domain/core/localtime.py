"""Conversion between UTC instants and local times of a site (docs/rules/lifecycle.md, Time).

Instants are aware UTC datetimes of whole seconds; local dates and times of day exist only here.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Fault, Wording, say

MINUTES_A_DAY = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 2000, 2100

_SECOND = timedelta(seconds=1)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_LOCAL = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME}(?::[0-5][0-9](?:\.[0-9]{{1,9}})?)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(rf"{_LOCAL.pattern}(?:Z|[+-]{_TIME})")
_MINUTE = re.compile(rf"{_TIME}|24:00")


class NoSuchTime(Fault):
    """A local time that a clock change skips."""


class NoSuchDay(Fault):
    """A date that no calendar has, such as 31 February."""


class FarYear(Fault):
    """A date or time outside the years that Berth knows."""


class DateOnly(datetime):
    """A date where a moment is expected: naive, at midnight. The zone adds the hour
    (`domain/sites/nights.py`)."""


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the IANA timezone `name`; ValueError where there is none.

    >>> zone("Asia/Kolkata").key
    'Asia/Kolkata'
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise ValueError(f"timezone {name!r} is not known") from None


def local(instant: datetime, tz: ZoneInfo) -> datetime:
    """Return `instant` as the clocks in `tz` show it."""
    return instant.astimezone(tz)


def local_date(instant: datetime, tz: ZoneInfo) -> date:
    """Return the calendar date in `tz` at `instant`."""
    return instant.astimezone(tz).date()


def wall_length(interval: Interval, tz: ZoneInfo) -> timedelta:
    """Return how far the clocks in `tz` move on during `interval`: from midnight to midnight 24
    hours, also where a clock change makes the day longer or shorter.

    >>> wall_length(day(date(2026, 10, 25), zone("Europe/Dublin")), zone("Europe/Dublin"))
    datetime.timedelta(days=1)
    """
    start, end = (local(at, tz).replace(tzinfo=None) for at in (interval.start, interval.end))
    return end - start


def minute_of_day(instant: datetime, tz: ZoneInfo) -> int:
    """Return the minute 0 to 1439 that the clocks in `tz` show at `instant`."""
    wall = instant.astimezone(tz)
    return wall.hour * 60 + wall.minute


def hour_or_date(instant: datetime, tz: ZoneInfo, *, now: datetime) -> str:
    """Return `instant` for people in `tz`: today the hour, on another day date and hour.

    >>> noon, tz = datetime(2026, 11, 21, 6, 30, tzinfo=UTC), zone("Asia/Kolkata")
    >>> hour_or_date(noon + timedelta(hours=2), tz, now=noon)
    '14:00'
    >>> hour_or_date(noon + timedelta(hours=20), tz, now=noon)
    'Sun 22 Nov 2026, 08:00'
    """
    if local_date(instant, tz) == local_date(now, tz):
        return f"{instant.astimezone(tz):%H:%M}"
    return text(instant, tz)


def text(instant: datetime, tz: ZoneInfo) -> str:
    """Return `instant` as local date and time, for people in `tz`.

    >>> text(datetime(2026, 11, 21, 4, 45, tzinfo=UTC), zone("Asia/Kolkata"))
    'Sat 21 Nov 2026, 10:15'
    """
    wall = instant.astimezone(tz)
    return f"{wall:%a} {wall.day} {wall:%b %Y, %H:%M}"


def resolve(wall: datetime, tz: ZoneInfo) -> datetime:
    """Return the instant at which the clocks in `tz` show `wall` (naive), the first of two.

    NoSuchTime, with the two times of the clock change, for a skipped one.

    >>> iso(resolve(datetime(2026, 10, 25, 1, 30), zone("Europe/Dublin")))
    '2026-10-25T00:30:00Z'
    >>> resolve(datetime(2027, 3, 28, 1, 30), zone("Europe/Dublin"))
    Traceback (most recent call last):
    chalicelib.domain.core.localtime.NoSuchTime: ...
    """
    instant = _instant(wall, tz)
    if not _shows(instant, wall, tz):
        change = _clock_change(wall, instant, tz)
        raise NoSuchTime(
            say(
                "time_is_skipped",
                time=f"{wall:%H:%M}",
                day=wall.date(),
                timezone=tz.key,
                before=f"{local(change - _SECOND, tz) + _SECOND:%H:%M}",
                after=f"{local(change, tz):%H:%M}",
            )
        )
    return instant


def instants(tz: ZoneInfo, **moments: datetime | None) -> dict[str, datetime | None]:
    """Return `moments` by their names, with local ones (naive) as instants by the clocks in `tz`.

    Invalid, naming each that a clock change skips, or that has no time of day.
    """
    resolved: dict[str, datetime | None] = {}
    faults: dict[str, Wording] = {}
    for name, moment in moments.items():
        try:
            resolved[name] = resolve(moment, tz) if moment and moment.tzinfo is None else moment
        except NoSuchTime as fault:
            faults[name] = fault.wording
        if isinstance(moment, DateOnly):
            faults[name] = say("must_have_time_of_day")
    if faults:
        raise errors.Invalid(faults)
    return resolved


def at_wall(on: date, at: time, tz: ZoneInfo, field: str = "start") -> datetime:
    """Return the instant at which the clocks in `tz` show `at` on `on`, the first of two.

    Invalid, naming `field`, for a time that a clock change skips.

    >>> iso(at_wall(date(2026, 11, 21), time(9, 30), zone("Asia/Kolkata")))
    '2026-11-21T04:00:00Z'
    """
    try:
        return resolve(datetime.combine(on, at), tz)
    except NoSuchTime as fault:
        raise errors.Invalid({field: fault.wording}) from None


def only(wall: datetime, tz: ZoneInfo) -> datetime:
    """Return the one instant at which the clocks in `tz` show `wall` (naive).

    LocalTimeSkipped for a time that a clock change skips, LocalTimeTwice for one that it repeats.

    >>> iso(only(datetime(2026, 11, 21, 9, 30), zone("Asia/Kolkata")))
    '2026-11-21T04:00:00Z'
    """
    first, second = (wall.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    time, day = f"{wall:%H:%M}", f"{wall:%Y-%m-%d}"
    if not _shows(first, wall, tz):
        raise errors.LocalTimeSkipped(say("time_skipped_on", time=time, day=day, timezone=tz.key))
    if second != first:
        raise errors.LocalTimeTwice(say("time_twice_on", time=time, day=day, timezone=tz.key))
    return first


@lru_cache(maxsize=1024)
def from_minute(on: date, minute: int, tz: ZoneInfo) -> datetime:
    """Return the first instant at which the clocks in `tz` show that minute of `on`, or later.

    Minutes 0 to 1440, the last being the midnight that ends the day.  A time skipped by a clock
    change becomes the moment of that change, so days and opening hours always have ends.

    >>> iso(from_minute(date(2027, 3, 28), 90, zone("Europe/Dublin")))
    '2027-03-28T01:00:00Z'
    """
    wall = datetime.combine(on, time()) + timedelta(minutes=minute)
    late = _instant(wall, tz)
    return late if _shows(late, wall, tz) else _clock_change(wall, late, tz)


def day(on: date, tz: ZoneInfo) -> Interval:
    """Return the local day `on`: 24 hours, 23 or 25 where clocks change.

    Invalid for a date that `tz` left out (Pacific/Apia had no 2011-12-30).

    >>> day(date(2026, 10, 25), zone("Europe/Dublin")).duration
    datetime.timedelta(days=1, seconds=3600)
    """
    start, end = from_minute(on, 0, tz), from_minute(on, MINUTES_A_DAY, tz)
    if start >= end:
        raise errors.Invalid({"date": say("date_is_skipped", day=str(on), timezone=tz.key)})
    return Interval(start, end)


def nights(interval: Interval, tz: ZoneInfo) -> int:
    """Return how many local midnights lie between the ends: docs/rules/billing.md."""
    return (local_date(interval.end, tz) - local_date(interval.start, tz)).days


def iso(instant: datetime) -> str:
    """Return `instant` in the form of the API, whole seconds: `2026-11-21T04:19:24Z`."""
    return instant.astimezone(UTC).isoformat()[:19] + "Z"


def iso_ms(instant: datetime) -> str:
    """Return `instant` with milliseconds, as the events of the hotel system have it.

    >>> iso_ms(datetime(2026, 11, 21, 4, 19, 24, tzinfo=UTC))
    '2026-11-21T04:19:24.000Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: object) -> datetime:
    """Read ISO 8601 with `Z` or an offset into UTC, dropping fractions of a second.

    ValueError for anything else, local times without an offset and years outside 2000 to 2100.

    >>> iso(parse_instant("2026-11-21T09:49:24+05:30"))
    '2026-11-21T04:19:24Z'
    """
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise Fault(say("must_be_instant_with_offset"))
    instant = _refuse_far(_read(text)).replace(microsecond=0)
    return _refuse_far(instant.astimezone(UTC))


def parse_moment(text: object) -> datetime:
    """Read an instant as `parse_instant` does, a local time without an offset, which stays naive
    until its site is known, or a `DateOnly`.  ValueError for anything else.

    >>> parse_moment("2026-11-21T09:30"), parse_moment("2026-11-21")
    (datetime.datetime(2026, 11, 21, 9, 30), DateOnly(2026, 11, 21, 0, 0))
    """
    if isinstance(text, str) and _DATE.fullmatch(text):
        return _refuse_far(DateOnly.fromisoformat(_read(text).date().isoformat()))
    if isinstance(text, str) and _LOCAL.fullmatch(text):
        return _refuse_far(_read(text)).replace(microsecond=0)
    return parse_instant(text)


def parse_date(text: object) -> date:
    """Read a calendar date.  ValueError for anything else and years outside 2000 to 2100.

    >>> parse_date("2026-11-21")
    datetime.date(2026, 11, 21)
    """
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise Fault(say("must_be_date"))
    return _refuse_far(_read(text)).date()


def parse_minute(text: object) -> int:
    """Read a time of day from "00:00" to "24:00" as minutes 0 to 1440; ValueError for all else.

    >>> parse_minute("06:30"), parse_minute("24:00")
    (390, 1440)
    """
    if not isinstance(text, str) or not _MINUTE.fullmatch(text):
        raise Fault(say("must_be_time_of_day"))
    return int(text[:2]) * 60 + int(text[3:])


def minute_text(minute: int) -> str:
    """Return a minute of the day as "06:30", what `parse_minute` reads."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _instant(wall: datetime, tz: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=tz).astimezone(UTC)


def _shows(instant: datetime, wall: datetime, tz: ZoneInfo) -> bool:
    return instant.astimezone(tz).replace(tzinfo=None) == wall


def _clock_change(wall: datetime, late: datetime, tz: ZoneInfo) -> datetime:
    # A wall time inside a gap read with the offset after the change lies before the change.
    early = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    while late - early > _SECOND:
        middle = early + (late - early) // 2 // _SECOND * _SECOND
        if middle.astimezone(tz).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return late


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NoSuchDay(say("must_be_in_calendar")) from None


def _refuse_far(instant: datetime) -> datetime:
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise FarYear(say("must_lie_in_years", first=FIRST_YEAR, last=LAST_YEAR))
    return instant
