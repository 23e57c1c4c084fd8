"""Effects: what a step wants to happen outside, delivered later from the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MailName = Literal[
    "booking_confirmed", "reminder", "auto_cancelled", "booking_cancelled", "stay_ended",
    "verify_email", "reset_password", "offer",
]  # fmt: skip
TaskName = Literal["offer_time"]


@dataclass(frozen=True)
class Effect:
    """One thing to deliver: a mail, or a task that is too long for the step that asks for it.
    `subject_id` is the booking, entry, account or zone it is about, read again when it leaves."""

    kind: Literal["mail", "task"]
    name: MailName | TaskName
    subject_id: str


def mail(name: MailName, subject_id: str) -> Effect:
    """The mail called `name` about a booking, an entry or an account."""
    return Effect("mail", name, subject_id)


def offer_time(zone_id: str) -> Effect:
    """Offer whatever can be had in a zone to those who wait for it."""
    return Effect("task", "offer_time", zone_id)
