"""Instants as the clocks of a site show them (docs/rules/lifecycle.md, Time), by the rules of CLDR.

Where a clock says the same time twice, or runs differently at the two ends of a span, the offset is
named beside it: IST, GMT. Clocks have 24 hours in every language, as on tickets and at gates.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.languages import Language
from chalicelib.texts import cldr


def moment(instant: datetime, tz: ZoneInfo, language: Language) -> str:
    """`instant` with its date.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 11, 21, 4, 45, tzinfo=UTC), ZoneInfo("Asia/Kolkata"), "en")
    'Sat, 21 Nov 2026, 10:15'
    """
    wall = instant.astimezone(tz)
    return _dated(wall, language, named=_comes_twice(wall))


def today(instant: datetime, tz: ZoneInfo, language: Language, *, now: datetime) -> str:
    """`instant` in as few words as will do: the clock alone if it is on the same date as `now`.

    >>> from datetime import UTC
    >>> today(datetime(2026, 11, 21, 4, 45, tzinfo=UTC), ZoneInfo("Asia/Kolkata"), "en",
    ...       now=datetime(2026, 11, 21, 4, 30, tzinfo=UTC))
    '10:15'
    """
    wall, named = instant.astimezone(tz), _comes_twice(instant.astimezone(tz))
    if wall.date() == now.astimezone(tz).date():
        return _clock(wall, language, named=named)
    return _dated(wall, language, named=named)


def ends(interval: Interval, tz: ZoneInfo, language: Language) -> tuple[str, str]:
    """Both ends of `interval`, each with its date."""
    start, end, named = _walls(interval, tz)
    return _dated(start, language, named=named), _dated(end, language, named=named)


def span(interval: Interval, tz: ZoneInfo, language: Language) -> str:
    """`interval` from end to end; the date once where it is the same.

    >>> from datetime import UTC
    >>> night = Interval(
    ...     datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    ... )
    >>> span(night, ZoneInfo("Europe/Dublin"), "en")
    'Sun, 25 Oct 2026, 01:15 IST – 01:45 GMT'
    """
    start, end, named = _walls(interval, tz)
    last = _clock(end, language, named=named)
    if start.date() != end.date():
        last = _dated(end, language, named=named)
    dash = " – " if named or start.date() != end.date() else "–"
    return f"{_dated(start, language, named=named)}{dash}{last}"


def dates(interval: Interval, tz: ZoneInfo, language: Language) -> str:
    """The first and the last date of `interval`.

    >>> from datetime import UTC
    >>> nights = Interval(
    ...     datetime(2026, 11, 21, 9, 30, tzinfo=UTC), datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    ... )
    >>> dates(nights, ZoneInfo("Asia/Kolkata"), "en")
    'Sat, 21 Nov 2026 – Tue, 24 Nov 2026'
    """
    first, last = (at.astimezone(tz).date() for at in (interval.start, interval.end))
    return f"{day(first, language)} – {day(last, language)}"


def clock(instant: datetime, tz: ZoneInfo, language: Language) -> str:
    """What the clocks show at `instant`, without the date."""
    wall = instant.astimezone(tz)
    return _clock(wall, language, named=_comes_twice(wall))


def day(on: date, language: Language) -> str:
    """A date with its weekday.

    >>> day(date(2026, 11, 21), "en"), day(date(2026, 11, 21), "hi")
    ('Sat, 21 Nov 2026', 'शनि, 21 नव॰ 2026')
    """
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMMEd", on, locale=cldr.of(language)))


def long_day(on: date, language: Language) -> str:
    """A date with its month in full, without the weekday.

    >>> long_day(date(2027, 3, 28), "hi")
    '28 मार्च 2027'
    """
    from babel.dates import format_date

    return str(format_date(on, "long", locale=cldr.of(language)))


def month(on: date, language: Language) -> str:
    """The month of a date, with its year.

    >>> month(date(2027, 2, 1), "hi")
    'फ़रवरी 2027'
    """
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMMM", on, locale=cldr.of(language)))


def weekdays(days: Iterable[int], language: Language) -> str:
    """Weekdays, from 0 (Monday) to 6, with consecutive ones as a run.

    >>> weekdays((0, 1, 2, 4, 6), "en"), weekdays((4, 5), "hi")
    ('Mon–Wed, Fri, Sun', 'शुक्र–शनि')
    """
    names = cldr.of(language).days["format"]["abbreviated"]
    runs = (
        [day for _, day in run] for _, run in groupby(enumerate(days), lambda it: it[1] - it[0])
    )
    return ", ".join("–".join(dict.fromkeys((names[run[0]], names[run[-1]]))) for run in runs)


def length(interval: Interval, language: Language) -> str:
    """Elapsed hours and minutes, a minute begun counting as one.

    >>> from datetime import UTC, timedelta
    >>> start = datetime(2026, 11, 21, tzinfo=UTC)
    >>> [length(Interval(start, start + timedelta(seconds=s)), "en") for s in (1, 7200, 7501)]
    ['1 minute', '2 hours', '2 hours 6 minutes']
    >>> length(Interval(start, start + timedelta(minutes=126)), "hi")
    '2 घंटे 6 मिनट'
    """
    return minutes(interval.minutes, language)


def minutes(count: int, language: Language) -> str:
    """A number of minutes as hours and minutes.

    >>> minutes(90, "en"), minutes(1440, "hi"), minutes(0, "en")
    ('1 hour 30 minutes', '24 घंटे', '0 minutes')
    """
    from babel.lists import format_list
    from babel.units import format_unit

    locale = cldr.of(language)
    parts = (("duration-hour", count // 60), ("duration-minute", count % 60))
    named = [str(format_unit(much, unit, locale=locale)) for unit, much in parts if much]
    if not named:
        named = [str(format_unit(0, "duration-minute", locale=locale))]
    return str(format_list(named, style="unit-narrow", locale=locale))


def _walls(interval: Interval, tz: ZoneInfo) -> tuple[datetime, datetime, bool]:
    """What the clocks show at both ends, and whether the offsets must be named."""
    start, end = interval.start.astimezone(tz), interval.end.astimezone(tz)
    changed = start.utcoffset() != end.utcoffset()
    return start, end, changed or _comes_twice(start) or _comes_twice(end)


def _dated(wall: datetime, language: Language, *, named: bool) -> str:
    pattern = str(cldr.of(language).datetime_formats["medium"])
    return pattern.format(_clock(wall, language, named=named), day(wall.date(), language))


def _clock(wall: datetime, language: Language, *, named: bool) -> str:
    from babel.dates import format_skeleton

    # naive, so that Babel shows the wall clock and looks up no zone
    shown = format_skeleton("Hm", wall.replace(tzinfo=None), locale=cldr.of(language))
    return f"{shown} {wall.tzname()}" if named else str(shown)


def _comes_twice(wall: datetime) -> bool:
    first, second = wall.replace(fold=0), wall.replace(fold=1)
    return first.utcoffset() > second.utcoffset()  # type: ignore[operator]
