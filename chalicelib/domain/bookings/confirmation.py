"""Whether somebody must say that they will come, when they are asked, and when the booking is given
up because nobody did (docs/rules/confirmation.md).

The steps that follow are in `reminding.py`. An auto-cancel falls due only behind a reminder that
has really left: while its mail waits, or cannot be sent, there is no such deadline at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.sites.policy import Policy


@dataclass(frozen=True)
class Confirmation:
    """How far the question has come: `asked_at` is when its mail was put into the outbox, `sent_at`
    when that left, `failed` that it never will or has bounced; `confirmed_at` is the answer."""

    asked_at: datetime | None = None
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    failed: bool = False

    @property
    def reminded_at(self) -> datetime | None:
        """When the reminder went out, as far as anybody can tell."""
        return None if self.failed else self.sent_at or self.asked_at

    def deadline(self, start: datetime, policy: Policy) -> Deadline | None:
        """What time does next about it before `start`; None where the booking stands."""
        if self.confirmed_at is not None or not policy.confirmation or self.failed:
            return None
        if self.asked_at is None:
            return Deadline(DeadlineKind.REMINDER, reminder_at(start, policy))
        at = None if self.sent_at is None else auto_cancel_at(start, self.sent_at, policy)
        return None if at is None else Deadline(DeadlineKind.AUTO_CANCEL, at)


def is_needed(start: datetime, policy: Policy, *, now: datetime) -> bool:
    """Whether a booking made or moved `now` is still to be confirmed: only where that is more than
    `reminder_lead` before its start.

    >>> from datetime import UTC
    >>> start = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> policy = Policy(confirmation=True)
    >>> [is_needed(start, policy, now=start - timedelta(hours=hours)) for hours in (25, 24)]
    [True, False]
    """
    return policy.confirmation and now < reminder_at(start, policy)


def when_made(start: datetime, policy: Policy, *, now: datetime) -> Confirmation | None:
    """The question of a new booking; None where none is asked."""
    return Confirmation() if is_needed(start, policy, now=now) else None


def when_moved(start: datetime, policy: Policy, *, now: datetime) -> Confirmation | None:
    """The question of a booking moved to `start`: asked anew, or answered by the move itself."""
    if not policy.confirmation:
        return None
    if is_needed(start, policy, now=now):
        return Confirmation()
    return Confirmation(confirmed_at=now)


def reminder_at(start: datetime, policy: Policy) -> datetime:
    """When the reminder becomes due: so much elapsed time before, whatever the clocks do."""
    return start - timedelta(minutes=policy.reminder_lead)


def auto_cancel_at(start: datetime, sent_at: datetime, policy: Policy) -> datetime | None:
    """When a booking reminded at `sent_at` is given up: `auto_cancel_lead` before its start, never
    sooner than `min_confirm_window` after the reminder; None where that is not before the start.

    >>> from datetime import UTC
    >>> start, policy = datetime(2026, 11, 22, 12, tzinfo=UTC), Policy(confirmation=True)
    >>> sent = [start - timedelta(minutes=minutes) for minutes in (1440, 150, 60)]
    >>> [at and f"{at:%H:%M}" for at in (auto_cancel_at(start, each, policy) for each in sent)]
    ['10:00', '10:30', None]
    """
    at = max(
        start - timedelta(minutes=policy.auto_cancel_lead),
        sent_at + timedelta(minutes=policy.min_confirm_window),
    )
    return at if at < start else None
