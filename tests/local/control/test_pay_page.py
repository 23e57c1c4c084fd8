"""The page on which a person acts as the payer of an emulated gateway."""

from __future__ import annotations

import json

import pytest

from tests.local.control.conftest import Product, header
from tests.local.control.test_payment_views import ordered, ordered_at_phonepe


def states(product: Product, order_id: str) -> list[str]:
    order = product.gateways.find(order_id)
    assert order is not None
    return [each.state for each in order.attempts]


def press(product: Product, order_id: str, **fields: str) -> None:
    answer = product.submit(f"/_local/pay/{order_id}", **fields)
    assert (answer.status, header(answer, "Location")) == (303, f"/_local/pay/{order_id}")


def test_the_page_shows_the_order_and_what_to_enter(product: Product) -> None:
    order_id = ordered(product)
    page = product.get(f"/_local/pay/{order_id}")
    assert "<h1>Pay 150.00 INR</h1>" in page
    assert order_id in page
    assert "PY_1" in page
    assert "4111 1111 1111 1111 pays, 4000 0000 0000 0002 fails." in page
    assert "At the bank" not in page


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"do": "upi", "upi_id": "success@razorpay"}, ["paid"]),
        ({"do": "upi", "upi_id": " Failure@razorpay "}, ["failed"]),
        ({"do": "card", "card": "4111 1111 1111 1111"}, ["paid"]),
        ({"do": "card", "card": "4000-0000-0000-0002"}, ["failed"]),
        ({"do": "fail"}, ["failed"]),
        ({"do": "wait"}, ["waits at the bank"]),
        ({"do": "twice"}, ["paid back", "paid"]),
    ],
)
def test_a_button_acts_as_the_payer(
    product: Product, fields: dict[str, str], expected: list[str]
) -> None:
    order_id = ordered(product)
    press(product, order_id, **fields)
    assert states(product, order_id) == expected
    assert product.calls == ["settle"]


def test_a_late_payment_is_confirmed_by_the_bank(product: Product) -> None:
    order_id = ordered(product)
    press(product, order_id, do="wait")
    product.clock.advance(660)
    product.gateways.tick()
    page = product.get(f"/_local/pay/{order_id}")
    assert "upi: given up, and still at the bank" in page
    assert "The bank confirms" in page
    press(product, order_id, do="bank_pays")
    page = product.get(f"/_local/pay/{order_id}")
    assert "<dt>State</dt><dd>paid</dd>" in page
    assert "signed by the checkout" in page
    assert "Pay by UPI" not in page
    assert "The bank confirms" not in page


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "upi"},
        {"do": "upi", "upi_id": "asha@okbank"},
        {"do": "card"},
        {"do": "card", "card": "5555555555554444"},
        {"do": "bank_pays"},
    ],
)
def test_what_cannot_be_done_is_said_and_what_was_entered_is_not_shown(
    product: Product, fields: dict[str, str]
) -> None:
    order_id = ordered(product)
    answer = product.submit(f"/_local/pay/{order_id}", **fields)
    page = answer.body.decode()
    assert (answer.status, 'role="alert"' in page) == (400, True)
    assert "5555" not in page
    assert "asha@" not in page
    assert states(product, order_id) == []


def test_a_number_of_a_card_is_kept_nowhere(product: Product) -> None:
    order_id = ordered(product)
    press(product, order_id, do="card", card="4000 0000 0000 0002")
    press(product, order_id, do="card", card="4111 1111 1111 1111")
    kept = json.dumps(product.gateways.razorpay.book.dump())
    sent = b" ".join(each.body for each in product.heard).decode()
    assert all(number not in kept + sent for number in ("4111", "0000 0000", "00000000"))


def test_an_order_of_phonepe_is_paid_on_its_own_address_and_leads_back(product: Product) -> None:
    order_id = ordered_at_phonepe(product)
    path = f"/_local/phonepe/pay/{order_id}"
    assert 'href="http://127.0.0.1/b"' in product.get(path)
    answer = product.submit(path, do="card", card="4111111111111111")
    assert (answer.status, header(answer, "Location")) == (303, path)
    assert states(product, order_id) == ["paid"]


def test_the_newest_orders_are_listed_with_their_pages(product: Product) -> None:
    assert "No order was made yet" in product.get("/_local/")
    orders = [ordered(product) for _ in range(7)]
    at_phonepe = ordered_at_phonepe(product)
    press(product, orders[-1], do="fail")
    press(product, orders[-2], do="wait")
    press(product, orders[-3], do="upi", upi_id="success@razorpay")
    page = product.get("/_local/")
    links = [f'href="/_local/pay/{order_id}"' in page for order_id in (*orders, at_phonepe)]
    assert links == [False, False, True, True, True, True, True, True]
    assert page.count("Razorpay, paid, PY_1") == 1
    assert page.count("Razorpay, open, PY_1") == 4
    assert page.count("PhonePe, open, PY_2") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_order_that_nobody_made_has_a_page_that_says_so(product: Product, method: str) -> None:
    answer = product.ask(method, "/_local/pay/order_none", b"do=fail")
    assert (answer.status, b"No such order" in answer.body) == (404, True)


def test_ids_are_shown_as_text(product: Product) -> None:
    answer = product.ask("GET", "/_local/pay/%3Cscript%3E")
    assert b"<script>alert" not in answer.body
    assert answer.status == 404
