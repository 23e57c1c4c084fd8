"""The calendar of a hotel in Dublin, without the code under test: arrival at 15:00, departure at
11:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly

DUBLIN = ZoneInfo("Europe/Dublin")
A_DAY = timedelta(days=1)
COMES, LEAVES = 15, 11


def date_of(instant: datetime) -> date:
    """The date in Dublin."""
    return instant.astimezone(DUBLIN).date()


def at(on: date, hour: int) -> datetime:
    """The instant at which clocks in Dublin show that hour of a date."""
    return datetime.combine(on, time(hour), DUBLIN).astimezone(UTC)


def next_time(hour: int, now: datetime) -> datetime:
    """The next instant at which they show that hour."""
    today = at(date_of(now), hour)
    return today if today > now else at(date_of(now) + A_DAY, hour)


def stay(arrives: date, nights: int, now: datetime) -> Interval:
    """The time for which so many nights hold a room; a guest who arrives late today holds it from
    now on."""
    start = at(arrives, COMES)
    begins = max(start, now) if arrives == date_of(now) else start
    return Interval(begins, at(arrives + nights * A_DAY, LEAVES))


def count(booked: Interval) -> int:
    """The number of nights."""
    return max(1, (date_of(booked.end) - date_of(booked.start)).days)


def as_day(on: date) -> DateOnly:
    """A date as a client sends it."""
    return DateOnly(on.year, on.month, on.day)
