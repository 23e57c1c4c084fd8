"""The promise of a booking, and the news about it that waits in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
