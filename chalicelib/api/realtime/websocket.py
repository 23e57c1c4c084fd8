"""The WebSocket protocol: JSON objects, one per frame.

A client sends an `action` and gets a frame with a `type`. A frame that is not understood is
answered by one with the code of the refusal.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from chalicelib.api.web import parse
from chalicelib.api.web.answers import word
from chalicelib.domain.core import errors, languages, localtime
from chalicelib.domain.core.constraints import Doc, LanguageTag, Slug, Text
from chalicelib.domain.core.sentence import say
from chalicelib.domain.realtime.subscription import ChannelKind, channel, of_channel
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.rate_limits import Limit
from chalicelib.services.realtime import subscriptions
from chalicelib.services.realtime.subscriptions import SUBSCRIBE

log = logging.getLogger("berth")

LONGEST_SILENCE: Final = timedelta(seconds=30)
"""How long a connection may be open without a subscription."""

LONGEST_FRAME: Final = 8192

SPEAK: Final = Limit("speak", per_source_ip=600, per_account=0)
"""The limit of frames: a hundred screens behind one IP send some thirty a minute."""

_ENDING: Final = (errors.NotAuthenticated, errors.TooMany)
"""The refusals that end a connection."""


@dataclass(frozen=True)
class Connection:
    """The connection of a frame: its id, its source IP, and since when it is open."""

    connection_id: str
    source_ip: str
    since: datetime

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Connection:
        """The connection in an event of API Gateway."""
        context = event["requestContext"]
        return cls(
            connection_id=context["connectionId"],
            source_ip=str(context.get("identity", {}).get("sourceIp", "-")),
            since=datetime.fromtimestamp(context["connectedAt"] // 1000, UTC),
        )


Channel = Annotated[str, Text(max=80)]

Spoken = Annotated[LanguageTag, Doc("The language of an error, where the account has none.", "hi")]


@dataclass(frozen=True)
class Subscribe:
    """Subscribe to the events of a site, or of a channel: `site-<slug>`, or `hotel-<slug>` as the
    hotel system names it."""

    action: str
    token: Annotated[str, Text(max=4096, code=True)]
    site: Slug | None = None
    channel: Channel | None = None
    language: Spoken | None = None


@dataclass(frozen=True)
class Unsubscribe:
    """Unsubscribe from a site or a channel."""

    action: str
    site: Slug | None = None
    channel: Channel | None = None
    language: Spoken | None = None


@dataclass(frozen=True)
class Ping:
    """Check that the connection is alive."""

    action: str
    language: Spoken | None = None


def opened(deps: Deps, connection: Connection) -> int:
    """The status for a new connection: 200, or 429 above the limit of its source IP. It
    authenticates in its first frame, because URLs are logged."""
    try:
        rate_limits.check_source_ip(deps, SUBSCRIBE, connection.source_ip)
    except errors.TooMany:
        return 429
    return 200


def received(deps: Deps, connection: Connection, text: str | None) -> None:
    """Answer one frame. A failed authentication or too many frames end the connection."""
    try:
        rate_limits.check_source_ip(deps, SPEAK, connection.source_ip)
        answer = _answer(deps, connection, text or "")
    except errors.Refusal as refusal:
        _send(deps, connection, _refused(refusal, _wished(text or "")))
        if isinstance(refusal, _ENDING) or _overstays(deps, connection):
            deps.sockets.close([connection.connection_id])
        return
    _send(deps, connection, answer)


def _overstays(deps: Deps, connection: Connection) -> bool:
    """Whether a connection has been open for long without a subscription."""
    if deps.now() < connection.since + LONGEST_SILENCE:
        return False
    return not subscriptions.is_subscribed(deps, connection.connection_id)


def closed(deps: Deps, connection: Connection) -> None:
    """Remove the subscriptions of a closed connection."""
    subscriptions.disconnect(deps, connection.connection_id)


def _answer(deps: Deps, connection: Connection, text: str) -> dict[str, Any]:
    if len(text) > LONGEST_FRAME:
        raise errors.TooLarge()
    fields = parse.json_object(text.encode("utf-8", "replace"))
    action = fields.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise errors.Invalid({"action": say("must_be_one_of", choices=tuple(ACTIONS))})
    kind, act = ACTIONS[action]
    frame: Any = parse.read(kind, fields)
    if kind is not Subscribe and _overstays(deps, connection):
        raise errors.NotAuthenticated(say("subscribe_first"))
    return act(deps, connection, frame)


def _named(wish: Subscribe | Unsubscribe) -> tuple[str, ChannelKind]:
    """The site a frame names, and under which kind of name. Raises Invalid."""
    if wish.channel is None and wish.site is not None:
        return wish.site, "site"
    found = None if wish.channel is None else of_channel(wish.channel)
    if found is None:
        raise errors.Invalid({"channel": say("must_be_channel")})
    if wish.site not in (None, found[0]):
        raise errors.Invalid({"channel": say("must_be_channel_of_site")})
    return found


def _subscribe(deps: Deps, connection: Connection, wish: Subscribe) -> dict[str, Any]:
    site, kind = _named(wish)
    done = subscriptions.subscribe(
        deps,
        connection.connection_id,
        token=wish.token,
        site=site,
        source_ip=connection.source_ip,
        kind=kind,
    )
    return {
        "type": "subscribed",
        "channel": channel(site, kind),
        "site": site,
        "cursor": done.cursor,
        "until": localtime.iso(done.listener.until),
    }


def _unsubscribe(deps: Deps, connection: Connection, wish: Unsubscribe) -> dict[str, Any]:
    site, kind = _named(wish)
    subscriptions.unsubscribe(deps, connection.connection_id, site)
    return {"type": "unsubscribed", "channel": channel(site, kind), "site": site}


def _ping(deps: Deps, connection: Connection, _: Ping) -> dict[str, Any]:
    return {"type": "pong", "server_time": localtime.iso(deps.now())}


ACTIONS: Final[dict[str, tuple[type, Callable[[Deps, Connection, Any], dict[str, Any]]]]] = {
    "subscribe": (Subscribe, _subscribe),
    "unsubscribe": (Unsubscribe, _unsubscribe),
    "ping": (Ping, _ping),
}


def _wished(text: str) -> str | None:
    """The language that a frame asks for, if it can be read."""
    if len(text) > LONGEST_FRAME:
        return None
    try:
        tag = parse.json_object(text.encode("utf-8", "replace")).get("language")
    except errors.Invalid:
        return None
    return tag if isinstance(tag, str) else None


def _refused(refusal: errors.Refusal, wish: str | None) -> dict[str, Any]:
    """A refusal in the language of the account, otherwise in the one that the frame asks for."""
    word(refusal, languages.choose(refusal.language, wish))
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.fields:
        error["fields"] = refusal.fields
    if refusal.retry_after is not None:
        error["retry_after"] = refusal.retry_after
    return {"type": "error", "error": error}


def _send(deps: Deps, connection: Connection, frame: Mapping[str, Any]) -> None:
    deps.sockets.push([connection.connection_id], json.dumps(frame))
