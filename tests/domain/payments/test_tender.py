from __future__ import annotations

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.tender import PaymentMethod, Tender, TenderRequest
from tests.wording import fault_in, refuses

CASH, ONLINE = PaymentMethod.CASH, PaymentMethod.ONLINE
NOTHING, DUE = Money.zero("INR"), Money(5000, "INR")


@pytest.mark.parametrize(
    ("amount", "due", "handed_over"),
    [
        (None, DUE, 5000),  # left out: exactly what is due
        (None, NOTHING, 0),
        ("60", DUE, 6000),
        ("60.00 INR", DUE, 6000),
        ("0", DUE, 0),  # stated as nothing is not the same as left out
        ("10.00", NOTHING, 1000),
    ],
)
def test_a_request_is_read_in_the_currency_of_the_bill(
    amount: str | None, due: Money, handed_over: int
) -> None:
    assert TenderRequest(CASH, amount).for_bill(due) == Tender(CASH, Money(handed_over, "INR"))


@pytest.mark.parametrize("amount", ["1.005", "5 EUR", "5 XXX", "much", ""])
def test_an_amount_that_is_not_exact_in_that_currency_names_its_field(amount: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        TenderRequest(CASH, amount).for_bill(DUE)
    assert refused.value.fields.keys() == {"amount_received"}


def test_a_method_that_is_not_available_pays_no_bill() -> None:
    with pytest.raises(errors.PaymentMethodUnavailable):
        TenderRequest(ONLINE, "50.00").for_bill(DUE)


def test_where_nothing_is_due_any_method_will_do() -> None:
    assert TenderRequest(ONLINE).for_bill(NOTHING) == Tender(ONLINE, NOTHING)


@pytest.mark.parametrize("minor", [5000, 5001])
def test_a_tender_of_what_is_due_or_more_covers_a_bill(minor: int) -> None:
    tender = Tender(CASH, Money(minor, "INR"))
    assert fault_in(lambda: tender.require_covers(DUE)) is None


def test_a_tender_below_what_is_due_names_the_missing_amount() -> None:
    with refuses(errors.NotEnoughCash, r"50\.00 INR is due; 0\.01 is missing"):
        Tender(CASH, Money(4999, "INR")).require_covers(DUE)
