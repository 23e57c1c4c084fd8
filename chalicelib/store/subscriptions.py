"""Listeners of sites. A connection stands under its site, where events look for it, and under its
own id, where its end does; DynamoDB deletes both once they have expired."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from pynamodb.attributes import UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.domain.core import unixtime
from chalicelib.domain.realtime.subscription import ChannelKind, Listener
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxTable


class ListenerItem(OutboxTable):
    """A listener under its site (`channel#<site>`) or its connection (`connection#<id>`)."""

    site = UnicodeAttribute()
    connection = UnicodeAttribute()
    account_id = UnicodeAttribute()
    epoch = IntegerAttribute()
    session = UnicodeAttribute()
    kind = UnicodeAttribute(null=True)
    ttl = IntegerAttribute()


class Subscriptions:
    """The listeners of all sites."""

    def add(self, listener: Listener) -> None:
        """Let a connection listen to a site, or renew that: one transaction."""
        connection = ListenerItem._get_connection().connection
        with translated(), TransactWrite(connection=connection) as transaction:
            for item in _items(listener):
                transaction.save(item)

    def remove(self, listeners: Iterable[Listener]) -> None:
        """End subscriptions: one batch write per twelve."""
        with translated(), ListenerItem.batch_write() as batch:
            for listener in listeners:
                for item in _items(listener):
                    batch.delete(item)

    def of_site(self, site: str) -> tuple[Listener, ...]:
        """The listeners of a site: one query."""
        return _listeners(_site_partition(site))

    def of_connection(self, connection_id: str) -> tuple[Listener, ...]:
        """The subscriptions of a connection: one query."""
        return _listeners(_connection_partition(connection_id))


def _listeners(pk: str) -> tuple[Listener, ...]:
    with translated():
        return tuple(from_item(item) for item in ListenerItem.query(pk, consistent_read=True))


def _items(listener: Listener) -> tuple[ListenerItem, ListenerItem]:
    fields: dict[str, Any] = {
        "site": listener.site,
        "connection": listener.connection_id,
        "account_id": listener.account_id,
        "epoch": listener.epoch,
        "session": listener.session,
        "kind": None if listener.kind == "site" else listener.kind,
        "ttl": unixtime.of(listener.until),
    }
    return (
        ListenerItem(_site_partition(listener.site), listener.connection_id, **fields),
        ListenerItem(_connection_partition(listener.connection_id), listener.site, **fields),
    )


def from_item(item: ListenerItem) -> Listener:
    """The listener in an item."""
    return Listener(
        connection_id=item.connection,
        site=item.site,
        account_id=item.account_id,
        epoch=item.epoch,
        session=item.session,
        kind=cast(ChannelKind, item.kind or "site"),
        until=unixtime.instant(item.ttl),
    )


def _site_partition(site: str) -> str:
    return f"channel#{site}"


def _connection_partition(connection_id: str) -> str:
    return f"connection#{connection_id}"
