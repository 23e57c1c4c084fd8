"""What Razorpay signs: webhooks and the answer of its checkout. Whatever is not signed exactly so
is refused, and nothing in a signed message can break its reader."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.payments.gateway import GatewayEvent
from chalicelib.gateways.payments.credentials import Credentials
from chalicelib.gateways.payments.protocol import BadSignature
from chalicelib.gateways.payments.razorpay import Razorpay
from chalicelib.gateways.payments.razorpay_keys import reader
from tests.clock import Clock

PUBLISHED = Path(__file__).parent / "published"
SECRETS = {
    "key_id": "rzp_test_1",
    "key_secret": "key_secret",
    "webhook_secret": "new secret",
    "previous_webhook_secret": "old secret",
}
BODY = b'{"event":"order.paid","payload":{"order":{"entity":{"id":"order_1","receipt":"PY_1"}}}}'
ID = "x-razorpay-event-id"
SIGNATURE = "x-razorpay-signature"


def gateway(**changed: str) -> Razorpay:
    return Razorpay(
        Credentials(lambda: json.dumps(SECRETS | changed), reader(live=False)), Clock().now
    )


def sign(body: bytes, secret: str = "new secret") -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def read(body: bytes, **headers: str) -> GatewayEvent:
    return gateway().read_event({SIGNATURE: sign(body)} | headers, body)


# -- published examples


def test_the_published_example_of_the_checkout_verifies() -> None:
    """github.com/razorpay/razorpay-python, tests/test_client_utility.py."""
    example = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"
    assert gateway().is_signed_by_checkout("fake_order_id", "fake_payment_id", example)


def test_the_published_example_of_a_webhook_verifies() -> None:
    """github.com/razorpay/razorpay-python, tests/test_client_utility.py and its mocks."""
    body = (PUBLISHED / "razorpay_payment_authorized.json").read_bytes()
    example = "d60e67fd884556c045e9be7dad57903e33efc7172c17c6e3ef77db42d2b366e9"
    event = gateway(webhook_secret="key_secret").read_event(
        {SIGNATURE: example, ID: "IQ8lcY9Xs5Smar"}, body
    )
    assert event == GatewayEvent(
        "IQ8lcY9Xs5Smar",
        "payment.authorized",
        order_id="order_100000000order",
        attempt_id="pay_6koWN7bvxujzxM",
    )


def test_the_published_example_serialised_anew_does_not_verify() -> None:
    body = (PUBLISHED / "razorpay_payment_authorized.json").read_bytes()
    example = "d60e67fd884556c045e9be7dad57903e33efc7172c17c6e3ef77db42d2b366e9"
    with pytest.raises(BadSignature):
        gateway(webhook_secret="key_secret").read_event(
            {SIGNATURE: example}, json.dumps(json.loads(body)).encode()
        )


# -- signatures


@pytest.mark.parametrize("secret", ["new secret", "old secret"])
def test_a_webhook_signed_with_the_current_or_the_previous_secret_is_read(secret: str) -> None:
    assert gateway().read_event({SIGNATURE: sign(BODY, secret), ID: "e1"}, BODY) == GatewayEvent(
        "e1", "order.paid", order_id="order_1", reference="PY_1"
    )


BAD = {
    "empty": "",
    "upper-case": sign(BODY).upper(),
    "truncated": sign(BODY)[:-1],
    "longer": sign(BODY) + "0",
    "with a blank": f" {sign(BODY)}",
    "not ASCII": "é" * 64,
    "a lone surrogate": "\ud800" * 64,
    "full-width digits": sign(BODY).translate({48 + n: 0xFF10 + n for n in range(10)}),
    "of another body": sign(BODY + b" "),
    "by another secret": sign(BODY, "no secret of ours"),
    "by the key of the API": sign(BODY, "key_secret"),
}


@pytest.mark.parametrize("signature", BAD.values(), ids=BAD)
def test_a_webhook_with_a_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        gateway().read_event({SIGNATURE: signature, ID: "e1"}, BODY)


def test_a_webhook_without_a_signature_is_refused() -> None:
    with pytest.raises(BadSignature):
        gateway().read_event({ID: "e1"}, BODY)


@given(at=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_a_webhook_with_one_bit_changed_is_refused(at: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[at] ^= 1 << bit
    with pytest.raises(BadSignature):
        gateway().read_event({SIGNATURE: sign(BODY)}, bytes(changed))


@pytest.mark.parametrize("signature", [None, "", "é", sign(b"order_1|pay_1", "key_secret").upper()])
def test_the_checkout_is_believed_only_with_its_signature(signature: str | None) -> None:
    right = sign(b"order_1|pay_1", "key_secret")
    assert gateway().is_signed_by_checkout("order_1", "pay_1", right)
    assert not gateway().is_signed_by_checkout("order_1", "pay_1", signature)
    assert not gateway().is_signed_by_checkout("order_2", "pay_1", right)
    assert not gateway().is_signed_by_checkout("order_1", "pay_2", right)
    assert not gateway().is_signed_by_checkout("pay_1", "order_1", right)


# -- what a signed message may hold


def test_a_message_without_an_event_id_is_known_by_its_content() -> None:
    first, copy, other = read(BODY), read(BODY), read(BODY.replace(b"PY_1", b"PY_2"))
    assert first.event_id == copy.event_id != other.event_id


@pytest.mark.parametrize("named", ["", "x" * 101, "two words", "é"])
def test_an_event_id_that_cannot_be_a_key_is_not_taken(named: str) -> None:
    assert read(BODY, **{ID: named}).event_id == read(BODY).event_id


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        ({"payment": {"entity": {"order_id": "order_1"}}}, ("order_1", None)),
        ({"payment": {"entity": {"order_id": None, "notes": []}}}, (None, None)),
        ({"refund": {"entity": {"id": "rfnd_1", "receipt": "RF_1"}}}, (None, None)),
        (
            {"refund": {"entity": {"receipt": "RF_1"}}, "payment": {"entity": {"order_id": "order_1"}}},
            ("order_1", None),
        ),
        ({"order": {"entity": {"id": "order_1", "receipt": "PY_1", "notes": {}}}}, ("order_1", "PY_1")),
        ({"order": {"entity": {"id": "order_1", "receipt": None, "notes": {"reference": "PY_1"}}}}, ("order_1", "PY_1")),
        ({"order": {"entity": {"id": "IEIaMR65cu6nz3", "notes": []}}}, ("order_IEIaMR65cu6nz3", None)),
        ({"order": {"entity": {"id": 7, "notes": None}}}, (None, None)),
        ({"order": [], "payment": None}, (None, None)),
        ([], (None, None)),
        (None, (None, None)),
    ],
)  # fmt: skip
def test_an_event_names_its_order_where_it_has_one(
    payload: Any, names: tuple[str | None, str | None]
) -> None:
    event = read(json.dumps({"event": "some.thing", "payload": payload}).encode())
    assert (event.order_id, event.reference) == names
    assert event.name == "some.thing"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["event", "payload", "order", "payment", "refund", "entity", "id", "order_id", "receipt", "notes", "reference"]), inner, max_size=5),
    max_leaves=20))  # fmt: skip
def test_a_signed_message_of_any_form_is_an_event(content: Any) -> None:
    event = read(json.dumps(content).encode())
    assert event.event_id.startswith("body-")
    assert all(isinstance(each, str | None) for each in (event.order_id, event.reference))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"1" * 10_000, b"null"])
def test_a_signed_message_that_is_no_json_is_an_event_about_nothing(body: bytes) -> None:
    event = read(body)
    assert (event.name, event.order_id, event.reference) == ("", None, None)


@given(st.binary(max_size=200))
def test_signed_bytes_are_an_event(body: bytes) -> None:
    assert read(body).event_id
