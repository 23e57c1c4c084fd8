"""Open WebSocket connections, as API Gateway keeps them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final, Protocol

from chalicelib.domain import errors
from chalicelib.settings import Settings

log = logging.getLogger("berth")

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 2
"""A post usually takes some ten milliseconds; whoever misses one catches up by cursor."""

AT_ONCE: Final = 8
"""Posts on their way at a time, so that a hundred screens hear of an event in a quarter of a
second, and one that hangs holds up nobody else."""


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
        from botocore.exceptions import BotoCoreError, ClientError

        for connection_id in connection_ids:
            try:
                self._client.delete_connection(ConnectionId=connection_id)
            except (ClientError, BotoCoreError) as error:
                log.info("not closed", extra={"reason": type(error).__name__})

    @cached_property
    def _client(self) -> Any:
        """Raises Unavailable where the deployment has no WebSocket API."""
        from botocore.config import Config
        from botocore.session import Session

        if self._settings.websocket_endpoint is None:
            raise errors.Unavailable("WEBSOCKET_ENDPOINT is not set")
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=AT_ONCE,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        return Session().create_client(
            "apigatewaymanagementapi",
            region_name=self._settings.region,
            endpoint_url=self._settings.websocket_endpoint,
            config=config,
        )


def _posted(client: Any, connection_id: str, data: bytes) -> bool:
    """Whether the connection is still there."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client.post_to_connection(ConnectionId=connection_id, Data=data)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "GoneException":
            return False
        log.warning("not pushed", extra={"connection": connection_id, "reason": code})
    except BotoCoreError as error:
        reason = type(error).__name__
        log.warning("not pushed", extra={"connection": connection_id, "reason": reason})
    return True
