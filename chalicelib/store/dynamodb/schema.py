"""The six tables with their keys and indexes. docs/data-model.md lists what lies in them.

The classes of the items stand in the store file of their subject. An index is projected so that it
costs writes only when it must: `due` changes its key whenever a booking changes its deadline, so
carrying the whole item along is free and a sweep needs no second read; in `by_site` nothing but
its keys ever changes.
"""

from __future__ import annotations

from typing import ClassVar, Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.settings import Settings
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.connection import ClientConnection
from chalicelib.store.dynamodb.item import Item

TTL_ATTRIBUTE: Final = "ttl"
"""The attribute with the epoch second from which DynamoDB may delete an item."""


class Table(Item):
    """A table: every one has a partition key and a sort key of text. `has_ttl`: DynamoDB deletes
    items of it by their `TTL_ATTRIBUTE`."""

    has_ttl: ClassVar[bool] = False


class DueIndex(GlobalSecondaryIndex["BookingsTable"]):
    """Bookings and waitlist entries with a deadline, by the sweep that applies it. Sparse."""

    class Meta:
        index_name = "due"
        projection = AllProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = IntegerAttribute(range_key=True)


class SiteIndex(GlobalSecondaryIndex["BookingsTable"]):
    """A site's bookings by their start; under `waitlist/<site>` its live waitlist entries."""

    class Meta:
        index_name = "by_site"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    start = IntegerAttribute(range_key=True)


class NameIndex(GlobalSecondaryIndex["BookingsTable"]):
    """Bookings of rooms by the guest's name (`domain/front_desk/search_keys.py`). Sparse, like the
    three that follow."""

    class Meta:
        index_name = "by_name"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    called = UnicodeAttribute(range_key=True)


class SurnameIndex(GlobalSecondaryIndex["BookingsTable"]):
    """Bookings of rooms by the guest's name with its last word first."""

    class Meta:
        index_name = "by_surname"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    surname = UnicodeAttribute(range_key=True)


class PhoneIndex(GlobalSecondaryIndex["BookingsTable"]):
    """Bookings of rooms by the end of the guest's phone number."""

    class Meta:
        index_name = "by_phone"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    phone = UnicodeAttribute(range_key=True)


class MailIndex(GlobalSecondaryIndex["BookingsTable"]):
    """Bookings of rooms by the guest's mail address."""

    class Meta:
        index_name = "by_mail"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    mail = UnicodeAttribute(range_key=True)


class BookingsTable(Table):
    """Bookings, waitlist entries and the wishes of a customer, in the partition of the customer."""

    class Meta:
        table_name = "bookings"

    has_ttl = True

    due = DueIndex()
    by_site = SiteIndex()
    by_name = NameIndex()
    by_surname = SurnameIndex()
    by_phone = PhoneIndex()
    by_mail = MailIndex()


class ZonesIndex(GlobalSecondaryIndex["InventoryTable"]):
    """A site's zones. Sparse: only zones carry `zone_site`."""

    class Meta:
        index_name = "zones_of"
        projection = AllProjection()

    zone_site = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class InventoryTable(Table):
    """The catalogue (`sites`, `zones`, `spaces#<zone>`), who has which space when
    (`sheets#<zone>`, `line#<zone>`), rooms (`rooms#<zone>`, `turnover#<space>`), and
    `webhooks#<site>`."""

    class Meta:
        table_name = "inventory"

    has_ttl = True

    zones_of = ZonesIndex()


class DirectoryIndex(GlobalSecondaryIndex["AccountsTable"]):
    """All accounts of a role by e-mail, for the admin's list. Sparse."""

    class Meta:
        index_name = "directory"
        projection = KeysOnlyProjection()

    listed = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute(range_key=True)


class AccountsTable(Table):
    """Accounts with their sessions and tallies, login names, and the state of mailboxes."""

    class Meta:
        table_name = "accounts"

    has_ttl = True

    directory = DirectoryIndex()


class LedgerTable(Table):
    """Ledger entries by site and UTC day, and shifts. No slug contains a slash, so
    `shifts/<site>` is the partition of no day."""

    class Meta:
        table_name = "ledger"


class OutboxTable(Table):
    """Effects to deliver, answers kept for repeated requests, counters of rate limits, logs of
    events and of calls, and listeners."""

    class Meta:
        table_name = "outbox"
        stream_view_type = "NEW_IMAGE"

    has_ttl = True


class AuditTable(Table):
    """Audit events by site (or `-`) and UTC day, and incidents."""

    class Meta:
        table_name = "audit"


MODELS: Final[tuple[type[Table], ...]] = (
    BookingsTable,
    InventoryTable,
    AccountsTable,
    LedgerTable,
    OutboxTable,
    AuditTable,
)
"""The tables in the order of `settings.TABLES`: what `infra/` and `local/` create."""


def connect(settings: Settings) -> Connection:
    """Bind every table to its name over one connection, and return it.

    The classes of items inherit the connection of their table. Without it PynamoDB would open a
    session and a client for each class, at some 75 ms apiece.
    """
    connection = ClientConnection(settings)
    for model, table in zip(MODELS, settings.tables, strict=True):
        _bind(model, settings.tables[table], connection)
    return connection


def _bind(model: type[Table], table_name: str, connection: Connection) -> None:
    model.Meta.table_name = table_name
    model._connection = None
    table: TableConnection = model._get_connection()
    connection.add_meta_table(table.get_meta_table())
    table.connection = connection
