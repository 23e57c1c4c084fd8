"""Incidents: what went wrong at a site, written down by whoever was there and never changed
(docs/rules/shifts.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.core import errors


class IncidentKind(StrEnum):
    """What sort of thing it was."""

    ACCIDENT = "accident"
    DAMAGE = "damage"
    THEFT = "theft"
    DISPUTE = "dispute"
    EQUIPMENT = "equipment"
    OTHER = "other"


@dataclass(frozen=True)
class Incident:
    """What happened at a site and when, by whom and when it was reported, and what it was about,
    as far as that is known. Raises Invalid where it is still to happen."""

    incident_id: str
    site: str
    kind: IncidentKind
    text: str
    occurred_at: datetime
    reported_at: datetime
    reported_by: str
    booking_id: str | None = None
    space_id: str | None = None
    vehicle_number: str | None = None

    def __post_init__(self) -> None:
        if self.occurred_at > self.reported_at:
            raise errors.Invalid({"occurred_at": "must not be in the future"})

    @property
    def version(self) -> int:
        """It is written once."""
        return 1
