"""The audit trail: events by site and UTC day, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from typing import Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AuditTable
from chalicelib.store.dynamodb.transaction import Write

NO_SITE: Final = "-"
"""The site in the partition of events that belong to none."""


class AuditItem(AuditTable):
    """One audit event (`<site or ->#<UTC day>`, its id)."""

    at = IntegerAttribute()
    actor = UnicodeAttribute()
    action = UnicodeAttribute()
    subject = UnicodeAttribute()
    outcome = UnicodeAttribute()
    source_ip = UnicodeAttribute(null=True, attr_name="address")
    detail = UnicodeAttribute(null=True)


@dataclass(frozen=True)
class AuditPage:
    """Some events, newest first, and the id of the last one where there may be more."""

    events: tuple[AuditEvent, ...]
    next: str | None


class AuditLog:
    """The audit events of all sites."""

    def append(self, event: AuditEvent) -> None:
        """Write an event that is part of no Change."""
        with translated():
            to_item(event).save()

    def list_day(
        self, site: str | None, day: date, limit: int, after: str | None = None
    ) -> AuditPage:
        """A UTC day's events of `site` (None: of no site), newest first, after the event `after`:
        one query."""
        pk = _partition(site, day)
        with translated():
            found = AuditItem.query(
                pk,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key={"pk": {"S": pk}, "sk": {"S": after}} if after else None,
            )
            events = tuple(from_item(item) for item in found)
        more = found.last_evaluated_key is not None and bool(events)
        return AuditPage(events, events[-1].event_id if more else None)


def writes(event: AuditEvent) -> Iterator[Write]:
    """The event, refused where it exists already."""
    yield transaction.create(to_item(event))


def to_item(event: AuditEvent) -> AuditItem:
    """The item of an event."""
    return AuditItem(
        _partition(event.site, event.at.astimezone(UTC).date()),
        event.event_id,
        at=unixtime.of(event.at),
        actor=event.actor,
        action=event.action,
        subject=event.subject,
        outcome=event.outcome,
        source_ip=event.source_ip or None,
        detail=event.detail or None,
    )


def from_item(item: AuditItem) -> AuditEvent:
    """The event in an item."""
    site = item.pk.rpartition("#")[0]
    return AuditEvent(
        event_id=item.sk,
        at=unixtime.instant(item.at),
        actor=item.actor,
        action=item.action,
        subject=item.subject,
        outcome=item.outcome,
        site=None if site == NO_SITE else site,
        source_ip=item.source_ip or "",
        detail=item.detail or "",
    )


def _partition(site: str | None, day: date) -> str:
    return f"{site or NO_SITE}#{day.isoformat()}"
