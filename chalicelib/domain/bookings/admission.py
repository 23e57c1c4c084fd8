"""Admission: whether a zone takes a booking for an interval, apart from free spaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.core.sentence import At, Sentence, Wording, say
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites import blackout, nights
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone

_MINUTE: Final = timedelta(minutes=1)

START_TOLERANCE: Final = timedelta(seconds=60)
"""A start so little in the past counts as now (docs/rules/lifecycle.md)."""

LONGEST: Final[Mapping[Paging, timedelta]] = {
    Paging.DAY: timedelta(days=31),
    Paging.MONTH: timedelta(days=366),
}
"""The longest booking under any policy: one transaction writes the sheets of all its days (in zones
of rooms: its months)."""


def requested_interval(
    policy: Policy,
    *,
    now: datetime,
    start: datetime | None = None,
    end: datetime | None = None,
    minutes: int | None = None,
) -> Interval:
    """The interval of a request: from `start` (default: now) to `end`, or for `minutes` (default:
    the default duration of the zone). Raises Invalid for a start in the past, an end that is not
    after it, or both an end and minutes."""
    first = _start(start, now)
    if end is not None and minutes is not None:
        raise errors.Invalid({"minutes": say("give_minutes_or_end")})
    last = end or first + timedelta(minutes=minutes or policy.default_duration)
    if last <= first:
        raise errors.Invalid({"end": say("must_be_after_start")})
    return Interval(first, last)


def _start(start: datetime | None, now: datetime) -> datetime:
    if start is None:
        return now
    if start < now - START_TOLERANCE:
        raise errors.Invalid({"start": say("must_not_be_past")})
    return max(start, now)


def is_open(interval: Interval, *, site: Site, zone: Zone) -> bool:
    """Whether the zone is open for the whole interval: active, within its hours, no blackout."""
    try:
        require_open(interval, site=site, zone=zone)
    except errors.Conflict:
        return False
    return True


def check(interval: Interval, *, site: Site, zone: Zone, now: datetime) -> None:
    """Require an interval that the policy allows, in an open zone. Raises Invalid (duration,
    notice, window, granularity), ZoneClosed, OutsideOpeningHours, BlackedOut."""
    faults = {
        **_length_faults(interval, site, zone),
        **_start_faults(interval, zone.policy, site.tz, now),
    }
    if faults and site.active and zone.active:
        raise errors.Invalid(faults)
    require_open(interval, site=site, zone=zone)


def check_move(
    before: Interval, interval: Interval, *, begun: bool, site: Site, zone: Zone, now: datetime
) -> None:
    """Require that a booking may move from `before` to `interval`, which for a stay that has
    `begun` counts from now. A start that stays is not judged again. A booking that becomes shorter
    may lie outside the hours and above the limit of today, which may have changed since it was
    made. Raises as `check` does."""
    shorter = before.start <= interval.start and interval.end <= before.end
    judged = Interval(max(now, interval.start), interval.end) if begun else interval
    faults = _length_faults(judged, site, zone, may_exceed=shorter)
    if interval.start != before.start:
        faults |= _start_faults(judged, zone.policy, site.tz, now)
    if faults and (shorter or (site.active and zone.active)):
        raise errors.Invalid(faults)
    if not shorter:
        require_open(judged, site=site, zone=zone)


def check_renewal(before: Interval, added: Interval, *, site: Site, zone: Zone) -> None:
    """Require that a booking of `before` may go on for the time `added`: judged by itself, like the
    booking of a renewal. Together they are not longer than any booking may be. Raises Invalid,
    ZoneClosed, OutsideOpeningHours, BlackedOut."""
    longest = LONGEST[zone.paging]
    if added.end - before.start > longest:
        raise errors.Invalid({"minutes": say("must_be_at_most_in_zone", most=longest // _MINUTE)})
    if faults := _length_faults(added, site, zone):
        raise errors.Invalid(faults)
    require_open(added, site=site, zone=zone)


def is_allowed_now(interval: Interval, *, site: Site, zone: Zone) -> bool:
    """Whether hours, blackouts and the limits of its length allow a booking of that interval now;
    whether the zone takes bookings at all does not count."""
    hours = hours_of(site, zone)
    return (
        not _length_faults(interval, site, zone)
        and hours.covers(interval, site.tz)
        and not blackouts_in(interval, site=site, zone=zone)
    )


def require_open(interval: Interval, *, site: Site, zone: Zone) -> None:
    """Require a zone that is open for the whole interval. Raises ZoneClosed, OutsideOpeningHours,
    BlackedOut."""
    if zone.closed_at is not None or site.closed_at is not None:
        raise errors.ZoneClosed(say("zone_closed_for_good"))
    if not (site.active and zone.active):
        raise errors.ZoneClosed()
    hours = hours_of(site, zone)
    if not hours.covers(interval, site.tz):
        raise errors.OutsideOpeningHours(_closed_hours(hours, interval, site))
    if blackouts := blackouts_in(interval, site=site, zone=zone):
        raise errors.BlackedOut(blackouts[0].describe(site.tz))


def hours_of(site: Site, zone: Zone) -> OpeningHours:
    """The opening hours of a zone: its own, or those of the site."""
    return zone.policy.opening_hours or site.opening_hours


def blackouts_in(interval: Interval, *, site: Site, zone: Zone) -> tuple[Blackout, ...]:
    """The blackouts of the zone and of its site that overlap `interval`, by their start."""
    return blackout.within((*site.blackouts, *zone.blackouts), interval)


def _closed_hours(hours: OpeningHours, interval: Interval, site: Site) -> Sentence:
    """The first closed time in `interval`, and the opening hours of that day."""
    closed_at = gaps(interval, hours.open_within(interval, site.tz))[0].start
    day = hours.describe(localtime.local_date(closed_at, site.tz))
    when = At(closed_at, site.tz)
    return say("outside_hours", hours=day, timezone=site.timezone, when=when)


def _length_faults(
    interval: Interval, site: Site, zone: Zone, *, may_exceed: bool = False
) -> dict[str, Wording]:
    """The fault of its length under the policy, in minutes or in nights; empty if there is none.
    With `may_exceed` it may be longer than the policy allows."""
    if zone.kind == "room":
        return _nights_fault(nights.count(interval, site.tz), zone, may_exceed=may_exceed)
    policy, length = zone.policy, _Length(interval, site.tz)
    longest = LONGEST[zone.paging] // _MINUTE
    most = min(policy.max_duration or longest, longest)
    if length.is_below(policy.min_duration):
        return {"minutes": say("must_be_at_least_in_zone", least=policy.min_duration)}
    if not may_exceed and length.is_above(most):
        return {"minutes": say("must_be_at_most_in_zone", most=most)}
    if not length.is_multiple(policy.granularity):
        return {"minutes": say("must_be_multiple", step=policy.granularity)}
    return {}


def _nights_fault(count: int, zone: Zone, *, may_exceed: bool) -> dict[str, Wording]:
    policy, longest, night = zone.policy, LONGEST[zone.paging] // _MINUTE, nights.MINUTES_A_NIGHT
    least, step = -(-policy.min_duration // night), -(-policy.granularity // night)
    most = max(1, min(policy.max_duration or longest, longest) // night)
    if count < least:
        return {"nights": say("must_be_at_least_in_zone", least=least)}
    if not may_exceed and count > most:
        return {"nights": say("must_be_at_most_in_zone", most=most)}
    if step > 1 and count % step:
        return {"nights": say("must_be_multiple", step=step)}
    return {}


@dataclass(frozen=True)
class _Length:
    """The minutes of a booking: `elapsed`, and by the `wall` clock. A limit of whole days is kept
    by either of them, so a day of 23 or 25 hours is a day; any other limit counts elapsed time."""

    interval: Interval
    tz: ZoneInfo

    @property
    def elapsed(self) -> float:
        return self.interval.duration / _MINUTE

    @property
    def wall(self) -> float:
        return localtime.wall_length(self.interval, self.tz) / _MINUTE

    def is_below(self, least: int) -> bool:
        """Whether it is too short for a minimum."""
        return self.elapsed < least and not (_is_days(least) and self.wall >= least)

    def is_above(self, most: int) -> bool:
        """Whether it is too long for a maximum."""
        return self.elapsed > most and not (_is_days(most) and self.wall <= most)

    def is_multiple(self, step: int) -> bool:
        """Whether it is a multiple of `step`."""
        by_elapsed = step == 1 or self.elapsed % step == 0
        return by_elapsed or (_is_days(step) and self.wall % step == 0)


def _is_days(minutes: int) -> bool:
    return minutes % localtime.MINUTES_A_DAY == 0


def _start_faults(
    interval: Interval, policy: Policy, tz: ZoneInfo, now: datetime
) -> dict[str, Wording]:
    if interval.start < now + timedelta(minutes=policy.min_notice):
        return {"start": say("must_be_minutes_ahead", least=policy.min_notice)}
    last_day = localtime.local_date(now, tz) + timedelta(days=policy.advance_window)
    if localtime.local_date(interval.start, tz) > last_day:
        return {"start": say("must_be_days_ahead", most=policy.advance_window)}
    return {}
