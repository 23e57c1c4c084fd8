"""The timezone of a site changes only while the site takes no bookings, so that none is decided by
the former one (docs/decisions/timezone.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import holders

LONGEST_REQUEST: Final = timedelta(seconds=30)
"""No request takes longer: its function is stopped before (`.chalice/config.json`)."""


def inactive_since(before: Site, *, active: bool, now: datetime) -> datetime | None:
    """The instant since which a site that is edited now takes no bookings. None while it is
    `active`, and where it never was."""
    if active:
        return None
    return now if before.active else before.inactive_since


def require_changeable(deps: Deps, site: Site, zones: Iterable[Zone]) -> None:
    """Require a site where nothing is live, and that has been inactive for longer than an instance
    may remember it as active and a request may take. Raises InUse, and StaleVersion as
    `holders.held` does."""
    holders.live(deps, zones).require_none(say("why_timezone_stays"))
    if site.active:
        raise errors.InUse(say("timezone_of_active_site"))
    since = site.inactive_since or datetime.min.replace(tzinfo=deps.now().tzinfo)
    wait = timedelta(seconds=deps.settings.catalogue_seconds) + LONGEST_REQUEST
    left = wait - (deps.now() - since)
    if left > timedelta(0):
        raise errors.InUse(say("timezone_too_soon", count=int(left.total_seconds())))
