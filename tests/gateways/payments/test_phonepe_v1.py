"""PhonePe's API v1: signatures over base64 text with salts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors
from chalicelib.gateways.payments.phonepe_keys import PhonePeV1Keys
from chalicelib.gateways.payments.phonepe_v1 import PhonePeV1, signature
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused
from tests.clock import Clock
from tests.phonepe import CALLBACK_V1, KEYS_V1, AtPhonePe, FixedKeys, at_phonepe, new_order
from tests.raw_server import answering, raw_server

ENCODED = (
    "ewoJImdyYW50VG9rZW4iOiAiR1JUOTc5YTYzZjQ4ZjIxYjZmMWRiN2JhOTNiYjRhMGZiMjk3NWQ0OWFmYmMyY2QxMDdk"
    "YTBmYWMxZGQ1N2RlN2ZiNCIKfQ=="
)
PATH = "/v3/service/auth/access"
DIGEST = "5DE0E70CF2B78F3923CA108E583E6A80FABE910EFD1726570B3E5CB2040DF7D2"
PUBLISHED = PhonePeV1Keys(
    "M1",
    "1",
    {
        "1": "6b451f58-d565-4890-836f-6fb1gjt84d97",
        "2": "487667h6e9-91d3-4dfa-930a-8d3813745441",
    },
)
"""The example of https://developer.phonepe.com/v4/docs/calculating-x-verify."""

CONTENT = {
    "success": True,
    "code": "PAYMENT_SUCCESS",
    "data": {"merchantTransactionId": "P1", "transactionId": "T1", "amount": 100, "state": "COMPLETED"},
}  # fmt: skip


@pytest.fixture
def at() -> Iterator[AtPhonePe]:
    with at_phonepe(Clock()) as at:
        yield at


def receiver(keys: PhonePeV1Keys = KEYS_V1) -> PhonePeV1:
    return PhonePeV1(FixedKeys(keys), callback_url=CALLBACK_V1)


def message(content: Any = CONTENT, index: str = "1") -> tuple[dict[str, str], bytes]:
    encoded = base64.b64encode(json.dumps(content).encode())
    return {"x-verify": proof(encoded, index)}, json.dumps({"response": encoded.decode()}).encode()


def proof(encoded: bytes, index: str = "1") -> str:
    salt = KEYS_V1.salts[index].encode()
    return f"{hashlib.sha256(encoded + salt).hexdigest()}###{index}"


def test_the_signature_of_phonepes_document_is_right() -> None:
    assert signature(ENCODED.encode(), PATH, PUBLISHED) == f"{DIGEST.lower()}###1"


def test_a_callback_is_an_event_of_its_payment() -> None:
    event = receiver().read_event(*message())
    assert (event.name, event.reference, event.order_id) == ("PAYMENT_SUCCESS", "P1", "P1")
    assert event.event_id == "v1:PAYMENT_SUCCESS:P1:COMPLETED"


@pytest.mark.parametrize("index", ["1", "2"])
def test_the_salt_is_chosen_by_its_index(index: str) -> None:
    assert receiver().read_event(*message(index=index)).reference == "P1"


def test_the_signature_covers_the_base64_text_as_it_came() -> None:
    """The same bytes in other base64 text have another signature."""
    encoded = base64.b64encode(json.dumps(CONTENT).encode())
    broken = encoded[:20] + b"\n" + encoded[20:]
    body = json.dumps({"response": broken.decode()}).encode()
    with pytest.raises(BadSignature):
        receiver().read_event({"x-verify": proof(encoded)}, body)


def test_spaces_around_the_text_change_nothing() -> None:
    headers, body = message()
    spaced = json.dumps(json.loads(body), indent=2).encode() + b"\n"
    assert receiver().read_event(headers, spaced) == receiver().read_event(headers, body)


@pytest.mark.parametrize(
    "change",
    [
        str.upper, lambda it: it[1:], lambda it: it.replace("###1", "###2"),
        lambda it: it.replace("###1", "###3"), lambda it: it.replace("###1", ""),
        lambda it: it.replace("###", "##"), lambda it: "", lambda it: "é" + it,
        lambda it: it + "\udcff", lambda it: "###1", lambda it: "###",
        lambda it: hashlib.sha256(b"").hexdigest() + "###9",
    ],
)  # fmt: skip
def test_any_other_header_is_refused(change: Any) -> None:
    headers, body = message()
    with pytest.raises(BadSignature):
        receiver().read_event({"x-verify": change(headers["x-verify"])}, body)


def test_a_message_without_a_signature_is_refused() -> None:
    with pytest.raises(BadSignature):
        receiver().read_event({}, message()[1])


def test_a_changed_byte_is_refused() -> None:
    headers, body = message()
    for at in range(15, len(body) - 2, 7):
        changed = body[:at] + (b"A" if body[at : at + 1] != b"A" else b"B") + body[at + 1 :]
        with pytest.raises(BadSignature):
            receiver().read_event(headers, changed)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"response": 1}', b"\xff", b"[" * 100_000]
)
def test_a_body_without_a_signed_text_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        receiver().read_event(message()[0], body)


DATA = st.dictionaries(
    st.sampled_from(["merchantTransactionId", "state"]), st.none() | st.text(max_size=5)
)


@given(content=st.none() | st.fixed_dictionaries({"code": st.text(max_size=5), "data": DATA}))
def test_any_signed_content_is_an_event_with_a_short_id(content: Any) -> None:
    event = receiver().read_event(*message(content))
    assert len(event.event_id) < 200


def test_a_signed_text_that_is_no_base64_is_an_event_about_no_order() -> None:
    body = json.dumps({"response": "%%%"}).encode()
    event = receiver().read_event({"x-verify": proof(b"%%%")}, body)
    assert (event.reference, event.order_id) == (None, None)


def test_our_calls_are_signed_with_the_current_salt(
    at: AtPhonePe,
) -> None:
    at.keys_v1.keys = PhonePeV1Keys(KEYS_V1.merchant_id, "2", KEYS_V1.salts)
    assert at.gateway_v1.create_order(new_order(at.clock)).reference == "P1"


def test_a_salt_that_is_not_taken_leaves_the_call_undecided(at: AtPhonePe) -> None:
    at.keys_v1.keys = PhonePeV1Keys(KEYS_V1.merchant_id, "1", {"1": "another"})
    with pytest.raises(errors.Unavailable):
        at.gateway_v1.create_order(new_order(at.clock))
    assert at.emulator.book.orders == {}


def test_a_new_salt_is_used_when_the_old_one_is_refused(at: AtPhonePe) -> None:
    at.keys_v1.keys = PhonePeV1Keys(KEYS_V1.merchant_id, "1", {"1": "another"})
    at.keys_v1.newer = KEYS_V1
    assert at.gateway_v1.create_order(new_order(at.clock)).reference == "P1"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("PAYMENT_SUCCESS", "paid"), ("PAYMENT_ERROR", "expired"), ("PAYMENT_DECLINED", "expired"),
        ("PAYMENT_PENDING", "open"), ("SOMETHING_NEW", "open"),
    ],
)  # fmt: skip
def test_the_code_decides(code: str, state: str) -> None:
    answer = {**CONTENT, "code": code, "data": {**CONTENT["data"], "state": "COMPLETED"}}  # type: ignore[dict-item]
    with raw_server(answering("200 OK", json.dumps(answer).encode())) as server:
        gateway = PhonePeV1(FixedKeys(KEYS_V1), callback_url="", api_url=server.url)
        found = gateway.find_order("P1", None)
    assert found is not None
    assert found.state == state
    assert len(found.captured) == (1 if state == "paid" else 0)


@pytest.mark.parametrize(
    "answer",
    [
        {**CONTENT, "code": "INTERNAL_SERVER_ERROR"}, {**CONTENT, "code": None},
        {**CONTENT, "data": None}, {**CONTENT, "data": {"merchantTransactionId": "P1"}},
        {**CONTENT, "data": {"merchantTransactionId": "P2", "amount": 100}},
    ],
)  # fmt: skip
def test_an_answer_that_tells_nothing_is_none(answer: dict[str, Any]) -> None:
    with raw_server(answering("200 OK", json.dumps(answer).encode())) as server:
        gateway = PhonePeV1(FixedKeys(KEYS_V1), callback_url="", api_url=server.url)
        with pytest.raises(errors.Unavailable):
            gateway.find_order("P1", None)


def test_a_reference_is_at_most_34_characters_long(at: AtPhonePe) -> None:
    with pytest.raises(GatewayRefused):
        at.gateway_v1.create_order(new_order(at.clock, "P" * 35))
    assert at.gateway_v1.create_order(new_order(at.clock, "P" * 34)).state == "open"


def test_no_salt_is_shown_in_a_log() -> None:
    assert KEYS_V1.salts["1"] not in repr(KEYS_V1)
