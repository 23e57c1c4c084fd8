"""A mail as its reader sees it: pictures that came with it in their places, links in new tabs,
and no way for its text to run a script or to reach this machine's pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from email import message_from_string, policy
from typing import Final, cast

from local.mailbox import SentMail

SANDBOX: Final = "allow-popups allow-popups-to-escape-sandbox"
"""What a mail may do: open a link in a new tab. It has no scripts, forms or origin."""

POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    f"form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
)
"""The same again for the browser that opens a mail outside its frame."""

_CID: Final = re.compile(r"""(["'])cid:([^"']+)\1""")
_HEAD: Final = re.compile(r"<head[^>]*>", re.IGNORECASE)
_URL: Final = re.compile(r"""(https?://[^\s<>"')\]]*[^\s<>"')\].,;:])""")
_NEW_TABS: Final = '<base target="_blank">'


def as_read(mail: SentMail) -> str:
    """The HTML of a mail with its pictures inside and its links in new tabs."""
    pictures = dict(_pictures(mail.raw))

    def picture(match: re.Match[str]) -> str:
        quote, name = match.groups()
        return f"{quote}{pictures.get(name, '')}{quote}"

    page = _CID.sub(picture, mail.html)
    return _HEAD.sub(lambda head: head[0] + _NEW_TABS, page, count=1)


def linked(text: str) -> list[tuple[str, bool]]:
    """Plain text in pieces, each with whether it is an address of the web.

    >>> linked("See https://a.example/b.")
    [('See ', False), ('https://a.example/b', True), ('.', False)]
    """
    pieces = enumerate(_URL.split(text))
    return [(piece, nth % 2 == 1) for nth, piece in pieces if piece]


def _pictures(raw: str) -> Iterator[tuple[str, str]]:
    """The content ids of a mail's pictures, and each picture as a `data:` URL."""
    for part in message_from_string(raw, policy=policy.default).walk():
        content_id = str(part.get("Content-ID") or "").strip("<> ")
        if content_id and part.get_content_maintype() == "image":
            content = base64.b64encode(cast(bytes, part.get_payload(decode=True))).decode()
            yield content_id, f"data:{part.get_content_type()};base64,{content}"
