"""The calendar of a hotel in Dublin, told without Berth: guests come at 15:00 and leave at 11:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly

DUBLIN = ZoneInfo("Europe/Dublin")
A_DAY = timedelta(days=1)
COMES, LEAVES = 15, 11


def date_of(instant: datetime) -> date:
    """The date there."""
    return instant.astimezone(DUBLIN).date()


def at(on: date, hour: int) -> datetime:
    """When the clocks there show that hour of a date."""
    return datetime.combine(on, time(hour), DUBLIN).astimezone(UTC)


def next_time(hour: int, now: datetime) -> datetime:
    """When they show it next."""
    today = at(date_of(now), hour)
    return today if today > now else at(date_of(now) + A_DAY, hour)


def stay(arrives: date, nights: int, now: datetime) -> Interval:
    """What so many nights hold of a room; whoever comes late today holds it from now on."""
    start = at(arrives, COMES)
    begins = max(start, now) if arrives == date_of(now) else start
    return Interval(begins, at(arrives + nights * A_DAY, LEAVES))


def count(booked: Interval) -> int:
    """How many nights that are."""
    return max(1, (date_of(booked.end) - date_of(booked.start)).days)


def said(on: date) -> DateOnly:
    """A date as a client says it."""
    return DateOnly(on.year, on.month, on.day)
