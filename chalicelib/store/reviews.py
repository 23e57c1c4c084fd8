"""Review cases. An open one and a closed one lie in partitions of their own, so each list is one
query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.review import CaseStatus, ReviewCase
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AuditTable
from chalicelib.store.dynamodb.transaction import Write

NO_SITE: Final = "-"
_PARTITIONS: Final[dict[CaseStatus, str]] = {"open": "reviews", "closed": "closed-reviews"}


class ReviewItem(AuditTable):
    """A case for a person (`reviews/<site or ->`, once it is closed `closed-reviews/<site or ->`;
    its id)."""

    at = IntegerAttribute()
    gateway = UnicodeAttribute(null=True)
    order = UnicodeAttribute(attr_name="of")
    booking_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute()
    closed = IntegerAttribute(null=True)
    closed_by = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)


class Reviews:
    """The cases of all sites."""

    def get(self, site: str | None, case_id: str) -> ReviewCase:
        """A case as it is now: one read, two for a closed one. Raises CaseNotFound."""
        for status in _PARTITIONS:
            try:
                with translated():
                    found = ReviewItem.get(_partition(site, status), case_id, consistent_read=True)
                return _case(found)
            except ReviewItem.DoesNotExist:
                continue
        raise errors.CaseNotFound()

    def of_site(
        self,
        site: str | None,
        *,
        limit: int,
        after: str | None,
        status: CaseStatus = "open",
    ) -> Listing[ReviewCase]:
        """The cases of a site (None: of no site), the newest first: one query."""
        return lists.newest_first(
            ReviewItem,
            _partition(site, status),
            _case,
            place=lambda case: case.case_id,
            limit=limit,
            before=after,
        )


def writes(case: ReviewCase) -> Iterator[Write]:
    """A new case, refused as AlreadyExists where it is there already, open or closed; or one that
    is being closed, refused as StaleVersion where it is closed already."""
    there = _key(case, "closed" if case.status == "open" else "open")
    if case.status == "open":
        yield transaction.create(_item(case))
        absent = ReviewItem.pk.does_not_exist()
        yield transaction.check(ReviewItem(*there), absent, refusal=errors.AlreadyExists)
    else:
        yield Write("delete", ReviewItem(*there))
        yield transaction.create(_item(case), exists=errors.StaleVersion)


def _item(case: ReviewCase) -> ReviewItem:
    return ReviewItem(
        *_key(case, case.status),
        at=unixtime.of(case.at),
        gateway=case.gateway,
        order=case.order,
        booking_id=case.booking_id,
        reason=case.reason,
        closed=unixtime.of(case.closed_at),
        closed_by=case.closed_by,
        note=case.note or None,
    )


def _case(item: Any) -> ReviewCase:
    site = item.pk.partition("/")[2]
    return ReviewCase(
        item.sk,
        unixtime.instant(item.at),
        None if site == NO_SITE else site,
        cast(GatewayName | None, item.gateway),
        item.order,
        item.booking_id,
        item.reason,
        unixtime.instant(item.closed),
        item.closed_by,
        item.note or "",
    )


def _key(case: ReviewCase, status: CaseStatus) -> tuple[str, str]:
    return _partition(case.site, status), case.case_id


def _partition(site: str | None, status: CaseStatus) -> str:
    return f"{_PARTITIONS[status]}/{site or NO_SITE}"
