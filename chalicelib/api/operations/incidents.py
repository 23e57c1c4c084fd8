"""Routes of incidents."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Self

from chalicelib.api.operations.shifts import AtSite, OfSiteQuery
from chalicelib.api.web import lists
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, created
from chalicelib.api.web.moments import Moment
from chalicelib.api.web.values import Instant
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import BookingId, Doc, Plate, Text
from chalicelib.domain.operations.incident import Incident, IncidentKind
from chalicelib.services.operations import incidents
from chalicelib.services.operations.incidents import NewIncident

routes = Routes(__name__)

What = Annotated[
    str, Text(max=1000, lines=True), Doc("What happened.", "Barrier arm bent by a van.")
]
SpaceId = Annotated[str, Text(max=61), Doc("The space it was at.", "zone-a.A-001")]


@dataclass(frozen=True, kw_only=True)
class ReportIncident:
    """An incident to report, with its booking, space or vehicle where known."""

    site: AtSite | None = None
    kind: IncidentKind
    text: What
    occurred_at: Moment | None = None
    booking_id: BookingId | None = None
    space_id: SpaceId | None = None
    vehicle_number: Plate | None = None


@dataclass(frozen=True)
class IncidentView:
    """An incident at a site."""

    incident_id: Annotated[str, Doc("The id within the site.", "IN1NG2EK8000000007")]
    site: str
    kind: IncidentKind
    text: str
    occurred_at: Instant
    reported_at: Instant
    reported_by: Annotated[str, Doc("The account.", "US7Q2M9X4T")]
    booking_id: str | None
    space_id: str | None
    vehicle_number: str | None

    @classmethod
    def of(cls, incident: Incident) -> Self:
        at = localtime.iso(incident.occurred_at), localtime.iso(incident.reported_at)
        return cls(**{**vars(incident), "occurred_at": at[0], "reported_at": at[1]})


@routes.get("/api/staff/incidents", who=STAFF, query=OfSiteQuery, gives=[IncidentView])
def list_incidents(call: Call) -> Answer:
    """The incidents of a site, newest report first."""
    query, what = call.query, f"incidents/{call.query.site or ''}"
    found = incidents.list_of(
        call.deps, call.actor, query.site, limit=query.limit, after=lists.after(call, what)
    )
    return lists.page(call, what, found, IncidentView.of)


@routes.post(
    "/api/staff/incidents",
    who=STAFF, takes=ReportIncident, gives=IncidentView, status=201, once=True, sensitive=True,
)  # fmt: skip
def report_incident(call: Call) -> Answer:
    """Report an incident. It cannot be changed."""
    incident = incidents.report(call.deps, call.actor, NewIncident(**vars(call.body)))
    return created(asdict(IncidentView.of(incident)))
