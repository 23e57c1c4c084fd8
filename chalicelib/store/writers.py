"""One table of what a Change carries: for each type, the function that makes its writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from chalicelib.domain.accounts.account import Account, NameMove
from chalicelib.domain.accounts.api_key import ApiKey
from chalicelib.domain.accounts.mailbox import Mailbox
from chalicelib.domain.accounts.wrong_passwords import UnknownName
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.short_code import MovedCode
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import MadeZones, OpenPlace, Tally
from chalicelib.domain.housekeeping.turnover import RoomEdit
from chalicelib.domain.imports.imported import Imported
from chalicelib.domain.occupancy.occupancy import SheetEdit
from chalicelib.domain.operations.incident import Incident
from chalicelib.domain.operations.shift import Shift
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.domain.realtime.event import Event
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneMade
from chalicelib.domain.stays.auto_checkout import AutoCheckout
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import QueueEdit, WishEdit
from chalicelib.store import (
    accounts,
    api_keys,
    audit,
    auto_checkouts,
    booking_item,
    catalogue,
    events,
    imported,
    incidents,
    ledger,
    mailboxes,
    rooms,
    sheets,
    shifts,
    short_codes,
    tallies,
    waitlist,
    webhooks,
    wrong_passwords,
)
from chalicelib.store.dynamodb.schema import Table
from chalicelib.store.dynamodb.transaction import Write

Writer = Callable[[Any], Iterator[Write]]


def writers(shards: int) -> Mapping[type, Writer]:
    """The writes of a record to save, of an edit, or of what is appended. `shards` partitions of
    the index `due` share the deadlines."""
    return {
        Account: accounts.writes,
        ApiKey: api_keys.writes,
        AutoCheckout: auto_checkouts.writes,
        Booking: partial(booking_item.writes, shards=shards),
        Entry: partial(waitlist.writes, shards=shards),
        Event: events.writes,
        Imported: imported.writes,
        Incident: incidents.writes,
        MadeZones: catalogue.made_zones_checks,
        Mailbox: mailboxes.writes,
        MovedCode: short_codes.writes,
        NameMove: accounts.move_writes,
        OpenPlace: catalogue.open_checks,
        Shift: shifts.writes,
        Site: catalogue.site_writes,
        Space: catalogue.space_writes,
        UnknownName: wrong_passwords.writes,
        Webhook: webhooks.writes,
        Zone: catalogue.zone_writes,
        ZoneMade: catalogue.zone_made_writes,
        QueueEdit: sheets.queue_writes,
        RoomEdit: rooms.writes,
        SheetEdit: sheets.writes,
        Tally: tallies.writes,
        WishEdit: waitlist.wish_writes,
        AuditEvent: audit.writes,
        LedgerEntry: ledger.writes,
    }


def items(shards: int) -> Mapping[type, Callable[[Any], Table]]:
    """The items of the records that a Change may delete."""
    return {
        Booking: partial(booking_item.to_item, shards=shards),
        Webhook: webhooks.to_item,
    }
