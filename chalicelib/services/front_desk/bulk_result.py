"""The results of a step for many rooms: one row for each room that was named."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Wording


class Outcome(StrEnum):
    """What a call did for a room."""

    CHECKED_OUT = "CHECKED_OUT"
    CHECKED_IN = "CHECKED_IN"
    CLEARED = "CLEARED"
    NOTHING = "NOTHING"
    FAILED = "FAILED"
    REMAINING = "REMAINING"


@dataclass
class RoomRow:
    """The result for the room `room_id`, as the request names it: the booking that was checked in
    or out, whether the record of the room was cleared, the refusal of a failed step, and why
    there was nothing to do."""

    room_id: str
    outcome: Outcome = Outcome.REMAINING
    booking_id: str | None = None
    was_cleared: bool = False
    refusal: errors.Refusal | None = None
    reason: Wording | None = None

    def fail(self, refusal: errors.Refusal) -> None:
        """The step is refused."""
        self.outcome, self.refusal, self.reason = Outcome.FAILED, refusal, refusal.wording


@dataclass(frozen=True)
class FailedRoom:
    """A room that could not be checked in or out, with the refusal."""

    room_id: str
    refusal: errors.Refusal


@dataclass
class BulkResult:
    """The results for the rooms, in the order of the request; the `remaining` ones are for another
    call."""

    rows: list[RoomRow] = field(default_factory=list)

    @property
    def bookings(self) -> list[str]:
        """The bookings that were checked in or out."""
        done = (Outcome.CHECKED_IN, Outcome.CHECKED_OUT)
        return [row.booking_id for row in self.rows if row.outcome in done and row.booking_id]

    @property
    def cleared(self) -> list[str]:
        """The rooms whose record was cleared."""
        return [row.room_id for row in self.rows if row.was_cleared]

    @property
    def failed(self) -> list[FailedRoom]:
        """The rooms whose step was refused."""
        return [FailedRoom(row.room_id, row.refusal) for row in self.rows if row.refusal]

    @property
    def remaining(self) -> list[str]:
        """The rooms that were not reached in time, or whose state is unknown."""
        return [row.room_id for row in self.rows if row.outcome is Outcome.REMAINING]
