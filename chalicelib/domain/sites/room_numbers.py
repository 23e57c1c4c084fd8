"""Room numbers as hotels write them: a number where it is one, such as 101, otherwise text."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def written(number: str) -> int | str:
    """The number of a room, or of another space, as old clients of hotels read it.

    >>> written("101"), written("007"), written("Garden")
    (101, '007', 'Garden')
    """
    return int(number) if _NUMBER.fullmatch(number) else number
