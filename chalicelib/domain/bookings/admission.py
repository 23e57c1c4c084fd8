"""Whether an interval may be booked in a zone at all, before anyone asks which space is free."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites import blackout, nights
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone

LATE_BY = timedelta(seconds=60)
"""A start this little in the past counts as now (docs/rules/lifecycle.md)."""

LONGEST: Final[Mapping[Paging, timedelta]] = {
    Paging.DAY: timedelta(days=31),
    Paging.MONTH: timedelta(days=366),
}
"""No booking is longer, whatever the policy: it is one transaction over the sheets of its days, or
of its months."""


def wanted(
    policy: Policy,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    minutes: int | None = None,
) -> Interval:
    """The interval asked for: from `start` (now, where absent) to `end`, or for `minutes`, or for
    the zone's default duration. Raises Invalid for a start in the past, a reversed interval, or an
    end given twice."""
    begins = _start(start, now)
    if end is not None and minutes is not None:
        raise errors.Invalid({"minutes": "give either minutes or end, not both"})
    ends = end or begins + timedelta(minutes=minutes or policy.default_duration)
    if ends <= begins:
        raise errors.Invalid({"end": "must be after start"})
    return Interval(begins, ends)


def _start(start: datetime | None, now: datetime) -> datetime:
    if start is None:
        return now
    if start < now - LATE_BY:
        raise errors.Invalid({"start": "must not be in the past"})
    return max(start, now)


def is_open(interval: Interval, *, site: Site, zone: Zone) -> bool:
    """Whether the zone takes bookings at all for that time: not closed, not blacked out."""
    try:
        require_open(interval, site=site, zone=zone)
    except errors.Conflict:
        return False
    return True


def check(interval: Interval, *, site: Site, zone: Zone, now: datetime) -> None:
    """Refuse what the policy does not allow. Raises ZoneClosed, Invalid (durations, notice,
    window, granularity), OutsideOpeningHours or BlackedOut."""
    faults = {**_length_faults(interval, site, zone), **_start_faults(interval, zone.policy, now)}
    if faults and site.active and zone.active:
        raise errors.Invalid(faults)
    require_open(interval, site=site, zone=zone)


def require_open(interval: Interval, *, site: Site, zone: Zone) -> None:
    """Refuse a time in which the zone takes no bookings at all: ZoneClosed, OutsideOpeningHours,
    BlackedOut."""
    if not (site.active and zone.active):
        raise errors.ZoneClosed()
    hours = hours_of(site, zone)
    if not hours.covers(interval, site.tz):
        raise errors.OutsideOpeningHours(_when_open(hours, interval, site))
    if closed := blackouts_in(interval, site=site, zone=zone):
        raise errors.BlackedOut(closed[0].describe(site.tz))


def hours_of(site: Site, zone: Zone) -> OpeningHours:
    """When a zone is open: its own hours, or those of the site."""
    return zone.policy.opening_hours or site.opening_hours


def blackouts_in(interval: Interval, *, site: Site, zone: Zone) -> tuple[Blackout, ...]:
    """The blackouts that close a zone for some of `interval`, by their start: its own, and those
    of all zones of the site."""
    return blackout.within((*site.blackouts, *zone.blackouts), interval)


def _when_open(hours: OpeningHours, interval: Interval, site: Site) -> str:
    """The hours of the day on which `interval` first leaves them, and when that is."""
    shut = gaps(interval, hours.open_within(interval, site.tz))[0].start
    told = hours.describe(localtime.local_date(shut, site.tz))
    return f"{told} ({site.timezone}). It is closed at {localtime.text(shut, site.tz)}."


def _length_faults(interval: Interval, site: Site, zone: Zone) -> dict[str, str]:
    """What the policy says of its length: in minutes, or in nights of so many minutes."""
    policy = zone.policy
    if zone.kind == "room":
        unit, size, length = "nights", nights.MINUTES_A_NIGHT, nights.count(interval, site.tz) * 1.0
    else:
        unit, size, length = "minutes", 1, interval.duration / timedelta(minutes=1)
    longest = LONGEST[zone.paging] // timedelta(minutes=1)
    least, step = -(-policy.min_duration // size), -(-policy.granularity // size)
    most = max(1, min(policy.max_duration or longest, longest) // size)
    if length < least:
        return {unit: f"must be at least {least}"}
    if length > most:
        return {unit: f"must be at most {most}"}
    if step > 1 and length % step:
        return {unit: f"must be a multiple of {step}"}
    return {}


def _start_faults(interval: Interval, policy: Policy, now: datetime) -> dict[str, str]:
    if interval.start < now + timedelta(minutes=policy.min_notice):
        return {"start": f"must be at least {policy.min_notice} minutes ahead"}
    if interval.start > now + timedelta(days=policy.advance_window):
        return {"start": f"must be at most {policy.advance_window} days ahead"}
    return {}
