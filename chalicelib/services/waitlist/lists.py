"""Lists of waitlist entries: of a customer, of a site, and of all sites of staff."""

from __future__ import annotations

from contextlib import suppress

from chalicelib.domain.core import access, errors, listing
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offers
from chalicelib.store import waitlist


def own(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[Entry]:
    """The actor's entries, newest first: one query."""
    page = deps.waitlist.of_owner(actor.account_id, limit=limit, after=after)
    return Listing(offers.each(deps, page.records), page.after)


def own_live(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[Entry]:
    """The actor's live entries, by date, then by start. Cost: that of `offers.unended`."""
    live = every_live(deps, actor.account_id)
    return listing.page(live, _place, limit=limit, after=after)


def every_live(deps: Deps, user_id: str) -> tuple[Entry, ...]:
    """All live entries of a customer, settled. Cost: that of `offers.unended`."""
    found = offers.each(deps, offers.unended(deps, user_id))
    return tuple(entry for entry in found if entry.is_live)


def _place(entry: Entry) -> str:
    """The place of an entry by its date, then by its start, as text that sorts."""
    return f"{entry.day}/{waitlist.cursor(entry)}"


def at_all_sites(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[Entry]:
    """The live entries of all sites where the actor works, site by site, each by their start: a
    query and a batch read for each site of the page, and one batch read for its customers. Raises
    Invalid for too many sites."""

    def page_of(slug: str, size: int, since: str | None) -> Listing[Entry]:
        return _at_site(deps, actor, slug, limit=size, after=since)

    page = current_site.in_turn(deps, actor, page_of, limit=limit, after=after)
    return _with_customers(deps, page)


def own_or_at_work(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[Entry]:
    """The live entries of `site`. Without one a customer's own entries, newest first; for staff,
    owners and admins those of all their sites. Raises as `at_site` and `at_all_sites`."""
    if site is not None:
        return at_site(deps, actor, site, limit=limit, after=after)
    if actor.role is Role.USER:
        return own(deps, actor, limit=limit, after=after)
    return at_all_sites(deps, actor, limit=limit, after=after)


def email_of(deps: Deps, entry: Entry) -> str | None:
    """The address of the customer; None where the account is gone, and where it cannot be read,
    because the entry stands all the same. One read, cached; in the lists of staff none."""
    try:
        return deps.accounts.known(entry.user_id).email
    except (errors.AccountNotFound, errors.Unavailable):
        return None


def at_site(
    deps: Deps, actor: Actor, site: str, *, limit: int, after: str | None
) -> Listing[Entry]:
    """A site's live entries by their start, for its staff: one query, and a batch read each for the
    entries and for their customers. Raises Forbidden, SiteNotFound."""
    return _with_customers(deps, _at_site(deps, actor, site, limit=limit, after=after))


def _at_site(
    deps: Deps, actor: Actor, site: str, *, limit: int, after: str | None
) -> Listing[Entry]:
    access.require_works_at(actor, site)
    site = deps.catalogue.site(site).slug
    page = deps.waitlist.at_site(site, limit=limit, after=after)
    settled = offers.each(deps, page.records)
    return Listing(tuple(entry for entry in settled if entry.is_live), page.after)


def _with_customers(deps: Deps, page: Listing[Entry]) -> Listing[Entry]:
    """The page, once its customers are known, so that `email_of` need not read each of them. Where
    they cannot be read now, it is shown all the same."""
    with suppress(errors.Unavailable):
        deps.accounts.get_to_know(entry.user_id for entry in page.records)
    return page
