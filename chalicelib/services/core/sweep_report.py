"""The report of a sweep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chalicelib.domain.core.constraints import UtcInstant

MOST_SHOWN: Final = 1000
"""Things that the report of a dry run names; `due` counts all."""


@dataclass(frozen=True)
class Affected:
    """One thing that a run would handle: the `step` it would take, the id of its `subject`,
    the booking that this concerns (None where it is none), the start of the stay or, before entry,
    the booked start (None where it is not known without a read), and since when the step is due."""

    step: str
    subject: str
    booking_id: str | None
    start: UtcInstant | None
    since: UtcInstant


@dataclass
class SweepReport:
    """Counts of one run. `skipped` items were taken by another run, `failed` ones are retried,
    `parked` ones wait for a person. `more`: the time was up before the work was done. `sent`
    counts reminders, `cancelled` the bookings that time has cancelled, `expired` bookings, offers
    and wishes. `affected` is filled by a dry run."""

    due: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    parked: int = 0
    sent: int = 0
    cancelled: int = 0
    expired: int = 0
    more: bool = False
    affected: list[Affected] = field(default_factory=list)

    def show(self, affected: Affected) -> None:
        """Name a thing that a run would handle, among the first MOST_SHOWN."""
        if len(self.affected) < MOST_SHOWN:
            self.affected.append(affected)
