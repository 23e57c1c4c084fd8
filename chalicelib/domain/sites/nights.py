"""Nights: rooms are booked by arrival and departure date; the check-in and check-out hours of the
zone turn the dates into instants (docs/rules/rooms.md).

A departure at 11:00 and an arrival at 15:00 of one day fit in one room. At a clock change the hours
stay and the night is an hour longer or shorter.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.policy import Policy

MINUTES_A_NIGHT: Final = 24 * 60
"""The minutes of a night, for limits in minutes."""


def arrival(on: date, policy: Policy, tz: ZoneInfo, *, now: datetime) -> datetime:
    """The start of a stay with the arrival date `on`: the check-in hour, or `now` where that hour
    has passed today.

    >>> noon = datetime.fromisoformat("2026-11-21T12:00:00+00:00")
    >>> dublin = localtime.zone("Europe/Dublin")
    >>> localtime.iso(arrival(date(2027, 7, 1), Policy(), dublin, now=noon))
    '2027-07-01T14:00:00Z'
    """
    begins = _at(on, policy.check_in_hour, tz)
    return max(begins, now) if on == localtime.local_date(now, tz) else begins


def departure(on: date, policy: Policy, tz: ZoneInfo) -> datetime:
    """The end of a stay with the departure date `on`: the check-out hour."""
    return _at(on, policy.check_out_hour, tz)


def instants(
    policy: Policy,
    tz: ZoneInfo,
    *,
    now: datetime,
    since: datetime | None,
    start: datetime | None,
    end: datetime | None,
    nights: int | None,
) -> dict[str, datetime | None]:
    """`start` and `end` as instants, dates at the hours of the zone. `since` is the start that a
    booking has: its own date leaves it as it is. With `nights` the end is that many nights after
    the start. Raises Invalid for local times that a clock change skips."""
    times = {"start": start, "end": end}
    resolved = localtime.instants(
        tz, **{name: at for name, at in times.items() if not isinstance(at, DateOnly)}
    )
    if isinstance(start, DateOnly):
        stays = since is not None and localtime.local_date(since, tz) == start.date()
        resolved["start"] = since if stays else arrival(start.date(), policy, tz, now=now)
    if isinstance(end, DateOnly):
        resolved["end"] = departure(end.date(), policy, tz)
    if nights is not None:
        first = localtime.local_date(resolved["start"] or since or now, tz)
        resolved["end"] = departure(first + timedelta(days=nights), policy, tz)
    return resolved


def usual(policy: Policy) -> int:
    """The default number of nights."""
    return max(1, policy.default_duration // MINUTES_A_NIGHT)


def count(interval: Interval, tz: ZoneInfo) -> int:
    """The number of nights of a booking: the local midnights it spans, at least one."""
    return max(1, localtime.nights(interval, tz))


def billed(booked: Interval, stay: Interval) -> Interval:
    """The interval whose nights are billed: the stay, and before it the time since the booked
    arrival, when the room was kept for the guest.

    >>> def at(text: str) -> datetime:
    ...     return datetime.fromisoformat(text + ":00+00:00")
    >>> booked = Interval(at("2026-12-24T15:00"), at("2026-12-27T11:00"))
    >>> after_midnight = Interval(at("2026-12-25T01:00"), at("2026-12-27T10:30"))
    >>> count(billed(booked, after_midnight), localtime.zone("Europe/Dublin"))
    3
    """
    return stay.starting(min(booked.start, stay.start))


def refuse(nights: int | None) -> None:
    """Refuse nights outside zones of rooms. Raises Invalid."""
    if nights is not None:
        raise errors.Invalid({"nights": say("only_rooms_have_nights")})


def _at(on: date, hour: str, tz: ZoneInfo) -> datetime:
    return localtime.from_minute(on, localtime.parse_minute(hour), tz)
