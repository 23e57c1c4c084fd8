"""The widths of Helvetica, which no PDF file carries and every reader has: thousandths of the size
of the type, from Adobe's metrics."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

_ASCII: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD: Final = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip

_OTHERS: Final = {"–": 556, "—": 1000, "×": 584, "·": 278, "’": 222, "‘": 222, "…": 1000, "•": 350}
_USUAL: Final = 611
"""The width of a letter without one: rather too wide, so that lines never run over."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of `text` in points.

    >>> round(width("Total", 10), 1), round(width("Écu", 10), 1) == round(width("Ecu", 10), 1)
    (22.2, True)
    """
    return sum(_width(mark, bold) for mark in text) * size / 1000


def _width(mark: str, bold: bool) -> int:
    place = ord(unicodedata.normalize("NFD", mark)[0]) - 32
    if 0 <= place < len(_ASCII):
        return (_BOLD if bold else _ASCII)[place]
    return _OTHERS.get(mark, _USUAL)


def lines(text: str, size: float, room: float, *, bold: bool = False) -> Iterator[str]:
    """`text` in lines of at most `room` points, broken between words; a longer word is cut."""
    line = ""
    for word in text.split():
        while width(word, size, bold=bold) > room:
            if line:
                yield line
                line = ""
            cut = len(word) - 1
            while cut > 1 and width(word[:cut], size, bold=bold) > room:
                cut -= 1
            yield word[:cut]
            word = word[cut:]
        wider = f"{line} {word}".strip()
        if width(wider, size, bold=bold) > room:
            yield line
            line = word
        else:
            line = wider
    if line:
        yield line
