"""Messages and answers of the checkout that were forged, cut, replayed or written anew, at the real
adapters of both gateways: nothing stored changes, and the gateway is not asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.services.payments import asking, verifying, webhooks
from tests.clock import Clock
from tests.payments.in_process import Letter
from tests.payments.paths import Till
from tests.payments.test_paths import opened
from tests.world import World

PROOF: Final[Mapping[GatewayName, str]] = {
    "razorpay": "x-razorpay-signature",
    "phonepe": "authorization",
}
"""The header that proves a message."""

FORGED: Final[Mapping[str, Callable[[str], str]]] = {
    "cut": lambda proof: proof[:-1],
    "longer": lambda proof: proof + "0",
    "in capitals": str.upper,
    "empty": lambda proof: "",
    "blank": lambda proof: " ",
    "with a blank": lambda proof: f" {proof}",
    "not ASCII": lambda proof: "ü" + proof[1:],
    "a lone surrogate": lambda proof: "\udcff" + proof[1:],
    "zeros": lambda proof: "0" * len(proof),
    "reversed": lambda proof: proof[::-1],
}


@contextmanager
def paid(world: World, clock: Clock, name: GatewayName) -> Iterator[tuple[Till, Letter]]:
    """A payment that Berth has not heard of, and the message about it."""
    with opened(world, clock, name) as till:
        till.emulator.act(till.payment.order_id, "pay")
        yield till, till.emulator.deliveries.taken()[-1]


def receive(till: Till, headers: Mapping[str, str], body: bytes) -> None:
    till.left = 1  # the store is asked once; a question to the gateway would be one call more
    try:
        webhooks.receive(till.deps, till.name, headers, body)
    finally:
        till.left = None


@pytest.mark.parametrize("how", FORGED)
@pytest.mark.parametrize("name", PROOF)
def test_a_forged_message_changes_nothing(
    world: World, clock: Clock, name: GatewayName, how: str
) -> None:
    with paid(world, clock, name) as (till, (headers, body)):
        before = till.store.kept
        named = dict(headers)
        named[PROOF[name]] = FORGED[how](named[PROOF[name]])
        with pytest.raises(errors.BadSignature):
            receive(till, named, body)
        del named[PROOF[name]]
        with pytest.raises(errors.BadSignature):
            receive(till, named, body)

        assert till.store.kept == before


@pytest.mark.parametrize("change", [b"", b" ", b"{}", "ü".encode(), b"\xff"])
def test_the_proof_of_razorpay_is_of_one_body(world: World, clock: Clock, change: bytes) -> None:
    with paid(world, clock, "razorpay") as (till, (headers, body)):
        before = till.store.kept
        anew = json.dumps(json.loads(body)).encode()
        for other in (change, body + b" ", body[:-1], anew):
            with pytest.raises(errors.BadSignature):
                receive(till, dict(headers), other)

        assert till.store.kept == before


def test_a_body_of_phonepe_says_at_most_which_order_to_ask_about(
    world: World, clock: Clock
) -> None:
    """Its header proves a login and not the body: a body that lies leads to a question."""
    with opened(world, clock, "phonepe") as till:
        till.emulator.act(till.payment.order_id, "fail")
        ((headers, body),) = till.emulator.deliveries.taken()
        lie = json.loads(body)
        lie["event"], lie["payload"]["state"] = "checkout.order.completed", "COMPLETED"
        receive(till, dict(headers), json.dumps(lie).encode())
        assert till.store.kept.tasks == (f"phonepe/{till.payment.reference}",)
        asking.ask(till.deps, till.store.kept.tasks[0])

        assert (till.booking.status, till.booking.paid) == ("pending", 0)


@pytest.mark.parametrize("name", PROOF)
def test_a_message_that_is_played_again_asks_nothing_more(
    world: World, clock: Clock, name: GatewayName
) -> None:
    with paid(world, clock, name) as (till, (headers, body)):
        receive(till, dict(headers), body)
        once = till.store.kept
        for _ in range(3):
            receive(till, dict(headers), body)

        assert till.store.kept == once
        assert len(once.tasks) == 1


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_answer_of_the_checkout_changes_nothing(
    world: World, clock: Clock, how: str
) -> None:
    with paid(world, clock, "razorpay") as (till, _):
        before, (order,) = till.store.kept, till.emulator.book.orders.values()
        attempt_id = order.payments[0].payment_id
        right = till.emulator.signed_by_checkout(order.order_id, attempt_id)
        answers = [(attempt_id, FORGED[how](right)), (attempt_id + "x", right), ("", right)]
        for named, signature in answers:
            till.left = 2  # the order and the booking are read; the gateway is not asked
            with pytest.raises(errors.PaymentNotVerified):
                verifying.verify_checkout(
                    till.deps, till.user, order_id=order.order_id, payment_id=named,
                    signature=signature,
                )  # fmt: skip

        assert till.store.kept == before
