"""Which of the free rooms are fit for somebody who comes today."""

from __future__ import annotations

from chalicelib.domain import localtime
from chalicelib.domain.interval import Interval
from chalicelib.domain.site import Zone
from chalicelib.domain.turnover import Condition
from chalicelib.services.deps import Deps


def of(deps: Deps, zone: Zone, free: tuple[str, ...], interval: Interval) -> tuple[str, ...]:
    """Of the `free` spaces those that are ready, or else those that may still be made so: none that
    is out of service. One query where the stay begins today and rooms are cleaned between guests;
    later ones may have any."""
    tz, now = deps.catalogue.site(zone.site).tz, deps.now()
    begins, today = (localtime.local_date(at, tz) for at in (interval.start, now))
    if not free or not zone.policy.tracks_turnover or begins > today:
        return free
    touched = deps.rooms.of_zone(zone.zone_id)
    ready = tuple(n for n in free if n not in touched or touched[n].is_ready)
    return ready or tuple(n for n in free if touched[n].condition is not Condition.OUT_OF_SERVICE)
