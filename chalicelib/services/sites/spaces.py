"""The spaces of a zone: create one or many at once, list, edit. `closing.py` closes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.core import effect, errors, listing
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import OpenPlace, saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.site import Space, Zone, split_space_id
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites.catalogue import (
    audit_event,
    changed_fields,
    get_zone,
    open_zone,
    require_not_closed,
    save_edit,
)

MOST_NEW_SPACES = 90
"""Spaces created in one call: one transaction with their audit event."""


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
    """Create spaces of a zone, all or none. Raises ZoneNotFound, Forbidden, ClosedForGood,
    AlreadyExists, IdRetired, and Invalid for a duplicate number or more than `MOST_NEW_SPACES` of
    them."""
    if len(set(numbers)) < len(numbers):
        raise errors.Invalid({"numbers": say("must_not_name_space_twice")})
    if not 1 <= len(numbers) <= MOST_NEW_SPACES:
        limits = say("must_have_entries", least=1, most=MOST_NEW_SPACES)
        raise errors.Invalid({"numbers": limits})
    spaces = tuple(Space(zone_id, number, active, note) for number in numbers)
    subject = f"{zone_id}.{numbers[0]}" if len(numbers) == 1 else zone_id

    def once() -> tuple[Space, ...]:
        zone = open_zone(deps, actor, zone_id)
        created = audit_event(
            deps, actor, "create_spaces", subject, zone.site, source_ip, detail=",".join(numbers)
        )
        change = saving(*spaces).auditing(created).sending(effect.offer_time(zone_id))
        deps.commit(change.relying_on(OpenPlace("zone", zone_id)))
        return spaces

    try:
        return deps.retry_on_conflict(once)
    except errors.AlreadyExists:
        _require_not_retired(deps, zone_id, numbers)
        raise


def _require_not_retired(deps: Deps, zone_id: str, numbers: Sequence[str]) -> None:
    """Refuse numbers of spaces that are closed for good. Raises IdRetired, which names them."""
    retired = sorted(set(numbers).intersection(deps.catalogue.closed_numbers(zone_id)))
    if retired:
        raise errors.IdRetired(say("numbers_retired", numbers=tuple(retired)))


def get_space(deps: Deps, actor: Actor, space_id: str) -> Space:
    """A space, for owners of its site: two consistent reads. Raises SpaceNotFound, Forbidden."""
    return zone_and_space(deps, actor, space_id)[1]


def zone_and_space(deps: Deps, actor: Actor, space_id: str) -> tuple[Zone, Space]:
    """A space with its zone, for owners of its site: two consistent reads. Raises SpaceNotFound,
    Forbidden."""
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
    has. Raises SpaceNotFound, Forbidden, ClosedForGood."""

    def once() -> Space:
        zone, before = zone_and_space(deps, actor, space_id)
        space = deps.as_expected(require_not_closed(before)).evolve(**changes)
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
