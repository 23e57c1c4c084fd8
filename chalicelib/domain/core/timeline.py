"""What happened to a booking (docs/rules/lifecycle.md, The timeline)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Source = Literal[
    "api", "legacy_api", "staff_api", "gate_entry", "gate_exit", "auto_checkout", "sweep", "lazy",
    "admin", "link", "outbox", "blackout", "bulk", "rearranging",
    "import",
]  # fmt: skip
"""Through which door a step came."""


@dataclass(frozen=True)
class TimelineEntry:
    """What happened to a booking, when, by whom and through which door (docs/rules/lifecycle.md,
    The timeline)."""

    at: datetime
    what: str
    actor: str
    source: Source
    note: str = ""
