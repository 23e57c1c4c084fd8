"""A paper: a receipt, an invoice, a voucher or a credit note, with its number
(docs/decisions/receipts.md). Once issued it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.taxing import TaxLine

PaperKind = Literal[
    "invoice", "bill_of_supply", "receipt", "receipt_voucher", "refund_voucher", "refund_receipt",
    "credit_note",
]  # fmt: skip

LETTERS: Final[Mapping[PaperKind, str]] = {
    "receipt_voucher": "V",
    "invoice": "I",
    "bill_of_supply": "B",
    "receipt": "R",
    "refund_voucher": "W",
    "refund_receipt": "P",
    "credit_note": "C",
}
"""The letter of each kind in its numbers; in the order in which a booking gets them."""

BILLS: Final[frozenset[PaperKind]] = frozenset({"invoice", "bill_of_supply", "receipt"})
"""The kinds that bill a stay: a booking has one of them at most."""

LONGEST: Final = 16
"""Characters of a number (CGST Rule 46)."""

_APRIL: Final = 4


@dataclass(frozen=True)
class Party:
    """The seller or the buyer, as a paper names it. `state` is a code."""

    name: str
    gstin: str | None = None
    address: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class PaperLine:
    """What is charged or paid back; `rate` and `minor` are minor units."""

    text: str
    quantity: int
    rate: int
    minor: int


@dataclass(frozen=True)
class Draft:
    """What a paper says, before it has a number. The lines add up to `total`, or to that less the
    tax where it is added to the prices. `against` is the number of the paper that it corrects."""

    kind: PaperKind
    ordinal: int
    lines: tuple[PaperLine, ...]
    total: Money
    tax: tuple[TaxLine, ...] = ()
    sac: str | None = None
    buyer: Party | None = None
    against: str | None = None


@dataclass(frozen=True)
class Series:
    """The papers of a site that are counted together: those of a kind and a financial year, named
    by the year in which it begins."""

    site: str
    kind: PaperKind
    year: int


@dataclass(frozen=True)
class Paper:
    """An issued paper: a draft, the place of its number in the series, when and by whom it was
    issued. `issued_on` is the date on the clock of its site. `ordinal` counts the papers of
    its kind and booking."""

    draft: Draft
    site: str
    booking_id: str
    place: int
    issued_at: datetime
    issued_on: date
    seller: Party
    mark: str = ""
    place_of_supply: str | None = None
    version: int = 1

    @property
    def kind(self) -> PaperKind:
        return self.draft.kind

    @property
    def series(self) -> Series:
        return Series(self.site, self.kind, year_of(self.issued_on))

    @property
    def number(self) -> str:
        """Its number, as it is printed."""
        return number(self.mark, self.series, self.place)

    @property
    def total(self) -> Money:
        return self.draft.total

    @property
    def tax_total(self) -> Money:
        """All tax in the total."""
        zero = Money.zero(self.total.currency)
        return sum((line.amount for line in self.draft.tax), zero)

    @property
    def taxable(self) -> Money:
        """The price before tax."""
        return self.total - self.tax_total


Papers = tuple[Paper, ...]


def year_of(on: date) -> int:
    """The financial year of a date, by the calendar year in which it begins.

    >>> year_of(date(2027, 3, 31)), year_of(date(2027, 4, 1))
    (2026, 2027)
    """
    return on.year if on.month >= _APRIL else on.year - 1


def number(mark: str, series: Series, place: int) -> str:
    """The number of a paper. ValueError for one of more than 16 characters.

    >>> number("AB", Series("central", "invoice", 2026), 1042)
    'AB-I2627/1042'
    >>> number("", Series("central", "credit_note", 2099), 7)
    'C9900/7'
    """
    begin = f"{mark}-" if mark else ""
    years = f"{series.year % 100:02}{(series.year + 1) % 100:02}"
    text = f"{begin}{LETTERS[series.kind]}{years}/{place}"
    if len(text) > LONGEST:
        raise ValueError(f"{text} has more than {LONGEST} characters")
    return text
