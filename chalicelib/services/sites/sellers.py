"""The sellers of sites: the numbers of two sites under one GSTIN must differ
(docs/rules/receipts.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps

_PAGE: Final = 100


def require_own_mark(deps: Deps, site: Site) -> None:
    """Require a mark that no other site of the same GSTIN has: one query for each hundred sites,
    none without a GSTIN. Raises Invalid."""
    seller = site.seller
    if seller is None or seller.gstin is None:
        return
    for other in _sites(deps):
        theirs = other.seller
        if theirs is None or theirs.gstin != seller.gstin or other.slug == site.slug:
            continue
        if theirs.mark.upper() == seller.mark.upper():
            raise errors.Invalid({"seller.mark": say("is_used_by_other_site", site=other.name)})


def _sites(deps: Deps) -> Iterator[Site]:
    page = deps.catalogue.sites(limit=_PAGE)
    yield from page.records
    while page.after is not None:
        page = deps.catalogue.sites(limit=_PAGE, after=page.after)
        yield from page.records
