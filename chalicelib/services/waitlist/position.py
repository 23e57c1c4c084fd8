"""How somebody in line stands: how many are before them, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.waitlist import estimate as rules
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.estimate import Chance
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries


@dataclass(frozen=True)
class Position:
    """A place in line (1 is next) and the estimated chance; None for what is not told."""

    position: int | None = None
    chance: Chance | None = None


UNKNOWN = Position()


def of(deps: Deps, entry: Entry) -> Position:
    """Where `entry` stands: one query while it waits, none afterwards. Whoever is too far back to
    be counted is told no chance."""
    position = entries.position(deps, entry)
    if position is None or position > entries.FURTHEST_COUNTED:
        return Position(position)
    spaces = len(entry.wish.among(deps.catalogue.numbers(entry.zone_id)))
    ahead = entry.interval.start - deps.now()
    return Position(position, rules.estimate(position, spaces, ahead=ahead))
