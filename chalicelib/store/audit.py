"""The audit trail: events by site and UTC day, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AuditItem

NO_SITE = "-"
"""Where events lie that belong to no site."""


@dataclass(frozen=True)
class AuditPage:
    """Some events, newest first, and the id of the last one where there may be more."""

    events: tuple[AuditEvent, ...]
    next: str | None


class AuditLog:
    """Appends, and reads one day of one site."""

    def append(self, event: AuditEvent) -> None:
        """Write an event that goes with no other change."""
        with translated():
            item(event).save()

    def list_day(
        self, site: str | None, day: date, limit: int, after: str | None = None
    ) -> AuditPage:
        """A UTC day's events of `site` (None: of no site), newest first, from behind the event
        `after`: one query."""
        pk = _partition(site, day)
        with translated():
            found = AuditItem.query(
                pk,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key={"pk": {"S": pk}, "sk": {"S": after}} if after else None,
            )
            events = tuple(from_item(found_item) for found_item in found)
        more = found.last_evaluated_key is not None and bool(events)
        return AuditPage(events, events[-1].event_id if more else None)


def item(event: AuditEvent) -> AuditItem:
    """The item to store for an event."""
    return AuditItem(
        _partition(event.site, event.at.astimezone(UTC).date()),
        event.event_id,
        at=unixtime.of(event.at),
        actor=event.actor,
        action=event.action,
        subject=event.subject,
        outcome=event.outcome,
        address=event.source_ip or None,
        detail=event.detail or None,
    )


def from_item(stored: AuditItem) -> AuditEvent:
    """The event in an item."""
    site = stored.pk.rpartition("#")[0]
    return AuditEvent(
        event_id=stored.sk,
        at=unixtime.instant(stored.at),
        actor=stored.actor,
        action=stored.action,
        subject=stored.subject,
        outcome=stored.outcome,
        site=None if site == NO_SITE else site,
        source_ip=stored.address or "",
        detail=stored.detail or "",
    )


def _partition(site: str | None, day: date) -> str:
    return f"{site or NO_SITE}#{day.isoformat()}"
