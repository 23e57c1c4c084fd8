"""Reads of season passes: one, those of a person, that of a vehicle."""

from __future__ import annotations

from chalicelib.domain.core import access, errors, plates
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps


def get(deps: Deps, actor: Actor, pass_id: str) -> SeasonPass:
    """A season pass, for its holder and the staff of its site: one read. Raises
    SeasonPassNotFound, also for others."""
    season_pass = deps.season_passes.get(pass_id)
    with audit_events.about(pass_id, season_pass.site):
        if not (actor.owns(season_pass.user_id) or actor.works_at(season_pass.site)):
            raise errors.SeasonPassNotFound()
    return season_pass


def of_holder(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[SeasonPass]:
    """The passes of the actor, the newest first: one query and one batch read."""
    return deps.season_passes.of_holder(actor.account_id, limit=limit, after=after)


def of_plate(deps: Deps, actor: Actor, site: str, plate: str) -> SeasonPass | None:
    """The active pass of a vehicle at a site, for its staff: one query and one read. Raises
    Forbidden."""
    access.require_works_at(actor, site)
    found = deps.season_passes.at_plate(site, plates.compared(plate)).season_pass
    return None if found is None else deps.season_passes.get(found.pass_id)
