"""What both APIs of PhonePe do alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date

from chalicelib.domain.payments.gateway import (
    GatewayName,
    GatewayRefund,
    NewOrder,
    RefundOrder,
    SettlementRow,
)
from chalicelib.gateways.payments.protocol import GatewayRefused


class EitherPhonePe(ABC):
    """The part of a PaymentGateway that does not depend on the version of the API."""

    name: GatewayName = "phonepe"

    def close_order(self, reference: str, order_id: str) -> None:  # noqa: B027
        """Do nothing: PhonePe closes no order on request."""

    def refund(self, refund: RefundOrder) -> GatewayRefund:
        """Pay back. It asks first whether this refund was made by an earlier call that got no
        answer; and once more where PhonePe refuses it, because it may have been made meanwhile.
        Raises GatewayRefused, errors.Unavailable."""
        found = self.find_refund(refund)
        if found is not None:
            return found
        try:
            return self._make_refund(refund)
        except GatewayRefused:
            made_meanwhile = self.find_refund(refund)
            if made_meanwhile is None:
                raise
            return made_meanwhile

    @abstractmethod
    def find_refund(self, refund: RefundOrder) -> GatewayRefund | None:
        """The refund with our reference. Raises GatewayRefused, errors.Unavailable."""

    @abstractmethod
    def _make_refund(self, refund: RefundOrder) -> GatewayRefund:
        """Make a refund that PhonePe does not know yet. Raises GatewayRefused, Unavailable."""

    def settlement(self, day: date) -> Iterator[SettlementRow]:
        """Raise GatewayRefused: PhonePe tells sums of a settlement, not its rows."""
        raise GatewayRefused("NO_SETTLEMENT_ROWS", "PhonePe has no list of what it settled")


def check_rupees(order: NewOrder) -> None:
    """Refuse an order in a currency that PhonePe does not take. Raises GatewayRefused."""
    if order.amount.currency != "INR":
        raise GatewayRefused("CURRENCY_NOT_SUPPORTED", "PhonePe takes Indian rupees only")
