"""What hangs on a stay, as it stands in the item of its booking."""

from __future__ import annotations

import json

from chalicelib.domain.bookings.attachment import Attachment, Attachments
from chalicelib.domain.core import serialize, unixtime


def pack(those: Attachments) -> str | None:
    """`[kind, ref, opened, closed]` each, instants as epochs; nothing where nothing hangs on it."""
    if not those:
        return None
    return serialize.text(
        [[a.kind, a.ref, unixtime.of(a.opened_at), unixtime.of(a.closed_at)] for a in those]
    )


def unpack(stored: str | None) -> Attachments:
    """What `pack` made."""
    return tuple(
        Attachment(kind, ref, unixtime.instant(opened), unixtime.instant(closed))
        for kind, ref, opened, closed in json.loads(stored or "[]")
    )
