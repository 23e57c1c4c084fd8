"""A forgotten stay that staff end at an earlier instant, with a reason (docs/rules/checkout.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.sentence import say


@dataclass(frozen=True)
class EarlierEnd:
    """When a stay really ended, and why nobody checked it out then."""

    at: datetime
    reason: str

    @classmethod
    def stated(cls, ended_at: datetime | None, reason: str | None) -> Self | None:
        """The earlier end of a request, which has both fields or neither. Raises Invalid."""
        if ended_at is not None and reason is not None:
            return cls(ended_at, reason)
        if ended_at is not None:
            raise errors.Invalid({"reason": say("must_be_given_with", other="ended_at")})
        if reason is not None:
            raise errors.Invalid({"ended_at": say("must_be_given_with", other="reason")})
        return None

    def on_clocks_of(self, tz: ZoneInfo) -> Self:
        """The same with a local time as an instant, by the clocks in `tz`. Raises Invalid."""
        at = localtime.instants(tz, ended_at=self.at)["ended_at"]
        assert at is not None
        return type(self)(at, self.reason)

    @property
    def note(self) -> str:
        """What the timeline, the history of the room and the audit event say of it."""
        return f"ended at {localtime.iso(self.at)}: {self.reason}"

    def require_within(self, booking: Booking, now: datetime) -> None:
        """Require an instant of the stay so far. Raises Invalid."""
        if booking.actual_start is not None and self.at < booking.actual_start:
            fault = say("not_before_stay", start=localtime.iso(booking.actual_start))
            raise errors.Invalid({"ended_at": fault})
        if self.at > now:
            raise errors.Invalid({"ended_at": say("must_not_be_future")})
