"""What is Razorpay's own: capture by itself, late payments, refunds of its panel, settlements, keys
that change. The real SDK and adapter against the emulator, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayOrder, NewOrder, RefundOrder
from chalicelib.gateways.payments.credentials import TRUSTED_SECONDS
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused
from local.gateway import HttpRequest
from local.payments.faults import Fault
from local.payments.razorpay_book import Book, Refused
from tests.clock import Clock
from tests.razorpay import AtRazorpay, at_razorpay, with_key

PAISE = 15_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def at(clock: Clock) -> Iterator[AtRazorpay]:
    with at_razorpay(clock, read_seconds=0.5) as found:
        yield found


def ordered(at: AtRazorpay, reference: str = "PY_1", minutes: int = 10) -> str:
    """The id of a new order."""
    expires_at = at.clock.now() + timedelta(minutes=minutes)
    order = NewOrder(reference, Money(PAISE, "INR"), expires_at, "Bay A-001", "")
    return at.gateway.create_order(order).order_id


def found(at: AtRazorpay, reference: str = "PY_1") -> GatewayOrder:
    order = at.gateway.find_order(reference, None)
    assert order is not None
    return order


def names(at: AtRazorpay) -> list[str]:
    """The events that arrived since the last look."""
    return [event.name for event in at.events()]


def paid(at: AtRazorpay, reference: str = "PY_1") -> RefundOrder:
    """Pay an order; the refund of the whole of it."""
    order_id = ordered(at, reference)
    at.emulator.act(order_id, "pay")
    [capture] = found(at, reference).captured
    return RefundOrder(
        f"RF_{reference}", reference, order_id, capture.attempt_id, Money(PAISE, "INR")
    )


# -- payments


def test_a_payment_is_authorized_and_captured_and_its_order_paid(at: AtRazorpay) -> None:
    order_id = ordered(at)
    at.emulator.act(order_id, "fail")
    assert names(at) == ["payment.failed"]
    at.emulator.act(order_id, "pay", "card")
    assert names(at) == ["payment.authorized", "payment.captured", "order.paid"]
    failed, captured = found(at).attempts[::-1]
    assert (failed.state, captured.state, captured.method) == ("failed", "captured", "card")
    assert failed.problem
    assert (captured.fee, captured.tax) == (300, 54)


def test_a_paid_order_takes_no_further_payment(at: AtRazorpay) -> None:
    paid(at)
    with pytest.raises(Refused, match="already paid"):
        at.emulator.act(found(at).order_id, "pay")


def test_a_payment_that_nobody_confirms_fails_after_ten_minutes(
    at: AtRazorpay, clock: Clock
) -> None:
    at.emulator.act(ordered(at), "wait")
    clock.move(minutes=10)
    assert names(at) == ["payment.failed"]
    clock.move(days=4)
    assert names(at) == []


def test_a_payment_that_the_bank_confirms_too_late_goes_back_by_itself(
    at: AtRazorpay, clock: Clock
) -> None:
    order_id = ordered(at)
    at.emulator.act(order_id, "wait")
    clock.move(minutes=13)
    at.events()
    at.emulator.act(order_id, "bank_pays")
    assert names(at) == ["payment.authorized", "refund.created"]
    clock.move(hours=3)
    assert names(at) == ["refund.processed"]
    order = found(at)
    assert (order.state, order.captured) == ("open", ())
    [attempt] = order.attempts
    assert [refund.amount for refund in attempt.refunds] == [Money(PAISE, "INR")]


def test_of_two_payments_of_one_order_the_late_one_goes_back(at: AtRazorpay) -> None:
    order_id = ordered(at)
    at.emulator.act(order_id, "wait")
    at.emulator.act(order_id, "pay")
    at.events()
    at.emulator.act(order_id, "bank_pays")
    assert names(at) == ["payment.authorized", "refund.created"]
    order = found(at)
    assert len(order.attempts) == 2
    assert len(order.captured) == 1


def test_both_payments_of_an_order_are_captured_on_request(at: AtRazorpay) -> None:
    order_id = ordered(at)
    at.emulator.book.captures_twice = True
    at.emulator.act(order_id, "wait")
    at.emulator.act(order_id, "pay")
    at.emulator.act(order_id, "bank_pays")
    assert len(found(at).captured) == 2
    assert names(at).count("order.paid") == 1


def test_a_payment_the_bank_refuses_brings_nothing(at: AtRazorpay) -> None:
    order_id = ordered(at)
    at.emulator.act(order_id, "wait")
    at.emulator.act(order_id, "bank_fails")
    assert (names(at), found(at).captured) == (["payment.failed"], ())
    with pytest.raises(Refused, match="waits at the bank"):
        at.emulator.act(order_id, "bank_pays")


def test_an_order_is_closed_by_doing_nothing(at: AtRazorpay) -> None:
    order_id = ordered(at)
    at.paths()
    at.gateway.close_order("PY_1", order_id)
    assert at.paths() == []


# -- what a look costs


def test_an_order_without_refunds_costs_two_calls_and_each_refunded_payment_one_more(
    at: AtRazorpay,
) -> None:
    asked = paid(at)
    at.paths()
    found(at)
    assert [call.rpartition("/")[2] for call in at.paths()] == ["orders", "payments"]
    at.gateway.refund(asked)
    at.paths()
    found(at)
    assert [call.rpartition("/")[2] for call in at.paths()] == ["orders", "payments", "refunds"]


# -- refunds


def test_a_refund_of_the_panel_is_listed_without_a_reference(at: AtRazorpay) -> None:
    asked = paid(at)
    at.emulator.refund_in_panel(asked.attempt_id, 4_000)
    at.gateway.refund(
        RefundOrder("RF_2", "PY_1", asked.order_id, asked.attempt_id, Money(11_000, "INR"))
    )
    [attempt] = found(at).captured
    assert {(each.reference, each.amount.minor) for each in attempt.refunds} == {
        (None, 4_000), ("RF_2", 11_000),
    }  # fmt: skip
    assert attempt.state == "captured"


def test_a_payment_with_many_refunds_lists_them_all(at: AtRazorpay) -> None:
    asked = paid(at)
    for _ in range(130):
        at.emulator.refund_in_panel(asked.attempt_id, 100)
    [attempt] = found(at).captured
    assert len(attempt.refunds) == 130


def test_a_failed_refund_may_be_paid_again(at: AtRazorpay, clock: Clock) -> None:
    asked = paid(at)
    at.emulator.book.failing_refunds = 1
    at.gateway.refund(asked)
    clock.move(hours=3)
    assert "refund.failed" in names(at)
    again = RefundOrder("RF_2", "PY_1", asked.order_id, asked.attempt_id, asked.amount)
    assert at.gateway.refund(again).state == "pending"


def test_a_key_of_idempotency_pays_once_and_takes_no_other_body(at: AtRazorpay) -> None:
    asked = paid(at)

    def call(body: str, key: str) -> int:
        auth = {"authorization": "Basic cnpwX3Rlc3RfYmVydGg6YXBpLXNlY3JldA=="}
        headers = tuple({**auth, "x-refund-idempotency": key}.items())
        path = f"/v1/payments/{asked.attempt_id}/refund"
        return at.emulator.handle(HttpRequest("POST", path, headers, body.encode()), path).status

    assert call('{"amount":100}', "key-of-ten-letters") == 200
    assert call('{"amount":100}', "key-of-ten-letters") == 200
    assert call('{"amount":200}', "key-of-ten-letters") == 409
    assert call('{"amount":200}', "short") == 400
    assert at.emulator.book.paid_back(at.emulator.book.payment(asked.attempt_id)) == 100


# -- orders


def test_an_order_is_found_among_many(at: AtRazorpay) -> None:
    wanted = ordered(at, "PY_OLD")
    for number in range(15):
        ordered(at, f"PY_{number}")
    assert found(at, "PY_OLD").order_id == wanted


def test_many_orders_with_one_reference_are_read_to_the_end(at: AtRazorpay, clock: Clock) -> None:
    first = ordered(at)
    clock.move(seconds=1)
    for _ in range(104):
        ordered(at)
    at.paths()
    assert found(at).order_id == first
    assert at.paths().count("GET /v1/orders") == 2


def test_an_id_of_another_account_is_none(at: AtRazorpay) -> None:
    assert at.gateway.find_order("PY_1", "order_ofanother0001") is None


def test_an_order_in_another_currency_keeps_it(at: AtRazorpay) -> None:
    expires_at = at.clock.now() + timedelta(minutes=10)
    at.gateway.create_order(NewOrder("PY_1", Money(500, "EUR"), expires_at, "", ""))
    assert found(at).amount == Money(500, "EUR")


# -- settlements


def test_a_day_of_settlements_adds_up(at: AtRazorpay, clock: Clock) -> None:
    first, second = paid(at, "PY_1"), paid(at, "PY_2")
    at.gateway.refund(first)
    paid_on = clock.now()
    clock.move(days=3)
    at.emulator.tick()
    day = (paid_on.astimezone(UTC) + timedelta(days=2, hours=5, minutes=30)).date()
    rows = list(at.gateway.settlement(day))
    assert sorted((row.kind, row.gateway_id, row.amount.minor) for row in rows) == sorted(
        [
            ("payment", first.attempt_id, PAISE),
            ("payment", second.attempt_id, PAISE),
            ("refund", rows[1].gateway_id, -PAISE),
        ]
    )
    assert {row.order_reference for row in rows} == {"PY_1", "PY_2"}
    assert sum(row.amount.minor - row.fee - row.tax for row in rows) == PAISE - 2 * (300 + 54)
    assert list(at.gateway.settlement(day + timedelta(days=1))) == []


def test_nothing_is_settled_before_its_day(at: AtRazorpay, clock: Clock) -> None:
    paid(at)
    assert list(at.gateway.settlement(clock.now().date() + timedelta(days=2))) == []


# -- keys


def test_a_new_key_of_the_api_works_at_once(at: AtRazorpay, clock: Clock) -> None:
    ordered(at)
    at.emulator.keys = with_key(at.secret, key_secret="rotated")
    clock.move(seconds=30)
    with pytest.raises(errors.Unavailable, match="unavailable"):
        found(at)
    at.secret["key_secret"] = "rotated"
    clock.move(seconds=30)
    assert found(at).reference == "PY_1"


def test_messages_from_before_and_after_a_rotation_are_read(at: AtRazorpay, clock: Clock) -> None:
    order_id = ordered(at)
    at.emulator.act(order_id, "fail")
    before = at.messages()
    at.secret |= {"webhook_secret": "new", "previous_webhook_secret": at.secret["webhook_secret"]}
    at.emulator.keys = with_key(at.secret)
    at.emulator.act(order_id, "fail")
    after = at.messages()
    clock.move(seconds=TRUSTED_SECONDS)
    assert [at.gateway.read_event(*each).order_id for each in (*before, *after)] == [order_id] * 2
    del at.secret["previous_webhook_secret"]
    clock.move(seconds=TRUSTED_SECONDS)
    with pytest.raises(BadSignature):
        at.gateway.read_event(*before[0])


def test_the_checkout_signs_the_payment_of_an_order(at: AtRazorpay) -> None:
    asked = paid(at)
    signature = at.emulator.signed_by_checkout(asked.order_id, asked.attempt_id)
    assert at.gateway.is_signed_by_checkout(asked.order_id, asked.attempt_id, signature)
    assert not at.gateway.is_signed_by_checkout(asked.order_id, "pay_other", signature)
    assert at.gateway.key_id == at.secret["key_id"]


def test_messages_escape_slashes_so_only_their_bytes_verify(at: AtRazorpay) -> None:
    at.emulator.act(ordered(at), "pay", "card/visa")
    headers, body = at.messages()[0]
    assert b"\\/" in body
    assert at.gateway.read_event(headers, body).name == "payment.authorized"
    with pytest.raises(BadSignature):
        at.gateway.read_event(headers, json.dumps(json.loads(body)).encode())


# -- the emulator itself


def test_a_silent_gateway_is_left_after_the_time_limit(at: AtRazorpay) -> None:
    at.emulator.faults.ask(Fault("silent", "create_order", seconds=0.8, after=True))
    with pytest.raises(errors.Unavailable) as away:
        ordered(at)
    assert away.value.cause == "ReadTimeout"
    assert found(at).reference == "PY_1"


def test_what_is_kept_is_the_same_book(at: AtRazorpay) -> None:
    at.gateway.refund(paid(at))
    kept = json.loads(json.dumps(at.emulator.book.dump()))
    assert Book.load(kept) == at.emulator.book


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"amount": 99}, "at least INR 1.00"),
        ({"amount": "15000"}, "must be an integer"),
        ({"currency": "XXX"}, "Currency is not supported"),
        ({"receipt": "x" * 41}, "may not be greater than 40"),
        ({"reciept": "PY_1"}, "reciept is/are not required"),
        ({"notes": {str(n): "" for n in range(16)}}, "15 pairs"),
        ({"payment": {"capture": "automatic", "capture_options": {"automatic_expiry_period": 11}}}, "at least 12"),
    ],
)  # fmt: skip
def test_the_emulator_refuses_what_razorpay_refuses(
    at: AtRazorpay, changed: dict[str, object], text: str
) -> None:
    body = json.dumps({"amount": PAISE, "currency": "INR", "receipt": "PY_1", **changed}).encode()
    auth = (("authorization", "Basic cnpwX3Rlc3RfYmVydGg6YXBpLXNlY3JldA=="),)
    answer = at.emulator.handle(HttpRequest("POST", "/v1/orders", auth, body), "/v1/orders")
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (400, "BAD_REQUEST_ERROR")
    assert text in error["description"]
    assert at.emulator.book.orders == {}


@pytest.mark.parametrize(
    "auth", ["", "Basic", "Basic !", "Bearer x", "Basic cnpwX3Rlc3RfYmVydGg6bm8="]
)
def test_the_emulator_wants_its_key(at: AtRazorpay, auth: str) -> None:
    request = HttpRequest("GET", "/v1/orders", (("authorization", auth),))
    assert at.emulator.handle(request, "/v1/orders").status == 401


def test_a_payment_is_captured_by_hand_where_its_order_says_so(at: AtRazorpay) -> None:
    auth = (("authorization", "Basic cnpwX3Rlc3RfYmVydGg6YXBpLXNlY3JldA=="),)

    def call(path: str, value: object) -> tuple[int, dict[str, str]]:
        request = HttpRequest("POST", path, auth, json.dumps(value).encode())
        answer = at.emulator.handle(request, path)
        return answer.status, json.loads(answer.body)

    manual = {
        "amount": PAISE,
        "currency": "INR",
        "receipt": "PY_1",
        "payment": {"capture": "manual"},
    }
    _, order = call("/v1/orders", manual)
    payment_id = at.emulator.act(order["id"], "pay").payments[0].payment_id
    assert [each.state for each in found(at).attempts] == ["authorized"]
    path = f"/v1/payments/{payment_id}/capture"
    assert call(path, {"amount": PAISE - 1})[0] == 400
    assert call(path, {"amount": PAISE, "currency": "INR"})[1]["status"] == "captured"
    assert call(path, {"amount": PAISE})[0] == 400
    assert found(at).state == "paid"


def test_a_refund_of_what_was_not_captured_is_refused(at: AtRazorpay) -> None:
    order_id = ordered(at)
    failed = at.emulator.act(order_id, "fail").payments[0]
    with pytest.raises(GatewayRefused, match="should be captured"):
        at.gateway.refund(
            RefundOrder("RF_1", "PY_1", order_id, failed.payment_id, Money(100, "INR"))
        )
