"""PynamoDB over our own client of DynamoDB."""

from __future__ import annotations

import uuid
from typing import Any, Final

from pynamodb.connection import Connection

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import DYNAMODB, endpoint_url
from chalicelib.settings import Settings

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 3
RETRIES: Final = 2


class DynamoDb(Client):
    """A client as PynamoDB calls one."""

    def _make_api_call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "TransactWriteItems":  # repeated, it is still done once
            params.setdefault("ClientRequestToken", uuid.uuid4().hex)
        return self.call(operation, params)


class Wired(Connection):
    """PynamoDB's connection over our own client in place of botocore's."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(region=settings.region)
        url = settings.dynamodb_endpoint or endpoint_url(DYNAMODB, settings.region)
        endpoint = Endpoint(url, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)
        self._ours = DynamoDb(DYNAMODB, endpoint, region=settings.region, attempts=1 + RETRIES)

    @property
    def client(self) -> Any:
        return self._ours
