"""Closing of sites, zones and spaces for good (docs/rules/closing.md).

Stages: require that nothing is open; save the record as closed; for a space close its sheets; look
again; save the closing as complete. A booking that is on its way meanwhile may be written before
the second look, which finds it and opens the place again. Otherwise it is refused, because its
sheet has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar

from chalicelib.domain.bookings import admission
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.closing import MOST_COUNTED, OpenThings
from chalicelib.domain.sites.site import Site, Space, Zone
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import catalogue, holders, spaces

DAY: Final = timedelta(days=1)

SHEETS_AT_ONCE: Final = 90
"""Sheets closed in one transaction."""

R = TypeVar("R", Site, Zone, Space)


@dataclass(frozen=True)
class _Closing:
    """Who closes what: `action` and `subject` are those of the audit event."""

    deps: Deps
    actor: Actor
    action: str
    subject: str
    site: str
    source_ip: str


def open_at_site(deps: Deps, actor: Actor, slug: str) -> OpenThings:
    """What is open at a site, for its owners: two queries. Raises Forbidden, SiteNotFound."""
    catalogue.get_site(deps, actor, slug)
    return _at_site(deps, slug)


def open_in_zone(deps: Deps, actor: Actor, zone_id: str) -> OpenThings:
    """What is open in a zone, for owners of its site: three queries, and one for each 200 sheets
    from now on. Raises ZoneNotFound, Forbidden."""
    zone = catalogue.get_zone(deps, actor, zone_id)
    return deps.retry_on_conflict(lambda: _in_zone(deps, zone))


def open_in_space(deps: Deps, actor: Actor, space_id: str) -> OpenThings:
    """What is open in a space, for owners of its site: one query, and one for each 200 sheets of
    the zone from now on. Raises SpaceNotFound, Forbidden."""
    zone, space = spaces.zone_and_space(deps, actor, space_id)
    return deps.retry_on_conflict(lambda: _in_space(deps, zone, space.number))


def close_site(deps: Deps, actor: Actor, slug: str, *, source_ip: str) -> None:
    """Close a site for good, for admins; repeated, it changes nothing. Raises Forbidden,
    SiteNotFound, and InUse while it has zones or open shifts."""
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden(say("only_admin_deletes_site"))
    closing = _Closing(deps, actor, "delete_site", slug, slug, source_ip)
    _close(closing, lambda: deps.catalogue.fresh_site(slug), lambda: _at_site(deps, slug))


def close_zone(deps: Deps, actor: Actor, zone_id: str, *, source_ip: str) -> None:
    """Close a zone for good; repeated, it changes nothing. Raises ZoneNotFound, Forbidden, and
    InUse while it has spaces, live bookings, waitlist entries or unpaid stays."""
    zone = catalogue.get_zone(deps, actor, zone_id)
    closing = _Closing(deps, actor, "delete_zone", zone_id, zone.site, source_ip)
    _close(closing, lambda: deps.catalogue.fresh_zone(zone_id), lambda: _in_zone(deps, zone))


def close_space(deps: Deps, actor: Actor, space_id: str, *, source_ip: str) -> None:
    """Close a space for good; repeated, it changes nothing. Raises SpaceNotFound, Forbidden,
    and InUse while it is booked, offered or waited for by its number."""
    zone, space = spaces.zone_and_space(deps, actor, space_id)
    closing = _Closing(deps, actor, "delete_space", space_id, zone.site, source_ip)
    _close(
        closing,
        lambda: deps.catalogue.fresh_space(zone.zone_id, space.number),
        lambda: _in_space(deps, zone, space.number),
        lambda closes: _mark_sheets(deps, zone, space.number, closes=closes),
    )


def _close(
    closing: _Closing,
    read: Callable[[], R],
    look: Callable[[], OpenThings],
    mark: Callable[[bool], None] = lambda closes: None,
) -> None:
    """Close a record. One whose closing is not complete goes through the last stages again, because
    the first attempt may have died before them; one that is closed stays as it is."""
    deps = closing.deps

    def once() -> bool:
        before = read()
        if before.closed_at is not None:
            return before.reopens_as is not None
        deps.as_expected(before)
        look().require_none()
        closed = before.evolve(active=False, closed_at=deps.now(), reopens_as=before.active)
        deps.commit(saving(closed).auditing(_audit_event(closing, closing.action)))
        return True

    if not deps.retry_on_conflict(once):
        return
    deps.retry_on_conflict(lambda: mark(True))
    try:
        deps.retry_on_conflict(look).require_none()
    except errors.InUse:
        deps.retry_on_conflict(lambda: mark(False))
        deps.retry_on_conflict(lambda: _open_again(closing, read()))
        raise
    deps.retry_on_conflict(lambda: _complete(deps, read()))


def _open_again(closing: _Closing, closed: Site | Zone | Space) -> None:
    """Undo a closing that something came before. Without effect where it is undone."""
    if closed.reopens_as is None:
        return
    opened = closed.evolve(active=closed.reopens_as, closed_at=None, reopens_as=None)
    undone = _audit_event(closing, f"undo_{closing.action}")
    closing.deps.commit(saving(opened).auditing(undone))


def _complete(deps: Deps, closed: Site | Zone | Space) -> None:
    """Save a closing as complete. Raises StaleVersion where another one, which found something
    open, has undone it."""
    if closed.closed_at is None:
        raise errors.StaleVersion()
    if closed.reopens_as is not None:
        deps.commit(saving(closed.evolve(reopens_as=None)))


def _audit_event(closing: _Closing, action: str) -> AuditEvent:
    return catalogue.audit_event(
        closing.deps, closing.actor, action, closing.subject, closing.site, closing.source_ip
    )


def _at_site(deps: Deps, slug: str) -> OpenThings:
    deps.catalogue.forget()
    return OpenThings(
        zones=tuple(zone.zone_id for zone in deps.catalogue.zones_of(slug)),
        shifts=deps.shifts.open_at(slug, limit=MOST_COUNTED),
        season_passes=_season_passes(deps, slug),
    )


def _season_passes(deps: Deps, slug: str) -> tuple[str, ...]:
    """The passes of a site that are valid, or will be: none where it has never sold any."""
    if not deps.catalogue.site(slug).season_plans:
        return ()
    return deps.season_passes.live_at(slug, deps.now(), limit=MOST_COUNTED)


def _in_zone(deps: Deps, zone: Zone) -> OpenThings:
    return replace(
        holders.live(deps, [zone]),
        spaces=tuple(space.space_id for space in deps.catalogue.fresh_spaces(zone.zone_id)),
        unpaid=deps.bookings.unpaid(zone.zone_id, limit=MOST_COUNTED),
    )


def _in_space(deps: Deps, zone: Zone, number: str) -> OpenThings:
    held = holders.held(deps, zone, number)
    return replace(held, waiting=(*held.waiting, *holders.waiting(deps, zone, number)))


def _mark_sheets(deps: Deps, zone: Zone, number: str, *, closes: bool) -> None:
    """Close each sheet of a space that a booking made now can touch, or open it again: a
    transaction for each `SHEETS_AT_ONCE`."""
    now = deps.now()
    ahead = timedelta(days=zone.policy.advance_window) + admission.LONGEST[zone.paging]
    pages = zone.paging.pages(Interval(now - DAY, now + ahead + DAY))
    for first in range(0, len(pages), SHEETS_AT_ONCE):
        part = pages[first : first + SHEETS_AT_ONCE]
        edits = occupancy.close(zone.zone_id, number, part, closes=closes)
        deps.commit(Change().with_sheets(edits))
