"""Messages of payment gateways, each stored once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.payments.messages import KEPT, Message
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.schema import OutboxTable
from chalicelib.store.dynamodb.transaction import Write

SORT_KEY: Final = "message"


class MessageItem(OutboxTable):
    """A message (`messages/<gateway>/<event id>`, `message`), kept to recognise its copies."""

    name = UnicodeAttribute()
    at = IntegerAttribute()
    ttl = IntegerAttribute()


def writes(message: Message) -> Iterator[Write]:
    """The message, refused as AlreadyExists where it has come before."""
    yield transaction.create(
        MessageItem(
            f"messages/{message.gateway}/{message.event_id}",
            SORT_KEY,
            name=message.name,
            at=unixtime.of(message.at),
            ttl=unixtime.of(message.at + KEPT),
        )
    )
