"""Subscriptions of WebSocket connections to the events of a site (docs/realtime.md, WebSocket).

Each subscription belongs to a signed-in account. Staff and owners receive all events of their
sites, other accounts those of availability and of their own bookings. The account and its session
are checked again with every event, from the cache of the instance; a connection whose sign-in has
ended or expired is closed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.core import errors, languages
from chalicelib.domain.core.access import Actor
from chalicelib.domain.realtime.event import Event, end_of
from chalicelib.domain.realtime.subscription import LONGEST, ChannelKind, Listener, channel
from chalicelib.domain.sites.site import Site
from chalicelib.services.accounts import sign_in
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit

SUBSCRIBE = Limit("listen", per_source_ip=120, per_account=60)

MOST_PER_ACCOUNT: Final = 50
"""Connections of one account to one site, newest first: a limit on the cost of an event."""

MOST_CLOSED: Final = 25
"""Connections closed with one event. The remaining ones receive nothing and are closed later."""


@dataclass(frozen=True)
class Subscribed:
    """A new subscription, and the id of the last event before it."""

    listener: Listener
    cursor: str


def subscribe(
    deps: Deps,
    connection_id: str,
    *,
    token: str,
    site: str,
    source_ip: str,
    kind: ChannelKind = "site",
) -> Subscribed:
    """Subscribe a connection to a site until the access token expires, at most for two hours: a
    transaction and a read. Raises NotAuthenticated, TokenExpired, SiteNotFound, RealtimeOff,
    TooMany."""
    rate_limits.check_source_ip(deps, SUBSCRIBE, source_ip)
    now = deps.now()
    claims = deps.tokens.read_access(token, now)
    actor = sign_in.authenticate(deps, token)
    try:
        _require_joinable(deps, actor, site)
    except errors.Refusal as refusal:
        refusal.language = languages.known(actor.language)
        raise
    listener = Listener(
        connection_id=connection_id,
        site=site,
        account_id=claims.account_id,
        epoch=claims.epoch,
        session=claims.session,
        until=min(claims.expires_at, now + LONGEST),
        kind=kind,
    )
    deps.subscriptions.add(listener)
    return Subscribed(listener, end_of(deps.events.latest(site), deps.now()))


def _require_joinable(deps: Deps, actor: Actor, site: str) -> None:
    """Require a site with events that the actor may hear. Raises SiteNotFound, RealtimeOff,
    TooMany."""
    rate_limits.check_account(deps, SUBSCRIBE, actor)
    if not _joinable(deps, actor, site).realtime:
        raise errors.RealtimeOff()


def _joinable(deps: Deps, actor: Actor, slug: str) -> Site:
    """A site whose events the actor may hear: one that takes bookings; for its staff an inactive
    one too. Raises SiteNotFound."""
    site = deps.catalogue.site(slug)
    if site.active or (site.closed_at is None and actor.works_at(slug)):
        return site
    raise errors.SiteNotFound()


def unsubscribe(deps: Deps, connection_id: str, site: str) -> None:
    """Unsubscribe a connection from a site; without effect where it is not subscribed."""
    deps.subscriptions.remove(
        each for each in deps.subscriptions.of_connection(connection_id) if each.site == site
    )


def is_subscribed(deps: Deps, connection_id: str) -> bool:
    """Whether a connection has a subscription that has not expired: one query."""
    now = deps.now()
    return any(each.until > now for each in deps.subscriptions.of_connection(connection_id))


def disconnect(deps: Deps, connection_id: str) -> None:
    """Remove all subscriptions of a closed connection: one query, and a batch write where it has
    any."""
    deps.subscriptions.remove(deps.subscriptions.of_connection(connection_id))


def push(deps: Deps, event: Event) -> None:
    """Send an event to all subscribers that may receive it: one query, and one post each. Removes
    connections that are gone, and closes those whose sign-in has ended and those above
    `MOST_PER_ACCOUNT`. A failed post does not stop the others."""
    receivers, rejected, connections = [], [], Counter[str]()
    for listener in _newest_first(deps.subscriptions.of_site(event.site)):
        actor = _actor(deps, listener)
        connections[listener.account_id] += 1
        if actor is None or connections[listener.account_id] > MOST_PER_ACCOUNT:
            rejected.append(listener)
        elif event.is_for(actor):
            receivers.append(listener)
    lost = _post(deps, event, receivers)
    gone = [listener for listener in receivers if listener.connection_id in lost]
    _close_and_remove(deps, rejected[:MOST_CLOSED], gone)


def _post(deps: Deps, event: Event, receivers: Sequence[Listener]) -> frozenset[str]:
    """Send an event under the name of the channel that each listener knows. Returns the connections
    that are gone."""
    lost: frozenset[str] = frozenset()
    for kind in dict.fromkeys(each.kind for each in receivers):
        name = channel(event.site, kind)
        text = json.dumps({"type": "event", "channel": name, **event.as_json()})
        named = _connections(each for each in receivers if each.kind == kind)
        lost |= deps.sockets.push(named, text)
    return lost


def _newest_first(listeners: Iterable[Listener]) -> list[Listener]:
    return sorted(listeners, key=lambda listener: listener.until, reverse=True)


def _actor(deps: Deps, listener: Listener) -> sign_in.SessionActor | None:
    """The actor of a subscription; None where its sign-in has ended."""
    if listener.until <= deps.now():
        return None
    try:
        return sign_in.revalidate(deps, listener.account_id, listener.epoch, listener.session)
    except errors.NotAuthenticated:
        return None


def _close_and_remove(deps: Deps, rejected: list[Listener], gone: list[Listener]) -> None:
    if rejected:
        deps.sockets.close(_connections(rejected))
    if rejected or gone:
        deps.subscriptions.remove([*rejected, *gone])


def _connections(listeners: Iterable[Listener]) -> list[str]:
    return [listener.connection_id for listener in listeners]
