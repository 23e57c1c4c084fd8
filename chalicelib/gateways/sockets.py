"""Open WebSocket connections of API Gateway: send to them and close them."""

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
"""A post usually takes some ten milliseconds. A client that missed an event reads it by cursor."""

PARALLEL_POSTS: Final = 8
"""Posts in parallel: a hundred screens receive an event in a quarter of a second, and a slow one
does not delay the others."""

GONE: Final = 410
"""The status for a connection that is closed."""


class Sockets(Protocol):
    """Sends to connections and closes them."""

    def push(self, connection_ids: Sequence[str], text: str) -> frozenset[str]:
        """Send `text` to each connection, and return the ids of those that are gone. A failure of
        one is logged and does not stop the others."""
        ...

    def close(self, connection_ids: Sequence[str]) -> None:
        """Close connections; those that are gone are ignored."""
        ...


class ApiGatewaySockets:
    """Sockets over the management API of the WebSocket API. The client is created with the first
    frame."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def push(self, connection_ids: Sequence[str], text: str) -> frozenset[str]:
        from concurrent.futures import ThreadPoolExecutor

        data, client = text.encode(), self._client
        with ThreadPoolExecutor(PARALLEL_POSTS) as pool:
            results = pool.map(lambda each: _post(client, each, data), connection_ids)
            return frozenset(
                each for each, is_open in zip(connection_ids, results, strict=True) if not is_open
            )

    def close(self, connection_ids: Sequence[str]) -> None:
        for connection_id in connection_ids:
            try:
                self._client.end(connection_id)
            except (ClientError, BotoCoreError) as error:
                log.info("not closed", extra={"reason": _reason(error)})

    @cached_property
    def _client(self) -> ConnectionsClient:
        """Raises Unavailable where the deployment has no WebSocket API."""
        if self._settings.websocket_endpoint is None:
            raise errors.Unavailable("WEBSOCKET_ENDPOINT is not set")
        return ConnectionsClient(self._settings.websocket_endpoint, self._settings.region)


class ConnectionsClient(Client):
    """The management API of the WebSocket API at `url`, without retries."""

    def __init__(self, url: str, region: str) -> None:
        endpoint = Endpoint(url, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
        super().__init__(CONNECTIONS, endpoint, region=region, attempts=1)

    def post(self, connection_id: str, data: bytes) -> None:
        """Send `data` to a connection."""
        self.call("PostToConnection", {"ConnectionId": connection_id, "Data": data})

    def end(self, connection_id: str) -> None:
        """Close a connection."""
        self.call("DeleteConnection", {"ConnectionId": connection_id})


def _post(client: ConnectionsClient, connection_id: str, data: bytes) -> bool:
    """Send `data` to a connection. False where it is gone; other failures are logged."""
    try:
        client.post(connection_id, data)
    except (ClientError, BotoCoreError) as error:
        if _status(error) == GONE:
            return False
        log.warning("not pushed", extra={"connection": connection_id, "reason": _reason(error)})
    return True


def _status(error: Exception) -> int | None:
    """The status that API Gateway answered; None where it did not answer."""
    if not isinstance(error, ClientError):
        return None
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


def _reason(error: Exception) -> str:
    status = _status(error)
    return type(error).__name__ if status is None else f"answered {status}"
