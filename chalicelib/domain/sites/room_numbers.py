"""Room numbers as hotels write them: a number where it is one, such as 101, otherwise text."""

from __future__ import annotations

import re
from typing import Annotated, Final

from chalicelib.domain.core.constraints import Named, Structure

_SCHEMA: Final = {
    "oneOf": [{"type": "integer", "format": "int32"}, {"type": "string"}],
    "description": "The number of the room: an integer where it is one, otherwise text.",
    "examples": [101],
}
RoomNumber = Annotated[int | str, Structure(lambda raw: raw, _SCHEMA), Named("RoomNumber")]

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def written(number: str) -> int | str:
    """The number of a room, or of another space, as old clients of hotels read it.

    >>> written("101"), written("007"), written("Garden")
    (101, '007', 'Garden')
    """
    return int(number) if _NUMBER.fullmatch(number) else number


def of_room(room_id: str) -> int | str:
    """The number of a room, from its id or its number as a request names it.

    >>> of_room("rooms.103"), of_room("103")
    (103, 103)
    """
    return written(room_id.rpartition(".")[2])
