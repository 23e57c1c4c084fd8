"""Refusals of payments through gateways, and of refunds."""

from __future__ import annotations

from chalicelib.domain.core.errors.families import Conflict, Invalid, NotFound


class PaymentNotFound(NotFound):
    code = "PAYMENT_NOT_FOUND"


class ReceiptNotFound(NotFound):
    code = "RECEIPT_NOT_FOUND"


class BadSignature(Invalid):
    """A message that claims to be of a payment gateway, and is not signed by it."""

    code = "BAD_SIGNATURE"

    def __init__(self) -> None:
        super().__init__({})


class PaymentNotVerified(Invalid):
    """An answer of a checkout that the gateway has not signed."""

    code = "PAYMENT_NOT_VERIFIED"

    def __init__(self) -> None:
        super().__init__({})


class PaymentRefused(Conflict):
    """The gateway does not create the order."""

    code = "PAYMENT_REFUSED"


class RefundTooHigh(Conflict):
    code = "REFUND_TOO_HIGH"


class CaseNotFound(NotFound):
    code = "CASE_NOT_FOUND"


class CaseClosed(Conflict):
    code = "CASE_CLOSED"
