"""The mail address in a contact, which is free text."""

from __future__ import annotations

import re
from typing import Final

_MAILBOX: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def mailbox_in(contact: str | None) -> str | None:
    """The mail address in a contact, if there is one.

    >>> mailbox_in("01 555 0100, desk@h.ie"), mailbox_in("01 555 0100"), mailbox_in(None)
    ('desk@h.ie', None, None)
    """
    words = re.split(r"[\s,;<>()]+", contact or "")
    return next((word for word in words if _MAILBOX.fullmatch(word)), None)
