"""A yardstick: one booking by the standard library and a botocore client, with the checks any
handler needs and nothing else. Cold starts are given as multiples of this one's."""

from __future__ import annotations

import json
import os
import time
import uuid
from typing import Any

import botocore.session

from bench.signing import account_of

TABLE = os.environ["TABLE_BOOKINGS"]
CLIENT = botocore.session.get_session().create_client(
    "dynamodb", region_name=os.environ["AWS_REGION"]
)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer an API Gateway proxy event: 201, or 400 and 401 for what is wrong with it."""
    account_id = account_of(event["headers"].get("Authorization", ""))
    if account_id is None:
        return _answer(401, {"error": "NOT_AUTHENTICATED"})
    try:
        wanted = json.loads(event["body"])
        zone, plate = str(wanted["zone_id"]), str(wanted["vehicle_number"])
    except (ValueError, KeyError, TypeError):
        return _answer(400, {"error": "VALIDATION_FAILED"})
    return _answer(201, _book(account_id, zone, plate))


def _book(account_id: str, zone: str, plate: str) -> dict[str, Any]:
    booking = {"booking_id": f"BK{uuid.uuid4().hex}", "zone_id": zone, "vehicle_number": plate}
    now = int(time.time())
    CLIENT.transact_write_items(
        TransactItems=[
            _put(account_id, booking["booking_id"], {**booking, "start": now, "end": now + 3600}),
            _put(f"sheet {zone}", str(now // 86_400), {"holder": booking["booking_id"]}),
            _put("outbox", booking["booking_id"], {"effects": json.dumps(booking)}),
            _put("audit", booking["booking_id"], {"actor": account_id, "at": now}),
        ]
    )
    return {**booking, "status": "booked"}


def _put(pk: str, sk: str, values: dict[str, Any]) -> dict[str, Any]:
    item = {name: _typed(value) for name, value in {**values, "pk": pk, "sk": sk}.items()}
    condition = "attribute_not_exists(pk)"
    return {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": condition}}


def _typed(value: str | int) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
