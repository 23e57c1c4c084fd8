"""Which site somebody means who works there."""

from __future__ import annotations

from chalicelib.domain import access, errors
from chalicelib.domain.access import Actor
from chalicelib.domain.site import Site
from chalicelib.services.deps import Deps


def named(deps: Deps, actor: Actor, slug: str | None) -> Site:
    """The site called `slug`; left out, the one where `actor` works. Raises Forbidden,
    SiteNotFound, Invalid where it has to be named."""
    if slug is None:
        if len(actor.sites) != 1:
            raise errors.Invalid({"site": "name the site"})
        (slug,) = actor.sites
    access.require_works_at(actor, slug)
    return deps.catalogue.site(slug)
