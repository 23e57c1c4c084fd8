"""One table of what a Change carries: for each type, the function that makes its writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from chalicelib.store import (
    accounts,
    api_keys,
    audit,
    auto_checkouts,
    booking_item,
    catalogue,
    day_books,
    events,
    gateway_messages,
    imported,
    incidents,
    ledger,
    mailboxes,
    papers,
    payment_orders,
    promos,
    reviews,
    rooms,
    season_passes,
    settlements,
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


def writers(shards: int) -> Mapping[str, Callable[[], Writer]]:
    """The writes of a record to save, of an edit, or of what is appended, by the name of its type.
    Each is looked up when it is needed, so that only the stores of what is written are loaded.
    `shards` partitions of the index `due` share the deadlines."""
    return {
        "Account": lambda: accounts.writes,
        "ApiKey": lambda: api_keys.writes,
        "AutoCheckout": lambda: auto_checkouts.writes,
        "Booking": lambda: partial(booking_item.writes, shards=shards),
        "ComparedDay": lambda: settlements.day_writes,
        "DayBooks": lambda: day_books.writes,
        "Entry": lambda: partial(waitlist.writes, shards=shards),
        "Event": lambda: events.writes,
        "Inside": lambda: season_passes.inside_writes,
        "Imported": lambda: imported.writes,
        "Incident": lambda: incidents.writes,
        "KnownOrder": lambda: partial(payment_orders.writes, shards=shards),
        "Left": lambda: season_passes.left_writes,
        "MadeZones": lambda: catalogue.made_zones_checks,
        "Mailbox": lambda: mailboxes.writes,
        "Message": lambda: gateway_messages.writes,
        "MovedCode": lambda: short_codes.writes,
        "NameMove": lambda: accounts.move_writes,
        "OpenPlace": lambda: catalogue.open_checks,
        "Promo": lambda: promos.writes,
        "Paper": lambda: papers.writes,
        "ReviewCase": lambda: reviews.writes,
        "SeasonPass": lambda: partial(season_passes.writes, shards=shards),
        "Settled": lambda: settlements.writes,
        "Shift": lambda: shifts.writes,
        "Site": lambda: catalogue.site_writes,
        "Space": lambda: catalogue.space_writes,
        "UnknownName": lambda: wrong_passwords.writes,
        "VehicleOut": lambda: season_passes.out_checks,
        "Webhook": lambda: webhooks.writes,
        "Zone": lambda: catalogue.zone_writes,
        "ZoneMade": lambda: catalogue.zone_made_writes,
        "QueueEdit": lambda: sheets.queue_writes,
        "RoomEdit": lambda: rooms.writes,
        "SheetEdit": lambda: sheets.writes,
        "Tally": lambda: tallies.writes,
        "WishEdit": lambda: waitlist.wish_writes,
        "AuditEvent": lambda: audit.writes,
        "LedgerEntry": lambda: ledger.writes,
    }


def items(shards: int) -> Mapping[str, Callable[[], Callable[[Any], Table]]]:
    """The items of the records that a Change may delete, by the name of their type."""
    return {
        "Booking": lambda: partial(booking_item.to_item, shards=shards),
        "Promo": lambda: promos.to_item,
        "PlatePass": lambda: season_passes.plate_item,
        "Webhook": lambda: webhooks.to_item,
    }
