"""Instants as whole seconds since 1970: how they are stored, and sealed into tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def of(at: datetime) -> int: ...
@overload
def of(at: datetime | None) -> int | None: ...
def of(at: datetime | None) -> int | None:
    """Return the whole seconds of an instant; None of none.

    >>> of(datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    1795242600
    """
    return None if at is None else int(at.timestamp())


@overload
def instant(seconds: float) -> datetime: ...
@overload
def instant(seconds: float | None) -> datetime | None: ...
def instant(seconds: float | None) -> datetime | None:
    """Return the instant of a number of seconds, in UTC; None of none."""
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
