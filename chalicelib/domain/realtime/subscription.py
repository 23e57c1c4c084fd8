"""Who listens to a site: a connection, and the sign-in it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LONGEST: Final = timedelta(hours=2)
"""How long API Gateway keeps a connection at most."""


@dataclass(frozen=True)
class Listener:
    """A connection that hears what happens at `site`, for an account that signed in under `epoch`
    and `session`, until the instant `until`."""

    connection_id: str
    site: str
    account_id: str
    epoch: int
    session: str
    until: datetime


def channel(site: str) -> str:
    """The channel of a site, as clients call it.

    >>> channel("hall")
    'site-hall'
    """
    return f"site-{site}"
