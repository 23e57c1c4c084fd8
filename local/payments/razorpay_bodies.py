"""The emulated Razorpay's entities and events, in the form of its documents.

https://razorpay.com/docs/api/orders/entity/, .../api/payments/entity/, .../api/refunds/entity/,
.../api/settlements/fetch-recon/, .../webhooks/payments/, .../webhooks/refunds/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from local.payments.razorpay_book import Book, Happened, Order, Payment, Refund

FEE_BASIS_POINTS: Final = 200
TAX_BASIS_POINTS: Final = 1800
"""Of the fee."""

ACCOUNT: Final = "acc_BerthLocal0001"

Entity = dict[str, Any]


def order(found: Order) -> Entity:
    """The order entity."""
    paid = found.amount if found.is_paid else 0
    status = "attempted" if found.payments else "created"
    return {
        "id": found.order_id,
        "entity": "order",
        "amount": found.amount,
        "amount_paid": paid,
        "amount_due": found.amount - paid,
        "currency": found.currency,
        "receipt": found.receipt,
        "offer_id": None,
        "status": "paid" if found.is_paid else status,
        "attempts": len(found.payments),
        "notes": found.notes or [],
        "created_at": found.made_at,
    }


def payment(found: Payment, book: Book) -> Entity:
    """The payment entity."""
    is_captured = found.captured_at is not None
    back = book.paid_back(found)
    fee, tax = charges(found) if is_captured else (None, None)
    return {
        "id": found.payment_id,
        "entity": "payment",
        "amount": found.amount,
        "currency": found.currency,
        "status": found.status,
        "order_id": found.order_id,
        "invoice_id": None,
        "international": False,
        "method": found.method,
        "amount_refunded": back,
        "refund_status": ("full" if back >= found.amount else "partial") if back else None,
        "captured": is_captured,
        "description": None,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": None,
        "email": "void@razorpay.com",
        "contact": "+919000090000",
        "notes": [],
        "fee": fee,
        "tax": tax,
        "error_code": "BAD_REQUEST_ERROR" if found.problem else None,
        "error_description": found.problem,
        "error_source": "bank" if found.problem else None,
        "error_step": "payment_authorization" if found.problem else None,
        "error_reason": found.reason,
        "acquirer_data": {"rrn": f"3222{found.made_at % 10**8:08d}"},
        "created_at": found.made_at,
    }


def refund(found: Refund, currency: str) -> Entity:
    """The refund entity."""
    is_done = found.status == "processed"
    return {
        "id": found.refund_id,
        "entity": "refund",
        "amount": found.amount,
        "currency": currency,
        "payment_id": found.payment_id,
        "notes": found.notes or [],
        "receipt": found.receipt,
        "acquirer_data": {"arn": f"7411{found.made_at % 10**10:010d}" if is_done else None},
        "created_at": found.made_at,
        "batch_id": None,
        "status": found.status,
        "speed_processed": "normal",
        "speed_requested": "normal",
    }


def collection(items: Iterable[Entity]) -> Entity:
    """A list of entities."""
    listed = [*items]
    return {"entity": "collection", "count": len(listed), "items": listed}


def error(text: str, field: str | None = None) -> Entity:
    """The body of a refusal."""
    found: Entity = {
        "code": "BAD_REQUEST_ERROR",
        "description": text,
        "source": "business" if field else "NA",
        "step": "payment_initiation" if field else "NA",
        "reason": "input_validation_failed" if field else "NA",
        "metadata": {},
    }
    return {"error": found | ({"field": field} if field else {})}


def event(happened: Happened, book: Book, now: int) -> Entity:
    """The body of a webhook: a snapshot of what it is about."""
    payment_entity = payment(happened.payment, book)
    payload: Entity = {"payment": {"entity": payment_entity}}
    if happened.name == "order.paid":
        payload["order"] = {"entity": order(happened.order)}
    if happened.refund is not None:
        refunded = refund(happened.refund, happened.payment.currency)
        payload = {"refund": {"entity": refunded}, **payload}
    return {
        "entity": "event",
        "account_id": ACCOUNT,
        "event": happened.name,
        "contains": [*payload],
        "payload": payload,
        "created_at": now,
    }


def settled_payment(found: Payment, placed: Order) -> Entity:
    """The row of a payment in a settlement."""
    fee, tax = charges(found)
    credited = {"debit": 0, "credit": found.amount - fee, "amount": found.amount}
    return _row(found.payment_id, "payment", placed, found.captured_at or 0) | {
        **credited, "fee": fee, "tax": tax, "method": found.method, "payment_id": None,
    }  # fmt: skip


def settled_refund(found: Refund, paid: Payment, placed: Order) -> Entity:
    """The row of a refund in a settlement."""
    debited = {"debit": found.amount, "credit": 0, "amount": found.amount}
    return _row(found.refund_id, "refund", placed, found.made_at) | {
        **debited, "fee": 0, "tax": 0, "method": paid.method, "payment_id": paid.payment_id,
    }  # fmt: skip


def charges(found: Payment) -> tuple[int, int]:
    """What Razorpay keeps of a payment, tax included, and the tax in it."""
    plain = found.amount * FEE_BASIS_POINTS // 10_000
    tax = plain * TAX_BASIS_POINTS // 10_000
    return plain + tax, tax


def _row(entity_id: str, kind: str, placed: Order, at: int) -> Entity:
    return {
        "entity_id": entity_id,
        "type": kind,
        "currency": placed.currency,
        "on_hold": False,
        "settled": True,
        "created_at": at,
        "settlement_id": f"setl_{at:014d}",
        "settlement_utr": f"{at}berth",
        "posted_at": None,
        "description": None,
        "notes": "",
        "order_id": placed.order_id,
        "order_receipt": placed.receipt,
        "dispute_id": None,
    }
