"""Cancel a booking as the parking system that Berth replaces did: before the stay it is cancelled;
during the stay it is a check-out by staff, whose bill stays due."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.bookings import passes
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Verbatim
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.services.bookings import bookings
from chalicelib.services.bookings.bookings import Cancelled
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import check_out

INSIDE: Final = "No refund allowed after vehicle entry (QR scanned)"


def by_pass(deps: Deps, actor: Actor, code: str, *, source: Source) -> Cancelled:
    """Cancel the booking of a pass, for its customer and the staff of its site: one read and one
    transaction. Raises UnknownCode, PassReplaced, and what `by_id` refuses."""
    claims = deps.tokens.read_qr(code)
    return _run(deps, actor, claims.booking_id, issue=claims.issue, source=source)


def by_id(deps: Deps, actor: Actor, booking_id: str, *, source: Source) -> Cancelled:
    """Cancel a booking. Raises NotYours, AlreadyEnded, and for a customer during the stay
    IllegalTransition."""
    return _run(deps, actor, booking_id, issue=None, source=source)


def _run(
    deps: Deps, actor: Actor, booking_id: str, *, issue: int | None, source: Source
) -> Cancelled:
    def once() -> Cancelled:
        booking = bookings.get(deps, actor, booking_id)
        if issue is not None:
            passes.require_current(booking, issue)
        if booking.status is Status.ACTIVE and actor.works_at(booking.site):
            return _left(deps, actor, booking, source)
        return bookings.cancel_settled(deps, actor, booking, reason="", source=source)

    return deps.retry_on_conflict(once)


def _left(deps: Deps, actor: Actor, booking: Booking, source: Source) -> Cancelled:
    over = check_out.check_out_settled(deps, actor, booking, tender=None, source=source)
    nothing = Money.zero(over.booking.currency)
    return Cancelled(over.booking, RefundDecision(False, nothing, Verbatim(INSIDE)))
