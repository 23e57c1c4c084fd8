"""Instants as the clocks of a site show them (docs/rules/lifecycle.md, Time).

Where a clock says the same time twice, or runs differently at the two ends of a span, the offset is
named beside it: IST, GMT.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.core.interval import Interval
from chalicelib.rendering.mail.texts import Texts
from chalicelib.rendering.mail.texts_en import ENGLISH


def moment(instant: datetime, tz: ZoneInfo, texts: Texts = ENGLISH) -> str:
    """`instant` with its date and the name of the zone.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 21, 4, 45, tzinfo=UTC), ZoneInfo("Asia/Kolkata"))
    'Sat 21 Nov 2026, 10:15 (Asia/Kolkata)'
    """
    wall = instant.astimezone(tz)
    return f"{_dated(wall, texts, named=_comes_twice(wall))} ({tz.key})"


def today(instant: datetime, tz: ZoneInfo, *, now: datetime, texts: Texts = ENGLISH) -> str:
    """`instant` in as few words as will do: the clock alone if it is on the same date as `now`.

    >>> from datetime import UTC
    >>> today(datetime(2026, 11, 21, 4, 45, tzinfo=UTC), ZoneInfo("Asia/Kolkata"),
    ...       now=datetime(2026, 11, 21, 4, 30, tzinfo=UTC))
    '10:15'
    """
    wall, named = instant.astimezone(tz), _comes_twice(instant.astimezone(tz))
    if wall.date() == now.astimezone(tz).date():
        return _clock(wall, named=named)
    return _dated(wall, texts, named=named)


def ends(interval: Interval, tz: ZoneInfo, texts: Texts = ENGLISH) -> tuple[str, str]:
    """Both ends of `interval`, each with its date and the name of the zone."""
    start, end, named = _walls(interval, tz)
    return tuple(f"{_dated(wall, texts, named=named)} ({tz.key})" for wall in (start, end))  # type: ignore[return-value]


def span(interval: Interval, tz: ZoneInfo, texts: Texts = ENGLISH) -> str:
    """`interval` from end to end; the date once where it is the same.

    >>> from datetime import UTC
    >>> night = Interval(
    ...     datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    ... )
    >>> span(night, ZoneInfo("Europe/Dublin"))
    'Sun 25 Oct 2026, 01:15 IST – 01:45 GMT (Europe/Dublin)'
    """
    start, end, named = _walls(interval, tz)
    last = _clock(end, named=named)
    if start.date() != end.date():
        last = _dated(end, texts, named=named)
    dash = " – " if named or start.date() != end.date() else "–"
    return f"{_dated(start, texts, named=named)}{dash}{last} ({tz.key})"


def length(interval: Interval, texts: Texts = ENGLISH) -> str:
    """Elapsed hours and minutes, a minute begun counting as one.

    >>> from datetime import UTC
    >>> from datetime import timedelta
    >>> start = datetime(2026, 11, 21, tzinfo=UTC)
    >>> [length(Interval(start, start + timedelta(seconds=s))) for s in (1, 7200, 7501)]
    ['1 min', '2 h', '2 h 6 min']
    """
    hours, minutes = divmod(interval.minutes, 60)
    if not hours:
        return texts.minutes.format(minutes=minutes)
    if not minutes:
        return texts.hours.format(hours=hours)
    return texts.hours_and_minutes.format(hours=hours, minutes=minutes)


def _walls(interval: Interval, tz: ZoneInfo) -> tuple[datetime, datetime, bool]:
    """What the clocks show at both ends, and whether the offsets must be named."""
    start, end = interval.start.astimezone(tz), interval.end.astimezone(tz)
    changed = start.utcoffset() != end.utcoffset()
    return start, end, changed or _comes_twice(start) or _comes_twice(end)


def _dated(wall: datetime, texts: Texts, *, named: bool) -> str:
    weekday, month = texts.weekdays[wall.weekday()], texts.months[wall.month - 1]
    return f"{weekday} {wall.day} {month} {wall.year}, {_clock(wall, named=named)}"


def _clock(wall: datetime, *, named: bool) -> str:
    return f"{wall:%H:%M}" + (f" {wall.tzname()}" if named else "")


def _comes_twice(wall: datetime) -> bool:
    first, second = wall.replace(fold=0), wall.replace(fold=1)
    return first.utcoffset() > second.utcoffset()  # type: ignore[operator]
