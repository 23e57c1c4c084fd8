"""The mails about an account, and about a webhook."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.mail.message import Message
from chalicelib.domain.realtime.webhook import Webhook
from chalicelib.rendering.mail import (
    mails,
    notices,
    sign_in_notices,
)
from chalicelib.rendering.mail.reader import Reader
from docs.example_mails.ingredients import link
from docs.example_places import (
    EVENING,
    TOWN_HALL,
)


def examples(asha: Reader) -> dict[str, Message]:
    nameless, reset = replace(asha, name=""), link("reset_password")
    tomorrow, next_week = EVENING + timedelta(days=1), EVENING + timedelta(days=7)
    return {
        "verify-email": mails.verify_email(nameless, link("verify_email"), until=next_week),
        "reset-password": mails.reset_password(asha, reset, until=tomorrow),
        "address-taken": sign_in_notices.address_taken(nameless, reset, until=tomorrow),
        "change-email": sign_in_notices.change_email(
            nameless, link("change_email"), until=tomorrow
        ),
        "email-changing": sign_in_notices.email_changing(asha, reset, until=tomorrow),
        "email-changed": sign_in_notices.email_changed(asha),
        "sign-in-locked": sign_in_notices.sign_in_locked(asha, reset, until=tomorrow),
    }


def switched_off(reader: Reader) -> Message:
    """Nobody has taken a call for three days."""
    hook = Webhook(
        webhook_id="hall.WH7Q2M9X4T1NG1QR00009",
        site=TOWN_HALL.slug,
        url="https://doors.example.com/berth?key=1",
        events=("booking-updated",),
        secret="",
        created_at=EVENING,
        failures=31,
        failing_since=EVENING,
        disabled_at=EVENING + timedelta(days=3, minutes=7),
        active=False,
    )
    return notices.webhook_disabled(reader, hook, TOWN_HALL)
