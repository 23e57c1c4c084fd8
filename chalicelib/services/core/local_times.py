"""Local times in what somebody wishes for, told by the clocks of the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.sites import nights
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps


class Requested(Protocol):
    """Whatever has a start and an end, or lasts some minutes or nights."""

    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def nights(self) -> int | None: ...


W = TypeVar("W", bound=Requested)


def resolve(deps: Deps, zone: Zone, wish: W, *, before: Interval | None = None) -> W:
    """`wish` (a dataclass) with instants where it had local times of the zone's site, and for
    rooms dates or nights; where it does not say how many, those it has had `before`, or those of
    the policy. Raises Invalid for times that a clock change leaves out, and for dates and nights
    elsewhere."""
    moments: Any = _instants(deps, zone, wish, before)
    known: W = replace(wish, **moments, nights=None)  # type: ignore[type-var]
    return known


def _instants(
    deps: Deps, zone: Zone, wish: Requested, before: Interval | None
) -> dict[str, datetime | None]:
    tz = deps.catalogue.site(zone.site).tz
    if zone.kind != "room":
        nights.refuse(wish.nights)
        return localtime.instants(tz, start=wish.start, end=wish.end)
    return nights.instants(
        zone.policy,
        tz,
        now=deps.now(),
        since=before.start if before else deps.now(),
        start=wish.start,
        end=wish.end,
        nights=_nights(zone, wish, before, tz),
    )


def _nights(zone: Zone, wish: Requested, before: Interval | None, tz: ZoneInfo) -> int | None:
    if wish.end is not None or wish.minutes is not None:
        if wish.nights is not None:
            raise errors.Invalid({"nights": "give one of nights, minutes and end"})
        return None
    if wish.nights is not None or before is None:
        return wish.nights or nights.usual(zone.policy)
    if wish.start is None:
        return None
    spent = localtime.nights(before, tz)
    return spent or (1 if isinstance(wish.start, DateOnly) else None)
