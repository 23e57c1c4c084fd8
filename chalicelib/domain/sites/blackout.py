"""Blackouts: times in which a zone, or a whole site, takes no bookings (docs/rules/opening.md).

The blackouts of a zone are part of its policy, those of a site count for all its zones. A booking
reads both records anyway.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.constraints import Doc, Text
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import At, Sentence, say
from chalicelib.domain.occupancy.occupancy import Sheet

MOST = 100
"""The most blackouts of a zone or a site: they are part of its record."""

KEPT = timedelta(days=30)
"""How long a past blackout is kept."""

Reason = Annotated[
    str,
    Text(min=0, max=200, lines=True),
    Doc("Shown to guests and staff.", "The floor is polished"),
]
_Key = Annotated[
    str,
    Text(min=0, max=8, pattern=rf"([{ids.ALPHABET}]{{8}})?", form=say("must_be_answered_key")),
    Doc("Its key within the zone or site; derived from its times if absent."),
]


@dataclass(frozen=True)
class Blackout:
    """An interval without bookings, and the reason."""

    start: datetime
    end: datetime
    reason: Reason = ""
    key: _Key = ""

    def __post_init__(self) -> None:
        """Raises Invalid where the end is not after the start."""
        if self.end <= self.start:
            raise errors.Invalid({"end": say("must_be_after_start")})
        if not self.key:
            ends = f"{localtime.iso(self.start)}/{localtime.iso(self.end)}"
            object.__setattr__(self, "key", ids.locator(zlib.crc32(ends.encode())))

    @property
    def interval(self) -> Interval:
        """The closed time."""
        return Interval(self.start, self.end)

    def describe(self, tz: ZoneInfo) -> Sentence:
        """Its times by the clocks in `tz`, and the reason."""
        start, end = At(self.start, tz), At(self.end, tz)
        if not self.reason:
            return say("closed_from_until", start=start, end=end, timezone=tz.key)
        return say("closed_because", start=start, end=end, timezone=tz.key, reason=self.reason)


def within(blackouts: Iterable[Blackout], interval: Interval) -> tuple[Blackout, ...]:
    """The blackouts that overlap `interval`, by start."""
    hit = (each for each in blackouts if each.interval.overlaps(interval))
    return tuple(sorted(hit, key=lambda each: each.start))


def find(blackouts: Iterable[Blackout], key: str) -> Blackout:
    """The blackout with `key`. Raises BlackoutNotFound."""
    for each in blackouts:
        if each.key == key:
            return each
    raise errors.BlackoutNotFound()


def with_new(
    blackouts: Iterable[Blackout], new: Blackout, *, now: datetime
) -> tuple[Blackout, ...]:
    """The blackouts with `new`, without those past for longer than KEPT. Raises Invalid for a past
    one, AlreadyExists for the same times, InUse above MOST."""
    kept = tuple(each for each in blackouts if now < each.end + KEPT)
    _require(new, kept, now)
    if len(kept) >= MOST:
        raise errors.InUse(say("most_blackouts", most=MOST))
    return (*kept, new)


def with_changed(
    blackouts: Iterable[Blackout], changed: Blackout, *, now: datetime
) -> tuple[Blackout, ...]:
    """The blackouts with `changed` in place of the one of its key. Raises Invalid,
    AlreadyExists."""
    others = without(blackouts, changed.key)
    _require(changed, others, now)
    return (*others, changed)


def without(blackouts: Iterable[Blackout], key: str) -> tuple[Blackout, ...]:
    """The blackouts without the one of `key`."""
    return tuple(each for each in blackouts if each.key != key)


def hit_first_on(sheet: Sheet, closed: Interval) -> tuple[str, ...]:
    """The bookings of a sheet that overlap `closed`. A booking counts on its first overlapping page
    only, so a walk through all sheets meets it once."""
    return tuple(
        sorted(
            holder
            for holder, taken in sheet.taken.items()
            if ids.booking_key(holder)
            and taken.overlaps(closed)
            and max(taken.start, closed.start).date().isoformat().startswith(sheet.day)
        )
    )


def _require(new: Blackout, others: Iterable[Blackout], now: datetime) -> None:
    if new.end <= now:
        raise errors.Invalid({"end": say("must_be_future")})
    if any(other.key == new.key for other in others):
        raise errors.AlreadyExists(say("blackout_key_exists"))
    if any(other.interval == new.interval for other in others):
        raise errors.AlreadyExists(say("blackout_exists"))
