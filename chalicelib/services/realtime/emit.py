"""What a change means for those who listen: its events join it before it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.realtime import event
from chalicelib.domain.realtime.event import EventDraft
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps


def with_events(deps: Deps, change: Change) -> Change:
    """`change` with the events it means, where the site publishes any; they leave before mails.
    Sites and zones are those the instance has kept."""
    news = (*event.of(change), *_of_sites(deps, change))
    events = tuple(told for each in news for told in _told(deps, each))
    return replace(change, effects=events + change.effects) if events else change


def _of_sites(deps: Deps, change: Change) -> Iterator[EventDraft]:
    """A site's blackouts and hours count in all its zones."""
    for record in change.saves:
        if isinstance(record, Site) and record.version > 1 and record.realtime:
            yield from (event.availability(z.zone_id) for z in deps.catalogue.zones_of(record.slug))


def _told(deps: Deps, news: EventDraft) -> Iterator[Effect]:
    """The event of some news, unless its site publishes nothing."""
    try:
        site = deps.catalogue.site(deps.catalogue.zone(news.zone_id).site)
    except errors.NotFound:
        return
    if site.realtime:
        yield effect.event(news.name, site.slug, news.subject_id)
