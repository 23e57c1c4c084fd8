"""What is still open at a site, in a zone or in a space: it has to be done before the place is
closed for good (docs/rules/closing.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from chalicelib.domain.core import errors

MOST_COUNTED: Final = 1000
"""The largest count: what is open is not read further."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "zones": ("zone", "zones"),
    "spaces": ("space", "spaces"),
    "bookings": ("live booking", "live bookings"),
    "waiting": ("waitlist entry", "waitlist entries"),
    "unpaid": ("unpaid stay", "unpaid stays"),
    "shifts": ("open shift", "open shifts"),
}


@dataclass(frozen=True)
class OpenThings:
    """The ids of what is open, at most `MOST_COUNTED` of each kind: zones and spaces, live
    bookings, entries that wait or have an offer, bookings with an amount due, open shifts."""

    zones: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ()
    bookings: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    unpaid: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()

    @property
    def by_kind(self) -> dict[str, tuple[str, ...]]:
        """The ids by the name of their kind."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def require_none(self, why: str = "Still open") -> None:
        """Require that nothing is open. Raises InUse, which says `why` and names it."""
        found = {kind: ids for kind, ids in self.by_kind.items() if ids}
        if found:
            raise errors.InUse.naming(f"{why}: {_in_words(found)}. Finish that first.", found)


def _in_words(found: Mapping[str, tuple[str, ...]]) -> str:
    """The counts as text.

    >>> _in_words({"spaces": ("zone-a.A-001",), "bookings": ("BK1", "BK2")})
    '1 space and 2 live bookings'
    """
    *parts, last = (f"{len(ids)} {_WORDS[kind][len(ids) != 1]}" for kind, ids in found.items())
    return f"{', '.join(parts)} and {last}" if parts else last
