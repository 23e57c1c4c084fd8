"""Subscriptions: WebSocket connections that receive the events of a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(hours=2)
"""The longest life of a connection at API Gateway."""


@dataclass(frozen=True)
class Listener:
    """A connection subscribed to `site` until `until`, for an account signed in under `epoch` and
    `session`."""

    connection_id: str
    site: str
    account_id: str
    epoch: int
    session: str
    until: datetime


def channel(site: str) -> str:
    """The name of the channel of a site.

    >>> channel("hall")
    'site-hall'
    """
    return f"site-{site}"
