"""Allowances: how many bookings a day, and how many hours a week, one customer may have in a zone
(docs/rules/allowances.md).

A tally counts for each customer, zone and day or week of the site's calendar. A booking keeps the
names of the tallies that count it, so it gives back what it took, also under a changed policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.policy import Policy

Counts = tuple[tuple[str, int], ...]
"""The tallies that count a booking, by name, with its part in each."""

KEPT: Final = timedelta(days=400)
"""How long a tally outlives its day or week: longer than any stay that began then."""


def tallies(
    locator: str, zone_id: str, policy: Policy, interval: Interval, tz: ZoneInfo
) -> tuple[Tally, ...]:
    """The steps that count a booking for `interval`: one on its day, its minutes in its week, both
    by the local date of its start.

    >>> start = datetime.fromisoformat("2026-11-21T10:00:00+00:00")
    >>> hour = Interval(start, start + timedelta(hours=1))
    >>> dublin, policy = localtime.zone("Europe/Dublin"), Policy(max_hours_per_week=10)
    >>> [(t.name, t.by, t.limit) for t in tallies("CVSTMR01", "hall", policy, hour, dublin)]
    [('week.hall.2026-W47', 60, 600)]
    """
    day, steps = localtime.local_date(interval.start, tz), []
    if policy.max_bookings_per_day is not None:
        steps.append((f"day.{zone_id}.{day}", 1, policy.max_bookings_per_day))
    if policy.max_hours_per_week is not None:
        year, week, _ = day.isocalendar()
        limit = policy.max_hours_per_week * 60
        steps.append((f"week.{zone_id}.{year}-W{week:02}", interval.minutes, limit))
    return tuple(_step(locator, name, by, limit) for name, by, limit in steps)


def counts(steps: Iterable[Tally]) -> Counts:
    """What a booking keeps of the steps that count it."""
    return tuple((step.name, step.by) for step in steps)


def released(locator: str, counted: Counts) -> Iterator[Tally]:
    """The steps that give back what a booking took."""
    return (_step(locator, name, -by, None) for name, by in counted)


def moved(locator: str, counted: Counts, wanted: Iterable[Tally]) -> Iterator[Tally]:
    """The steps from what a booking took to what it takes after a move. A step that does not rise
    is not limited."""
    before = dict(counted)
    for step in wanted:
        by = step.by - before.pop(step.name, 0)
        if by:
            yield replace(step, by=by, limit=step.limit if by > 0 else None)
    yield from released(locator, tuple(before.items()))


def is_allowance(tally: Tally) -> bool:
    """Whether the tally counts a day or a week."""
    return tally.name.startswith(("day.", "week."))


def refusal(tally: Tally) -> errors.QuotaReached:
    """The refusal of a booking that the tally cannot count within its limit."""
    if tally.name.startswith("day."):
        return errors.QuotaReached(say("bookings_a_day", count=tally.limit or 0))
    return errors.QuotaReached(say("hours_a_week", count=(tally.limit or 0) // 60))


def _step(locator: str, name: str, by: int, limit: int | None) -> Tally:
    return Tally(locator, name, by, limit, expires=_last_day(name) + KEPT)


def _last_day(name: str) -> datetime:
    kind, _, period = name.split(".")
    if kind == "day":
        day = date.fromisoformat(period)
    else:
        year, week = period.split("-W")
        day = date.fromisocalendar(int(year), int(week), 7)
    return datetime.combine(day, time(), UTC)
