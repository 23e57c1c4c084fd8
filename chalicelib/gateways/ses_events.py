"""Bounces and complaints that Amazon SES reports through SNS.

SES has two formats. Events of a configuration set have `eventType` and the tags of the mail;
notifications of an identity have `notificationType` and, where enabled, the headers of the mail.
Both have the same meaning here, and may get new fields at any time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any, Final, Literal

from chalicelib.domain.core import effect
from chalicelib.domain.core.effect import Effect

EFFECT_TAG: Final = "effect"
EFFECT_HEADER: Final = "X-Berth-Effect"
"""The message tag and the header with the effect id of a mail."""

_SUPPRESSED: Final = "OnAccountSuppressionList"
"""A complaint of this subtype is about an earlier mail: SES did not send this one."""

_MAYBE_OUT_OF_OFFICE: Final = ("Transient", "General")
"""A bounce of this type and subtype may be an out-of-office reply."""


@dataclass(frozen=True)
class MailEvent:
    """A bounce or complaint of a mail to `addresses`. `is_hard`: later mails will bounce too.
    `is_lost`: this mail did not arrive. `effect` is the effect of the mail; None where the event
    does not contain it."""

    kind: Literal["bounce", "complaint"]
    addresses: tuple[str, ...]
    is_hard: bool
    is_lost: bool
    effect: Effect | None
    at: datetime | None

    @property
    def reason(self) -> str:
        """The reason for people, without the address."""
        return "The mail bounced." if self.kind == "bounce" else "The mail service held it back."


def read(text: str) -> MailEvent | None:
    """The event in the message of an SNS notification; None for other kinds of events. Raises
    ValueError for a message that is not from SES."""
    try:
        return _event(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("not an event of SES") from None


def _event(event: dict[str, Any]) -> MailEvent | None:
    kind = event["eventType"] if "eventType" in event else event["notificationType"]
    if kind == "Bounce":
        return _bounce(event["bounce"], event["mail"])
    if kind == "Complaint":
        return _complaint(event["complaint"], event["mail"])
    return None


def _bounce(bounce: dict[str, Any], mail: dict[str, Any]) -> MailEvent:
    kind = (bounce["bounceType"], bounce.get("bounceSubType"))
    return MailEvent(
        "bounce",
        _addresses(bounce["bouncedRecipients"]),
        is_hard=kind[0] == "Permanent",
        is_lost=kind != _MAYBE_OUT_OF_OFFICE,
        effect=_effect(mail),
        at=_instant(bounce),
    )


def _complaint(complaint: dict[str, Any], mail: dict[str, Any]) -> MailEvent:
    return MailEvent(
        "complaint",
        _addresses(complaint["complainedRecipients"]),
        is_hard=False,
        is_lost=complaint.get("complaintSubType") == _SUPPRESSED,
        effect=_effect(mail),
        at=_instant(complaint),
    )


def _addresses(recipients: list[dict[str, Any]]) -> tuple[str, ...]:
    named = (parseaddr(recipient["emailAddress"])[1] for recipient in recipients)
    return tuple(dict.fromkeys(address for address in named if "@" in address))


def _effect(mail: dict[str, Any]) -> Effect | None:
    tags = mail.get("tags", {}).get(EFFECT_TAG, [])
    headers = (h["value"] for h in mail.get("headers", []) if h["name"] == EFFECT_HEADER)
    effect_id = next(iter((*tags, *headers)), None)
    return None if effect_id is None else effect.of_id(effect_id)


def _instant(event: dict[str, Any]) -> datetime | None:
    """The time of the event, in seconds; None where it is missing or invalid."""
    try:
        return datetime.fromisoformat(event["timestamp"]).astimezone(UTC).replace(microsecond=0)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
