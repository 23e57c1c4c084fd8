"""PynamoDB over the client in `aws/`, in place of botocore's."""

from __future__ import annotations

import secrets
from typing import Any, Final

from pynamodb.connection import Connection
from pynamodb.constants import RETURN_CONSUMED_CAPACITY, TOTAL

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import DYNAMODB, endpoint_url
from chalicelib.settings import Settings

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 3
RETRIES: Final = 2


class DynamoDb(Client):
    """A client with the one method that PynamoDB calls."""

    def _make_api_call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "TransactWriteItems":  # so that a retried transaction is done once
            params.setdefault("ClientRequestToken", secrets.token_hex(16))
        return self.call(operation, params)


class ClientConnection(Connection):
    """A connection of PynamoDB that uses a `DynamoDb` client."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(region=settings.region)
        url = settings.dynamodb_endpoint or endpoint_url(DYNAMODB, settings.region)
        endpoint = Endpoint(url, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
        self._dynamodb = DynamoDb(DYNAMODB, endpoint, region=settings.region, attempts=1 + RETRIES)

    @property
    def client(self) -> Any:
        return self._dynamodb

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """The answer to an operation on items, as PynamoDB gets it, without the signals and the
        debug log around it, to which nobody listens."""
        operation_kwargs.setdefault(RETURN_CONSUMED_CAPACITY, TOTAL)
        answer: dict[str, Any] = self._make_api_call(operation_name, operation_kwargs)
        return answer
