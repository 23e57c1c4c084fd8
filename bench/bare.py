"""A yardstick: Chalice with one PynamoDB transaction of four items and no rules at all."""

from __future__ import annotations

import json
import os
import time
import uuid
from typing import Any

from chalice import BadRequestError, Chalice, Response, UnauthorizedError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from bench.signing import account_of

app = Chalice(app_name="bare")


class Item(Model):
    """The items that a booking writes."""

    class Meta:
        table_name = os.environ["TABLE_BOOKINGS"]
        region = os.environ["AWS_REGION"]

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    zone = UnicodeAttribute(null=True)
    plate = UnicodeAttribute(null=True)
    holder = UnicodeAttribute(null=True)
    effects = UnicodeAttribute(null=True)
    actor = UnicodeAttribute(null=True)
    start = NumberAttribute(null=True)
    end = NumberAttribute(null=True)


CONNECTION = Item._get_connection().connection
_ = CONNECTION.client


@app.route("/api/user/book-slot", methods=["POST"])
def book() -> Response:
    """Answer 201, or 400 and 401 for what is wrong with the request."""
    request = app.current_request
    assert request is not None
    account_id = account_of(request.headers.get("authorization", ""))
    if account_id is None:
        raise UnauthorizedError("Sign in first.")
    wanted = request.json_body
    try:
        zone, plate = str(wanted["zone_id"]), str(wanted["vehicle_number"])
    except (KeyError, TypeError) as missing:
        raise BadRequestError(f"{missing} is missing") from missing
    return Response(_write(account_id, zone, plate), status_code=201)


def _write(account_id: str, zone: str, plate: str) -> dict[str, Any]:
    booking = {"booking_id": f"BK{uuid.uuid4().hex}", "zone_id": zone, "vehicle_number": plate}
    number, now = booking["booking_id"], int(time.time())
    items = (
        Item(account_id, number, zone=zone, plate=plate, start=now, end=now + 3600),
        Item(f"sheet {zone}", str(now // 86_400), holder=number),
        Item("outbox", number, effects=json.dumps(booking)),
        Item("audit", number, actor=account_id, start=now),
    )
    with TransactWrite(connection=CONNECTION) as transaction:
        for item in items:
            transaction.save(item, condition=Item.pk.does_not_exist())
    return {**booking, "status": "booked"}
