"""The papers of a booking and of a site, for those who may see them (docs/rules/receipts.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.localtime import local_date
from chalicelib.domain.receipts.paper import BILLS, Paper, PaperKind, Papers, Series, year_of
from chalicelib.services.bookings import bookings
from chalicelib.services.core import recipients, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.receipts import issuing

LINK_LIFE: Final = timedelta(days=366)
"""How long a link to a receipt can be opened."""


def of_booking(deps: Deps, actor: Actor, booking_id: str) -> tuple[Booking, Papers]:
    """A booking and its papers, after those that it calls for were issued. For its customer and the
    staff of its site. Raises BookingNotFound."""
    bookings.get(deps, actor, booking_id)
    return issuing.issue_due(deps, booking_id)


def of_link(deps: Deps, token: str) -> tuple[Booking, Papers]:
    """The booking of a link to its receipt, and its papers. Raises LinkExpired for any other link,
    and for one that was mailed to a former address."""
    claims = signed_links.opened(deps, token, "receipt")
    try:
        booking, papers = issuing.issue_due(deps, claims.subject_id)
        recipients.require(deps, claims, booking, takes=False)
    except errors.BookingNotFound:
        raise errors.LinkExpired() from None
    return booking, papers


def link(deps: Deps, booking: Booking, *, to: str, language: Language = LANGUAGES[0]) -> str:
    """A link to the receipt of a booking for the mailbox `to`, in a mail of that `language`."""
    return recipients.link(
        deps,
        "receipt",
        booking.booking_id,
        to=to,
        until=deps.now() + LINK_LIFE,
        language=language,
    )


def chosen(papers: Papers, number: str | None) -> Paper:
    """The paper with a number; without one that which bills the stay, otherwise the last. Raises
    ReceiptNotFound."""
    if number is not None:
        found = next((paper for paper in papers if paper.number == number), None)
    else:
        last = papers[-1] if papers else None
        found = next((paper for paper in papers if paper.kind in BILLS), last)
    if found is None:
        raise errors.ReceiptNotFound()
    return found


def of_site(
    deps: Deps,
    actor: Actor,
    slug: str,
    kind: PaperKind,
    *,
    year: int | None,
    from_: datetime | None,
    to: datetime | None,
    limit: int,
    after: str | None,
) -> Listing[Paper]:
    """A page of the papers of a kind that a site has issued in a financial year (the present one
    where None is named), in the order of their numbers; those from an instant until another. For
    owners of the site. Cost: one query, and a read for each halving of the series where instants
    are named. Raises Forbidden, SiteNotFound."""
    access.require_runs(actor, slug)
    site = deps.catalogue.site(slug)
    present = year_of(local_date(deps.now(), site.tz))
    series = Series(slug, kind, present if year is None else year)
    last = deps.papers.last(series)
    if last is None:
        return Listing((), None)
    first = 1 if from_ is None else _first(deps, series, last.place, lambda at: at >= from_)
    end = last.place if to is None else _first(deps, series, last.place, lambda at: at >= to) - 1
    if after is not None:
        first = int(after) + 1
    if first > end:
        return Listing((), None)
    return deps.papers.of_series(series, first=first, last=end, limit=limit)


def _first(deps: Deps, series: Series, last: int, holds: Callable[[datetime], bool]) -> int:
    """The first place of a series whose instant fulfils `holds`, as do all later ones; one after
    the `last` where none does."""
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        paper = deps.papers.find(series, middle)
        if paper is None or holds(paper.issued_at):
            high = middle
        else:
            low = middle + 1
    return low
