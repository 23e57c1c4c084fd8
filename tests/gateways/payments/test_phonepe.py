"""What PhonePe's API v2 asks of its adapter: tokens, answers of any kind, messages that anybody may
have written."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayOrder
from chalicelib.gateways.payments import phonepe, phonepe_values
from chalicelib.gateways.payments.phonepe import PhonePe
from chalicelib.gateways.payments.phonepe_keys import PhonePeKeys
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused
from local.payments.faults import Fault
from local.payments.phonepe import TOKEN_SECONDS
from tests.clock import Clock
from tests.phonepe import KEYS, AtPhonePe, FixedKeys, at_phonepe, new_order, refund_of, with_logins
from tests.raw_server import answering, raw_server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def at(clock: Clock) -> Iterator[AtPhonePe]:
    with at_phonepe(clock) as at:
        yield at


def json_values() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=6)
        ),
        max_leaves=15,
    )


NAMES = [
    "amount", "code", "currency", "data", "errorCode", "event", "merchantOrderId",
    "merchantRefundId", "message", "orderId", "originalMerchantOrderId", "payload",
    "paymentDetails", "rail", "refundId", "splitInstruments", "state", "transactionId", "utr",
]  # fmt: skip


# Tokens


def test_one_token_serves_many_calls(at: AtPhonePe, clock: Clock) -> None:
    at.gateway.create_order(new_order(clock))
    at.gateway.find_order("P1", None)
    assert at.paths() == ["POST oauth/token", "POST v2/pay", "GET P1/status"]


def test_a_token_is_renewed_after_half_its_life(at: AtPhonePe, clock: Clock) -> None:
    at.gateway.find_order("P1", None)
    clock.move(seconds=TOKEN_SECONDS / 2 - 1)
    at.gateway.find_order("P1", None)
    at.paths()
    clock.move(seconds=1)
    at.gateway.find_order("P1", None)
    assert at.paths() == ["POST oauth/token", "GET P1/status"]


def test_a_token_in_the_second_half_serves_where_no_other_is_to_be_had(
    at: AtPhonePe, clock: Clock
) -> None:
    at.gateway.find_order("P1", None)
    clock.move(seconds=TOKEN_SECONDS / 2)
    at.emulator.faults.ask(Fault("html", "token"))
    assert at.gateway.find_order("P1", None) is None


def test_without_a_token_nothing_is_asked(at: AtPhonePe) -> None:
    at.emulator.faults.ask(Fault("html", "token"))
    with pytest.raises(errors.Unavailable):
        at.gateway.find_order("P1", None)
    assert at.paths() == ["POST oauth/token"]


def test_a_token_that_is_refused_is_replaced_once(at: AtPhonePe, clock: Clock) -> None:
    at.gateway.find_order("P1", None)
    at.emulator.sign_out()
    at.paths()
    at.gateway.create_order(new_order(clock))
    assert at.paths() == ["POST v2/pay", "POST oauth/token", "POST v2/pay"]
    assert len(at.emulator.book.orders) == 1


def test_a_second_refusal_ends_the_call(at: AtPhonePe) -> None:
    at.emulator.faults.ask(Fault("signed_out", "status", times=2))
    with pytest.raises(errors.Unavailable):
        at.gateway.find_order("P1", None)
    assert at.paths() == ["POST oauth/token", "GET P1/status"] * 2


def test_a_new_client_secret_is_used_when_the_old_one_is_refused(at: AtPhonePe) -> None:
    right = at.keys.keys
    at.keys.keys = PhonePeKeys(right.client_id, right.client_version, "old", right.webhook_logins)
    with pytest.raises(errors.Unavailable):
        at.gateway.find_order("P1", None)
    at.keys.newer = right
    assert at.gateway.find_order("P1", None) is None


def test_threads_share_one_token(at: AtPhonePe) -> None:
    threads = [
        threading.Thread(target=at.gateway.find_order, args=(f"P{n}", None)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert at.paths().count("POST oauth/token") == 1


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"access_token": ""}, {"access_token": "t"}, {"access_token": 1, "expires_at": 10**9},
        {"access_token": "a\r\nb: c", "expires_at": 4 * 10**9},
        {"access_token": "t", "issued_at": 2_000, "expires_at": 2_000},
        {"access_token": "t", "expires_at": 1},
    ],
)  # fmt: skip
def test_a_token_that_is_none_is_not_used(clock: Clock, answer: dict[str, Any]) -> None:
    with raw_server(answering("200 OK", json.dumps(answer).encode())) as server:
        gateway = at_url(server.url, clock)
        with pytest.raises(errors.Unavailable):
            gateway.find_order("P1", None)
        assert len(server.asked) == 1


def test_no_key_is_shown_in_a_log(at: AtPhonePe) -> None:
    shown = repr(KEYS) + repr(at.gateway._tokens.current())
    assert "client-secret" not in shown
    assert "Passw0rd1" not in shown
    assert next(iter(at.emulator.book.tokens)) not in shown


# What is asked


def test_an_order_expires_with_its_hold_within_what_phonepe_allows(
    at: AtPhonePe, clock: Clock
) -> None:
    for reference, minutes in (("P1", 1), ("P2", 10), ("P3", 600), ("P4", -5)):
        order = new_order(clock, reference)
        ends = clock.now() + timedelta(minutes=minutes)
        at.gateway.create_order(
            type(order)(reference, order.amount, ends, order.description, order.return_url)
        )
    now = int(clock.now().timestamp())
    lives = [order.ends_at - now for order in at.emulator.book.orders.values()]
    assert lives == [300, 600, 3600, 300]


def test_a_reference_stays_one_part_of_the_path(at: AtPhonePe) -> None:
    assert at.gateway.find_order("../../payments/v2/refund/R1", None) is None
    assert at.paths()[-1].startswith("GET ..%2F")


# Answers


def at_url(url: str, clock: Clock) -> PhonePe:
    return PhonePe(FixedKeys(KEYS), now=clock.now, api_url=url, sign_in_url=url)


PAID = {"orderId": "OMO1", "state": "COMPLETED", "amount": 1000}
ROW = {"transactionId": "OM1", "state": "COMPLETED", "amount": 1000, "paymentMode": "CARD"}


def read(answer: dict[str, Any], order_id: str | None = None) -> GatewayOrder:
    return phonepe_values.order(answer, "P1", order_id)


@pytest.mark.parametrize(
    ("root", "row", "order", "attempt"),
    [
        ("COMPLETED", "COMPLETED", "paid", "captured"),
        ("PENDING", "COMPLETED", "open", "authorized"),  # the root decides, not its rows
        ("FAILED", "COMPLETED", "expired", "authorized"),
        ("COMPLETED", "FAILED", "paid", "failed"),
        ("COMPLETED", "PENDING", "paid", "open"),
        ("PENDING", "FAILED", "open", "failed"),
        ("PENDING", "PENDING", "open", "open"),
        ("EXPIRED", "FAILED", "expired", "failed"),
        ("CREATED", "NEW_STATE", "open", "open"),
        ("NEW_STATE", "COMPLETED", "open", "authorized"),
    ],
)
def test_the_state_at_the_root_decides(root: str, row: str, order: str, attempt: str) -> None:
    found = read({**PAID, "state": root, "paymentDetails": [{**ROW, "state": row}]})
    assert (found.state, found.attempts[0].state) == (order, attempt)
    assert sum(each.amount.minor for each in found.captured) == (1000 if order == "paid" else 0)


@pytest.mark.parametrize(
    "rows",
    [None, [], "rows", [{}], [{"transactionId": 7}], [ROW], [{**ROW, "amount": 600}], [ROW, ROW]],
    ids=str,
)
def test_a_paid_order_has_one_capture_whatever_its_rows(rows: Any) -> None:
    """A second answer with other rows must not look like a second capture."""
    [capture] = read({**PAID, "paymentDetails": rows}).captured
    assert (capture.attempt_id, capture.amount) == ("OMO1", Money(1000, "INR"))


def test_amounts_may_be_text_and_new_fields_are_ignored() -> None:
    row = {**ROW, "amount": "1000", "splitInstruments": {"new": 1}}
    found = read({**PAID, "amount": "1000", "metaInfo": [], "paymentDetails": [row]})
    assert found.amount == Money(1000, "INR")
    assert found.captured[0].method == "card"


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": None}, {"amount": 10.5}, {"amount": -1}, {"amount": True}, {"amount": "ten"},
        {"amount": 10**20}, {"amount": "9" * 40}, {"currency": "USD"}, {"orderId": ""},
        {"orderId": 7}, {"state": None}, {"state": ["COMPLETED"]}, {"orderId": "OMO2"},
        {"merchantOrderId": "P2"},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_is_incomplete_or_about_another_order_is_none(
    changed: dict[str, Any],
) -> None:
    with pytest.raises(errors.Unavailable):
        read({**PAID, **changed}, "OMO1")


def test_a_refusal_with_status_200_is_one(clock: Clock) -> None:
    body = {"code": "INVALID_MERCHANT_ORDER_ID", "message": "No entry"}
    with pytest.raises(GatewayRefused):
        read(body)


@pytest.mark.parametrize(
    "page", [None, "", "javascript:alert(1)", "http://phonepe.com/x", "https://a\r\nb", 7]
)
def test_a_page_that_is_none_is_not_shown_to_a_payer(page: object) -> None:
    with pytest.raises(errors.Unavailable):
        phonepe_values.pay_url(page)


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("PENDING", "pending"), ("CONFIRMED", "pending"), ("COMPLETED", "processed"),
        ("FAILED", "failed"), ("NEW_STATE", "pending"),
    ],
)  # fmt: skip
def test_a_refund_is_over_when_the_bank_says_so(state: str, ours: str) -> None:
    asked = refund_of("P1", "OM1", 500)
    found = phonepe_values.refund({"state": state, "amount": 500, "refundId": "OMR1"}, asked)
    assert (found.refund_id, found.state, found.amount) == ("OMR1", ours, Money(500, "INR"))


def test_a_refund_of_another_order_is_none() -> None:
    answer = {"state": "COMPLETED", "amount": 500, "originalMerchantOrderId": "P2"}
    with pytest.raises(errors.Unavailable):
        phonepe_values.refund(answer, refund_of("P1", "OM1", 500))


@given(answer=st.dictionaries(st.sampled_from(NAMES), json_values(), max_size=5))
def test_any_answer_is_read_or_is_none(answer: dict[str, Any]) -> None:
    try:
        found = read(answer)
    except (errors.Unavailable, GatewayRefused):
        return
    assert found.state == "paid" or found.captured == ()
    assert found.amount.minor >= 0


@given(answer=st.dictionaries(st.sampled_from(NAMES), json_values(), max_size=5))
def test_any_answer_to_a_refund_is_read_or_is_none(answer: dict[str, Any]) -> None:
    try:
        found = phonepe_values.refund(answer, refund_of("P1", "OM1", 500))
    except (errors.Unavailable, GatewayRefused):
        return
    assert found.reference == "R1"


# Messages

PUBLISHED = "bc842c31a9e54efe320d30d948be61291f3ceee4766e36ab25fa65243cd76e0e"
"""The header for the user `username` and the password `password`, in the tests of PhonePe's own
SDK (github.com/PhonePe/phonepe-pg-sdk-python, tests/test_validate_callback.py)."""

SAMPLE = {
    "event": "checkout.order.completed",
    "type": "CHECKOUT_ORDER_COMPLETED",
    "payload": {
        "merchantId": "MID",
        "merchantOrderId": "P1",
        "orderId": "OMO1",
        "state": "COMPLETED",
        "amount": 10000,
    },
}


def receiver(*logins: str) -> PhonePe:
    return PhonePe(FixedKeys(with_logins(*logins)), now=Clock().now)


def test_the_header_of_phonepes_own_tests_is_right() -> None:
    gateway = receiver("username:password")
    event = gateway.read_event({"authorization": PUBLISHED}, json.dumps(SAMPLE).encode())
    assert (event.name, event.reference, event.order_id) == (SAMPLE["event"], "P1", "OMO1")


@pytest.mark.parametrize(
    "header",
    [
        "", PUBLISHED.upper(), PUBLISHED[:-1], PUBLISHED + "0", f"SHA256 {PUBLISHED}",
        f" {PUBLISHED}", "é" * 64, "\udcff", "username:password",
        "Basic dXNlcm5hbWU6cGFzc3dvcmQ=",
    ],
)  # fmt: skip
def test_any_other_header_is_not(header: str) -> None:
    with pytest.raises(BadSignature):
        receiver("username:password").read_event({"authorization": header}, b"{}")


def test_a_message_without_the_header_is_refused() -> None:
    with pytest.raises(BadSignature):
        receiver("username:password").read_event({}, json.dumps(SAMPLE).encode())


def test_without_a_login_every_message_is_refused() -> None:
    empty = hashlib.sha256(b"").hexdigest()
    with pytest.raises(BadSignature):
        receiver().read_event({"authorization": empty}, json.dumps(SAMPLE).encode())


def test_while_a_login_is_replaced_both_are_right() -> None:
    gateway = receiver("new:Passw0rd2", "username:password")
    for login in ("new:Passw0rd2", "username:password"):
        proof = hashlib.sha256(login.encode()).hexdigest()
        assert gateway.read_event({"authorization": proof}, json.dumps(SAMPLE).encode()).event_id


def test_every_login_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []
    real = hmac.compare_digest

    def compare(given: Any, right: Any) -> bool:
        compared.append((given, right))
        return real(given, right)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    receiver("username:password", "old:Passw0rd1").read_event(
        {"authorization": PUBLISHED}, json.dumps(SAMPLE).encode()
    )
    assert len(compared) == 2, "the second one too, after the first was right"


def test_an_event_of_a_refund_names_the_order_and_is_told_apart_by_the_refund() -> None:
    payload = {"merchantRefundId": "R1", "originalMerchantOrderId": "P1", "state": "CONFIRMED"}
    first = phonepe.event(json.dumps({"event": "pg.refund.accepted", "payload": payload}).encode())
    payload = {**payload, "merchantRefundId": "R2"}
    other = phonepe.event(json.dumps({"event": "pg.refund.accepted", "payload": payload}).encode())
    assert (first.reference, other.reference) == ("P1", "P1")
    assert (first.refund_reference, other.refund_reference) == ("R1", "R2")
    assert first.event_id == "pg.refund.accepted:R1:CONFIRMED"
    assert other.event_id != first.event_id


def test_an_event_is_the_same_event_whatever_else_it_says() -> None:
    changed = {**SAMPLE, "type": None, "new": 1}
    again = phonepe.event(json.dumps(changed).encode())
    assert again == phonepe.event(json.dumps(SAMPLE, indent=4).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"payload": 1}', b'{"payload": {}}',
        b'{"event": "x", "payload": {"state": "Y", "merchantOrderId": "a b"}}',
        b'{"event": "x\\ny", "payload": {"state": "Y", "merchantOrderId": "P1"}}',
        b'{"event": "x", "payload": {"state": "Y", "merchantOrderId": ["P1"]}}',
    ],
)  # fmt: skip
def test_a_body_without_sense_is_an_event_about_no_order(body: bytes) -> None:
    event = phonepe.event(body)
    assert (event.order_id, event.reference) == (None, None)
    assert event.event_id.startswith("unread:")
    assert event == phonepe.event(body)


@given(body=st.binary() | json_values().map(lambda value: json.dumps(value).encode()))
def test_any_body_is_an_event_with_a_short_id(body: bytes) -> None:
    event = phonepe.event(body)
    assert len(event.event_id) < 200
    assert event.event_id.isascii()
    assert event.event_id.isprintable()


def test_a_refund_in_phonepes_panel_is_announced_with_its_order(
    at: AtPhonePe, clock: Clock
) -> None:
    made = at.gateway.create_order(new_order(clock))
    at.emulator.act(made.order_id, "pay")
    at.events()
    at.emulator.refund_in_panel(made.order_id, 500)
    clock.move(hours=3)
    accepted, completed = at.events()
    assert (accepted.name, accepted.reference) == ("pg.refund.accepted", "P1")
    assert (completed.name, completed.refund_reference) == (
        "pg.refund.completed", accepted.refund_reference,
    )  # fmt: skip
    assert completed.refund_reference is not None
    found = at.gateway.find_refund(refund_of("P1", "", 0, completed.refund_reference))
    assert found is not None
    assert (found.amount, found.state) == (Money(500, "INR"), "processed")
