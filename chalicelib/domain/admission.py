"""Whether an interval may be booked in a zone at all, before anyone asks which space is free."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain import blackout, errors, localtime
from chalicelib.domain.blackout import Blackout
from chalicelib.domain.hours import OpeningHours
from chalicelib.domain.interval import Interval, gaps
from chalicelib.domain.policy import Policy
from chalicelib.domain.site import Site, Zone

LATE_BY = timedelta(seconds=60)
"""A start this little in the past counts as now (lifecycle.md)."""

LONGEST = timedelta(days=31)
"""No booking is longer, whatever the policy: it is one transaction over the sheets of its days."""


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
    faults = _faults(interval, zone.policy, now)
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
        raise errors.BlackedOut(closed[0].told(site.tz))


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
    told = hours.told(localtime.local_date(shut, site.tz))
    return f"{told} ({site.timezone}). It is closed at {localtime.said(shut, site.tz)}."


def _faults(interval: Interval, policy: Policy, now: datetime) -> dict[str, str]:
    faults = {}
    minutes = interval.duration / timedelta(minutes=1)
    longest = LONGEST // timedelta(minutes=1)
    most = min(policy.max_duration or longest, longest)
    if minutes < policy.min_duration:
        faults["minutes"] = f"must be at least {policy.min_duration}"
    elif minutes > most:
        faults["minutes"] = f"must be at most {most}"
    elif policy.granularity > 1 and minutes % policy.granularity:
        faults["minutes"] = f"must be a multiple of {policy.granularity}"
    if interval.start < now + timedelta(minutes=policy.min_notice):
        faults["start"] = f"must be at least {policy.min_notice} minutes ahead"
    elif interval.start > now + timedelta(days=policy.advance_window):
        faults["start"] = f"must be at most {policy.advance_window} days ahead"
    return faults
