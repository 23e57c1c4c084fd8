"""The gateways as tests/gateways/payments/test_port.py drives them: the adapter of each, and what
its emulator does on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Literal, Protocol

from chalicelib.domain.payments.gateway import GatewayEvent
from chalicelib.gateways.payments.protocol import PaymentGateway
from local.payments.deliveries import Plan
from local.payments.faults import Fault, FaultKind
from tests.clock import Clock
from tests.phonepe import AtPhonePe, at_phonepe
from tests.razorpay import AtRazorpay, at_razorpay

Act = Literal["pay", "fail", "wait", "bank_pays", "bank_fails"]
Call = Literal["create", "find", "refund"]


class Port(Protocol):
    """An adapter with its emulator behind it. `one_message` is an act that sends just one."""

    one_message: Act

    @property
    def gateway(self) -> PaymentGateway:
        """The adapter."""
        ...

    def act(self, order_id: str, act: Act) -> None:
        """Take a step of the payer or of the bank."""
        ...

    def events(self) -> list[GatewayEvent]:
        """The events in the messages that arrived since the last look."""
        ...

    def fault(self, call: Call, kind: FaultKind, *, after: bool = False) -> None:
        """Let the next such call have no answer."""
        ...

    def plan(self, plan: Plan) -> None:
        """Let this happen to the next message."""
        ...

    def answer_messages(self, status: int) -> None:
        """Answer each message with a status from now on."""
        ...

    def let_refunds_fail(self, times: int) -> None:
        """Let the next refunds fail at the bank."""
        ...

    def paid_back(self) -> int:
        """Paise that the emulator pays back, or has paid back."""
        ...


class RazorpayPort:
    """Razorpay."""

    one_message: Act = "fail"
    _calls: Final[Mapping[Call, str]] = {
        "create": "create_order",
        "find": "orders",
        "refund": "refund",
    }

    def __init__(self, at: AtRazorpay) -> None:
        self._at = at

    @property
    def gateway(self) -> PaymentGateway:
        return self._at.gateway

    def act(self, order_id: str, act: Act) -> None:
        self._at.emulator.act(order_id, act)

    def events(self) -> list[GatewayEvent]:
        return self._at.events()

    def fault(self, call: Call, kind: FaultKind, *, after: bool = False) -> None:
        self._at.emulator.faults.ask(Fault(kind, self._calls[call], after=after))

    def plan(self, plan: Plan) -> None:
        self._at.emulator.deliveries.plan(plan)

    def answer_messages(self, status: int) -> None:
        self._at.inbox.status = status

    def let_refunds_fail(self, times: int) -> None:
        self._at.emulator.book.failing_refunds = times

    def paid_back(self) -> int:
        refunds = self._at.emulator.book.refunds.values()
        return sum(refund.amount for refund in refunds if refund.status != "failed")


class PhonePePort:
    """PhonePe, by its API v2 or v1: the names of calls in v1 have a prefix."""

    one_message: Act = "pay"
    _calls: Final[Mapping[Call, str]] = {"create": "pay", "find": "status", "refund": "refund"}

    def __init__(self, at: AtPhonePe, gateway: PaymentGateway, prefix: str) -> None:
        self._at = at
        self._prefix = prefix
        self.gateway = gateway

    def act(self, order_id: str, act: Act) -> None:
        by_reference = self._at.emulator.book.orders.get(order_id)  # the only id that v1 has
        self._at.emulator.act(by_reference.order_id if by_reference else order_id, act)

    def events(self) -> list[GatewayEvent]:
        return self._at.events()

    def fault(self, call: Call, kind: FaultKind, *, after: bool = False) -> None:
        operation = self._prefix + self._calls[call]
        self._at.emulator.faults.ask(Fault(kind, operation, after=after))

    def plan(self, plan: Plan) -> None:
        self._at.emulator.deliveries.plan(plan)

    def answer_messages(self, status: int) -> None:
        self._at.inbox.status = status

    def let_refunds_fail(self, times: int) -> None:
        self._at.emulator.book.failing_refunds = times

    def paid_back(self) -> int:
        refunds = self._at.emulator.book.refunds.values()
        return sum(refund.amount for refund in refunds if refund.state != "FAILED")


@contextmanager
def _razorpay(clock: Clock) -> Iterator[Port]:
    with at_razorpay(clock) as at:
        yield RazorpayPort(at)


@contextmanager
def _phonepe(clock: Clock) -> Iterator[Port]:
    with at_phonepe(clock) as at:
        yield PhonePePort(at, at.gateway, "")


@contextmanager
def _phonepe_v1(clock: Clock) -> Iterator[Port]:
    with at_phonepe(clock) as at:
        yield PhonePePort(at, at.gateway_v1, "v1_")


PORTS: Final[Mapping[str, Callable[[Clock], AbstractContextManager[Port]]]] = {
    "razorpay": _razorpay,
    "phonepe": _phonepe,
    "phonepe v1": _phonepe_v1,
}
"""By name. A further gateway adds its line."""
