"""The mails sent through the emulated SES, parsed from their raw MIME."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import getaddresses
from functools import lru_cache
from html import unescape
from typing import Any, cast

_HREF = re.compile(r'href="(https?://[^"]+)"')
_URL = re.compile(r"https?://[^\s<>\"')\]]+")


@dataclass(frozen=True)
class Attachment:
    """One file of a mail; `content` is what the reader saves. Pictures shown inline count too."""

    filename: str | None
    content_type: str
    content: bytes

    def as_json(self) -> dict[str, Any]:
        """Base64 in `content`, and `text` beside it where the type is text."""
        shown = {
            "filename": self.filename,
            "content_type": self.content_type,
            "content": base64.b64encode(self.content).decode(),
        }
        if self.content_type.startswith("text/"):
            shown["text"] = self.content.decode("utf-8", "replace")
        return shown


@dataclass(frozen=True)
class SentMail:
    """A mail as its reader sees it. `links` are the addresses in it, in order, each once."""

    to: tuple[str, ...]
    sender: str
    subject: str
    text: str
    html: str
    sent_at: datetime
    attachments: tuple[Attachment, ...]
    raw: str

    @property
    def links(self) -> tuple[str, ...]:
        found = [unescape(link) for link in _HREF.findall(self.html)]
        found += [link.rstrip(".,;:") for link in _URL.findall(self.text)]
        return tuple(dict.fromkeys(found))

    def as_json(self) -> dict[str, Any]:
        """One entry of GET `/_local/outbox`."""
        return {
            "to": ", ".join(self.to),
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "links": list(self.links),
            "sent_at": f"{self.sent_at:%Y-%m-%dT%H:%M:%SZ}",
            "attachments": [attachment.as_json() for attachment in self.attachments],
        }


class Postbag(list[Any]):
    """Stands for moto's list of sent messages. It notes when each was sent, by the last of
    `clocks`; `keep` stores a message before the list has it, and is False for one that it
    has already. Take `lock` to change it."""

    def __init__(self, *clocks: Callable[[], datetime]) -> None:
        super().__init__()
        self.clocks = list(clocks)
        self.keep: Callable[[Any, datetime], bool] | None = None
        self.lock = threading.RLock()
        self._stamps: list[datetime] = []

    def append(self, message: Any) -> None:
        with self.lock:
            at = self.clocks[-1]()
            if self.keep is None or self.keep(message, at):
                self.restore(message, at)

    def restore(self, message: Any, at: datetime) -> None:
        """Add a message that was sent and stored at `at`."""
        self._stamps.append(at)
        super().append(message)

    def clear(self) -> None:
        with self.lock:
            self._stamps.clear()
            super().clear()

    def mails(self) -> list[SentMail]:
        """Every raw mail, in the order they were sent."""
        with self.lock:
            sent = list(zip(self, self._stamps, strict=True))
        return [parsed(message.raw_data, tuple(message.destinations), at) for message, at in sent]


@lru_cache(maxsize=10_000)
def parsed(raw: str, recipients: tuple[str, ...], sent_at: datetime) -> SentMail:
    """A raw MIME message as its reader sees it. Parsing takes some 5 ms, so each is parsed once."""
    message = message_from_string(raw, policy=policy.default)
    return SentMail(
        to=_addresses(recipients),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        sent_at=sent_at,
        attachments=tuple(_attachments(message)),
        raw=raw,
    )


def _addresses(recipients: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for _, address in getaddresses(list(recipients))))


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    for part in message.walk():
        named = part.get_filename() or part.get("Content-ID")
        if not part.is_multipart() and (named or part.is_attachment()):
            payload = cast(bytes, part.get_payload(decode=True))
            yield Attachment(part.get_filename(), part.get_content_type(), payload)
