"""The attachments of a stay, as they stand in the item of its booking."""

from __future__ import annotations

import json

from chalicelib.domain.bookings.attachment import Attachment, Attachments
from chalicelib.domain.core import serialize, unixtime


def pack(attachments: Attachments) -> str | None:
    """`[kind, ref, opened, closed]` for each, instants as epoch seconds; None without any."""
    if not attachments:
        return None
    return serialize.text(
        [[a.kind, a.ref, unixtime.of(a.opened_at), unixtime.of(a.closed_at)] for a in attachments]
    )


def unpack(stored: str | None) -> Attachments:
    """The attachments that `pack` has written."""
    return tuple(
        Attachment(kind, ref, unixtime.instant(opened), unixtime.instant(closed))
        for kind, ref, opened, closed in json.loads(stored or "[]")
    )
