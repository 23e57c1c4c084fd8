"""Razorpay's entities as values, with what their documentation warns of."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayRefund, SettlementRow
from chalicelib.gateways.payments import razorpay_reading as reading

PAYMENT: dict[str, Any] = {
    "id": "pay_1", "entity": "payment", "amount": 15000, "currency": "INR", "status": "captured",
    "order_id": "order_1", "method": "upi", "amount_refunded": 0, "refund_status": None,
    "captured": True, "notes": [], "fee": 354, "tax": 54, "error_code": None,
    "error_description": None, "error_reason": None, "acquirer_data": {"rrn": "322206890934"},
}  # fmt: skip
ORDER: dict[str, Any] = {
    "id": "order_1", "entity": "order", "amount": 15000, "amount_paid": 0, "currency": "INR",
    "receipt": "PY_1", "status": "created", "attempts": 0, "notes": [], "created_at": 1580300731,
}  # fmt: skip
REFUND: dict[str, Any] = {
    "id": "rfnd_1", "entity": "refund", "amount": 5000, "currency": "INR", "payment_id": "pay_1",
    "notes": [], "receipt": "RF_1", "acquirer_data": {"arn": None}, "status": "processed",
}  # fmt: skip
READERS: list[Callable[[Any], object]] = [
    reading.order, reading.attempt, reading.refund, reading.row,
]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "captured"),
        ({"status": "created", "captured": False}, "open"),
        ({"status": "authorized", "captured": False}, "authorized"),
        ({"status": "failed", "captured": False}, "failed"),
        ({"status": "refunded"}, "captured"),
        ({"status": "refunded", "captured": False}, "failed"),  # was never captured
        ({"status": "pending_review", "captured": False}, "open"),
        ({"status": None}, "open"),
    ],
)
def test_a_payment_has_one_of_our_states(changed: dict[str, Any], state: str) -> None:
    assert reading.attempt(PAYMENT | changed).state == state


def test_the_tax_is_taken_out_of_the_fee() -> None:
    attempt = reading.attempt(PAYMENT)
    assert (attempt.fee, attempt.tax) == (300, 54)
    unknown = reading.attempt(PAYMENT | {"fee": None, "tax": None})
    assert (unknown.fee, unknown.tax) == (None, None)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"error_description": "Declined by the bank", "error_reason": "card_declined"}, "Declined by the bank"),
        ({"error_description": "", "error_reason": "card_declined"}, "card_declined"),
        ({"error_code": "", "error_description": "", "error_reason": ""}, None),
    ],
)  # fmt: skip
def test_a_problem_is_said_where_there_is_one(changed: dict[str, Any], problem: str | None) -> None:
    assert reading.attempt(PAYMENT | changed).problem == problem


def test_numbers_may_be_texts_and_another_currency_stays_what_it_is() -> None:
    changed = {"amount": "15000", "fee": "354", "tax": "54", "currency": "USD", "new_field": {}}
    attempt = reading.attempt(PAYMENT | changed)
    assert (attempt.amount, attempt.fee) == (Money(15000, "USD"), 300)


@pytest.mark.parametrize(
    ("changed", "reference"),
    [
        ({}, "RF_1"),
        ({"receipt": None, "notes": {"reference": "RF_2"}}, "RF_2"),
        ({"receipt": None}, None),  # made in the panel
        ({"receipt": "", "notes": None}, None),
        ({"receipt": 7, "notes": {"reference": ["RF_2"]}}, None),
    ],
)
def test_a_refund_of_ours_is_known_by_receipt_or_note(
    changed: dict[str, Any], reference: str | None
) -> None:
    assert reading.refund(REFUND | changed).reference == reference


@pytest.mark.parametrize(
    ("changed", "state", "trace"),
    [
        ({"acquirer_data": {"arn": "74110"}}, "processed", "74110"),
        ({"status": "pending", "acquirer_data": {"arn": None, "utr": "U1"}}, "pending", "U1"),
        ({"status": "failed", "acquirer_data": []}, "failed", None),
        ({"status": "on_hold", "acquirer_data": None}, "pending", None),
    ],
)
def test_a_refund_has_one_of_our_states_and_the_number_of_its_bank(
    changed: dict[str, Any], state: Any, trace: str | None
) -> None:
    expected = GatewayRefund("rfnd_1", "RF_1", Money(5000, "INR"), state, trace)
    assert reading.refund(REFUND | changed) == expected


def test_a_payment_is_asked_for_its_refunds_only_where_it_may_have_some() -> None:
    assert not reading.has_refunds(PAYMENT)
    assert reading.has_refunds(PAYMENT | {"amount_refunded": 100})
    assert reading.has_refunds(PAYMENT | {"refund_status": "partial"})


def test_an_order_is_paid_when_razorpay_says_so() -> None:
    states = [
        reading.order(ORDER | {"status": s}).state for s in ("created", "attempted", "paid", "x")
    ]
    assert states == ["open", "open", "paid", "open"]


ROW: dict[str, Any] = {
    "entity_id": "pay_1", "type": "payment", "debit": 0, "credit": 14646, "amount": 15000,
    "currency": "INR", "fee": 354, "tax": 54, "order_receipt": "PY_1", "settled": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, SettlementRow("payment", "pay_1", "PY_1", Money(15000, "INR"), 300, 54)),
        (
            {"entity_id": "rfnd_1", "type": "refund", "debit": 5000, "credit": 0, "amount": 5000, "fee": 0, "tax": 0},
            SettlementRow("refund", "rfnd_1", "PY_1", Money(-5000, "INR")),
        ),
        (  # the example of a transfer at razorpay.com/docs/api/settlements/fetch-recon/
            {"entity_id": "trf_1", "type": "transfer", "debit": 100296, "credit": 0, "amount": 100000, "fee": 296, "tax": 46, "order_receipt": None},
            SettlementRow("other", "trf_1", None, Money(-100000, "INR"), 250, 46),
        ),
        (
            {"entity_id": "adj_1", "type": "adjustment", "debit": 0, "credit": 1012, "amount": 1012, "fee": 0, "tax": 0, "order_receipt": None},
            SettlementRow("other", "adj_1", None, Money(1012, "INR")),
        ),
    ],
)  # fmt: skip
def test_a_settled_row_less_fee_and_tax_is_what_was_paid_out(
    changed: dict[str, Any], expected: SettlementRow
) -> None:
    entity = ROW | changed
    row = reading.row(entity)
    assert row == expected
    assert row.amount.minor - row.fee - row.tax == entity["credit"] - entity["debit"]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("entity", [{}, {"id": ""}, {"id": 7, "amount": 1, "currency": "INR"}, {"id": "x", "entity_id": "x", "amount": 1.5, "currency": "INR", "credit": 1.5}, {"id": "x", "entity_id": "x", "amount": 1, "currency": "???"}, {"id": "x", "entity_id": "x", "amount": 1, "currency": ["INR"]}])  # fmt: skip
def test_what_is_not_understood_is_no_answer(
    reader: Callable[[Any], object], entity: dict[str, Any]
) -> None:
    if reader is reading.row and entity.get("currency") == "INR" and entity.get("entity_id"):
        assert reading.row(entity).amount.minor == 0  # a row may have neither credit nor debit
    else:
        with pytest.raises(errors.Unavailable):
            reader(entity)


KNOWN = {**PAYMENT, **ORDER, **REFUND, **ROW}
GARBAGE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none()) | st.dictionaries(st.text(), st.text())  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@given(changed=st.dictionaries(st.sampled_from(sorted(KNOWN)), GARBAGE, max_size=6))
def test_an_entity_is_read_or_refused_however_it_looks(
    reader: Callable[[Any], object], changed: dict[str, Any]
) -> None:
    with contextlib.suppress(errors.Unavailable):
        assert reader(KNOWN | changed) is not None


@pytest.mark.parametrize("collection", [{}, {"items": None}, {"items": {}}, {"items": [1]}])
def test_a_list_that_is_none_is_no_answer(collection: dict[str, Any]) -> None:
    with pytest.raises(errors.Unavailable):
        list(reading.items(collection))
