"""What PhonePe does beyond the promises of the port (test_port.py), v2 and v1 alike: the real
adapters and the emulator, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayOrder
from chalicelib.gateways.payments.protocol import GatewayRefused, PaymentGateway
from local.payments.faults import Fault, FaultKind
from local.payments.phonepe_book import ACCEPTED_AFTER, Act
from tests.clock import Clock
from tests.phonepe import AtPhonePe, at_phonepe, new_order, refund_of


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


def test_a_refund_that_the_bank_has_accepted_is_still_pending(port: Port, clock: Clock) -> None:
    [capture] = port.paid().captured
    asked = refund_of("P1", capture.attempt_id, 4_000)
    made = port.gateway.refund(asked)
    clock.move(seconds=ACCEPTED_AFTER)
    assert port.gateway.find_refund(asked) == made


@pytest.mark.parametrize("after", [False, True], ids=["not made", "made"])
def test_a_repeated_refund_asks_for_its_status_first(port: Port, after: bool) -> None:
    [capture] = port.paid().captured
    asked = refund_of("P1", capture.attempt_id, 5_000)
    port.fault("refund", "hang_up", after=after)
    with pytest.raises(errors.Unavailable):
        port.gateway.refund(asked)
    port.at.paths()
    port.gateway.refund(asked)
    first, *rest = port.at.paths()
    assert first.startswith("GET ")
    assert len(rest) == (0 if after else 1)


def test_a_refund_of_an_unknown_order_is_none(port: Port) -> None:
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
