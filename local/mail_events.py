"""Delivery events of the emulated SES: the event that a configuration set publishes about a mail,
and the notification in which SNS hands it to Lambda."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from email import message_from_string, policy
from typing import Any

from chalicelib.gateways.ses_events import EFFECT_HEADER, EFFECT_TAG
from local.invocation import ACCOUNT
from local.mailbox import SentMail

EVENTS: dict[str, dict[str, Any]] = {
    "bounce": {
        "eventType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bounceSubType": "NoEmail"},
    },
    "transient-bounce": {
        "eventType": "Bounce",
        "bounce": {"bounceType": "Transient", "bounceSubType": "General"},
    },
    "complaint": {
        "eventType": "Complaint",
        "complaint": {"complaintSubType": None, "complaintFeedbackType": "abuse"},
    },
}
"""Delivery events by name, and the part of each that is the same for every mail."""

_RECIPIENTS = {"Bounce": "bouncedRecipients", "Complaint": "complainedRecipients"}


def event(kind: str, mail: SentMail, at: datetime) -> dict[str, Any]:
    """The delivery event `kind`, a key of EVENTS, about `mail`, published at `at`."""
    template = EVENTS[kind]
    name = template["eventType"]
    recipients = [{"emailAddress": address} for address in mail.to]
    feedback = {"feedbackId": str(uuid.uuid4()), "timestamp": _stamp(at)}
    details = {**template[name.lower()], **feedback, _RECIPIENTS[name]: recipients}
    return {"eventType": name, name.lower(): details, "mail": _mail(mail)}


def _mail(mail: SentMail) -> dict[str, Any]:
    headers = message_from_string(mail.raw, policy=policy.default).items()
    effect_id = next((str(value) for name, value in headers if name == EFFECT_HEADER), None)
    return {
        "timestamp": _stamp(mail.sent_at),
        "messageId": str(uuid.uuid4()),
        "source": mail.sender,
        "sendingAccountId": ACCOUNT,
        "destination": list(mail.to),
        "headersTruncated": False,
        "headers": [{"name": name, "value": str(value)} for name, value in headers],
        "tags": {EFFECT_TAG: [effect_id]} if effect_id else {},
    }


def notification(message: dict[str, Any], at: datetime, region: str) -> dict[str, Any]:
    """The event with which SNS hands `message` to a Lambda function."""
    topic = f"arn:aws:sns:{region}:{ACCOUNT}:mail-events"
    record = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": topic,
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps(message),
        "Timestamp": _stamp(at),
        "MessageAttributes": {},
    }
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{topic}:{uuid.uuid4()}",
                "Sns": record,
            }
        ]
    }


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
