"""What other apps hang on a stay (docs/rules/checkout.md, Attachments): the chats, orders and
devices of a guest, which end with the stay. Berth keeps their names and no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from chalicelib.domain.core import errors

AttachmentKind = Literal["chat_session", "conversation", "order", "push_token"]

MOST: Final = 50
"""Attachments of one stay: with them a booking still is a small item."""

OWN_KINDS: Final[frozenset[AttachmentKind]] = frozenset({"conversation", "push_token"})
"""What guests may hang on their own stay; the rest is for staff."""

DROPPED: Final[frozenset[AttachmentKind]] = frozenset({"push_token"})
"""Kinds whose ref is forgotten when they are closed: it would still reach somebody's phone."""


@dataclass(frozen=True)
class Attachment:
    """One thing that belongs to a stay. `ref` is its name elsewhere, empty once it is dropped."""

    kind: AttachmentKind
    ref: str
    opened_at: datetime
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def closed(self, at: datetime) -> Attachment:
        """The same, closed at `at` unless it was before."""
        if not self.is_open:
            return self
        return replace(self, closed_at=at, ref="" if self.kind in DROPPED else self.ref)


Attachments = tuple[Attachment, ...]


def opened(those: Attachments, kind: AttachmentKind, ref: str, *, at: datetime) -> Attachments:
    """`those` and one more; one that is open already stays as it is. Raises TooManyAttachments."""
    if any(each.is_open and (each.kind, each.ref) == (kind, ref) for each in those):
        return those
    if len(those) >= MOST:
        raise errors.TooManyAttachments()
    return (*those, Attachment(kind, ref, at))


def closed(
    those: Attachments, *, at: datetime, kind: AttachmentKind | None = None, ref: str | None = None
) -> Attachments:
    """`those`, closed at `at`: all of them, or the open one of that kind and ref."""
    return tuple(
        each.closed(at) if kind is None or (each.kind, each.ref) == (kind, ref) else each
        for each in those
    )
