"""The position of a waiting entry, and its estimated chance."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.core import errors
from chalicelib.domain.waitlist import estimate as rules
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.estimate import Chance
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries


@dataclass(frozen=True)
class Position:
    """A position in the queue (1 is next) and the estimated chance; None where it is not shown."""

    position: int | None = None
    chance: Chance | None = None


UNKNOWN = Position()


def of(deps: Deps, entry: Entry) -> Position:
    """The position of `entry`: one query while it waits, none afterwards. Beyond FURTHEST_COUNTED
    it has no chance."""
    position = entries.position(deps, entry)
    if position is None or position > entries.FURTHEST_COUNTED:
        return Position(position)
    spaces = len(entry.wish.among(deps.catalogue.numbers(entry.zone_id)))
    ahead = entry.interval.start - deps.now()
    return Position(position, rules.estimate(position, spaces, ahead=ahead))


def of_new(deps: Deps, entry: Entry) -> Position:
    """The position of an entry that has just joined; UNKNOWN where it cannot be read, because the
    entry waits all the same."""
    try:
        return of(deps, entry)
    except errors.Unavailable:
        return UNKNOWN
