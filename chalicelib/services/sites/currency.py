"""The currency of a site changes only while no zone and no plan of season passes has prices in it
(docs/decisions/currency.md).

A zone may be made at the same moment. So the edit relies on the zones that it has seen, and a new
zone on the currency of its prices.
"""

from __future__ import annotations

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import MadeZones
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites import season_plan
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps


def require_changeable(deps: Deps, site: Site) -> MadeZones:
    """Require a site without plans of season passes that are sold, and without zones but closed
    ones, and return what the edit relies on: one read, one query and one batch read. A zone whose
    closing is not complete may open again. Raises InUse."""
    if season_plan.in_sale(site.season_plans):
        raise errors.InUse(say("plans_priced_in_currency"))
    made = deps.catalogue.made_zones(site.slug)
    zones = deps.catalogue.fresh_zones_of(site.slug, made)
    if any(zone.closed_at is None or zone.reopens_as is not None for zone in zones):
        raise errors.InUse(say("zones_priced_in_currency"))
    return MadeZones(site.slug, len(made))
