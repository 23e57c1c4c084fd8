from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import LedgerEntry, LedgerLine
from chalicelib.domain.payments.tender import AVAILABLE, PaymentMethod
from chalicelib.domain.pricing import bill
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff, Tax

CASH = PaymentMethod.CASH
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACCOUNTS = (
    ledger.CASH,
    ledger.RECEIVABLE,
    ledger.REVENUE,
    ledger.TAX,
    ledger.PREPAID,
    ledger.WAIVED,
)


@dataclass(frozen=True)
class Stay:
    booking_id: str = "BK1"
    site: str = "central"


def posting(entry_id: str = "LE1") -> Any:
    return {"entry_id": entry_id, "at": NOW, "actor": "staff1"}


def a_bill(
    rate: int = 11800, *, fee: int = 0, paid: int = 0, tax_bp: int = 1800, currency: str = "INR"
) -> Bill:
    tariff = Tariff("flat", currency, rate, booking_fee=fee, tax=Tax(tax_bp))
    hour = Interval(NOW, NOW + timedelta(hours=1))
    return bill.make(tariff, hour, localtime.zone("UTC"), paid=Money(paid, currency))


def exit_in_cash(stay: Stay, made_out: Bill, **posting: Any) -> LedgerEntry:
    return ledger.exit_paid(stay, made_out, CASH, **posting)


def paid_in_cash(stay: Stay, due: Money, **posting: Any) -> LedgerEntry:
    return ledger.due_paid(stay, due, CASH, **posting)


def lines_of(entry: LedgerEntry) -> dict[str, int]:
    return {line.account: line.minor for line in entry.lines}


@pytest.mark.parametrize(
    ("made_out", "lines"),
    [
        # 118.00 with 18 % inside, all of it cash
        (a_bill(), {"cash": 11800, "revenue": -10000, "tax": -1800}),
        # 50.00 was paid ahead
        (
            a_bill(fee=5000, paid=5000),
            {"cash": 6800, "prepaid": 5000, "revenue": -10000, "tax": -1800},
        ),
        # a fee above the bill is kept whole
        (a_bill(3000, fee=5000, paid=5000, tax_bp=0), {"prepaid": 5000, "revenue": -5000}),
        # what was paid ahead beyond all charges stays the guest's
        (a_bill(3000, paid=5000, tax_bp=0), {"prepaid": 3000, "revenue": -3000}),
        # a free stay moves nothing
        (a_bill(0), {}),
    ],
)
def test_an_exit_paid_in_cash_earns_what_the_bill_says(
    made_out: Bill, lines: dict[str, int]
) -> None:
    entry = ledger.exit_paid(Stay(), made_out, CASH, **posting())
    assert entry.kind == "cash"
    assert lines_of(entry) == lines


def test_a_stay_that_ends_by_itself_leaves_what_is_due() -> None:
    entry = ledger.left_due(Stay(), a_bill(fee=5000, paid=5000), **posting())
    assert entry.kind == "billed"
    assert lines_of(entry) == {
        "receivable": 6800,
        "prepaid": 5000,
        "revenue": -10000,
        "tax": -1800,
    }


def test_every_method_that_is_available_has_an_account() -> None:
    assert ledger.RECEIVED.keys() == AVAILABLE


def test_what_is_due_goes_when_it_is_paid_or_waived() -> None:
    due = Money(6800, "INR")
    assert lines_of(ledger.due_paid(Stay(), due, CASH, **posting())) == {
        "cash": 6800,
        "receivable": -6800,
    }
    waived = ledger.waived(Stay(), due, **posting())
    assert waived.kind == "waived"
    assert lines_of(waived) == {"waived": 6800, "receivable": -6800}


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_or_less_settles_nothing(minor: int) -> None:
    for step in (paid_in_cash, ledger.waived):
        with pytest.raises(ValueError, match="above zero"):
            step(Stay(), Money(minor, "INR"), **posting())


def test_an_entry_says_who_when_and_where() -> None:
    entry = ledger.exit_paid(Stay(), a_bill(), CASH, **posting("LE7"))
    assert (entry.entry_id, entry.at, entry.actor) == ("LE7", NOW, "staff1")
    assert (entry.site, entry.booking_id) == ("central", "BK1")


def test_lines_that_do_not_add_up_are_refused() -> None:
    lines = (LedgerLine("cash", 100), LedgerLine("revenue", -99))
    with pytest.raises(ValueError, match="LE1 do not add up"):
        LedgerEntry("LE1", NOW, "central", "BK1", "staff1", "cash", lines, "INR")


def test_a_balance_is_kept_for_each_currency() -> None:
    entries = [
        ledger.exit_paid(Stay(), a_bill(currency=currency), CASH, **posting())
        for currency in ("INR", "EUR", "INR")
    ]
    assert ledger.balance(entries, "cash") == {
        "INR": Money(23600, "INR"),
        "EUR": Money(11800, "EUR"),
    }
    assert ledger.balance(entries, "waived") == {}
    assert ledger.balance([], "cash") == {}


@dataclass(frozen=True)
class Visit:
    """One stay of a random history: its bill, how it ended, what became of what was due."""

    made_out: Bill
    left: bool
    settlement: str
    part: int

    def entries(self, number: Iterator[int]) -> Iterator[LedgerEntry]:
        end = ledger.left_due if self.left else exit_in_cash
        yield end(Stay(), self.made_out, **posting(f"LE{next(number)}"))
        if self.settled:
            step = paid_in_cash if self.settlement == "cash" else ledger.waived
            yield step(Stay(), self.settled, **posting(f"LE{next(number)}"))

    @property
    def settled(self) -> Money:
        if not self.left or self.settlement == "none":
            return Money.zero(self.made_out.currency)
        return self.made_out.amount_due.share(self.part)

    @property
    def still_due(self) -> Money:
        due = self.made_out.amount_due
        return due - self.settled if self.left else Money.zero(due.currency)


VISITS = st.builds(
    Visit,
    st.builds(
        a_bill,
        st.integers(0, 10**6),
        fee=st.integers(0, 10**5),
        paid=st.integers(0, 10**5),
        tax_bp=st.integers(0, 10000),
        currency=st.sampled_from(["INR", "EUR"]),
    ),
    st.booleans(),
    st.sampled_from(["none", "cash", "waived"]),
    st.sampled_from([5000, 10000]),  # half of what is due, or all of it
)


@given(st.lists(VISITS, max_size=8))
def test_any_history_sums_to_zero_and_owes_what_is_due(visits: list[Visit]) -> None:
    number = count()
    entries = [entry for visit in visits for entry in visit.entries(number)]
    for currency in ("INR", "EUR"):
        zero = Money.zero(currency)
        held = [ledger.balance(entries, account).get(currency, zero) for account in ACCOUNTS]
        assert sum(held, zero) == zero
        due = sum((v.still_due for v in visits if v.made_out.currency == currency), zero)
        assert ledger.balance(entries, ledger.RECEIVABLE).get(currency, zero) == due


@given(st.lists(VISITS, max_size=8))
def test_what_was_earned_is_what_was_charged(visits: list[Visit]) -> None:
    number = count()
    entries = [entry for visit in visits for entry in visit.entries(number)]
    for currency in ("INR", "EUR"):
        zero = Money.zero(currency)
        charged = sum((v.made_out.charged for v in visits if v.made_out.currency == currency), zero)
        earned = ledger.balance(entries, ledger.REVENUE).get(currency, zero)
        taxed = ledger.balance(entries, ledger.TAX).get(currency, zero)
        assert -(earned + taxed) == charged
