"""Meters a DynamoDB engine outside this process: asks it what each request consumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.aws.client import HOOKS
from local.capacity_units import TABLE
from local.metering import DATA_OPERATIONS, Charge, Meter

_attached: list[tuple[str, Callable[..., None]]] = []


def attach(meter: Meter, endpoint: str) -> None:
    """Count the requests to `endpoint` of every client of ours that is made from now on."""
    detach()

    def ask(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in DATA_OPERATIONS:
            params["ReturnConsumedCapacity"] = "INDEXES"

    def count(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in DATA_OPERATIONS and http_response.url.startswith(endpoint):
            meter.add(model.name, charges(parsed, writes="Write" in model.name or _changes(model)))

    _attached.append(("provide-client-params.dynamodb", ask))
    _attached.append(("after-call.dynamodb", count))
    HOOKS.extend(_attached)


def detach() -> None:
    """Leave clients made from now on alone."""
    for handler in _attached:
        HOOKS.remove(handler)
    _attached.clear()


def charges(parsed: dict[str, Any], *, writes: bool) -> list[Charge]:
    """What an answer says was consumed, by table and index.

    >>> charges({"ConsumedCapacity": {"TableName": "t", "CapacityUnits": 2.0}}, writes=True)
    [Charge(table='t', reads=0.0, writes={'table': 2.0})]
    """
    consumed = parsed.get("ConsumedCapacity") or []
    if isinstance(consumed, dict):
        consumed = [consumed]
    return [_charge(one, writes=writes) for one in consumed]


def _charge(consumed: dict[str, Any], *, writes: bool) -> Charge:
    if not writes:
        return Charge(consumed["TableName"], reads=consumed.get("CapacityUnits", 0.0))
    return Charge(consumed["TableName"], writes=dict(_parts(consumed)))


def _parts(consumed: dict[str, Any]) -> Iterator[tuple[str, float]]:
    indexes = consumed.get("GlobalSecondaryIndexes") or {}
    spent = {name: index.get("CapacityUnits", 0.0) for name, index in indexes.items()}
    yield TABLE, consumed.get("CapacityUnits", 0.0) - sum(spent.values())
    yield from spent.items()


def _changes(model: Any) -> bool:
    return str(model.name) in ("PutItem", "UpdateItem", "DeleteItem")
