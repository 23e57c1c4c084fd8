"""A mail as a value: rendering makes it, the mail gateway sends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self


@dataclass(frozen=True)
class MailAttachment:
    """A file attached to a mail; `content_type` may carry parameters. `inside`: the mail contains
    it as another form of its text too, as mail programs expect of a calendar file."""

    filename: str
    content_type: str
    content: bytes
    inside: bool = False


@dataclass(frozen=True)
class Picture:
    """A PNG shown inside the HTML, which names it `cid:<cid>`."""

    cid: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """One mail to one address. `effect_id` is the same at each attempt, so that the receiver can
    drop a duplicate. `unsubscribe` is the unsubscribe link, which optional mails have and others
    must not have. `counted` where a stranger may have asked for it, so that an address gets few of
    them a day. `sender_name` is the name beside the address it is sent from, and `reply_to` the
    address that answers go to; None: those of the operator."""

    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[MailAttachment, ...] = ()
    inline: tuple[Picture, ...] = ()
    effect_id: str | None = None
    sent_at: datetime | None = None
    unsubscribe: str | None = None
    counted: bool = False
    sender_name: str | None = None
    reply_to: str | None = None

    def leaving(self, effect_id: str, at: datetime) -> Self:
        """The mail as sent at `at` for the effect `effect_id`."""
        return replace(self, effect_id=effect_id, sent_at=at)


class Undeliverable(Exception):
    """The mail cannot be delivered, and a retry is of no use. The text is the reason, without the
    address."""


class NoReader(Exception):
    """No reader can answer the mail, which is no fault that an operator could mend. The text is the
    reason."""
