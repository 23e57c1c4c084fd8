"""What other apps hang on a stay (docs/rules/checkout.md, Attachments). They end with it, in the
check-out's own transaction."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings import attachment
from chalicelib.domain.bookings.attachment import AttachmentKind, Attachments
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps


def listed(deps: Deps, actor: Actor, booking_id: str) -> Attachments:
    """What hangs on a stay, or hung on it, oldest first: one read. Raises BookingNotFound."""
    return bookings.get(deps, actor, booking_id).attachments


def open_one(
    deps: Deps, actor: Actor, booking_id: str, kind: AttachmentKind, ref: str
) -> Attachments:
    """Hang something on a live booking; what is open already stays. Guests may do so with their
    devices and conversations. Raises AlreadyEnded, TooManyAttachments, Forbidden."""

    def once() -> Attachments:
        booking = _mine(deps, actor, booking_id, kind)
        booking.require_live()
        those = attachment.opened(booking.attachments, kind, ref, at=deps.now())
        return _saved(deps, booking, those)

    return deps.retry_on_conflict(once)


def close_one(
    deps: Deps, actor: Actor, booking_id: str, kind: AttachmentKind, ref: str
) -> Attachments:
    """Close what is open; it stays on record. Raises AttachmentNotFound, Forbidden."""

    def once() -> Attachments:
        booking = _mine(deps, actor, booking_id, kind)
        if not any((each.kind, each.ref) == (kind, ref) for each in booking.attachments):
            raise errors.AttachmentNotFound()
        those = attachment.closed(booking.attachments, at=deps.now(), kind=kind, ref=ref)
        return _saved(deps, booking, those)

    return deps.retry_on_conflict(once)


def _mine(deps: Deps, actor: Actor, booking_id: str, kind: AttachmentKind) -> Booking:
    booking = bookings.get(deps, actor, booking_id)
    if not actor.works_at(booking.site) and kind not in attachment.OWN_KINDS:
        raise errors.Forbidden("Only staff attach and close these.", site=booking.site)
    return booking


def _saved(deps: Deps, booking: Booking, those: Attachments) -> Attachments:
    """One transaction, or none where nothing changes. The timeline says nothing of it."""
    if those != booking.attachments:
        after = replace(
            booking, attachments=those, version=booking.version + 1, updated_at=deps.now()
        )
        deps.commit(saving(after))
    return those
