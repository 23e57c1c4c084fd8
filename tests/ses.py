"""What SES says through SNS, in its two dialects, as its documentation shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from tests.clock import NOON

Dialect = Literal["published", "classic"]
DIALECTS: tuple[Dialect, ...] = ("published", "classic")
"""Published for a configuration set, with the tags of the mail; or sent for an identity, with its
headers."""

ADDRESS = "user1@example.com"


def bounce(
    effect_id: str | None = None,
    *,
    to: str = ADDRESS,
    kind: str = "Permanent",
    subtype: str = "General",
    dialect: Dialect = "published",
    at: datetime = NOON,
) -> str:
    """That a mail came back."""
    about = {
        "feedbackId": "01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000",
        "bounceType": kind,
        "bounceSubType": subtype,
        "bouncedRecipients": [
            {
                "emailAddress": to,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550",
            }
        ],
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.669Z",
        "reportingMTA": "dsn; mta.example.com",
    }
    return _told("Bounce", about, effect_id, to, dialect)


def complaint(
    effect_id: str | None = None,
    *,
    to: str = ADDRESS,
    subtype: str | None = None,
    dialect: Dialect = "published",
    at: datetime = NOON,
) -> str:
    """That a reader called a mail unwanted."""
    about = {
        "feedbackId": "01000157c44f053b-61b59c11-9236-11e6-8f96-7be8aexample-000000",
        "complaintSubType": subtype,
        "complainedRecipients": [{"emailAddress": to}],
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.012Z",
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": f"{at:%Y-%m-%dT%H:%M:%S}.669Z",
    }
    return _told("Complaint", about, effect_id, to, dialect)


def _told(
    name: str, about: Mapping[str, Any], effect_id: str | None, to: str, dialect: Dialect
) -> str:
    mail: dict[str, Any] = {
        "timestamp": "2026-11-21T06:40:02.012Z",
        "source": "Berth <no-reply@example.com>",
        "sourceArn": "arn:aws:ses:ap-south-1:123456789012:identity/no-reply@example.com",
        "sendingAccountId": "123456789012",
        "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
        "destination": [to],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": "Berth <no-reply@example.com>"},
            {"name": "To", "value": to},
        ],
        "commonHeaders": {"from": ["Berth <no-reply@example.com>"], "to": [to], "subject": "Hi"},
    }
    if dialect == "published":
        tagged = {"effect": [effect_id]} if effect_id else {}
        mail["tags"] = {"ses:configuration-set": ["berth-mail"], **tagged}
    elif effect_id:
        mail["headers"].append({"name": "X-Berth-Effect", "value": effect_id})
    kind = "eventType" if dialect == "published" else "notificationType"
    return json.dumps({kind: name, name.lower(): about, "mail": mail})
