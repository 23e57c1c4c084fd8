"""The six tables, their indexes and the items in them. docs/data-model.md draws this page.

An index is projected so that it costs writes only when it must: `due` changes its key whenever a
booking changes what it is waiting for, so carrying the whole item along is free and a sweep needs
no second read; `by_site` has nothing in it that ever changes but its keys.
"""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.settings import Settings
from chalicelib.store.dynamodb.attributes import WholeAttribute
from chalicelib.store.dynamodb.connection import Wired


class DueIndex(GlobalSecondaryIndex["BookingsTable"]):
    """What is waiting for time, by the sweep that will carry it out. Sparse."""

    class Meta:
        index_name = "due"
        projection = AllProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    due_at = WholeAttribute(range_key=True)


class SiteIndex(GlobalSecondaryIndex["BookingsTable"]):
    """A site's bookings by their start; under `waitlist/<site>` its live waitlist entries."""

    class Meta:
        index_name = "by_site"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    start = WholeAttribute(range_key=True)


class NameIndex(GlobalSecondaryIndex["BookingsTable"]):
    """The bookings of a site's rooms by the name of whoever comes (`domain/finding.py`). Sparse, as
    those that follow."""

    class Meta:
        index_name = "by_name"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    called = UnicodeAttribute(range_key=True)


class SurnameIndex(GlobalSecondaryIndex["BookingsTable"]):
    """The same by the last word of the name first."""

    class Meta:
        index_name = "by_surname"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    surname = UnicodeAttribute(range_key=True)


class PhoneIndex(GlobalSecondaryIndex["BookingsTable"]):
    """The same by the end of the phone number."""

    class Meta:
        index_name = "by_phone"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    phone = UnicodeAttribute(range_key=True)


class MailIndex(GlobalSecondaryIndex["BookingsTable"]):
    """The same by the mail address."""

    class Meta:
        index_name = "by_mail"
        projection = KeysOnlyProjection()

    site = UnicodeAttribute(hash_key=True)
    mail = UnicodeAttribute(range_key=True)


class BookingsTable(Model):
    """Whatever lies in the bookings table, in the partition of its owner: bookings, waitlist
    entries, and what somebody waits for on one day. Instants are epoch seconds."""

    class Meta:
        table_name = "bookings"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    due = DueIndex()
    by_site = SiteIndex()
    by_name = NameIndex()
    by_surname = SurnameIndex()
    by_phone = PhoneIndex()
    by_mail = MailIndex()


class BookingItem(BookingsTable):
    version = WholeAttribute(attr_name="v")
    status = UnicodeAttribute()
    user = BooleanAttribute()
    site = UnicodeAttribute()
    zone = UnicodeAttribute()
    number = UnicodeAttribute()
    kind = UnicodeAttribute()
    start = WholeAttribute()
    end = WholeAttribute()
    created = WholeAttribute()
    updated = WholeAttribute()
    actual_start = WholeAttribute(null=True, attr_name="in")
    actual_end = WholeAttribute(null=True, attr_name="out")
    plate = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    purpose = UnicodeAttribute(null=True)
    guests = UnicodeAttribute(null=True)
    flags = UnicodeAttribute(null=True)
    method = UnicodeAttribute()
    payment = UnicodeAttribute()
    paid = WholeAttribute()
    tariff = UnicodeAttribute()
    bill = UnicodeAttribute(null=True)
    out_by = UnicodeAttribute(null=True)
    timeline = UnicodeAttribute()
    confirmation = UnicodeAttribute(null=True, attr_name="sure")
    group = UnicodeAttribute(null=True)
    attachments = UnicodeAttribute(null=True, attr_name="att")
    called = UnicodeAttribute(null=True)
    surname = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    mail = UnicodeAttribute(null=True)
    due_kind = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_at = WholeAttribute(null=True)
    attempts = WholeAttribute(null=True)


class EntryItem(BookingsTable):
    """A waitlist entry (`wait#<rest of its id>`); `site` only while it is live."""

    version = WholeAttribute(attr_name="v")
    status = UnicodeAttribute()
    site = UnicodeAttribute(null=True)
    place = UnicodeAttribute()
    zone = UnicodeAttribute()
    start = WholeAttribute()
    wish = UnicodeAttribute()
    day = UnicodeAttribute()
    priority = WholeAttribute()
    ticket = WholeAttribute()
    created = WholeAttribute()
    updated = WholeAttribute()
    offered = WholeAttribute(null=True)
    held = UnicodeAttribute(null=True)
    ended = WholeAttribute(null=True)
    booking_id = UnicodeAttribute(null=True)
    paging = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    due_kind = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_at = WholeAttribute(null=True)
    attempts = WholeAttribute(null=True)
    ttl = WholeAttribute(null=True)


class WishesItem(BookingsTable):
    """What somebody waits for on one local day (`wishes#<date>`): guards against doubles and
    against too many."""

    wishes: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    ttl = WholeAttribute()


class ZonesIndex(GlobalSecondaryIndex["ZoneItem"]):
    """A site's zones. Sparse: only zones carry `zone_site`."""

    class Meta:
        index_name = "zones_of"
        projection = AllProjection()

    zone_site = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class InventoryItem(Model):
    """Whatever lies in the inventory table: `sites`, `zones`, `spaces#<zone>`, `sheets#<zone>`,
    `line#<zone>`, `rooms#<zone>`, `turnover#<space>`, `webhooks#<site>`."""

    class Meta:
        table_name = "inventory"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    zones_of = ZonesIndex()


class SiteItem(InventoryItem):
    version = WholeAttribute(attr_name="v")
    name = UnicodeAttribute()
    timezone = UnicodeAttribute()
    currency = UnicodeAttribute()
    hours: JSONAttribute = JSONAttribute()
    contact = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    latitude = UnicodeAttribute(null=True)
    longitude = UnicodeAttribute(null=True)
    active = BooleanAttribute()
    blackouts: JSONAttribute = JSONAttribute(null=True)
    realtime = BooleanAttribute(null=True)


class ZoneItem(InventoryItem):
    version = WholeAttribute(attr_name="v")
    zone_site = UnicodeAttribute()
    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    policy: JSONAttribute = JSONAttribute()
    tariff: JSONAttribute = JSONAttribute()
    active = BooleanAttribute()


class SpaceItem(InventoryItem):
    version = WholeAttribute(attr_name="v")
    active = BooleanAttribute()
    note = UnicodeAttribute(null=True)


class SheetItem(InventoryItem):
    """One space on one UTC day; `taken` maps a holder to [start, end], or a hold to [start, end,
    lapse]. The item numbered `*` is the line of that day instead."""

    version = WholeAttribute(attr_name="v", null=True)
    taken: MapAttribute[str, ListAttribute[int]] = MapAttribute(null=True)
    waited = BooleanAttribute(null=True)
    wishes: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    joined = WholeAttribute(null=True)
    freed = WholeAttribute(null=True)
    ttl = WholeAttribute()


class PlaceItem(InventoryItem):
    """Somebody's place in the line of a zone (`line#<zone>`, `<wish>#<turn>`)."""

    ttl = WholeAttribute()


class RoomItem(InventoryItem):
    """The condition of a room (`rooms#<zone>`, number), and which booking is in it."""

    condition = UnicodeAttribute()
    guest = UnicodeAttribute(null=True)
    since = WholeAttribute()
    by = UnicodeAttribute()
    note = UnicodeAttribute(null=True)


class RoomStepItem(InventoryItem):
    """One step of a room (`turnover#<space>`, an id that sorts)."""

    at = WholeAttribute()
    by = UnicodeAttribute()
    was = UnicodeAttribute()
    to = UnicodeAttribute()
    note = UnicodeAttribute(null=True)
    booking_id = UnicodeAttribute(null=True)


class WebhookItem(InventoryItem):
    """A webhook of a site (`webhooks#<site>`)."""

    version = WholeAttribute(attr_name="v")
    url = UnicodeAttribute()
    events = UnicodeAttribute()
    secret = UnicodeAttribute()
    former: JSONAttribute = JSONAttribute(null=True)
    description = UnicodeAttribute(null=True)
    active = BooleanAttribute()
    created = WholeAttribute()
    failures = WholeAttribute()
    failing_since = WholeAttribute(null=True)
    failed = WholeAttribute(null=True)
    disabled = WholeAttribute(null=True)


class DirectoryIndex(GlobalSecondaryIndex["AccountItem"]):
    """All accounts by e-mail, for the admin's list. Sparse, keys only."""

    class Meta:
        index_name = "directory"
        projection = KeysOnlyProjection()

    listed = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute(range_key=True)


class AccountsItem(Model):
    """Whatever lies in the accounts table: an account with its sessions and tallies, the login
    names that point to it, and what is known of the addresses that mail goes to."""

    class Meta:
        table_name = "accounts"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    directory = DirectoryIndex()


class AccountItem(AccountsItem):
    version = WholeAttribute(attr_name="v")
    listed = UnicodeAttribute()
    email = UnicodeAttribute()
    username = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    phone = UnicodeAttribute(null=True)
    role = UnicodeAttribute()
    sites = UnicodeAttribute()
    password = UnicodeAttribute()
    active = BooleanAttribute()
    verified = BooleanAttribute()
    epoch = WholeAttribute()
    owing = WholeAttribute()
    failures = WholeAttribute()
    locked_until = WholeAttribute(null=True)
    created = WholeAttribute()


class LoginItem(AccountsItem):
    """A login name (`login#<name>`) and the account it opens."""

    account_id = UnicodeAttribute()


class SessionItem(AccountsItem):
    """One family of refresh tokens: only the `current` one is good."""

    current = UnicodeAttribute()
    expires = WholeAttribute()
    ttl = WholeAttribute()


class TallyItem(AccountsItem):
    n = WholeAttribute()


class MailboxItem(AccountsItem):
    """What is known of an address that mail goes to (`mailbox#<digest>`)."""

    version = WholeAttribute(attr_name="v")
    bounced = WholeAttribute(null=True)
    proved = WholeAttribute(null=True)
    unsubscribed = WholeAttribute(null=True)


class LedgerTable(Model):
    """Whatever lies in the ledger table: entries by site and UTC day, and shifts. No slug has a
    slash, so `shifts/<site>` is the partition of no day."""

    class Meta:
        table_name = "ledger"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class LedgerItem(LedgerTable):
    """One entry: all lines of one step."""

    booking_id = UnicodeAttribute()
    at = WholeAttribute()
    actor = UnicodeAttribute()
    kind = UnicodeAttribute()
    currency = UnicodeAttribute()
    lines: JSONAttribute = JSONAttribute()


class ShiftItem(LedgerTable):
    """A shift of a site (`shifts/<site>`)."""

    version = WholeAttribute(attr_name="v")
    account_id = UnicodeAttribute()
    opened = WholeAttribute()
    currency = UnicodeAttribute()
    cash_float = WholeAttribute()
    closed = WholeAttribute(null=True)
    closed_by = UnicodeAttribute(null=True)
    cash_counted = WholeAttribute(null=True)
    note = UnicodeAttribute(null=True)


class DrawerItem(LedgerTable):
    """Which shift an account opened last at a site (`drawers/<site>`, account id), and when it was
    closed, once it is."""

    shift_id = UnicodeAttribute()
    closed = WholeAttribute(null=True)


class OutboxTable(Model):
    """Whatever lies in the outbox table: effects waiting to be delivered, parked ones, answers
    kept for repeated requests, rate windows, logs of events and those who listen to them."""

    class Meta:
        table_name = "outbox"
        stream_view_type = "NEW_IMAGE"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class OutboxItem(OutboxTable):
    effects: JSONAttribute = JSONAttribute()
    not_before = WholeAttribute()
    attempts = WholeAttribute()
    error = UnicodeAttribute(null=True)


class IdempotencyItem(OutboxTable):
    fingerprint = UnicodeAttribute()
    at = WholeAttribute()
    lease = WholeAttribute()
    answer = UnicodeAttribute(null=True)
    ttl = WholeAttribute()


class WindowItem(OutboxTable):
    """How often something was tried in one window of time."""

    n = WholeAttribute()
    ttl = WholeAttribute()


class EventItem(OutboxTable):
    """One event of a site's log (`events#<site>`, its id)."""

    version = WholeAttribute(attr_name="v")
    name = UnicodeAttribute()
    subject = UnicodeAttribute()
    effect = UnicodeAttribute()
    at = WholeAttribute()
    data = UnicodeAttribute()
    ttl = WholeAttribute()


class ListenerItem(OutboxTable):
    """A connection under its channel (`channel#<site>`) or its own id (`connection#<id>`)."""

    site = UnicodeAttribute()
    connection = UnicodeAttribute()
    account_id = UnicodeAttribute()
    epoch = WholeAttribute()
    session = UnicodeAttribute()
    ttl = WholeAttribute()


class DeliveryItem(OutboxTable):
    """What became of a call of a webhook (`deliveries#<webhook>`)."""

    at = WholeAttribute()
    event_id = UnicodeAttribute()
    event = UnicodeAttribute()
    attempt = WholeAttribute()
    status = WholeAttribute(null=True)
    error = UnicodeAttribute(null=True)
    duration_ms = WholeAttribute()
    ttl = WholeAttribute()


class AuditTable(Model):
    """Whatever lies in the audit table: events by site (or `-`) and UTC day, and incidents."""

    class Meta:
        table_name = "audit"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class AuditItem(AuditTable):
    """One audit event."""

    at = WholeAttribute()
    actor = UnicodeAttribute()
    action = UnicodeAttribute()
    subject = UnicodeAttribute()
    outcome = UnicodeAttribute()
    address = UnicodeAttribute(null=True)
    detail = UnicodeAttribute(null=True)


class IncidentItem(AuditTable):
    """What went wrong at a site (`incidents/<site>`)."""

    kind = UnicodeAttribute()
    text = UnicodeAttribute()
    occurred = WholeAttribute()
    by = UnicodeAttribute()
    booking_id = UnicodeAttribute(null=True)
    space_id = UnicodeAttribute(null=True)
    plate = UnicodeAttribute(null=True)


MODELS: tuple[type[Model], ...] = (
    BookingsTable,
    InventoryItem,
    AccountsItem,
    LedgerTable,
    OutboxTable,
    AuditTable,
)
"""One model a table, in the order of `settings.TABLES`: what `infra/` and `local/` create."""

TTL_ATTRIBUTE = "ttl"


def connect(settings: Settings) -> Connection:
    """Bind every model to its table over one connection, and return it.

    PynamoDB would open a session and a client for each model class, at some 75 ms apiece.
    """
    connection = Wired(settings)
    for model, table in zip(MODELS, settings.tables, strict=True):
        _bind(model, settings.tables[table], connection)
    return connection


def _bind(model: type[Model], table_name: str, connection: Connection) -> None:
    model.Meta.table_name = table_name
    model._connection = None
    table: TableConnection = model._get_connection()
    connection.add_meta_table(table.get_meta_table())
    table.connection = connection
