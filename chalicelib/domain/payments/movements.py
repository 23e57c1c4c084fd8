"""What moves between two versions of the payments of a booking or a season pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment, Payments


def at_gateways(before: Payments, after: Payments) -> tuple[Mapping[GatewayName, int], int]:
    """The money that lies at each gateway from now on, and what the gateways keep of it, in minor
    units."""
    known = {each.reference: each for each in before}
    moved: dict[GatewayName, int] = {}
    fees = 0
    for each in after:
        was = known.get(each.reference)
        kept, charged = (was.kept, was.fees) if was else (0, 0)
        fees += each.fees - charged
        moved.setdefault(each.gateway, 0)
        moved[each.gateway] += each.kept - kept - (each.fees - charged)
    return moved, fees


def with_refund_to_ask(before: Payments, after: Payments) -> Iterator[Payment]:
    """The payments with a refund that the gateway is to be asked for from now on."""
    known = {payments.name(refund) for each in before for refund in each.refunds}
    for each in after:
        if any(refund.is_to_ask and payments.name(refund) not in known for refund in each.refunds):
            yield each


def decided(before: Payment, seen: Payment) -> Iterable[payments.Refund]:
    """The refunds that the gateway has decided since `before`."""
    known = {payments.name(refund): refund.state for refund in before.refunds}
    for refund in seen.refunds:
        if refund.state != known.get(payments.name(refund), "pending"):
            yield refund
