"""Open WebSocket connections, as API Gateway keeps them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import CONNECTIONS
from chalicelib.domain.core import errors
from chalicelib.settings import Settings

log = logging.getLogger("berth")

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 2
"""A post usually takes some ten milliseconds; whoever misses one catches up by cursor."""

AT_ONCE: Final = 8
"""Posts on their way at a time, so that a hundred screens hear of an event in a quarter of a
second, and one that hangs holds up nobody else."""


GONE: Final = 410
"""The status for a connection that is no longer there."""


class Sockets(Protocol):
    """Writes to connections and ends them."""

    def push(self, connection_ids: Sequence[str], text: str) -> frozenset[str]:
        """Send `text` to every connection, and return those that are gone. A fault of one is
        logged and stops no other."""
        ...

    def close(self, connection_ids: Sequence[str]) -> None:
        """End connections. One that is gone already is no fault."""
        ...


class ApiGateway:
    """Sockets over the management API of the WebSocket API. The client is made with the first
    frame."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def push(self, connection_ids: Sequence[str], text: str) -> frozenset[str]:
        from concurrent.futures import ThreadPoolExecutor

        data, client = text.encode(), self._client
        with ThreadPoolExecutor(AT_ONCE) as pool:
            there = pool.map(lambda each: _posted(client, each, data), connection_ids)
            return frozenset(
                c for c, is_there in zip(connection_ids, there, strict=True) if not is_there
            )

    def close(self, connection_ids: Sequence[str]) -> None:
        for connection_id in connection_ids:
            try:
                self._client.end(connection_id)
            except (ClientError, BotoCoreError) as error:
                log.info("not closed", extra={"reason": _why(error)})

    @cached_property
    def _client(self) -> ConnectionsClient:
        """Raises Unavailable where the deployment has no WebSocket API."""
        if self._settings.websocket_endpoint is None:
            raise errors.Unavailable("WEBSOCKET_ENDPOINT is not set")
        return ConnectionsClient(self._settings.websocket_endpoint, self._settings.region)


class ConnectionsClient(Client):
    """The management API of the WebSocket API at `url`. Nothing is tried twice."""

    def __init__(self, url: str, region: str) -> None:
        endpoint = Endpoint(url, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
        super().__init__(CONNECTIONS, endpoint, region=region, attempts=1)

    def post(self, connection_id: str, data: bytes) -> None:
        """Send `data` to a connection."""
        self.call("PostToConnection", {"ConnectionId": connection_id, "Data": data})

    def end(self, connection_id: str) -> None:
        """Disconnect it."""
        self.call("DeleteConnection", {"ConnectionId": connection_id})


def _posted(client: ConnectionsClient, connection_id: str, data: bytes) -> bool:
    """Whether the connection is still there."""
    try:
        client.post(connection_id, data)
    except (ClientError, BotoCoreError) as error:
        if _status(error) == GONE:
            return False
        log.warning("not pushed", extra={"connection": connection_id, "reason": _why(error)})
    return True


def _status(error: Exception) -> int | None:
    """What API Gateway has answered; None where it has not."""
    if not isinstance(error, ClientError):
        return None
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


def _why(error: Exception) -> str:
    status = _status(error)
    return type(error).__name__ if status is None else f"answered {status}"
