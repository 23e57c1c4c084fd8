"""What a change means for those who listen: its events join it before it is committed."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain import effect, errors, event
from chalicelib.domain.change import Change
from chalicelib.services.deps import Deps


def announced(deps: Deps, change: Change) -> Change:
    """`change` with the events it means, where the site publishes any; they leave before mails.
    Sites and zones are those the instance has kept."""
    news = [each for each in event.of(change) if _is_told(deps, each.zone_id)]
    events = tuple(effect.event(each.name, each.subject_id) for each in news)
    return replace(change, effects=events + change.effects) if events else change


def _is_told(deps: Deps, zone_id: str) -> bool:
    try:
        return deps.catalogue.site(deps.catalogue.zone(zone_id).site).realtime
    except errors.NotFound:
        return False
