"""What people typed, for a mail: mail programs make a link of each word that looks like an address
of the web or of a mailbox, so none may look like one.

A token that is a URL is left out. In any other that a program may take for a host or a mailbox a
blank follows each dot and stands around each `@`, as after the dots of an abbreviation.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chalicelib.domain.core import plain_text

LEFT_OUT: Final = "[…]"
"""What stands in place of a URL."""

_URL: Final = re.compile(
    r"[a-z][a-z0-9+.-]*:/|//|(https?|ftp|mailto|tel|sms|data|file|javascript):|www\w*\.",
    re.IGNORECASE,
)
_DOT: Final = re.compile(r"(?<=[\w\]])\.(?=[^\W\d_][\w-])")
_QUAD: Final = re.compile(r"\d+(?:\.\d+){3,}")
_IGNORED: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]"
)
"""Marks that are not seen although they are no format characters."""

_DOTS: Final = str.maketrans(dict.fromkeys("。｡․﹒．", "."))
_JOINERS: Final = "\u200c\u200d"
"""Some scripts are misspelt without them."""


def unlinked(text: str) -> str:
    """`text` without anything that a mail program makes a link of.

    >>> unlinked("You won! https://evil.example/win?a=1")
    'You won! […]'
    >>> unlinked("evil.example/win, or me@evil.example")
    'evil. example/win, or me @ evil. example'
    >>> unlinked("Dr. St.John, 19.30, J.R.R. Tolkien")
    'Dr. St. John, 19.30, J.R.R. Tolkien'
    """
    if text.isascii() and not _may_link(text):
        return text
    return re.sub(r"\S+", lambda found: _token(found[0]), plain_text.cleaned(text))


def _may_link(text: str) -> bool:
    return any(mark in text for mark in ".@:/")


def _token(token: str) -> str:
    """A token as it is, unless a program that ignores joiners, widths and kinds of dots sees a link
    in it."""
    plain = unicodedata.normalize("NFKC", token.translate(_DOTS))
    plain = _IGNORED.sub("", plain.translate(dict.fromkeys(map(ord, _JOINERS))))
    if _URL.search(plain):
        return LEFT_OUT
    spaced = _QUAD.sub(lambda found: found[0].replace(".", ". "), _DOT.sub(". ", plain))
    if "@" in plain:
        spaced = " @ ".join(part.strip() for part in spaced.split("@")).strip()
    return token if spaced == plain else spaced
