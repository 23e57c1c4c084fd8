"""Local times in what somebody wishes for, told by the clocks of the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from chalicelib.domain import localtime
from chalicelib.domain.site import Zone
from chalicelib.services.deps import Deps


class Wish(Protocol):
    """Whatever has a start and an end."""

    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...


W = TypeVar("W", bound=Wish)


def told(deps: Deps, zone: Zone, wish: W) -> W:
    """`wish` (a dataclass) with instants where it had local times of the zone's site. Raises
    Invalid for those that a clock change leaves out."""
    tz = deps.catalogue.site(zone.site).tz
    moments: Any = localtime.instants(tz, start=wish.start, end=wish.end)
    known: W = replace(wish, **moments)  # type: ignore[type-var]
    return known
