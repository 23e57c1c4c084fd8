"""The colour of a site, and how it stays readable on paper and at night (WCAG 2.2, contrast)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Self

from chalicelib.domain.core.constraints import Doc, Text
from chalicelib.domain.core.sentence import say

Colour = Annotated[
    str,
    Text(max=7, pattern="#[0-9A-Fa-f]{6}", form=say("must_be_colour")),
    Doc("Its colour on mails and pages, as six hexadecimal digits.", "#1f6f5c"),
]

USUAL: Final = "#1f6f5c"
"""The colour of sites without one of their own, and of mails that belong to no site."""

READABLE: Final = 4.5
"""The least contrast between text and its ground."""

VISIBLE: Final = 3.0
"""The least contrast between an edge and its ground."""

INK: Final = "#000000"
WHITE: Final = "#ffffff"
_STEPS: Final = 20


CARD: Final = "#ffffff"
CARD_AT_NIGHT: Final = "#19222c"
"""The ground of what people read, by day and by night."""


@dataclass(frozen=True)
class Palette:
    """The colours of a mail or a page. `ink` is for text on `brand`; `edge` goes round what has the
    ground `brand`, `link` is for text on a card; each also for the night."""

    brand: str
    ink: str
    edge: str
    link: str
    night_edge: str
    night_link: str

    @classmethod
    def of(cls, colour: str | None) -> Self:
        """The palette of a site with `colour`."""
        brand = (colour or USUAL).lower()
        return cls(
            brand=brand,
            ink=ink_on(brand),
            edge=shade(brand, CARD, least=VISIBLE),
            link=shade(brand, CARD, least=READABLE),
            night_edge=shade(brand, CARD_AT_NIGHT, least=VISIBLE),
            night_link=shade(brand, CARD_AT_NIGHT, least=READABLE),
        )


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21.

    >>> contrast("#000000", "#ffffff"), contrast("#777777", "#777777")
    (21.0, 1.0)
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 2)


def ink_on(ground: str) -> str:
    """White or black, for text on `ground`: what contrasts more.

    >>> ink_on("#1f6f5c"), ink_on("#ffd400")
    ('#ffffff', '#000000')
    """
    return max((WHITE, INK), key=lambda ink: contrast(ink, ground))


def shade(colour: str, paper: str, *, least: float) -> str:
    """`colour`, made darker or lighter until its contrast with `paper` is at least `least`.

    >>> shade("#1f6f5c", "#ffffff", least=READABLE), shade("#ffd400", "#ffffff", least=READABLE)
    ('#1f6f5c', '#8c7500')
    """
    end = max(("#000000", WHITE), key=lambda extreme: contrast(extreme, paper))
    shades = (_mixed(colour, end, step / _STEPS) for step in range(_STEPS + 1))
    return next(each for each in shades if contrast(each, paper) >= least)


def _mixed(colour: str, other: str, part: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * part):02x}" for one, two in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


USUAL_PALETTE: Final = Palette.of(None)
"""The palette of sites without a colour of their own, and of mails that belong to no site."""
