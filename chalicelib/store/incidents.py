"""Incidents: appended, never changed. An incident's id says when it was reported."""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import ids, unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.operations.incident import Incident, IncidentKind
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AuditTable
from chalicelib.store.dynamodb.transaction import Write


class IncidentItem(AuditTable):
    """An incident of a site (`incidents/<site>`, its id)."""

    kind = UnicodeAttribute()
    text = UnicodeAttribute()
    occurred = IntegerAttribute()
    by = UnicodeAttribute()
    booking_id = UnicodeAttribute(null=True)
    space_id = UnicodeAttribute(null=True)
    plate = UnicodeAttribute(null=True)


class Incidents:
    """The incidents of all sites."""

    def find(self, site: str, incident_id: str) -> Incident | None:
        """One incident, or None: one read."""
        try:
            with translated():
                return from_item(IncidentItem.get(_partition(site), incident_id, True))
        except IncidentItem.DoesNotExist:
            return None

    def of_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[Incident]:
        """The incidents of a site, the last one reported first, after the incident `after`: one
        query."""
        return lists.newest_first(
            IncidentItem,
            _partition(site),
            from_item,
            place=lambda incident: incident.incident_id,
            limit=limit,
            before=after,
        )

    def count(self, site: str, reported_by: str, during: Interval) -> int:
        """How many incidents an account reported at a site during an interval: one query."""
        first, last = (ids.earliest("IN", at) for at in (during.start, during.end))
        with translated():
            return IncidentItem.count(
                _partition(site),
                IncidentItem.sk.between(first, last),
                filter_condition=IncidentItem.by == reported_by,
                consistent_read=True,
            )


def writes(incident: Incident) -> Iterator[Write]:
    """The incident, refused where it exists already."""
    yield transaction.create(to_item(incident))


def to_item(incident: Incident) -> IncidentItem:
    """The item of an incident."""
    return IncidentItem(
        _partition(incident.site),
        incident.incident_id,
        kind=incident.kind.value,
        text=incident.text,
        occurred=unixtime.of(incident.occurred_at),
        by=incident.reported_by,
        booking_id=incident.booking_id,
        space_id=incident.space_id,
        plate=incident.vehicle_number,
    )


def from_item(item: IncidentItem) -> Incident:
    """The incident in an item."""
    return Incident(
        incident_id=item.sk,
        site=item.pk.removeprefix("incidents/"),
        kind=IncidentKind(item.kind),
        text=item.text,
        occurred_at=unixtime.instant(item.occurred),
        reported_at=ids.made_at(item.sk),
        reported_by=item.by,
        booking_id=item.booking_id,
        space_id=item.space_id,
        vehicle_number=item.plate,
    )


def _partition(site: str) -> str:
    return f"incidents/{site}"
