"""What is still open at a site, in a zone or in a space: it has to be done before the place is
closed for good (docs/rules/closing.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Sentence, say

MOST_COUNTED: Final = 1000
"""The largest count: what is open is not read further."""

STILL_OPEN: Final = say("why_open")

_COUNTED: Final[Mapping[str, Callable[[int], Sentence]]] = {
    "zones": lambda count: say("open_zones", count=count),
    "spaces": lambda count: say("open_spaces", count=count),
    "bookings": lambda count: say("open_bookings", count=count),
    "waiting": lambda count: say("open_waiting", count=count),
    "unpaid": lambda count: say("open_unpaid", count=count),
    "shifts": lambda count: say("open_shifts", count=count),
    "season_passes": lambda count: say("open_season_passes", count=count),
}


@dataclass(frozen=True)
class OpenThings:
    """The ids of what is open, at most `MOST_COUNTED` of each kind: zones and spaces, live
    bookings, entries that wait or have an offer, bookings with an amount due, open shifts, season
    passes that are valid or will be."""

    zones: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    bookings: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    unpaid: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    season_passes: tuple[str, ...] = ()

    @property
    def by_kind(self) -> dict[str, tuple[str, ...]]:
        """The ids by the name of their kind."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def require_none(self, why: Sentence = STILL_OPEN) -> None:
        """Require that nothing is open. Raises InUse, which says `why` and names it."""
        found = {kind: ids for kind, ids in self.by_kind.items() if ids}
        if found:
            things = _in_words(found)
            raise errors.InUse.naming(say("finish_first", why=why, things=things), found)


def _in_words(found: Mapping[str, tuple[str, ...]]) -> Sentence:
    """The counts, the last one after an "and"."""
    *parts, last = (_COUNTED[kind](len(ids)) for kind, ids in found.items())
    return say("and_also", first=tuple(parts), last=last) if parts else last
