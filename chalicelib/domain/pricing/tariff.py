"""The tariff of a zone: rate per unit, grace, booking fee, time bands, tax (docs/rules/billing.md).

Amounts are minor units of the currency of the tariff, durations minutes, shares basis points.
`tariff_json` has the JSON that clients write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.money import WHOLE, Money, exponent

TariffKind = Literal["hourly", "nightly", "flat"]
KINDS: tuple[TariffKind, ...] = get_args(TariffKind)


@dataclass(frozen=True, slots=True)
class Band:
    """A rate for the local minutes `[start_minute, end_minute)` of each day. A band may span
    midnight."""

    start_minute: int
    end_minute: int
    rate: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_minute < localtime.MINUTES_A_DAY >= self.end_minute >= 0:
            raise ValueError("must lie within a day")
        if self.start_minute == self.end_minute:
            raise ValueError('must not start and end at one time; all day is "00:00" to "24:00"')
        if self.rate < 0:
            raise ValueError("must not be negative")

    def contains(self, minute: int) -> bool:
        """Whether the local minute of the day is in the band.

        >>> Band(21 * 60, 6 * 60, 3000).contains(0)
        True
        """
        if self.start_minute < self.end_minute:
            return self.start_minute <= minute < self.end_minute
        return minute >= self.start_minute or minute < self.end_minute

    def overlaps(self, other: Band) -> bool:
        """Whether both bands have a minute of the day in common."""
        return self.contains(other.start_minute) or other.contains(self.start_minute)

    def text(self) -> str:
        """The times as guests read them: "21:00–06:00"."""
        ends = localtime.minute_text(self.start_minute), localtime.minute_text(self.end_minute)
        return "–".join(ends)


DEFAULT_BANDS = (
    Band(6 * 60, 9 * 60, 8000),
    Band(9 * 60, 18 * 60, 5000),
    Band(18 * 60, 21 * 60, 7000),
    Band(21 * 60, 6 * 60, 3000),
)
"""The bands of docs/rules/billing.md, for tariffs in INR with `"bands": "default"`."""

DEFAULT_BOOKING_FEE = 5000
"""The booking fee of docs/rules/billing.md, the default for parking in INR."""


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax of `rate_bp` basis points, inside the prices or added to them. `parts` are its names
    with their shares of the tax in basis points, 10000 in all."""

    rate_bp: int = 0
    inclusive: bool = True
    parts: tuple[tuple[str, int], ...] = (("GST", WHOLE),)

    def __post_init__(self) -> None:
        if not 0 <= self.rate_bp <= WHOLE:
            raise ValueError("the rate must be 0 to 10000 basis points")
        if sum(share for _, share in self.parts) != WHOLE or min(self.shares) < 0:
            raise ValueError("the shares of its parts must add up to 10000 basis points")

    @property
    def shares(self) -> tuple[int, ...]:
        """The share of each part, in basis points."""
        return tuple(share for _, share in self.parts)


NO_TAX = Tax()


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of a zone. `rate` is for each unit begun after the grace, for each night, or once
    (flat)."""

    kind: TariffKind
    currency: str
    rate: int
    unit_minutes: int = 60
    grace_minutes: int = 5
    booking_fee: int = 0
    bands: tuple[Band, ...] = ()
    tax: Tax = NO_TAX
    late_fee: int = 0

    def __post_init__(self) -> None:
        exponent(self.currency)
        if self.kind not in KINDS:
            raise ValueError("kind must be one of " + ", ".join(KINDS))
        if min(self.rate, self.booking_fee, self.late_fee, self.grace_minutes) < 0:
            raise ValueError("amounts and grace must not be negative")
        if self.unit_minutes < 1:
            raise ValueError("a unit lasts at least a minute")
        if clash := overlap(self.bands):
            raise ValueError("bands {} and {} overlap".format(*clash))

    def band_at(self, instant: datetime, tz: ZoneInfo) -> Band | None:
        """The band at `instant` by the local time in `tz`; None outside all bands."""
        minute = localtime.minute_of_day(instant, tz) if self.bands else 0
        return next((band for band in self.bands if band.contains(minute)), None)

    def rate_at(self, instant: datetime, tz: ZoneInfo) -> Money:
        """The price of a unit that begins at `instant`: by its band, else `rate`."""
        band = self.band_at(instant, tz)
        return Money(self.rate if band is None else band.rate, self.currency)

    def pack(self) -> str:
        """The tariff as compact text, to be stored with each booking made under it.

        >>> Tariff("hourly", "INR", 5000, booking_fee=5000).pack()
        '["hourly","INR",5000,60,5,5000]'
        """
        row = [getattr(self, name) for name in _PLAIN]
        row += [[] if self.tax == NO_TAX else _tax_row(self.tax)]
        row += [[(band.start_minute, band.end_minute, band.rate) for band in self.bands]]
        while row[-1] == _DEFAULTS[len(row) - 1]:
            row.pop()
        return serialize.text(row)

    @staticmethod
    @lru_cache(maxsize=256)
    def unpack(packed: str) -> Tariff:
        """The tariff from the text that `pack` wrote. Bookings of one tariff share one value."""
        row = json.loads(packed)
        *values, tax, bands = row + list(_DEFAULTS[len(row) :])
        parts: dict[str, Any] = {"tax": _read_tax(tax), "bands": tuple(Band(*b) for b in bands)}
        return Tariff(**dict(zip(_PLAIN, values, strict=True)), **parts)


_PLAIN = (
    "kind", "currency", "rate", "unit_minutes", "grace_minutes", "booking_fee", "late_fee",
)  # fmt: skip
_DEFAULTS: tuple[Any, ...] = (None, None, None, 60, 5, 0, 0, [], [])


def overlap(bands: Sequence[Band]) -> tuple[int, int] | None:
    """The positions of the first two bands that share a minute of the day; None if none do."""
    for second, band in enumerate(bands):
        for first in range(second):
            if band.overlaps(bands[first]):
                return first, second
    return None


def _tax_row(tax: Tax) -> list[Any]:
    row = [tax.rate_bp, int(tax.inclusive)]
    return row if tax.parts == NO_TAX.parts else [*row, tax.parts]


def _read_tax(row: list[Any]) -> Tax:
    if not row:
        return NO_TAX
    rate_bp, inclusive, *parts = row
    named = tuple((name, share) for name, share in parts[0]) if parts else NO_TAX.parts
    return Tax(rate_bp, bool(inclusive), named)
