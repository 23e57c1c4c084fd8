"""What hangs on a stay, as it stands in the item of its booking."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from chalicelib.domain import plain
from chalicelib.domain.attachment import Attachment, Attachments


def pack(those: Attachments) -> str | None:
    """`[kind, ref, opened, closed]` each, instants as epochs; nothing where nothing hangs on it."""
    if not those:
        return None
    return plain.text(
        [[a.kind, a.ref, _epoch(a.opened_at), a.closed_at and _epoch(a.closed_at)] for a in those]
    )


def unpack(stored: str | None) -> Attachments:
    """What `pack` made."""
    return tuple(
        Attachment(kind, ref, _instant(opened), closed and _instant(closed))
        for kind, ref, opened, closed in json.loads(stored or "[]")
    )


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
