"""What the port promises of each gateway: the real adapters against the emulators, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayOrder, NewOrder, RefundOrder
from chalicelib.gateways.payments.protocol import GatewayRefused
from local.payments.deliveries import RETRIES, Plan
from local.payments.faults import FaultKind
from tests.clock import Clock
from tests.payment_ports import PORTS, Port

NO_ANSWER: list[FaultKind] = ["hang_up", "busy", "html", "garbage", "error"]
PAISE = 10_050


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=PORTS)
def port(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Port]:
    with PORTS[request.param](clock) as found:
        yield found


def wanted(clock: Clock, reference: str = "PY_1", paise: int = PAISE) -> NewOrder:
    """An order for ten minutes."""
    return NewOrder(
        reference=reference,
        amount=Money(paise, "INR"),
        expires_at=clock.now() + timedelta(minutes=10),
        description="Bay A-001",
        return_url="https://berth.example.com/pay/PY_1",
    )


def found(port: Port, reference: str = "PY_1") -> GatewayOrder:
    order = port.gateway.find_order(reference, None)
    assert order is not None
    return order


def made(port: Port, clock: Clock, reference: str = "PY_1") -> GatewayOrder:
    return port.gateway.create_order(wanted(clock, reference))


def paid(port: Port, clock: Clock) -> RefundOrder:
    """Pay an order; the refund of the whole of it, which nobody has asked for yet."""
    order = made(port, clock)
    port.act(order.order_id, "pay")
    port.events()
    [capture] = found(port).captured
    return RefundOrder("RF_1", "PY_1", order.order_id, capture.attempt_id, Money(PAISE, "INR"))


def refund_of(whole: RefundOrder, paise: int, reference: str = "RF_1") -> RefundOrder:
    return RefundOrder(
        reference, whole.order_reference, whole.order_id, whole.attempt_id, Money(paise, "INR")
    )


# -- orders


def test_an_order_is_found_by_our_reference_and_by_the_id_of_the_gateway(
    port: Port, clock: Clock
) -> None:
    order = made(port, clock)
    assert (order.reference, order.amount, order.state) == ("PY_1", Money(PAISE, "INR"), "open")
    by_id = port.gateway.find_order("PY_1", order.order_id)
    assert by_id == found(port)
    assert (found(port).order_id, found(port).attempts) == (order.order_id, ())


def test_an_order_that_is_not_known_is_none(port: Port) -> None:
    assert port.gateway.find_order("PY_404", None) is None


def test_an_amount_under_a_rupee_is_refused(port: Port, clock: Clock) -> None:
    with pytest.raises(GatewayRefused) as refused:
        port.gateway.create_order(wanted(clock, paise=99))
    assert refused.value.code.startswith("BAD_REQUEST")
    assert port.gateway.find_order("PY_1", None) is None


def test_a_paid_order_has_one_capture_of_its_amount(port: Port, clock: Clock) -> None:
    whole = paid(port, clock)
    order = found(port)
    [capture] = order.captured
    assert (order.state, capture.amount, capture.method) == ("paid", Money(PAISE, "INR"), "upi")
    assert capture.attempt_id == whole.attempt_id


def test_a_payment_at_the_bank_captures_nothing_yet(port: Port, clock: Clock) -> None:
    port.act(made(port, clock).order_id, "wait")
    order = found(port)
    assert (order.state, order.captured, order.attempts[-1].state) == ("open", (), "open")


def test_a_failed_attempt_leaves_the_order_open_and_a_second_one_pays(
    port: Port, clock: Clock
) -> None:
    order_id = made(port, clock).order_id
    port.act(order_id, "fail")
    assert (found(port).state, found(port).captured) == ("open", ())
    port.act(order_id, "pay")
    assert (found(port).state, len(found(port).captured)) == ("paid", 1)


def test_a_payment_that_was_given_up_is_captured_when_the_bank_confirms_it(
    port: Port, clock: Clock
) -> None:
    order_id = made(port, clock).order_id
    port.act(order_id, "wait")
    clock.move(minutes=11)
    port.events()
    assert found(port).captured == ()
    port.act(order_id, "bank_pays")
    assert (found(port).state, len(found(port).captured)) == ("paid", 1)


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_an_order_whose_answer_is_lost_is_found(port: Port, clock: Clock, kind: FaultKind) -> None:
    port.fault("create", kind, after=True)
    with pytest.raises(errors.Unavailable):
        made(port, clock)
    assert found(port).amount == Money(PAISE, "INR")


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_an_order_that_was_not_made_is_not_found(port: Port, clock: Clock, kind: FaultKind) -> None:
    port.fault("create", kind)
    with pytest.raises(errors.Unavailable):
        made(port, clock)
    assert port.gateway.find_order("PY_1", None) is None


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_an_order_without_an_answer_is_neither_known_nor_unknown(
    port: Port, clock: Clock, kind: FaultKind
) -> None:
    paid(port, clock)
    port.fault("find", kind)
    with pytest.raises(errors.Unavailable):
        port.gateway.find_order("PY_1", None)
    assert found(port).state == "paid"


# -- refunds


def test_a_refund_goes_from_pending_to_processed(port: Port, clock: Clock) -> None:
    asked = refund_of(paid(port, clock), 4_000)
    refund = port.gateway.refund(asked)
    assert (refund.reference, refund.amount, refund.state) == (
        "RF_1",
        Money(4_000, "INR"),
        "pending",
    )
    assert port.gateway.find_refund(asked) == refund
    clock.move(days=1)
    done = port.gateway.find_refund(asked)
    assert done is not None
    assert (done.refund_id, done.state) == (refund.refund_id, "processed")
    assert done.trace


def test_a_refund_may_fail_at_the_bank_and_be_tried_under_another_reference(
    port: Port, clock: Clock
) -> None:
    asked = paid(port, clock)
    port.let_refunds_fail(1)
    port.gateway.refund(asked)
    clock.move(days=1)
    failed = port.gateway.find_refund(asked)
    assert failed is not None
    assert failed.state == "failed"
    again = port.gateway.refund(refund_of(asked, PAISE, "RF_2"))
    assert (again.reference, again.state) == ("RF_2", "pending")


def test_a_refund_under_the_same_reference_pays_once_and_answers_alike(
    port: Port, clock: Clock
) -> None:
    asked = refund_of(paid(port, clock), 5_000)
    assert port.gateway.refund(asked) == port.gateway.refund(asked)
    assert port.paid_back() == 5_000


@pytest.mark.parametrize("after", [False, True], ids=["not made", "made"])
@pytest.mark.parametrize("kind", NO_ANSWER)
def test_a_refund_without_an_answer_pays_once_when_it_is_repeated(
    port: Port, clock: Clock, kind: FaultKind, after: bool
) -> None:
    asked = refund_of(paid(port, clock), 5_000)
    port.fault("refund", kind, after=after)
    with pytest.raises(errors.Unavailable):
        port.gateway.refund(asked)
    assert (port.gateway.find_refund(asked) is not None) is after
    port.gateway.refund(asked)
    assert port.paid_back() == 5_000


def test_no_more_is_paid_back_than_was_paid(port: Port, clock: Clock) -> None:
    whole = paid(port, clock)
    port.gateway.refund(refund_of(whole, 6_000))
    with pytest.raises(GatewayRefused):
        port.gateway.refund(refund_of(whole, 5_000, "RF_2"))
    assert port.paid_back() == 6_000


def test_a_refund_that_was_never_made_is_none(port: Port, clock: Clock) -> None:
    assert port.gateway.find_refund(paid(port, clock)) is None


# -- messages


def test_a_payment_is_announced_by_a_name_of_its_order(port: Port, clock: Clock) -> None:
    order = made(port, clock)
    port.act(order.order_id, "pay")
    events = port.events()
    assert events
    for event in events:
        assert event.order_id == order.order_id or event.reference == "PY_1"


def test_each_copy_of_a_message_has_the_same_id(port: Port, clock: Clock) -> None:
    order_id = made(port, clock).order_id
    port.plan(Plan(copies=3))
    port.act(order_id, port.one_message)
    events = port.events()
    assert len(events) == 3
    assert len({event.event_id for event in events}) == 1


def test_different_messages_have_different_ids(port: Port, clock: Clock) -> None:
    for reference in ("PY_1", "PY_2"):
        port.act(made(port, clock, reference).order_id, "pay")
    events = port.events()
    assert len(events) >= 2
    assert len({event.event_id for event in events}) == len(events)


def test_a_lost_message_never_arrives_and_a_late_one_in_its_time(port: Port, clock: Clock) -> None:
    first, second = (made(port, clock, reference).order_id for reference in ("PY_1", "PY_2"))
    port.plan(Plan(copies=0))
    port.act(first, port.one_message)
    port.plan(Plan(delay=300))
    port.act(second, port.one_message)
    assert port.events() == []
    clock.move(minutes=5)
    [event] = port.events()
    assert event.order_id == second or event.reference == "PY_2"


def test_a_message_that_fails_comes_again_until_it_is_given_up(port: Port, clock: Clock) -> None:
    order_id = made(port, clock).order_id
    port.act(order_id, port.one_message)
    port.answer_messages(500)
    counts = [len(port.events())]
    for seconds in RETRIES:
        clock.move(seconds=seconds)
        counts.append(len(port.events()))
    clock.move(days=1)
    assert counts == [1] * (1 + len(RETRIES))
    assert port.events() == []
