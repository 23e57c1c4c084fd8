"""Incidents: appended, never changed. An incident's id says when it was reported."""

from __future__ import annotations

from chalicelib.domain.core import ids, unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.operations.incident import Incident, IncidentKind
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import IncidentItem


class Incidents:
    """Reads of incidents. They are written by `commit`."""

    def of_site(self, site: str, *, limit: int, after: str | None = None) -> Listing[Incident]:
        """The incidents of a site, the last one reported first, from behind the incident `after`:
        one query."""
        with translated():
            found = IncidentItem.query(
                _partition(site),
                None if after is None else IncidentItem.sk < after,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                consistent_read=True,
            )
            records = tuple(from_item(item) for item in found)
        goes_on = found.last_evaluated_key is not None and bool(records)
        return Listing(records, records[-1].incident_id if goes_on else None)

    def count(self, site: str, reported_by: str, during: Interval) -> int:
        """How many somebody reported at a site during an interval: one query."""
        first, behind = (ids.earliest("IN", at) for at in (during.start, during.end))
        with translated():
            return IncidentItem.count(
                _partition(site),
                IncidentItem.sk.between(first, behind),
                filter_condition=IncidentItem.by == reported_by,
                consistent_read=True,
            )


def item(incident: Incident) -> IncidentItem:
    """The item to store for an incident."""
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


def from_item(stored: IncidentItem) -> Incident:
    """The incident in an item."""
    return Incident(
        incident_id=stored.sk,
        site=stored.pk.removeprefix("incidents/"),
        kind=IncidentKind(stored.kind),
        text=stored.text,
        occurred_at=unixtime.instant(stored.occurred),
        reported_at=ids.made_at(stored.sk),
        reported_by=stored.by,
        booking_id=stored.booking_id,
        space_id=stored.space_id,
        vehicle_number=stored.plate,
    )


def _partition(site: str) -> str:
    return f"incidents/{site}"
