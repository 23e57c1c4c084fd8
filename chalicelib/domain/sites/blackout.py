"""Blackouts: times in which a zone, or a whole site, takes no bookings (docs/rules/opening.md).

A zone keeps its own in its policy, a site those that count for all its zones: whoever books has
read both anyway.
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
from chalicelib.domain.occupancy.occupancy import Sheet

MOST = 100
"""Blackouts a zone or a site may have: they are part of its record."""

KEPT = timedelta(days=30)
"""How long one that is over is still shown; then it makes way for the next."""

Reason = Annotated[
    str,
    Text(min=0, max=200, lines=True),
    Doc("Guests and staff read it.", "The floor is polished"),
]
_Key = Annotated[
    str,
    Text(min=0, max=8, pattern=rf"([{ids.ALPHABET}]{{8}})?", form="must be a key as answered"),
    Doc("Names it within its zone or site; grows from its times where it is left out."),
]


@dataclass(frozen=True)
class Blackout:
    """From `start` up to `end` nothing may be booked, and why."""

    start: datetime
    end: datetime
    reason: Reason = ""
    key: _Key = ""

    def __post_init__(self) -> None:
        """Raises Invalid for a reversed one."""
        if self.end <= self.start:
            raise errors.Invalid({"end": "must be after start"})
        if not self.key:
            ends = f"{localtime.iso(self.start)}/{localtime.iso(self.end)}"
            object.__setattr__(self, "key", ids.locator(zlib.crc32(ends.encode())))

    @property
    def interval(self) -> Interval:
        """The time it closes."""
        return Interval(self.start, self.end)

    def describe(self, tz: ZoneInfo) -> str:
        """When it is and why, by the clocks in `tz`."""
        start, end = localtime.text(self.start, tz), localtime.text(self.end, tz)
        return f"Closed from {start} until {end} ({tz.key}){self.reason and ': '}{self.reason}"


def within(blackouts: Iterable[Blackout], interval: Interval) -> tuple[Blackout, ...]:
    """The blackouts in the way of `interval`, by their start."""
    hit = (each for each in blackouts if each.interval.overlaps(interval))
    return tuple(sorted(hit, key=lambda each: each.start))


def find(blackouts: Iterable[Blackout], key: str) -> Blackout:
    """The blackout of that key. Raises BlackoutNotFound."""
    for each in blackouts:
        if each.key == key:
            return each
    raise errors.BlackoutNotFound()


def with_new(
    blackouts: Iterable[Blackout], new: Blackout, *, now: datetime
) -> tuple[Blackout, ...]:
    """The blackouts and `new`, without those that have been over for long. Raises Invalid for one
    that is over itself, AlreadyExists for the same time again, and InUse where there are too many.
    """
    kept = tuple(each for each in blackouts if now < each.end + KEPT)
    _require(new, kept, now)
    if len(kept) >= MOST:
        raise errors.InUse(f"There are {MOST} blackouts already. Lift one first.")
    return (*kept, new)


def with_changed(
    blackouts: Iterable[Blackout], changed: Blackout, *, now: datetime
) -> tuple[Blackout, ...]:
    """The blackouts with `changed` instead of the one of its key. Raises Invalid, AlreadyExists."""
    others = without(blackouts, changed.key)
    _require(changed, others, now)
    return (*others, changed)


def without(blackouts: Iterable[Blackout], key: str) -> tuple[Blackout, ...]:
    """The blackouts but for the one of that key."""
    return tuple(each for each in blackouts if each.key != key)


def hit_first_on(sheet: Sheet, closed: Interval) -> tuple[str, ...]:
    """The bookings on a sheet that overlap `closed`, each on the first of its pages only, so that
    whoever goes through the sheets meets it once."""
    return tuple(
        sorted(
            holder
            for holder, taken in sheet.taken.items()
            if ids.booking_key(holder)
            and taken.overlaps(closed)
            and max(taken.start, closed.start).date().isoformat().startswith(sheet.day)
        )
    )


def _require(wanted: Blackout, others: Iterable[Blackout], now: datetime) -> None:
    if wanted.end <= now:
        raise errors.Invalid({"end": "must be in the future"})
    if any(other.interval == wanted.interval for other in others):
        raise errors.AlreadyExists("There is a blackout for exactly that time.")
