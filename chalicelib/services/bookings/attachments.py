"""Attachments of a stay: the chats, orders and push tokens of other apps
(docs/rules/checkout.md, Attachments). The transaction of the check-out closes them."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings import attachment
from chalicelib.domain.bookings.attachment import AttachmentKind, Attachments
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.sentence import say
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps


def of_booking(deps: Deps, actor: Actor, booking_id: str) -> Attachments:
    """The attachments of a booking, open and closed, oldest first: one read. Raises
    BookingNotFound."""
    return bookings.get(deps, actor, booking_id).attachments


def attach(
    deps: Deps, actor: Actor, booking_id: str, kind: AttachmentKind, ref: str
) -> Attachments:
    """Attach something to a live booking; an attachment that is open already stays. Customers may
    attach their push tokens and conversations. Raises AlreadyEnded, TooManyAttachments,
    Forbidden."""

    def once() -> Attachments:
        booking = _booking_of(deps, actor, booking_id, kind)
        booking.require_live()
        attachments = attachment.attach(booking.attachments, kind, ref, at=deps.now())
        return _save(deps, booking, attachments)

    return deps.retry_on_conflict(once)


def close(deps: Deps, actor: Actor, booking_id: str, kind: AttachmentKind, ref: str) -> Attachments:
    """Close an attachment; its record stays. Raises AttachmentNotFound, Forbidden."""

    def once() -> Attachments:
        booking = _booking_of(deps, actor, booking_id, kind)
        if not any((each.kind, each.ref) == (kind, ref) for each in booking.attachments):
            raise errors.AttachmentNotFound()
        attachments = attachment.close(booking.attachments, at=deps.now(), kind=kind, ref=ref)
        return _save(deps, booking, attachments)

    return deps.retry_on_conflict(once)


def _booking_of(deps: Deps, actor: Actor, booking_id: str, kind: AttachmentKind) -> Booking:
    booking = bookings.get(deps, actor, booking_id)
    if not actor.works_at(booking.site) and kind not in attachment.OWN_KINDS:
        raise errors.Forbidden(say("only_staff_attach"), site=booking.site)
    return deps.as_expected(booking)


def _save(deps: Deps, booking: Booking, attachments: Attachments) -> Attachments:
    """Save the booking with `attachments`, without an entry on its timeline: one transaction, or
    none if nothing has changed."""
    if attachments != booking.attachments:
        after = replace(
            booking, attachments=attachments, version=booking.version + 1, updated_at=deps.now()
        )
        deps.commit(saving(after))
    return attachments
