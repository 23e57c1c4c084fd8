"""What Amazon SES tells through SNS of a mail that it took before: that it bounced, or that its
reader complained.

SES speaks two dialects. Events published for a configuration set name themselves `eventType` and
carry the tags of the mail; notifications set on an identity say `notificationType` and carry its
headers, where they were asked for. Both mean the same to us, and may gain fields at any time.
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
"""Where a mail says which effect it is."""

_SUPPRESSED: Final = "OnAccountSuppressionList"
"""A complaint of this kind is about an earlier mail: SES did not even try to deliver this one."""

_PERHAPS_READ: Final = ("Transient", "General")
"""A bounce of this type and subtype may be no more than somebody's note of absence."""


@dataclass(frozen=True)
class MailEvent:
    """What became of a mail to `addresses`. `is_hard` where mail will never get there, `is_lost`
    where this one did not; `effect` is what it was sent for, as far as the event tells."""

    kind: Literal["bounce", "complaint"]
    addresses: tuple[str, ...]
    is_hard: bool
    is_lost: bool
    effect: Effect | None
    at: datetime | None

    @property
    def why(self) -> str:
        """What to tell people, without the address."""
        return "The mail bounced." if self.kind == "bounce" else "The mail service held it back."


def read(text: str) -> MailEvent | None:
    """What the message of an SNS notification tells; None for events about anything else. Raises
    ValueError for what is no event of SES."""
    try:
        return _event(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("not an event of SES") from None


def _event(told: dict[str, Any]) -> MailEvent | None:
    kind = told["eventType"] if "eventType" in told else told["notificationType"]
    if kind == "Bounce":
        return _bounce(told["bounce"], told["mail"])
    if kind == "Complaint":
        return _complaint(told["complaint"], told["mail"])
    return None


def _bounce(bounce: dict[str, Any], mail: dict[str, Any]) -> MailEvent:
    kind = (bounce["bounceType"], bounce.get("bounceSubType"))
    return MailEvent(
        "bounce",
        _addresses(bounce["bouncedRecipients"]),
        is_hard=kind[0] == "Permanent",
        is_lost=kind != _PERHAPS_READ,
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


def _instant(told: dict[str, Any]) -> datetime | None:
    """When it happened, to the second; None where that cannot be read."""
    try:
        return datetime.fromisoformat(told["timestamp"]).astimezone(UTC).replace(microsecond=0)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
