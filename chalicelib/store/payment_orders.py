"""The orders at gateways: the payment of each, and when to ask about it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, cast
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.messages import KnownOrder
from chalicelib.store.due_item import DueItem
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.transaction import Write

SORT_KEY: Final = "order"
"""As every item of the table that is no booking, with a small letter first."""

SWEEP: Final = "reconcile"


class OrderItem(DueItem):
    """An order (`orders/<gateway>/<its id>`, `order`): the reference of its payment. On the index
    `due` while the gateway is to be asked."""

    reference = UnicodeAttribute(attr_name="of")


class PaymentOrders:
    """The orders of all gateways, whose `shards` spread those due at one time."""

    def __init__(self, shards: int) -> None:
        self.shards = shards

    def find(self, gateway: GatewayName, order_id: str) -> str | None:
        """Our reference of the payment that an order is for: one read. None for an unknown
        order."""
        try:
            with translated():
                item = OrderItem.get(_key(gateway, order_id), SORT_KEY, consistent_read=True)
        except OrderItem.DoesNotExist:
            return None
        return str(item.reference)

    def due(self, *, shard: int, now: datetime, limit: int) -> tuple[KnownOrder, ...]:
        """The orders to ask about by `now`, the earliest first: one query of the index."""
        with translated():
            found = OrderItem.due.query(
                f"{SWEEP}.{shard}",
                OrderItem.due_at <= unixtime.of(now),
                limit=limit,
                page_size=limit,
            )
            return tuple(_order(cast(OrderItem, item)) for item in found)

    def put_off(self, order: KnownOrder) -> None:
        """Ask about an order again when it says: one write."""
        with translated():
            _item(order, self.shards).save()


def writes(order: KnownOrder, shards: int) -> Iterator[Write]:
    """The order as it is now."""
    yield Write("put", _item(order, shards))


def _item(order: KnownOrder, shards: int) -> OrderItem:
    key = _key(order.gateway, order.order_id)
    item = OrderItem(key, SORT_KEY, reference=order.reference)
    if order.ask_at is not None:
        item.due_shard = f"{SWEEP}.{crc32(key.encode()) % shards}"
        item.due_at = unixtime.of(order.ask_at)
    return item


def _order(item: OrderItem) -> KnownOrder:
    _, gateway, order_id = item.pk.split("/", 2)
    ask_at = unixtime.instant(item.due_at)
    return KnownOrder(cast(GatewayName, gateway), order_id, item.reference, ask_at)


def _key(gateway: GatewayName, order_id: str) -> str:
    return f"orders/{gateway}/{order_id}"
