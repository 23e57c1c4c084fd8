"""Audit events: actor, action, subject, time, origin and outcome (docs/decisions/audit.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AuditEvent:
    """One sensitive action. `outcome` is `allowed` or the code of the refusal; `site` is None for
    actions at no site, such as a sign-in."""

    event_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str = "allowed"
    site: str | None = None
    source_ip: str = ""
    detail: str = ""
