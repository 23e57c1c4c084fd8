"""What the emulated PhonePe writes: answers and messages of its API v2 and of v1.

https://developer.phonepe.com/v1/reference/order-status-standard-checkout,
https://developer.phonepe.com/v1/reference/handling-webhooks-standard-checkout,
https://developer.phonepe.com/v1/reference/check-status-api-1"""

from __future__ import annotations

from typing import Any

from local.payments.phonepe_book import Attempt, Happened, Order, Refund

CODES = {"COMPLETED": "PAYMENT_SUCCESS", "FAILED": "PAYMENT_ERROR"}
"""Codes of v1 by the state of v2; of any other state PAYMENT_PENDING."""


def order(found: Order) -> dict[str, Any]:
    """The status of an order, as v2 tells it."""
    rows = [_attempt(attempt, found.amount) for attempt in found.attempts]
    error = {"errorCode": found.error, "detailedErrorCode": found.error} if found.error else {}
    return {
        "orderId": found.order_id,
        "state": found.state,
        "amount": found.amount,
        "payableAmount": found.amount,
        "feeAmount": 0,
        "expireAt": found.ends_at * 1000,
        "metaInfo": {},
        **error,
        "paymentDetails": rows,
    }


def _attempt(attempt: Attempt, amount: int) -> dict[str, Any]:
    error = {"errorCode": "AUTHORIZATION_ERROR", "detailedErrorCode": "ZM"}
    return {
        "transactionId": attempt.attempt_id,
        "paymentMode": attempt.mode,
        "timestamp": attempt.at * 1000,
        "amount": amount,
        "payableAmount": amount,
        "feeAmount": 0,
        "state": attempt.state,
        **(error if attempt.state == "FAILED" else {}),
        "rail": {"type": "UPI", "utr": attempt.attempt_id[-12:], "vpa": "payer@upi"},
        "instrument": {"type": "ACCOUNT", "maskedAccountNumber": "******1234"},
    }


def refund(found: Refund) -> dict[str, Any]:
    """The status of a refund, as v2 tells it."""
    rail = {"type": "UPI", "utr": found.refund_id[-12:]}
    done = {"splitInstruments": [{"rail": rail, "amount": found.amount}]}
    error = {"errorCode": "REFUND_FAILED", "detailedErrorCode": "BANK_DECLINED"}
    return {
        "originalMerchantOrderId": found.order,
        "refundId": found.refund_id,
        "currency": "INR",
        "amount": found.amount,
        "state": found.state,
        "timestamp": found.made_at * 1000,
        **(done if found.state == "COMPLETED" else {}),
        **(error if found.state == "FAILED" else {}),
    }


def message(happened: Happened, merchant: str) -> dict[str, Any]:
    """The message of v2 about what happened."""
    name = {"attempt.failed": "checkout.transaction.attempt.failed"}.get(
        happened.what, f"checkout.order.{happened.what}"
    )
    about = {"merchantOrderId": happened.order.reference, **order(happened.order)}
    if happened.refund is not None:
        name = f"pg.refund.{happened.what}"
        about = {"merchantRefundId": happened.refund.reference, **refund(happened.refund)}
    kind = name.upper().replace(".", "_")
    return {"event": name, "type": kind, "payload": {"merchantId": merchant, **about}}


def payment_v1(found: Order, merchant: str) -> dict[str, Any]:
    """The status of a payment, as v1 tells it."""
    last = found.attempts[-1] if found.attempts else None
    tried = {"transactionId": last.attempt_id} if last else {}
    return _v1(found.state, merchant, found.reference, found.amount, tried)


def refund_v1(found: Refund, merchant: str) -> dict[str, Any]:
    """The status of a refund, as v1 tells it."""
    return _v1(
        found.state, merchant, found.reference, found.amount, {"transactionId": found.refund_id}
    )


def _v1(
    state: str, merchant: str, reference: str, amount: int, more: dict[str, Any]
) -> dict[str, Any]:
    code = CODES.get(state, "PAYMENT_PENDING")
    paid = {"paymentInstrument": {"type": "UPI", "utr": "206378866112"}}
    data = {
        "merchantId": merchant,
        "merchantTransactionId": reference,
        "amount": amount,
        "state": state if state in CODES else "PENDING",
        "responseCode": "SUCCESS" if code == "PAYMENT_SUCCESS" else code,
        **more,
        **(paid if code == "PAYMENT_SUCCESS" else {}),
    }
    return {"success": code != "PAYMENT_ERROR", "code": code, "message": "", "data": data}
