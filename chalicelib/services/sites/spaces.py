"""The spaces of a zone: create one or many at once, list, edit, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.domain.bookings.deadline import lookback
from chalicelib.domain.core import effect, errors, listing
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Space, Zone, split_space_id
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites.catalogue import (
    audit_event,
    changed_fields,
    delete,
    get_zone,
    save_edit,
)

MOST_NEW_SPACES = 90
"""Spaces created in one call: one transaction with their audit event."""

FURTHEST_AHEAD = timedelta(days=1100)
"""No sheet is later: the longest `advance_window` (two years) and the longest booking."""


def create_spaces(
    deps: Deps,
    actor: Actor,
    zone_id: str,
    numbers: Sequence[str],
    *,
    active: bool,
    note: str | None,
    source_ip: str,
) -> tuple[Space, ...]:
    """Create spaces of a zone, all or none. Raises ZoneNotFound, Forbidden, AlreadyExists, and
    Invalid for a duplicate number or more than `MOST_NEW_SPACES` of them."""
    zone = get_zone(deps, actor, zone_id)
    if len(set(numbers)) < len(numbers):
        raise errors.Invalid({"numbers": "must not name a space twice"})
    if not 1 <= len(numbers) <= MOST_NEW_SPACES:
        raise errors.Invalid({"numbers": f"must have 1 to {MOST_NEW_SPACES} entries"})
    spaces = tuple(Space(zone_id, number, active, note) for number in numbers)
    subject = f"{zone_id}.{numbers[0]}" if len(numbers) == 1 else zone_id
    created = audit_event(
        deps, actor, "create_spaces", subject, zone.site, source_ip, detail=",".join(numbers)
    )
    deps.commit(saving(*spaces).auditing(created).sending(effect.offer_time(zone_id)))
    return spaces


def get_space(deps: Deps, actor: Actor, space_id: str) -> Space:
    """A space, for owners of its site: two consistent reads. Raises SpaceNotFound, Forbidden."""
    return _space_of(deps, actor, space_id)[1]


def _space_of(deps: Deps, actor: Actor, space_id: str) -> tuple[Zone, Space]:
    zone_id, number = split_space_id(space_id)
    if not number:
        raise errors.SpaceNotFound()
    zone = get_zone(deps, actor, zone_id)
    return zone, deps.catalogue.fresh_space(zone_id, number)


def list_spaces(
    deps: Deps, actor: Actor, zone_id: str, *, limit: int, after: str | None
) -> Listing[Space]:
    """The spaces of a zone by number: one query. Raises ZoneNotFound, Forbidden."""
    get_zone(deps, actor, zone_id)
    spaces = deps.catalogue.spaces(zone_id)
    return listing.page(spaces, lambda space: space.number, limit=limit, after=after)


def edit_space(
    deps: Deps, actor: Actor, space_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Space:
    """Change some fields of a space. An inactive space takes no new bookings and keeps those it
    has. Raises SpaceNotFound, Forbidden."""

    def once() -> Space:
        zone, before = _space_of(deps, actor, space_id)
        space = deps.as_expected(before).evolve(**changes)
        edit = audit_event(
            deps,
            actor,
            "edit_space",
            space_id,
            zone.site,
            source_ip,
            detail=changed_fields(changes),
        )
        return save_edit(deps, space, edit, *([zone.zone_id] if space.active else []))

    return deps.retry_on_conflict(once)


def delete_space(deps: Deps, actor: Actor, space_id: str, *, source_ip: str) -> None:
    """Delete a space. Raises SpaceNotFound, Forbidden, and InUse while it is occupied or booked:
    make it inactive first, and delete it after its last booking."""

    def once() -> None:
        zone, space = _space_of(deps, actor, space_id)
        deps.as_expected(space)
        sheets = _sheets_ahead(deps, zone)
        if occupancy.held(sheets).get(space.number):
            if settle.overdue_stays(deps, sheets):
                raise errors.StaleVersion()
            raise errors.InUse("This space is occupied or booked. Make it inactive instead.")
        delete(
            deps, space, audit_event(deps, actor, "delete_space", space_id, zone.site, source_ip)
        )

    deps.retry_on_conflict(once)


def _sheets_ahead(deps: Deps, zone: Zone) -> Sheets:
    """The sheets of a zone from the oldest possible overstay on: one query."""
    now = deps.now()
    first = now - lookback(kind=zone.kind, policy=zone.policy)
    last = now + FURTHEST_AHEAD
    return deps.sheets.of_zone(zone.zone_id, zone.paging.page_of(first), zone.paging.page_of(last))
