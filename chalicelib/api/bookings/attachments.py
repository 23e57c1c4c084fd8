"""Attachments: what other apps keep with a stay (chats, conversations, orders, devices)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.bookings import present
from chalicelib.api.web.http import USER, Answer, Call, Routes, ok
from chalicelib.api.web.values import Instant
from chalicelib.domain.bookings.attachment import Attachment, AttachmentKind, Attachments
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc, Text
from chalicelib.services.bookings import attachments

routes = Routes(__name__)

Ref = Annotated[str, Text(max=200, code=True), Doc("Its name in the other app.", "chat-7731")]


@dataclass(frozen=True)
class Attach:
    """One attachment. Guests attach conversations and push tokens, staff every kind."""

    kind: AttachmentKind
    ref: Ref


@dataclass(frozen=True)
class AttachmentView:
    """One attachment of a stay. A closed push token has no ref."""

    kind: AttachmentKind
    ref: str | None
    opened_at: Instant
    closed_at: Instant | None

    @classmethod
    def of(cls, each: Attachment) -> Self:
        closed = None if each.closed_at is None else localtime.iso(each.closed_at)
        return cls(each.kind, each.ref or None, localtime.iso(each.opened_at), closed)


@dataclass(frozen=True)
class AttachmentsView:
    """All attachments of a stay, oldest first."""

    items: tuple[AttachmentView, ...]
    next_cursor: str | None = None


def _all(items: Attachments) -> Answer:
    return ok(present.as_json(AttachmentsView(tuple(map(AttachmentView.of, items)))))


@routes.get("/api/bookings/{booking_id}/attachments", who=USER, gives=AttachmentsView)
def list_attachments(call: Call, booking_id: str) -> Answer:
    """The attachments of a stay, for its customer and the staff of its site."""
    return _all(attachments.of_booking(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/attachments",
    who=USER, takes=Attach, gives=AttachmentsView, once=True, versioned=True,
)  # fmt: skip
def attach(call: Call, booking_id: str) -> Answer:
    """Attach something to a live booking. A repeated request changes nothing."""
    body = call.body
    return _all(attachments.attach(call.deps, call.actor, booking_id, body.kind, body.ref))


@routes.delete(
    "/api/bookings/{booking_id}/attachments",
    who=USER, query=Attach, gives=AttachmentsView, versioned=True,
)  # fmt: skip
def detach(call: Call, booking_id: str) -> Answer:
    """Close an attachment; its record stays."""
    query = call.query
    return _all(attachments.close(call.deps, call.actor, booking_id, query.kind, query.ref))
