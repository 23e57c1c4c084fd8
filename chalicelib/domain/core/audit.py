"""Who did what to what, when, from where, allowed or refused (docs/decisions/audit.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class AuditEvent:
    """One sensitive action or refusal. `site` is None for what belongs to no site (sign-ins)."""

    event_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str = "allowed"
    site: str | None = None
    source_ip: str = ""
    detail: str = ""
