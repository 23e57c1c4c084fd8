"""Confirmation of a booking: whether the guest must confirm, when the reminder is due, and when the
booking is cancelled without an answer (docs/rules/confirmation.md).

The steps are in `confirmation_steps.py`. The deadline of the auto-cancel exists only after the mail
of the reminder has been sent, not while it waits and not if it cannot be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.policy import Policy


@dataclass(frozen=True)
class Confirmation:
    """The state of a confirmation: `asked_at` is when the reminder was put into the outbox,
    `sent_at` when it was sent, `confirmed_at` when the guest confirmed. `failed` means that no
    answer is expected: the reminder could not be sent, has bounced, or was not needed."""

    asked_at: datetime | None = None
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    failed: bool = False

    @property
    def reminded_at(self) -> datetime | None:
        """When the reminder was sent, or put into the outbox; None if it failed."""
        return None if self.failed else self.sent_at or self.asked_at

    def deadline(self, start: datetime, policy: Policy) -> Deadline | None:
        """The next deadline of the confirmation: the reminder or the auto-cancel; None if neither
        will come."""
        if self.confirmed_at is not None or not policy.confirmation or self.failed:
            return None
        if self.asked_at is None:
            return Deadline(DeadlineKind.REMINDER, reminder_at(start, policy))
        at = None if self.sent_at is None else auto_cancel_at(start, self.sent_at, policy)
        return None if at is None else Deadline(DeadlineKind.AUTO_CANCEL, at)


def next_deadline(asked: Confirmation | None, booked: Interval, policy: Policy) -> Deadline:
    """The next deadline of a booking that has not begun: that of its confirmation, otherwise that
    of its start or its end."""
    answer = asked and asked.deadline(booked.start, policy)
    return answer or deadline.before_entry(booked, policy)


def is_needed(start: datetime, policy: Policy, *, now: datetime) -> bool:
    """Whether a booking made or moved `now` must be confirmed: if that is more than `reminder_lead`
    before its start.

    >>> from datetime import UTC
    >>> start = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> policy = Policy(confirmation=True)
    >>> [is_needed(start, policy, now=start - timedelta(hours=hours)) for hours in (25, 24)]
    [True, False]
    """
    return policy.confirmation and now < reminder_at(start, policy)


def of_new(start: datetime, policy: Policy, *, now: datetime) -> Confirmation | None:
    """The confirmation of a new booking; None if it counts as confirmed."""
    return Confirmation() if is_needed(start, policy, now=now) else None


def of_moved(start: datetime, policy: Policy, *, now: datetime) -> Confirmation | None:
    """The confirmation of a booking moved to `start`: a new one, or one given by the move."""
    if not policy.confirmation:
        return None
    if is_needed(start, policy, now=now):
        return Confirmation()
    return Confirmation(confirmed_at=now)


def reminder_at(start: datetime, policy: Policy) -> datetime:
    """When the reminder is due: `reminder_lead` minutes of elapsed time before `start`."""
    return start - timedelta(minutes=policy.reminder_lead)


def auto_cancel_at(start: datetime, sent_at: datetime, policy: Policy) -> datetime | None:
    """When a booking whose reminder was sent at `sent_at` is cancelled: `auto_cancel_lead` before
    its start, but not within `min_confirm_window` of the reminder. None if that is after the start.

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
