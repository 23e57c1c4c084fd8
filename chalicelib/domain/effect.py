"""Effects: what a step wants to happen outside, delivered later from the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MailName = Literal[
    "booking_confirmed", "reminder", "auto_cancelled", "booking_cancelled", "stay_ended",
    "group_confirmed", "group_cancelled", "verify_email", "reset_password",
]  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """One thing to deliver. `name` is the mail; `subject_id` the booking, group or account it is
    about, read again when it leaves."""

    kind: Literal["mail"]
    name: MailName
    subject_id: str


def mail(name: MailName, subject_id: str) -> Effect:
    """The mail called `name` about a booking, a group or an account."""
    return Effect("mail", name, subject_id)
