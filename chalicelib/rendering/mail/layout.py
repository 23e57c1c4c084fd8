"""The layout of a mail: its parts, and their rendering as HTML (by a template) and plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chalicelib.domain.mail.free_text import unlinked
from chalicelib.domain.sites.colour import USUAL_PALETTE, Palette

if TYPE_CHECKING:
    from jinja2 import Template

WIDTH: Final = 72
"""Characters in a line of plain text, addresses and passes aside."""

QR_CID: Final = "qr"
"""The content id of the picture of the pass."""


class OwnWords(str):
    """Words of the place itself, such as its contact, in which a link is wanted."""

    __slots__ = ()


@dataclass(frozen=True)
class Fact:
    """A labelled value."""

    label: str
    value: str


@dataclass(frozen=True)
class Row:
    """A line of a bill; `weight` is its emphasis."""

    text: str
    amount: str
    detail: str = ""
    weight: str = "plain"


@dataclass(frozen=True)
class Pass:
    """The QR pass: its text, heading, hint and alternative text."""

    code: str
    heading: str
    hint: str
    alt: str


@dataclass(frozen=True)
class BookingCard:
    """One of several bookings: heading, details (the last one its id), and its pass with the
    picture `cid:<cid>`."""

    heading: str
    details: tuple[str, ...]
    code: str = ""
    cid: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Button:
    """A link, with a sentence for plain text."""

    label: str
    url: str
    as_text: str


@dataclass(frozen=True)
class Letter:
    """The content of a mail. `facts`, `entries` and `bill` are its tables, `other` is a link beside
    the button, `unsubscribe` one at the end, `markup` JSON-LD for programs (`markup.py` escapes
    it). Names and other words that people typed may be in any sentence, so none may look like a
    link; only the footer is the sender's own."""

    language: str
    sender: str
    subject: str
    heading: str
    lead: str
    greeting: str = ""
    facts: tuple[Fact, ...] = ()
    entries: tuple[BookingCard, ...] = ()
    bill: tuple[Row, ...] = ()
    qr_pass: Pass | None = None
    button: Button | None = None
    other: Button | None = None
    unsubscribe: Button | None = None
    notice: str = ""
    notes: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    markup: str = ""
    palette: Palette = USUAL_PALETTE
    reply_to: str | None = None

    def __post_init__(self) -> None:
        """Take the links out of what people typed."""
        for name in ("sender", "subject", "heading", "lead", "greeting", "notice"):
            object.__setattr__(self, name, _unlinked(getattr(self, name)))
        object.__setattr__(self, "notes", tuple(map(_unlinked, self.notes)))
        object.__setattr__(self, "facts", tuple(map(_unlinked_fact, self.facts)))
        object.__setattr__(self, "entries", tuple(map(_unlinked_card, self.entries)))
        object.__setattr__(self, "bill", tuple(map(_unlinked_row, self.bill)))


def _unlinked(text: str) -> str:
    return text if isinstance(text, OwnWords) else unlinked(text)


def _unlinked_fact(fact: Fact) -> Fact:
    return replace(fact, value=_unlinked(fact.value))


def _unlinked_card(card: BookingCard) -> BookingCard:
    return replace(card, heading=unlinked(card.heading), details=tuple(map(unlinked, card.details)))


def _unlinked_row(row: Row) -> Row:
    return replace(row, text=unlinked(row.text), detail=unlinked(row.detail))


def html(letter: Letter) -> str:
    """The letter as HTML for mail programs: tables, inline styles, no script, no remote picture;
    the pass is the inline picture `cid:qr`."""
    return _template().render(letter=letter, qr_cid=QR_CID)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("letter.html")


def text(letter: Letter) -> str:
    """The letter as plain text, complete without the HTML."""
    paragraphs = ("\n".join(lines) for lines in _paragraphs(letter) if lines)
    return "\n\n".join(paragraphs) + "\n"


def _paragraphs(letter: Letter) -> Iterator[list[str]]:
    yield [letter.heading, "=" * len(letter.heading)]
    yield _wrapped(letter.greeting)
    yield _wrapped(letter.lead)
    yield _wrapped(letter.notice)
    if letter.button is not None:
        yield [f"{letter.button.label}:", letter.button.url]
    if letter.other is not None:
        yield [*_wrapped(letter.other.as_text), letter.other.url]
    yield _facts(letter.facts)
    yield from map(_entry, letter.entries)
    yield _bill(letter.bill)
    if letter.qr_pass is not None:
        shown = letter.qr_pass
        yield [shown.heading, shown.code, *_wrapped(shown.hint)]
    yield [line for note in letter.notes for line in _wrapped(note, bullet="- ")]
    if letter.unsubscribe is not None:
        yield [*_wrapped(letter.unsubscribe.as_text), letter.unsubscribe.url]
    yield ["-- ", letter.sender, *letter.footer]


def _wrapped(paragraph: str, bullet: str = "") -> list[str]:
    return textwrap.wrap(
        paragraph,
        WIDTH,
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _entry(entry: BookingCard) -> list[str]:
    return [line for line in (entry.heading, *entry.details, entry.code) if line]


def _facts(facts: tuple[Fact, ...]) -> list[str]:
    widest = max((len(fact.label) for fact in facts), default=0)
    indent = "\n" + " " * (widest + 2)
    return [f"{fact.label:<{widest}}  " + indent.join(fact.value.splitlines()) for fact in facts]


def _bill(rows: tuple[Row, ...]) -> list[str]:
    return [line for row in rows for line in _bill_lines(row)]


def _bill_lines(row: Row) -> Iterator[str]:
    if row.weight == "total":
        yield "-" * WIDTH
    text = f"{row.text} ({row.detail})" if row.detail else row.text
    yield f"{text:<{WIDTH - len(row.amount) - 1}} {row.amount}"
