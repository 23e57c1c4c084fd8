"""Local times and dates of a request, resolved by the clocks of the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites import nights
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps


class Requested(Protocol):
    """A request for a time: a start, and an end or a number of minutes or nights."""

    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def minutes(self) -> int | None: ...
    @property
    def nights(self) -> int | None: ...


W = TypeVar("W", bound=Requested)


def resolve(deps: Deps, zone: Zone, request: W, *, before: Interval | None = None) -> W:
    """`request` (a dataclass) with instants in place of local times of the site and, for rooms, of
    dates or nights. A missing number of nights is that of the interval `before`, or that of the
    policy. Raises Invalid for times that a clock change skips, and for dates and nights in zones of
    other kinds."""
    moments: Any = _instants(deps, zone, request, before)
    if moments == {"start": request.start, "end": request.end} and request.nights is None:
        return request
    resolved: W = replace(request, **moments, nights=None)  # type: ignore[type-var]
    return resolved


def _instants(
    deps: Deps, zone: Zone, request: Requested, before: Interval | None
) -> dict[str, datetime | None]:
    tz = deps.catalogue.site(zone.site).tz
    if zone.kind != "room":
        nights.refuse(request.nights)
        return localtime.instants(tz, start=request.start, end=request.end)
    return nights.instants(
        zone.policy,
        tz,
        now=deps.now(),
        since=before.start if before else None,
        start=request.start,
        end=request.end,
        nights=_nights(zone, request, before, tz),
    )


def _nights(zone: Zone, request: Requested, before: Interval | None, tz: ZoneInfo) -> int | None:
    if request.end is not None or request.minutes is not None:
        if request.nights is not None:
            raise errors.Invalid({"nights": say("give_one_length")})
        return None
    if request.nights is not None or before is None:
        return request.nights or nights.usual(zone.policy)
    if request.start is None:
        return None
    spent = localtime.nights(before, tz)
    return spent or (1 if isinstance(request.start, DateOnly) else None)
