"""Razorpay's entities as values of ours. Fields and states that are new to us are passed over; an
entity without what we need is errors.Unavailable.

https://razorpay.com/docs/api/orders/entity/, .../payments/entity/, .../refunds/entity/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import (
    Attempt,
    AttemptState,
    GatewayOrder,
    GatewayRefund,
    RefundState,
    SettlementRow,
)

Entity = Mapping[str, Any]

NOTE: Final = "reference"
"""The note that carries our reference, beside the receipt."""

_ATTEMPTS: Final[Mapping[str, AttemptState]] = {
    "created": "open",
    "authorized": "authorized",
    "captured": "captured",
    "failed": "failed",
}
_REFUNDS: Final[Mapping[str, RefundState]] = {"processed": "processed", "failed": "failed"}
_TRACES: Final = ("arn", "rrn", "utr")
_BARE_ID: Final = re.compile(r"[A-Za-z0-9]{14}")


def order(entity: Entity, attempts: Iterable[Attempt] = ()) -> GatewayOrder:
    """An order with its attempts."""
    return GatewayOrder(
        reference=reference(entity) or "",
        order_id=_text(entity, "id"),
        amount=money(entity, "amount"),
        state="paid" if entity.get("status") == "paid" else "open",
        attempts=tuple(attempts),
    )


def attempt(entity: Entity, refunds: Iterable[GatewayRefund] = ()) -> Attempt:
    """A payment. Razorpay's fee includes the tax on it; ours does not."""
    fee, tax = optional_number(entity, "fee"), optional_number(entity, "tax")
    return Attempt(
        attempt_id=_text(entity, "id"),
        state=attempt_state(entity),
        amount=money(entity, "amount"),
        method=_optional(entity, "method"),
        problem=_optional(entity, "error_description") or _optional(entity, "error_reason"),
        fee=None if fee is None else fee - (tax or 0),
        tax=tax,
        refunds=tuple(refunds),
    )


def attempt_state(entity: Entity) -> AttemptState:
    """The state of a payment. One that was refunded before it was captured brought no money, so it
    has failed; one in a state that is new to us is open.

    >>> attempt_state({"status": "refunded", "captured": True})
    'captured'
    >>> attempt_state({"status": "refunded", "captured": False}), attempt_state({"status": "new"})
    ('failed', 'open')
    """
    status = entity.get("status")
    if status == "refunded":
        return "failed" if entity.get("captured") is False else "captured"
    return _ATTEMPTS.get(str(status), "open")


def has_refunds(entity: Entity) -> bool:
    """Whether Razorpay has paid back a part of a payment, or tries to."""
    return bool(optional_number(entity, "amount_refunded") or entity.get("refund_status"))


def refund(entity: Entity) -> GatewayRefund:
    """A refund. A state that is new to us is pending."""
    return GatewayRefund(
        refund_id=_text(entity, "id"),
        reference=reference(entity),
        amount=money(entity, "amount"),
        state=_REFUNDS.get(str(entity.get("status")), "pending"),
        trace=_trace(entity.get("acquirer_data")),
    )


def row(entity: Entity) -> SettlementRow:
    """A row of a settlement. `amount` less fee and tax is what was credited or debited."""
    fee, tax = optional_number(entity, "fee") or 0, optional_number(entity, "tax") or 0
    net = (optional_number(entity, "credit") or 0) - (optional_number(entity, "debit") or 0)
    kind = entity.get("type")
    return SettlementRow(
        kind=kind if kind in ("payment", "refund") else "other",
        gateway_id=_text(entity, "entity_id"),
        order_reference=_optional(entity, "order_receipt"),
        amount=_money(net + fee, entity.get("currency")),
        fee=fee - tax,
        tax=tax,
    )


def reference(entity: Entity) -> str | None:
    """Our reference, from the receipt or a note; None where it is another one's entity."""
    notes = entity.get("notes")
    noted = _optional(notes, NOTE) if isinstance(notes, dict) else None
    return _optional(entity, "receipt") or noted


def items(collection: Entity) -> Iterator[Entity]:
    """The entities of a collection."""
    found = collection.get("items")
    if not isinstance(found, list):
        raise errors.Unavailable("a collection without items")
    for each in found:
        if not isinstance(each, dict):
            raise errors.Unavailable("a collection of other things than entities")
        yield each


def named_by_event(body: Any) -> tuple[str | None, str | None]:
    """The id of the order that an event is about, and our reference; None where it names none. An
    order inside a payment link has an id without its prefix."""
    payload = _object(body).get("payload")
    entities = {name: _entity(payload, name) for name in ("order", "payment", "refund")}
    order_id = _optional(entities["order"], "id") or _optional(entities["payment"], "order_id")
    if order_id is not None and _BARE_ID.fullmatch(order_id):
        order_id = f"order_{order_id}"
    return order_id, reference(entities["order"])


ABOUT_AN_ATTEMPT: Final = frozenset(
    {"payment.authorized", "payment.captured", "payment.failed", "order.paid"}
)
"""The events that tell nothing but how far an attempt is."""


def attempt_of_event(body: Any) -> str | None:
    """The attempt that an event is about, where it is about nothing else."""
    if event_name(body) not in ABOUT_AN_ATTEMPT:
        return None
    return _optional(_entity(_object(body).get("payload"), "payment"), "id")


def event_name(body: Any) -> str:
    """The name of an event; empty where it has none."""
    return _optional(_object(body), "event") or ""


def money(entity: Entity, name: str) -> Money:
    """The amount called `name`, in the currency of the entity."""
    found = optional_number(entity, name)
    if found is None:
        raise errors.Unavailable(f"an entity without {name}")
    return _money(found, entity.get("currency"))


def optional_number(entity: Entity, name: str) -> int | None:
    """A whole number, also one in a text; None where there is none.

    >>> optional_number({"fee": "118"}, "fee"), optional_number({"fee": None}, "fee")
    (118, None)
    """
    value = entity.get(name)
    if isinstance(value, str) and re.fullmatch("-?[0-9]{1,15}", value):
        return int(value)
    return value if type(value) is int else None


def _money(minor: int, currency: object) -> Money:
    try:
        return Money(minor, currency if isinstance(currency, str) else "")
    except ValueError:
        raise errors.Unavailable("an entity in a currency that is not known") from None


def _trace(acquirer: object) -> str | None:
    found = _object(acquirer)
    return next((trace for name in _TRACES if (trace := _optional(found, name))), None)


def _entity(payload: object, name: str) -> Entity:
    return _object(_object(_object(payload).get(name)).get("entity"))


def _object(value: object) -> Entity:
    return value if isinstance(value, dict) else {}


def _text(entity: Entity, name: str) -> str:
    found = _optional(entity, name)
    if found is None:
        raise errors.Unavailable(f"an entity without {name}")
    return found


def _optional(entity: Entity, name: str) -> str | None:
    value = entity.get(name)
    return value if isinstance(value, str) and value else None
