"""Who listens to which site. A connection stands under its channel, where events look for it, and
under its own id, where its end does; both go by themselves when they have run out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain.core import unixtime
from chalicelib.domain.realtime.subscription import Listener
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import ListenerItem


class Subscriptions:
    """The listeners of all sites."""

    def add(self, listener: Listener) -> None:
        """Let a connection hear a site; doing it again renews it. One transaction."""
        connection = ListenerItem._get_connection().connection
        with translated(), TransactWrite(connection=connection) as transaction:
            for item in _items(listener):
                transaction.save(item)

    def remove(self, listeners: Iterable[Listener]) -> None:
        """Let connections hear their site no more: one batch write for twelve of them."""
        with translated(), ListenerItem.batch_write() as batch:
            for listener in listeners:
                for item in _items(listener):
                    batch.delete(item)

    def of_site(self, site: str) -> tuple[Listener, ...]:
        """All who hear a site: one query."""
        return _found(_channel(site))

    def of_connection(self, connection_id: str) -> tuple[Listener, ...]:
        """All that a connection hears: one query."""
        return _found(_connection(connection_id))


def _found(pk: str) -> tuple[Listener, ...]:
    with translated():
        return tuple(_from_item(item) for item in ListenerItem.query(pk, consistent_read=True))


def _items(listener: Listener) -> tuple[ListenerItem, ListenerItem]:
    fields: dict[str, Any] = {
        "site": listener.site,
        "connection": listener.connection_id,
        "account_id": listener.account_id,
        "epoch": listener.epoch,
        "session": listener.session,
        "ttl": unixtime.of(listener.until),
    }
    return (
        ListenerItem(_channel(listener.site), listener.connection_id, **fields),
        ListenerItem(_connection(listener.connection_id), listener.site, **fields),
    )


def _from_item(item: ListenerItem) -> Listener:
    return Listener(
        connection_id=item.connection,
        site=item.site,
        account_id=item.account_id,
        epoch=int(item.epoch),
        session=item.session,
        until=unixtime.instant(item.ttl),
    )


def _channel(site: str) -> str:
    return f"channel#{site}"


def _connection(connection_id: str) -> str:
    return f"connection#{connection_id}"
