"""The tariff of a zone: rate per unit, grace, fees, bands, daily maximum, tax, cancellation terms
(docs/rules/billing.md, docs/rules/refunds.md).

Amounts are minor units of the currency of the tariff, durations minutes, shares basis points.
`tariff_json` has the JSON that clients write.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime, serialize
from chalicelib.domain.core.money import WHOLE, Money, exponent
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.pricing import agreed as agreements
from chalicelib.domain.pricing import demand_json, discount_json, gst
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.band import EVERY_DAY, Band, overlap
from chalicelib.domain.pricing.cancellation import CancelDeadline, CancellationTerms
from chalicelib.domain.pricing.demand import Demand
from chalicelib.domain.pricing.discount import Discount


class Misfit(ValueError):
    """A part of a tariff that its kind does not allow."""

    def __init__(self, part: str, fault: Sentence) -> None:
        super().__init__(part, fault)
        self.part, self.fault = part, fault


TariffKind = Literal["hourly", "daily", "nightly", "flat"]
KINDS: tuple[TariffKind, ...] = get_args(TariffKind)

RETURN_DAYS = 3
"""How many days after its stay a deposit comes back by itself, unless the tariff says otherwise."""

DEFAULT_BOOKING_FEE = 5000
"""The booking fee of docs/rules/billing.md, the default for parking in INR."""


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax of `rate_bp` basis points, inside the prices or added to them. `parts` are its names
    with their shares of the tax in basis points, 10000 in all. Where it has a code of GST, `sac`,
    the rate is that of the day (`gst.py`), in equal halves."""

    rate_bp: int = 0
    inclusive: bool = True
    parts: tuple[tuple[str, int], ...] = (("GST", WHOLE),)
    sac: str | None = None

    def __post_init__(self) -> None:
        if self.sac is not None:
            if self.sac not in gst.RATES or self.rate_bp:
                raise ValueError("a code of GST that is known has its own rates")
            object.__setattr__(self, "parts", GST_HALVES)
        if not 0 <= self.rate_bp <= WHOLE:
            raise ValueError("the rate must be 0 to 10000 basis points")
        if sum(share for _, share in self.parts) != WHOLE or min(self.shares) < 0:
            raise ValueError("the shares of its parts must add up to 10000 basis points")

    @property
    def shares(self) -> tuple[int, ...]:
        """The share of each part, in basis points."""
        return tuple(share for _, share in self.parts)


GST_HALVES = ((gst.CENTRAL, WHOLE // 2), (gst.STATE, WHOLE // 2))

NO_TAX = Tax()


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of a zone. `rate` is for each unit begun after the grace, for each calendar day
    (daily), for each night, or once (flat). The first `free_minutes` of a stay cost nothing. The
    units of one calendar day cost at most `day_cap`. `no_show_fee` is for a booking that was not
    entered. `cancellation` is None where the refund window of the policy counts. With `demand` its
    prices depend on how full the zone is; `discounts` take a share off them. `agreed` is what
    was agreed with one booking; a zone agrees nothing. A `deposit` is taken beside the fee, and
    comes back `deposit_return_days` after the stay."""

    kind: TariffKind
    currency: str
    rate: int
    unit_minutes: int = 60
    grace_minutes: int = 5
    booking_fee: int = 0
    bands: tuple[Band, ...] = ()
    tax: Tax = NO_TAX
    late_fee: int = 0
    free_minutes: int = 0
    day_cap: int | None = None
    no_show_fee: int = 0
    cancellation: CancellationTerms | None = None
    demand: Demand | None = None
    discounts: tuple[Discount, ...] = ()
    agreed: Agreed = agreements.NOTHING
    deposit: int = 0
    deposit_return_days: int = RETURN_DAYS

    def __post_init__(self) -> None:
        exponent(self.currency)
        if self.kind not in KINDS:
            raise ValueError("kind must be one of " + ", ".join(KINDS))
        amounts = self.rate, self.booking_fee, self.late_fee, self.no_show_fee, self.deposit
        lengths = self.grace_minutes, self.free_minutes, self.deposit_return_days
        if min(*amounts, *lengths) < 0:
            raise ValueError("amounts, minutes and days must not be negative")
        if self.day_cap is not None and self.day_cap < 1:
            raise ValueError("a daily maximum must be above zero")
        if self.unit_minutes < 1:
            raise ValueError("a unit lasts at least a minute")
        if clash := overlap(self.bands):
            raise ValueError("bands {} and {} overlap".format(*clash))
        self._require_fit()

    def _require_fit(self) -> None:
        """Only rupees have a code of GST, only hours a daily maximum, nights no free minutes, a
        flat rate no bands, and a band of days or nights lasts all day."""
        if self.tax.sac is not None and self.currency != "INR":
            raise Misfit("tax.sac", say("is_for_rupees_only"))
        if self.day_cap is not None and self.kind != "hourly":
            raise Misfit("day_cap", say("is_for_hourly_only"))
        if self.free_minutes and self.kind == "nightly":
            raise Misfit("free_minutes", say("is_not_for_nightly"))
        if self.bands and self.kind == "flat":
            raise Misfit("bands", say("are_not_for_flat"))
        for at, band in enumerate(self.bands):
            if self.kind != "hourly" and not band.is_all_day:
                raise Misfit(f"bands[{at}]", say("must_last_all_day"))

    @property
    def is_free(self) -> bool:
        """Whether it has no price at all."""
        return not (self.rate or self.bands or self.booking_fee)

    def band_at(self, instant: datetime, tz: ZoneInfo) -> Band | None:
        """The band at `instant` by the local time in `tz`; None outside all bands."""
        if not self.bands:
            return None
        wall = localtime.local(instant, tz)
        return self._band_of(wall.weekday(), wall.hour * 60 + wall.minute)

    def band_on(self, day: date) -> Band | None:
        """The band of a whole local day, under a tariff of days or nights; None outside all
        bands."""
        return self._band_of(day.weekday(), 0)

    def _band_of(self, weekday: int, minute: int) -> Band | None:
        return next((band for band in self.bands if band.contains(weekday, minute)), None)

    def rate_at(self, instant: datetime, tz: ZoneInfo) -> Money:
        """The price of a unit that begins at `instant`: by its band, else `rate`."""
        return self.rate_in(self.band_at(instant, tz))

    def hourly_rate_at(self, instant: datetime, tz: ZoneInfo) -> Money | None:
        """The price of an hour at the rate of `instant`; None unless by time."""
        if self.kind != "hourly":
            return None
        return self.money(self.rate_at(instant, tz).minor * 60 // self.unit_minutes)

    def rate_in(self, band: Band | None) -> Money:
        """The price of a unit in `band`, or outside all bands."""
        return self.money(self.rate if band is None else band.rate)

    def money(self, minor: int) -> Money:
        """An amount in its currency."""
        return Money(minor, self.currency)

    def pack(self) -> str:
        """The tariff as compact text, to be stored with each booking made under it.

        >>> Tariff("hourly", "INR", 5000, booking_fee=5000).pack()
        '["hourly","INR",5000,60,5,5000]'
        """
        return _packed(self)

    @staticmethod
    @lru_cache(maxsize=256)
    def unpack(packed: str) -> Tariff:
        """The tariff from the text that `pack` wrote. Bookings of one tariff share one value."""
        row = json.loads(packed)
        row += _DEFAULTS[len(row) :]
        *values, tax, bands, free, cap, no_show, terms, demand, cheaper, agreed, deposit, days = row
        return Tariff(
            **dict(zip(_PLAIN, values, strict=True)),
            tax=_read_tax(tax),
            bands=tuple(map(_read_band, bands)),
            free_minutes=free,
            day_cap=cap,
            no_show_fee=no_show,
            cancellation=_read_terms(terms),
            demand=demand_json.unpack(demand),
            discounts=discount_json.unpack(cheaper),
            agreed=agreements.unpack(agreed),
            deposit=deposit,
            deposit_return_days=days,
        )


@lru_cache(maxsize=256)
def _packed(tariff: Tariff) -> str:
    row = [getattr(tariff, name) for name in _PLAIN]
    row += [[] if tariff.tax == NO_TAX else _tax_row(tariff.tax)]
    row += [list(map(_band_row, tariff.bands)), tariff.free_minutes, tariff.day_cap]
    row += [tariff.no_show_fee, _terms_row(tariff.cancellation)]
    row += [demand_json.pack(tariff.demand), discount_json.pack(tariff.discounts)]
    row += [agreements.pack(tariff.agreed), tariff.deposit, tariff.deposit_return_days]
    while row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return serialize.text(row)


_PLAIN = (
    "kind", "currency", "rate", "unit_minutes", "grace_minutes", "booking_fee", "late_fee",
)  # fmt: skip
_DEFAULTS: tuple[Any, ...] = (
    None, None, None, 60, 5, 0, 0, [], [], 0, None, 0, [], [], [], [], 0, RETURN_DAYS,
)  # fmt: skip


def _tax_row(tax: Tax) -> list[Any]:
    row = [tax.rate_bp, int(tax.inclusive)]
    if tax.sac is not None:
        return [*row, tax.sac]
    return row if tax.parts == NO_TAX.parts else [*row, tax.parts]


def _read_tax(row: list[Any]) -> Tax:
    if not row:
        return NO_TAX
    rate_bp, inclusive, *parts = row
    if parts and isinstance(parts[0], str):
        return Tax(inclusive=bool(inclusive), sac=parts[0])
    named = tuple((name, share) for name, share in parts[0]) if parts else NO_TAX.parts
    return Tax(rate_bp, bool(inclusive), named)


def _band_row(band: Band) -> tuple[Any, ...]:
    row = band.start_minute, band.end_minute, band.rate
    return row if band.days == EVERY_DAY else (*row, band.days)


def _read_band(row: list[Any]) -> Band:
    start, end, rate, *days = row
    return Band(start, end, rate, tuple(days[0]) if days else EVERY_DAY)


def _terms_row(terms: CancellationTerms | None) -> list[Any]:
    if terms is None:
        return []
    return [terms.kept, [(each.days_before, each.until, each.percent) for each in terms.deadlines]]


def _read_terms(row: list[Any]) -> CancellationTerms | None:
    if not row:
        return None
    kept, deadlines = row
    return CancellationTerms(tuple(CancelDeadline(*each) for each in deadlines), kept)
