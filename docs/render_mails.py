"""Renders an example of every mail into docs/mails/: `make mails`.

In the files the QR picture stands inside the page; in a mail it is a part of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from chalicelib.domain.core.languages import LANGUAGES
from chalicelib.domain.mail.message import Message
from docs.example_mails import examples
from docs.example_mails.ingredients import SENDER

FOLDER = Path(__file__).parent / "mails"


def files() -> Iterator[tuple[Path, str]]:
    """What stands in docs/mails/, by language."""
    for language in LANGUAGES:
        for name, message in examples(language).items():
            yield FOLDER / language / f"{name}.txt", _head(message) + message.text
            yield FOLDER / language / f"{name}.html", _page(message)


def main() -> None:
    """Write the files."""
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _head(message: Message) -> str:
    """The lines of the head that people see."""
    sender = f"From: {message.sender_name} <{SENDER}>\n"
    reply = f"Reply-To: {message.reply_to}\n" if message.reply_to else ""
    return f"{sender}{reply}Subject: {message.subject}\n\n"


def _page(message: Message) -> str:
    page = message.html
    for picture in message.inline:
        data = base64.b64encode(picture.content).decode()
        page = page.replace(f"cid:{picture.cid}", f"data:image/png;base64,{data}")
    return page


if __name__ == "__main__":
    main()
