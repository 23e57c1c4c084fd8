"""Subscriptions: WebSocket connections that receive the events of a site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

LONGEST: Final = timedelta(hours=2)
"""The longest life of a connection at API Gateway."""

ChannelKind = Literal["site", "hotel"]
"""The two names of a channel: ours, and that of the hotel system."""


@dataclass(frozen=True)
class Listener:
    """A connection subscribed to `site` until `until`, for an account signed in under `epoch` and
    `session`. `kind` is the name under which it knows the channel."""

    connection_id: str
    site: str
    account_id: str
    epoch: int
    session: str
    until: datetime
    kind: ChannelKind = "site"


def channel(site: str, kind: ChannelKind = "site") -> str:
    """The name of the channel of a site.

    >>> channel("hall"), channel("hotel-killarney", "hotel")
    ('site-hall', 'hotel-hotel-killarney')
    """
    return f"{kind}-{site}"


def of_channel(name: str) -> tuple[str, ChannelKind] | None:
    """The site of a channel and the kind of its name; None for any other name.

    >>> of_channel("hotel-hotel-killarney"), of_channel("hall")
    (('hotel-killarney', 'hotel'), None)
    """
    for kind in get_args(ChannelKind):
        if name.startswith(f"{kind}-"):
            return name.removeprefix(f"{kind}-"), kind
    return None
