"""The emulated payment gateways (docs/local.md): their APIs, the acts of the payer for scripts, and
what goes wrong on request."""

from __future__ import annotations

from typing import Any, Final, get_args

from local.control import bodies
from local.control.bodies import BadBody
from local.control.controlled import Call, View
from local.gateway import HttpResponse, json_response, refusal
from local.payments.deliveries import Plan
from local.payments.faults import Fault, FaultKind
from local.payments.gateways import Act, NotPossible
from local.payments.shown import ShownOrder

ACTS: Final[dict[str, Act]] = {
    "capture": "pay",
    "fail": "fail",
    "wait": "wait",
    "bank-pays": "bank_pays",
    "bank-fails": "bank_fails",
}
"""The acts by their names in addresses."""

MOST_TIMES: Final = 100
LONGEST_SILENCE: Final = 60
LONGEST_DELAY: Final = 86_400


def api(call: Call, name: str, path: str) -> HttpResponse:
    """The answer of an emulated gateway."""
    return call.product.gateways.emulators[name].handle(call.request, path)


def act(call: Call, order_id: str, name: str) -> HttpResponse:
    """Act as the payer or the bank, and deliver the gateway's message about it."""
    gateways = call.product.gateways
    if gateways.find(order_id) is None:
        return refusal(404, "ORDER_NOT_FOUND", f"No gateway has an order {order_id}.")
    try:
        gateways.act(order_id, ACTS[name])
    except NotPossible as problem:
        return refusal(409, "NOT_POSSIBLE", str(problem))
    call.product.settle_stream()
    order = gateways.find(order_id)
    assert order is not None
    return json_response(200, as_json(order))


def as_json(order: ShownOrder) -> dict[str, Any]:
    """An order, its newest attempt last."""
    return {
        "order_id": order.order_id,
        "gateway": order.gateway.lower(),
        "reference": order.reference,
        "amount": order.amount.as_json(),
        "paid": order.is_paid,
        "attempts": [
            {"payment_id": each.attempt_id, "state": each.state, "signature": each.signature}
            for each in order.attempts
        ],
    }


def faults(call: Call, name: str) -> HttpResponse:
    """Let the next calls of a gateway's API have no answer. Raises BadBody."""
    asked = bodies.json_object(call.request, "kind", "operation", "times", "after", "seconds")
    kind = _kind(asked.get("kind"))
    operation, after = asked.get("operation"), asked.get("after", False)
    if operation is not None and not isinstance(operation, str):
        raise BadBody(operation="must be the name of a call")
    if not isinstance(after, bool):
        raise BadBody(after="must be true or false")
    times = _whole(asked, "times", 1, most=MOST_TIMES)
    seconds = _whole(asked, "seconds", 10, most=LONGEST_SILENCE)
    fault = Fault(kind, operation, times=times, after=after, seconds=seconds)
    call.product.gateways.emulators[name].faults.ask(fault)
    return json_response(200, asked)


def messages(call: Call, name: str) -> HttpResponse:
    """Let the next messages of a gateway come late, several times or never. Raises BadBody."""
    asked = bodies.json_object(call.request, "copies", "delay_seconds", "times")
    copies = _whole(asked, "copies", 1, most=MOST_TIMES)
    delay = _whole(asked, "delay_seconds", 0, most=LONGEST_DELAY)
    times = _whole(asked, "times", 1, most=MOST_TIMES)
    call.product.gateways.emulators[name].deliveries.plan(Plan(copies, delay), times)
    return json_response(200, asked)


def refunds(call: Call, name: str) -> HttpResponse:
    """Let the next refunds of a gateway fail at the bank. Raises BadBody."""
    asked = bodies.json_object(call.request, "failing")
    gateways = call.product.gateways
    book = gateways.razorpay.book if name == "razorpay" else gateways.phonepe.book
    book.failing_refunds = _whole(asked, "failing", 1, most=MOST_TIMES)
    return json_response(200, asked)


def second_payments(call: Call) -> HttpResponse:
    """Let Razorpay keep, or give back, the second payment of an order. Raises BadBody."""
    asked = bodies.json_object(call.request, "kept")
    kept = asked.get("kept")
    if not isinstance(kept, bool):
        raise BadBody(kept="must be true or false")
    call.product.gateways.razorpay.book.captures_twice = kept
    return json_response(200, asked)


def _kind(value: object) -> FaultKind:
    kinds: tuple[FaultKind, ...] = get_args(FaultKind)
    for kind in kinds:
        if kind == value:
            return kind
    raise BadBody(kind=f"must be one of {', '.join(kinds)}")


def _whole(asked: dict[str, Any], name: str, default: int, *, most: int) -> int:
    value = asked.get(name, default)
    if type(value) is not int or not 0 <= value <= most:
        raise BadBody(**{name: f"must be a whole number from 0 to {most}"})
    return int(value)


_GATEWAY: Final = "(razorpay|phonepe)"
_EVERY: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUTES: Final[dict[str, dict[str, View]]] = {
    f"/_local/payments/([^/]+)/({'|'.join(ACTS)})": {"POST": act},
    f"/_local/gateways/{_GATEWAY}/faults": {"POST": faults},
    f"/_local/gateways/{_GATEWAY}/messages": {"POST": messages},
    f"/_local/gateways/{_GATEWAY}/refunds": {"POST": refunds},
    "/_local/gateways/razorpay/second-payments": {"POST": second_payments},
    "/_local/(razorpay)(/v1/.+)": dict.fromkeys(_EVERY, api),
    "/_local/(phonepe)(/apis/.+)": dict.fromkeys(_EVERY, api),
}
