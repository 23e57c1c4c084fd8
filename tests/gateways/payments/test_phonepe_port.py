"""PhonePe behind the port, v2 and v1 alike: the real adapters and the emulator, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayOrder
from chalicelib.gateways.payments.protocol import GatewayRefused, PaymentGateway
from local.payments.deliveries import RETRIES, Plan
from local.payments.faults import Fault, FaultKind
from local.payments.phonepe_book import ACCEPTED_AFTER, DONE_AFTER, Act
from tests.clock import Clock
from tests.phonepe import AtPhonePe, at_phonepe, new_order, refund_of

NO_ANSWER: list[FaultKind] = ["hang_up", "busy", "html", "garbage", "error"]


@dataclass
class Port:
    """One of the adapters, with the emulator behind it."""

    gateway: PaymentGateway
    at: AtPhonePe
    prefix: str

    def found(self, reference: str = "P1") -> GatewayOrder:
        order = self.gateway.find_order(reference, None)
        assert order is not None
        return order

    def act(self, act: Act, reference: str = "P1") -> None:
        self.at.emulator.act(self.at.emulator.book.orders[reference].order_id, act)

    def fault(self, operation: str, kind: FaultKind, *, after: bool = False) -> None:
        self.at.emulator.faults.ask(Fault(kind, self.prefix + operation, after=after))

    def made(self) -> int:
        """Paise that the emulator pays back, or has paid back."""
        refunds = self.at.emulator.book.refunds.values()
        return sum(refund.amount for refund in refunds if refund.state != "FAILED")

    def paid(self, paise: int = 10_050) -> GatewayOrder:
        self.gateway.create_order(new_order(self.at.clock, paise=paise))
        self.act("pay")
        self.at.events()
        return self.found()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["v2", "v1"])
def port(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Port]:
    with at_phonepe(clock) as at:
        gateway: PaymentGateway = at.gateway if request.param == "v2" else at.gateway_v1
        yield Port(gateway, at, "" if request.param == "v2" else "v1_")


def test_an_order_is_created_with_a_page_for_the_payer(port: Port, clock: Clock) -> None:
    made = port.gateway.create_order(new_order(clock))
    assert (made.reference, made.amount, made.state) == ("P1", Money(10_050, "INR"), "open")
    assert made.pay_url is not None
    assert made.pay_url.startswith(f"{port.at.emulator.url}/pay/")


def test_an_order_that_nobody_has_tried_to_pay_is_open(port: Port, clock: Clock) -> None:
    made = port.gateway.create_order(new_order(clock))
    found = port.gateway.find_order("P1", made.order_id)
    assert found is not None
    assert (found.order_id, found.state, found.attempts) == (made.order_id, "open", ())


def test_an_order_that_is_not_known_is_none(port: Port) -> None:
    assert port.gateway.find_order("P404", None) is None


def test_a_paid_order_has_one_capture_of_its_amount(port: Port) -> None:
    found = port.paid()
    assert found.state == "paid"
    [capture] = found.captured
    assert (capture.amount, capture.method) == (Money(10_050, "INR"), "upi")
    assert capture.attempt_id


def test_a_payment_at_the_bank_captures_nothing_yet(port: Port, clock: Clock) -> None:
    port.gateway.create_order(new_order(clock))
    port.act("wait")
    found = port.found()
    assert (found.state, found.captured, found.attempts[-1].state) == ("open", (), "open")


def test_a_failed_attempt_leaves_the_order_open_and_a_second_one_pays(
    port: Port, clock: Clock
) -> None:
    port.gateway.create_order(new_order(clock))
    port.act("fail")
    assert port.found().state == "open"
    port.act("pay")
    assert port.found().state == "paid"
    assert len(port.found().captured) == 1


def test_an_order_ends_when_it_expires(port: Port, clock: Clock) -> None:
    port.gateway.create_order(new_order(clock))
    clock.move(hours=1)
    assert (port.found().state, port.found().captured) == ("expired", ())


def test_a_payment_that_the_bank_confirms_after_the_end_is_captured(
    port: Port, clock: Clock
) -> None:
    port.gateway.create_order(new_order(clock))
    port.act("wait")
    clock.move(hours=1)
    assert (port.found().state, port.found().captured) == ("expired", ())
    port.act("bank_pays")
    assert port.found().state == "paid"
    assert len(port.found().captured) == 1


def test_a_reference_makes_one_order(port: Port, clock: Clock) -> None:
    port.gateway.create_order(new_order(clock))
    with pytest.raises(GatewayRefused):
        port.gateway.create_order(new_order(clock))
    assert len(port.at.emulator.book.orders) == 1


def test_other_currencies_are_refused_before_anything_is_asked(port: Port, clock: Clock) -> None:
    order = new_order(clock)
    euros = type(order)(
        order.reference, Money(500, "EUR"), order.expires_at, order.description, order.return_url
    )
    with pytest.raises(GatewayRefused, match="CURRENCY"):
        port.gateway.create_order(euros)
    assert port.at.paths() == []


def test_an_amount_under_a_rupee_is_refused_by_the_gateway(port: Port, clock: Clock) -> None:
    with pytest.raises(GatewayRefused) as refused:
        port.gateway.create_order(new_order(clock, paise=99))
    assert refused.value.code == "BAD_REQUEST"


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_an_order_whose_answer_is_lost_is_found_and_not_made_again(
    port: Port, clock: Clock, kind: FaultKind
) -> None:
    port.fault("pay", kind, after=True)
    with pytest.raises(errors.Unavailable):
        port.gateway.create_order(new_order(clock))
    assert port.found().amount == Money(10_050, "INR")
    assert len(port.at.emulator.book.orders) == 1


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_an_order_that_was_not_made_is_not_found(port: Port, clock: Clock, kind: FaultKind) -> None:
    port.fault("pay", kind)
    with pytest.raises(errors.Unavailable):
        port.gateway.create_order(new_order(clock))
    assert port.gateway.find_order("P1", None) is None


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_a_status_without_an_answer_says_nothing(port: Port, kind: FaultKind) -> None:
    port.paid()
    port.fault("status", kind)
    with pytest.raises(errors.Unavailable):
        port.gateway.find_order("P1", None)
    assert port.found().state == "paid"


def test_a_refund_goes_from_pending_to_processed(port: Port, clock: Clock) -> None:
    [capture] = port.paid().captured
    asked = refund_of("P1", capture.attempt_id, 4_000)
    made = port.gateway.refund(asked)
    assert (made.reference, made.amount, made.state) == ("R1", Money(4_000, "INR"), "pending")
    clock.move(seconds=ACCEPTED_AFTER)
    assert port.gateway.find_refund(asked) == made
    clock.move(seconds=DONE_AFTER)
    done = port.gateway.find_refund(asked)
    assert done is not None
    assert (done.refund_id, done.state) == (made.refund_id, "processed")
    assert done.trace


def test_a_refund_may_fail_at_the_bank(port: Port, clock: Clock) -> None:
    [capture] = port.paid().captured
    port.at.emulator.book.failing_refunds = 1
    asked = refund_of("P1", capture.attempt_id, 10_050)
    port.gateway.refund(asked)
    clock.move(seconds=DONE_AFTER)
    failed = port.gateway.find_refund(asked)
    assert failed is not None
    assert failed.state == "failed"
    again = port.gateway.refund(refund_of("P1", capture.attempt_id, 10_050, "R2"))
    assert again.state == "pending"


def test_a_refund_under_the_same_reference_pays_once_and_answers_alike(port: Port) -> None:
    [capture] = port.paid().captured
    asked = refund_of("P1", capture.attempt_id, 5_000)
    assert port.gateway.refund(asked) == port.gateway.refund(asked)
    assert port.made() == 5_000


@pytest.mark.parametrize("after", [False, True], ids=["not made", "made"])
@pytest.mark.parametrize("kind", NO_ANSWER)
def test_a_refund_without_an_answer_pays_once_when_it_is_repeated(
    port: Port, kind: FaultKind, after: bool
) -> None:
    [capture] = port.paid().captured
    asked = refund_of("P1", capture.attempt_id, 5_000)
    port.fault("refund", kind, after=after)
    with pytest.raises(errors.Unavailable):
        port.gateway.refund(asked)
    assert (port.gateway.find_refund(asked) is not None) is after
    port.at.paths()
    port.gateway.refund(asked)
    assert port.made() == 5_000
    first, *rest = port.at.paths()
    assert first.startswith("GET "), "its status is asked first"
    assert len(rest) == (0 if after else 1)


def test_no_more_is_paid_back_than_was_paid(port: Port) -> None:
    [capture] = port.paid().captured
    port.gateway.refund(refund_of("P1", capture.attempt_id, 6_000))
    with pytest.raises(GatewayRefused):
        port.gateway.refund(refund_of("P1", capture.attempt_id, 5_000, "R2"))
    assert port.made() == 6_000


def test_a_refund_that_was_never_made_is_none(port: Port) -> None:
    assert port.gateway.find_refund(refund_of("P1", "A1", 500)) is None


def test_an_order_is_closed_by_waiting(port: Port, clock: Clock) -> None:
    made = port.gateway.create_order(new_order(clock))
    port.at.paths()
    port.gateway.close_order("P1", made.order_id)
    assert port.at.paths() == []
    assert port.found().state == "open"


def test_a_settlement_has_no_rows(port: Port, clock: Clock) -> None:
    with pytest.raises(GatewayRefused, match="NO_SETTLEMENT_ROWS"):
        port.gateway.settlement(clock.now().date())


def test_a_payment_is_announced_with_our_reference(port: Port, clock: Clock) -> None:
    port.gateway.create_order(new_order(clock))
    port.act("pay")
    [event] = port.at.events()
    assert event.reference == "P1"


def test_each_copy_of_a_message_has_the_same_id(port: Port, clock: Clock) -> None:
    port.gateway.create_order(new_order(clock))
    port.at.emulator.deliveries.plan(Plan(copies=3))
    port.act("pay")
    events = port.at.events()
    assert len(events) == 3
    assert len({event.event_id for event in events}) == 1


def test_the_messages_of_two_orders_have_two_ids(port: Port, clock: Clock) -> None:
    for reference in ("P1", "P2"):
        port.gateway.create_order(new_order(clock, reference))
        port.act("pay", reference)
    assert len({event.event_id for event in port.at.events()}) == 2


def test_a_lost_message_is_never_sent_and_a_late_one_in_time(port: Port, clock: Clock) -> None:
    port.at.emulator.deliveries.plan(Plan(copies=0))
    port.at.emulator.deliveries.plan(Plan(delay=600))
    for reference in ("P1", "P2"):
        port.gateway.create_order(new_order(clock, reference))
        port.act("pay", reference)
    assert port.at.events() == []
    clock.move(minutes=10)
    assert [event.reference for event in port.at.events()] == ["P2"]


def test_a_message_that_fails_comes_again_until_it_is_given_up(port: Port, clock: Clock) -> None:
    port.gateway.create_order(new_order(clock))
    port.act("pay")
    port.at.inbox.status = 500
    counts = [len(port.at.events())]
    for seconds in RETRIES:
        clock.move(seconds=seconds)
        counts.append(len(port.at.events()))
    clock.move(days=1)
    assert counts == [1] * (1 + len(RETRIES))
    assert port.at.events() == []
