"""The events of a change, added to it as effects before the commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.realtime import event, visible
from chalicelib.domain.realtime.event import EventDraft
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps


def with_events(deps: Deps, change: Change) -> Change:
    """`change` with its events, where the site has realtime on. Events are delivered before mails.
    Sites and zones are read from the cache."""
    drafts = (*event.of(change), *_of_sites(deps, change))
    events = tuple(each for draft in drafts for each in _effects(deps, draft))
    return replace(change, effects=events + change.effects) if events else change


def _of_sites(deps: Deps, change: Change) -> Iterator[EventDraft]:
    """The events of edited sites: their blackouts and hours apply to all their zones."""
    for record in change.saves:
        if isinstance(record, Site) and record.realtime and visible.in_site(record):
            zones = deps.catalogue.zones_of(record.slug)
            yield from (event.availability(zone.zone_id) for zone in zones)


def _effects(deps: Deps, draft: EventDraft) -> Iterator[Effect]:
    """The effect of a draft; none where realtime is off or the zone is gone."""
    try:
        site = deps.catalogue.site(deps.catalogue.zone(draft.zone_id).site)
    except errors.NotFound:
        return
    if site.realtime:
        yield effect.event(draft.name, site.slug, draft.subject_id)
