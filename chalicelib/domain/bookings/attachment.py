"""Attachments of a stay: the chats, orders and push tokens of other apps, which end with the stay
(docs/rules/checkout.md, Attachments). Berth stores only the reference that each app gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from chalicelib.domain.core import errors

AttachmentKind = Literal["chat_session", "conversation", "order", "push_token"]

MOST: Final = 50
"""Attachments of one stay. With so many, a booking still is a small item."""

OWN_KINDS: Final[frozenset[AttachmentKind]] = frozenset({"conversation", "push_token"})
"""The kinds that customers may attach to their own stay; the others are for staff."""

DROPPED: Final[frozenset[AttachmentKind]] = frozenset({"push_token"})
"""The kinds whose reference is deleted on closing: a push token would still reach a phone."""


@dataclass(frozen=True)
class Attachment:
    """One attachment. `ref` is its id in the other app, empty once it is deleted."""

    kind: AttachmentKind
    ref: str
    opened_at: datetime
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def closed(self, at: datetime) -> Attachment:
        """This attachment, closed at `at` unless it already is."""
        if not self.is_open:
            return self
        return replace(self, closed_at=at, ref="" if self.kind in DROPPED else self.ref)


Attachments = tuple[Attachment, ...]


def attach(
    attachments: Attachments, kind: AttachmentKind, ref: str, *, at: datetime
) -> Attachments:
    """`attachments` and a new one, unless it is open already. Raises TooManyAttachments."""
    if any(each.is_open and (each.kind, each.ref) == (kind, ref) for each in attachments):
        return attachments
    if len(attachments) >= MOST:
        raise errors.TooManyAttachments()
    return (*attachments, Attachment(kind, ref, at))


def close(
    attachments: Attachments,
    *,
    at: datetime,
    kind: AttachmentKind | None = None,
    ref: str | None = None,
) -> Attachments:
    """`attachments`, closed at `at`: all of them, or those of one kind and reference."""
    return tuple(
        each.closed(at) if kind is None or (each.kind, each.ref) == (kind, ref) else each
        for each in attachments
    )
