"""The promise of a booking, and the news about it that waits in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.interval import Interval


@dataclass(frozen=True)
class Promise:
    """What the guest of a live booking counts on: an interval, and a space for it."""

    booked: Interval
    number: str


@dataclass(frozen=True)
class News:
    """The last change of a promise: the booking version that made it (`in_version`), when, and the
    promise `before`. Changes that follow each other closely are one: `before` is the promise
    before the first of them. `own` is true where the customer made all of them."""

    in_version: int
    at: datetime
    before: Promise
    own: bool = False

    @property
    def name(self) -> str:
        """All of it as text, which names it in the outbox."""
        instants = (self.at, self.before.booked.start, self.before.booked.end)
        parts = (self.in_version, *map(unixtime.of, instants), int(self.own), self.before.number)
        return "/".join(map(str, parts))

    @classmethod
    def named(cls, name: str) -> News | None:
        """The news of that name; None for the name of an older effect, which is its version
        alone.

        >>> News.named("2") is None
        True
        >>> News.named("2/1795251600/1795255200/1795258800/0/A/7").before.number
        'A/7'
        """
        version, *rest = name.split("/", 5)
        if not rest:
            return None
        at, start, end = (unixtime.instant(float(each)) for each in rest[:3])
        before = Promise(Interval(start, end), rest[4])
        return cls(int(version), at, before, own=rest[3] == "1")
