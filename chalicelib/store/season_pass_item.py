"""A season pass as an item of the bookings table."""

from __future__ import annotations

import json
from datetime import date
from typing import Final, cast
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import ids, localtime, serialize, unixtime
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.season_passes.periods import Days
from chalicelib.domain.season_passes.season_pass import SeasonPass, SeasonPassStatus, Term
from chalicelib.store import payments, season_plans
from chalicelib.store.due_item import DueItem
from chalicelib.store.dynamodb.attributes import IntegerAttribute

SWEEP: Final = "season-passes"

BEFORE_ID: Final = "season#"
"""As every item of the table that is no booking, with a small letter first."""


class SeasonPassItem(DueItem):
    """A season pass (`<locator>`, `season#<rest of its id>`). On the index `by_site` under
    `passes-of/<account>` by the second it was made."""

    version = IntegerAttribute(attr_name="v")
    user = UnicodeAttribute(null=True)
    site = UnicodeAttribute(null=True)
    start = IntegerAttribute()
    place = UnicodeAttribute()
    plate = UnicodeAttribute()
    plan = UnicodeAttribute()
    currency = UnicodeAttribute()
    timezone = UnicodeAttribute(attr_name="tz")
    status = UnicodeAttribute()
    wanted = UnicodeAttribute()
    updated = IntegerAttribute()
    last = UnicodeAttribute(null=True)
    terms = UnicodeAttribute(null=True)
    pauses = UnicodeAttribute(null=True)
    gap_days = IntegerAttribute(null=True)
    transfers = IntegerAttribute(null=True)
    renews = IntegerAttribute(null=True)
    renewing = UnicodeAttribute(null=True)
    paid = IntegerAttribute(null=True)
    by_hand = IntegerAttribute(null=True)
    payments = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True, attr_name="to")
    timeline = UnicodeAttribute()


def to_item(each: SeasonPass, shards: int) -> SeasonPassItem:
    """The item of a pass, which lies in one of `shards` partitions of the index `due`."""
    key = ids.season_pass_key(each.pass_id)
    assert key is not None, each.pass_id
    item = SeasonPassItem(
        key[0],
        BEFORE_ID + key[1],
        version=each.version,
        user=each.user_id,
        site=holder_key(each.user_id) if each.user_id else None,
        start=unixtime.of(each.created_at),
        place=each.site,
        plate=each.plate,
        plan=serialize.text(season_plans.row(each.plan)),
        currency=each.currency,
        timezone=each.tz.key,
        status=each.status,
        wanted=each.wanted.isoformat(),
        updated=unixtime.of(each.updated_at),
        last=each.last.isoformat() if each.last else None,
        terms=serialize.text([_term_row(term) for term in each.terms]) if each.terms else None,
        pauses=serialize.text([_days_row(days) for days in each.pauses]) if each.pauses else None,
        gap_days=each.gap_days or None,
        transfers=each.transfers or None,
        renews=1 if each.auto_renew else None,
        renewing=serialize.text(season_plans.row(each.renewing)) if each.renewing else None,
        paid=each.paid or None,
        by_hand=each.by_hand or None,
        payments=payments.pack(each.payments),
        name=each.name,
        email=each.email,
        timeline=serialize.text(
            [[unixtime.of(e.at), e.what, e.actor, e.source, e.note] for e in each.timeline]
        ),
    )
    if each.due_at is not None:
        item.due_shard = f"{SWEEP}.{crc32(each.pass_id.encode()) % shards}"
        item.due_at = unixtime.of(each.due_at)
    return item


def from_item(item: SeasonPassItem) -> SeasonPass:
    """The pass in an item."""
    return SeasonPass(
        pass_id=f"SP{item.pk}{item.sk.removeprefix(BEFORE_ID)}",
        user_id=item.user,
        site=item.place,
        plate=item.plate,
        plan=season_plans.plan(json.loads(item.plan)),
        currency=item.currency,
        tz=localtime.zone(item.timezone),
        status=cast(SeasonPassStatus, item.status),
        wanted=date.fromisoformat(item.wanted),
        created_at=unixtime.instant(item.start),
        updated_at=unixtime.instant(item.updated),
        last=date.fromisoformat(item.last) if item.last else None,
        terms=tuple(_term(*row) for row in json.loads(item.terms or "[]")),
        pauses=tuple(_days(*row) for row in json.loads(item.pauses or "[]")),
        gap_days=item.gap_days or 0,
        transfers=item.transfers or 0,
        auto_renew=bool(item.renews),
        renewing=season_plans.plan(json.loads(item.renewing)) if item.renewing else None,
        due_at=unixtime.instant(item.due_at),
        paid=item.paid or 0,
        by_hand=item.by_hand or 0,
        payments=payments.unpack(item.payments),
        name=item.name,
        email=item.email,
        timeline=tuple(
            TimelineEntry(unixtime.instant(at), what, actor, source, note)
            for at, what, actor, source, note in json.loads(item.timeline)
        ),
        version=item.version,
    )


def _days_row(days: Days) -> list[str]:
    return [days.first.isoformat(), days.last.isoformat()]


def _days(first: str, last: str) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last))


def _term_row(term: Term) -> list[object]:
    return [*_days_row(term.days), term.minor, term.tax, term.payment]


def _term(first: str, last: str, minor: int, tax: int, payment: str | None) -> Term:
    return Term(_days(first, last), minor, tax, payment)


def holder_key(user_id: str) -> str:
    """The partition of the index `by_site` with the passes of an account."""
    return f"passes-of/{user_id}"
