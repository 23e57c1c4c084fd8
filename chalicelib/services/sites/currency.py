"""The currency of a site changes only while no zone has prices in it (docs/decisions/currency.md).

A zone may be made at the same moment. So the edit relies on the zones that it has seen, and a new
zone on the currency of its prices.
"""

from __future__ import annotations

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import MadeZones
from chalicelib.domain.core.sentence import say
from chalicelib.services.core.deps import Deps


def require_changeable(deps: Deps, slug: str) -> MadeZones:
    """Require a site without zones but closed ones, and return what the edit relies on: one read,
    one query and one batch read. A zone whose closing is not complete may open again. Raises
    InUse."""
    made = deps.catalogue.made_zones(slug)
    zones = deps.catalogue.fresh_zones_of(slug, made)
    if any(zone.closed_at is None or zone.reopens_as is not None for zone in zones):
        raise errors.InUse(say("zones_priced_in_currency"))
    return MadeZones(slug, len(made))
