"""Effects: what a step wants to happen outside, delivered later from the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MailName = Literal[
    "booking_confirmed", "reminder", "auto_cancelled", "booking_cancelled", "stay_ended",
    "verify_email", "reset_password", "offer", "webhook_disabled",
]  # fmt: skip
TaskName = Literal["offer_time"]
EventName = Literal[
    "room-status-changed", "booking-checked-out", "booking-updated", "availability-changed",
]  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """One thing to deliver: a mail, a task that is too long for the step that asks for it, an
    event, or the call of a webhook. `subject_id` is the booking, entry, account, zone or event it
    is about, read again when it leaves."""

    kind: Literal["mail", "task", "event", "webhook"]
    name: MailName | TaskName | EventName
    subject_id: str


def mail(name: MailName, subject_id: str) -> Effect:
    """The mail called `name` about a booking, an entry or an account."""
    return Effect("mail", name, subject_id)


def offer_time(zone_id: str) -> Effect:
    """Offer whatever can be had in a zone to those who wait for it."""
    return Effect("task", "offer_time", zone_id)


def event(name: EventName, subject_id: str) -> Effect:
    """Tell whoever listens to the site what has become of a booking, a room or a zone."""
    return Effect("event", name, subject_id)


def webhook(name: EventName, webhook_id: str, event_id: str) -> Effect:
    """Call a webhook with an event of its site."""
    return Effect("webhook", name, f"{webhook_id}/{event_id}")


@dataclass(frozen=True)
class Leaving:
    """An effect as it leaves: an id that is the same whenever it is tried, since when it has been
    waiting, the number of the try, and whether there will be no other."""

    effect: Effect
    effect_id: str
    since: datetime
    attempt: int = 1
    is_last: bool = False
