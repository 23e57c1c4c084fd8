"""Issue the papers that a booking calls for, each in a transaction of its own
(docs/decisions/receipts.md)."""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.receipts import due, issue
from chalicelib.domain.receipts.paper import Papers
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps


def issue_for(deps: Deps, booking_id: str) -> None:
    """Issue what a booking calls for, as the task of the outbox; nothing for one that is gone. A
    repeated run issues nothing twice."""
    try:
        issue_due(deps, booking_id)
    except errors.BookingNotFound:
        return


def issue_due(deps: Deps, booking_id: str) -> tuple[Booking, Papers]:
    """The booking and all its papers, after those it calls for were issued: two reads, and for each
    paper that is issued three more and a transaction. Raises BookingNotFound."""
    while True:
        found = deps.retry_on_conflict(lambda: _issue_one(deps, booking_id))
        if found is not None:
            return found


def _issue_one(deps: Deps, booking_id: str) -> tuple[Booking, Papers] | None:
    """Issue the next paper: None, because another may follow. The booking and its papers where it
    calls for none. Raises StaleVersion where its number was taken meanwhile."""
    booking, now = deps.bookings.get(booking_id), deps.now()
    papers, site = deps.papers.of_booking(booking_id), places.site_of(deps, booking)
    draft = due.next_draft(booking, papers, issue.terms_of(site, booking.currency, now))
    if draft is None:
        return booking, papers
    last = deps.papers.last(issue.series_of(site, draft, now))
    deps.commit(saving(issue.issued(draft, booking, site, last, now)))
    return None
