"""Nights: rooms are booked from an arrival to a departure date, and the check-in and check-out
hours of the zone make instants of them on the site's clock (docs/rules/rooms.md).

Departure at 11:00 and arrival at 15:00 of one day share a room. Where clocks change the hours stay
as they are, so a night lasts an hour more or less.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.sites.policy import Policy

MINUTES_A_NIGHT: Final = 24 * 60
"""What a night counts as where a policy limits durations in minutes."""


def arrival(on: date, policy: Policy, tz: ZoneInfo, *, now: datetime) -> datetime:
    """When a stay that arrives `on` that local date begins: at the check-in hour, or now where that
    has passed today.

    >>> noon = datetime.fromisoformat("2026-11-21T12:00:00+00:00")
    >>> dublin = localtime.zone("Europe/Dublin")
    >>> localtime.iso(arrival(date(2027, 7, 1), Policy(), dublin, now=noon))
    '2027-07-01T14:00:00Z'
    """
    begins = _at(on, policy.check_in_hour, tz)
    return max(begins, now) if on == localtime.local_date(now, tz) else begins


def departure(on: date, policy: Policy, tz: ZoneInfo) -> datetime:
    """When a stay that leaves `on` that local date ends: at the check-out hour."""
    return _at(on, policy.check_out_hour, tz)


def instants(
    policy: Policy,
    tz: ZoneInfo,
    *,
    now: datetime,
    since: datetime,
    start: datetime | None,
    end: datetime | None,
    nights: int | None,
) -> dict[str, datetime | None]:
    """`start` and `end` as instants, dates at the zone's hours; the end so many `nights` after the
    start (`since`, where absent), where these are said. Raises Invalid for local times that clocks
    leave out."""
    times = {"start": start, "end": end}
    told = localtime.instants(
        tz, **{name: at for name, at in times.items() if not isinstance(at, DateOnly)}
    )
    if isinstance(start, DateOnly):
        told["start"] = arrival(start.date(), policy, tz, now=now)
    if isinstance(end, DateOnly):
        told["end"] = departure(end.date(), policy, tz)
    if nights is not None:
        first = localtime.local_date(told["start"] or since, tz)
        told["end"] = departure(first + timedelta(days=nights), policy, tz)
    return told


def usual(policy: Policy) -> int:
    """How many nights a stay has that does not say."""
    return max(1, policy.default_duration // MINUTES_A_NIGHT)


def count(interval: Interval, tz: ZoneInfo) -> int:
    """How many nights a booking has: the local dates it spans, at least one."""
    return max(1, localtime.nights(interval, tz))


def billed(booked: Interval, stay: Interval) -> Interval:
    """The time whose nights are billed: the stay, and before it the time for which the room was
    kept for a guest who came after the booked arrival.

    >>> def at(told: str) -> datetime:
    ...     return datetime.fromisoformat(told + ":00+00:00")
    >>> booked = Interval(at("2026-12-24T15:00"), at("2026-12-27T11:00"))
    >>> after_midnight = Interval(at("2026-12-25T01:00"), at("2026-12-27T10:30"))
    >>> count(billed(booked, after_midnight), localtime.zone("Europe/Dublin"))
    3
    """
    return stay.starting(min(booked.start, stay.start))


def refuse(nights: int | None) -> None:
    """Refuse nights where nobody sleeps (Invalid)."""
    if nights is not None:
        raise errors.Invalid({"nights": "only rooms are booked by nights: give minutes or end"})


def _at(on: date, hour: str, tz: ZoneInfo) -> datetime:
    return localtime.from_minute(on, localtime.parse_minute(hour), tz)
