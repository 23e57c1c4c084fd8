"""A mail as a value: what documents write and the mail gateway sends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self


@dataclass(frozen=True)
class MailAttachment:
    """A file that goes with a mail; `content_type` may carry parameters."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Picture:
    """A PNG shown inside the HTML, which names it `cid:<cid>`."""

    cid: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One mail to one address. `effect_id` is the same each time it is sent, so that whoever
    receives it twice can tell; `sent_at` is when it left. `unsubscribe` is the link by which its
    reader gets no such mail any more: optional mails have one, others must not."""

    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[MailAttachment, ...] = ()
    inline: tuple[Picture, ...] = ()
    effect_id: str | None = None
    sent_at: datetime | None = None
    unsubscribe: str | None = None

    def leaving(self, effect_id: str, at: datetime) -> Self:
        """The mail as it leaves at `at` because of the effect `effect_id`."""
        return replace(self, effect_id=effect_id, sent_at=at)


class Undeliverable(Exception):
    """This mail will never be taken: trying again is of no use. Says why, without the address."""
