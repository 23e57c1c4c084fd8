"""The name and the colour of the place that a link page is about."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.core import errors
from chalicelib.domain.sites.colour import Palette
from chalicelib.domain.sites.site import Site
from chalicelib.services.core import places, signed_links
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class Brand:
    """A name for the head of a page, a contact for its foot, and a style sheet of its colours."""

    name: str
    contact: str
    style: str

    @classmethod
    def of(cls, site: Site) -> Brand:
        """The brand of a site."""
        return cls(site.name, ", ".join((site.contact or "").splitlines()), _style(site.colour))


def of_link(deps: Deps, token: str) -> Brand | None:
    """The brand of the site whose booking or waitlist entry a link is about: one read. None for
    links about accounts and mailboxes, and for what is no longer there."""
    claims = signed_links.read(deps, token)
    try:
        if claims.purpose in ("confirm", "cancel"):
            return Brand.of(places.site_of(deps, deps.bookings.get(claims.subject_id)))
        if claims.purpose in ("claim", "decline"):
            return Brand.of(places.site_of(deps, deps.waitlist.get(claims.subject_id)))
    except errors.NotFound:
        pass
    return None


def _style(colour: str | None) -> str:
    """The colours of a site in place of the usual ones. Buttons that take something away stay
    red."""
    shown = Palette.of(colour)
    head = f".brand {{ background: {shown.brand}; color: {shown.ink}; }}"
    if colour is None:
        return head
    day = f":root {{ --go: {shown.brand}; --on-go: {shown.ink}; --go-edge: {shown.edge}; }}"
    night = f":root {{ --go-edge: {shown.night_edge}; }}"
    return f"{head}\n{day}\n@media (prefers-color-scheme: dark) {{ {night} }}\n"
