"""Messages of payment gateways, each stored once, and what of them did not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.messages import KEPT, Message, ReviewCase
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AuditTable, OutboxTable
from chalicelib.store.dynamodb.transaction import Write

SORT_KEY: Final = "message"

NO_SITE: Final = "-"


class MessageItem(OutboxTable):
    """A message (`messages/<gateway>/<event id>`, `message`), kept to recognise its copies."""

    name = UnicodeAttribute()
    at = IntegerAttribute()
    ttl = IntegerAttribute()


class ReviewItem(AuditTable):
    """A case for a person (`reviews/<site or ->`, its id)."""

    at = IntegerAttribute()
    gateway = UnicodeAttribute()
    order = UnicodeAttribute(attr_name="of")
    booking_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute()


class Reviews:
    """The cases of all sites."""

    def of_site(self, site: str | None, *, limit: int, after: str | None) -> Listing[ReviewCase]:
        """The cases of a site (None: of no site), the newest first: one query."""
        pk = _partition(site)
        with translated():
            found = ReviewItem.query(
                pk,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key={"pk": {"S": pk}, "sk": {"S": after}} if after else None,
            )
            cases = tuple(_case(item) for item in found)
        more = found.last_evaluated_key is not None and bool(cases)
        return Listing(cases, cases[-1].case_id if more else None)


def message_writes(message: Message) -> Iterator[Write]:
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


def review_writes(case: ReviewCase) -> Iterator[Write]:
    """The case. One that is there already is the same."""
    yield Write(
        "put",
        ReviewItem(
            _partition(case.site),
            case.case_id,
            at=unixtime.of(case.at),
            gateway=case.gateway,
            order=case.order,
            booking_id=case.booking_id,
            reason=case.reason,
        ),
    )


def _case(item: ReviewItem) -> ReviewCase:
    site = item.pk.partition("/")[2]
    return ReviewCase(
        item.sk,
        unixtime.instant(item.at),
        None if site == NO_SITE else site,
        cast(GatewayName, item.gateway),
        item.order,
        item.booking_id,
        item.reason,
    )


def _partition(site: str | None) -> str:
    return f"reviews/{site or NO_SITE}"
