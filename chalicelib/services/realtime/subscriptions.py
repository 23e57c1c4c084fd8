"""Who listens to which site, and what they hear (docs/realtime.md, WebSocket).

A listener is somebody signed in. Staff and owners hear everything of their sites; anybody else what
is public and what their own bookings do. Whether that still holds is asked again with every event,
of what the instance has kept of accounts and sessions; a listener whose sign-in has ended or run
out is disconnected.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.realtime.event import Event, end_of
from chalicelib.domain.realtime.subscription import LONGEST, Listener, channel
from chalicelib.services.accounts import sign_in
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit

LISTEN = Limit("listen", per_source_ip=120, per_account=60)

MOST_EACH: Final = 50
"""Connections on which one account hears a site, the newest: nobody makes its events expensive."""

MOST_ENDED: Final = 25
"""Connections that are closed with one event; the others hear nothing, and are with the next."""


@dataclass(frozen=True)
class Subscribed:
    """A listener, and the id of the last event before it began to listen."""

    listener: Listener
    cursor: str


def subscribe(
    deps: Deps, connection_id: str, *, token: str, site: str, source_ip: str
) -> Subscribed:
    """Let a connection hear a site until the access token expires, two hours at most: a transaction
    and a read. Raises NotAuthenticated, TokenExpired, SiteNotFound, RealtimeOff, TooMany."""
    rate_limits.check_source_ip(deps, LISTEN, source_ip)
    now = deps.now()
    claims = deps.tokens.read_access(token, now)
    actor = sign_in.authenticate(deps, token)
    rate_limits.check_account(deps, LISTEN, actor)
    if not deps.catalogue.site(site).realtime:
        raise errors.RealtimeOff()
    listener = Listener(
        connection_id=connection_id,
        site=site,
        account_id=claims.account_id,
        epoch=claims.epoch,
        session=claims.session,
        until=min(claims.expires_at, now + LONGEST),
    )
    deps.channels.add(listener)
    return Subscribed(listener, end_of(deps.events.latest(site), deps.now()))


def unsubscribe(deps: Deps, connection_id: str, site: str) -> None:
    """Let a connection hear a site no more; nothing where it does not."""
    deps.channels.remove(
        each for each in deps.channels.of_connection(connection_id) if each.site == site
    )


def is_known(deps: Deps, connection_id: str) -> bool:
    """Whether a connection hears anything, and has not run out: one query."""
    now = deps.now()
    return any(each.until > now for each in deps.channels.of_connection(connection_id))


def leave(deps: Deps, connection_id: str) -> None:
    """A connection has ended: a query, and a batch write where it has heard anything."""
    deps.channels.remove(deps.channels.of_connection(connection_id))


def push(deps: Deps, event: Event) -> None:
    """Send an event to all who may hear it: one query, and a post for each. Connections that are
    gone are forgotten, those whose sign-in has ended and those too many are closed; what fails
    stops nothing."""
    hearing, over, each = [], [], Counter[str]()
    for listener in _newest_first(deps.channels.of_site(event.site)):
        actor = _actor(deps, listener)
        each[listener.account_id] += 1
        if actor is None or each[listener.account_id] > MOST_EACH:
            over.append(listener)
        elif event.is_for(actor):
            hearing.append(listener)
    text = json.dumps({"type": "event", "channel": channel(event.site), **event.as_json()})
    gone = deps.sockets.push(_connections(hearing), text) if hearing else frozenset()
    _forget(deps, over[:MOST_ENDED], [one for one in hearing if one.connection_id in gone])


def _newest_first(listeners: Iterable[Listener]) -> list[Listener]:
    return sorted(listeners, key=lambda listener: listener.until, reverse=True)


def _actor(deps: Deps, listener: Listener) -> sign_in.SessionActor | None:
    """Who listens; None once the sign-in has ended."""
    if listener.until <= deps.now():
        return None
    try:
        return sign_in.revalidate(deps, listener.account_id, listener.epoch, listener.session)
    except errors.NotAuthenticated:
        return None


def _forget(deps: Deps, over: list[Listener], gone: list[Listener]) -> None:
    if over:
        deps.sockets.close(_connections(over))
    if over or gone:
        deps.channels.remove([*over, *gone])


def _connections(listeners: Iterable[Listener]) -> list[str]:
    return [listener.connection_id for listener in listeners]
