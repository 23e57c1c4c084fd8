"""The short way to the embedded DynamoDB: from a client straight to moto's tables.

Between a client and moto lie signing, HTTP, routing and parsing, there and back: more than half of
the time of a call, and none of it DynamoDB's. A client that takes the short way skips them. What
DynamoDB does is the same (`moto_fixes`), and what comes back looks the same; nothing is metered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from botocore.awsrequest import AWSResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from chalicelib.aws.client import Client, Operation
from local import moto_fixes
from local.metering import DATA_OPERATIONS

Answer = tuple[AWSResponse, dict[str, Any]]


@contextmanager
def taken(*clients: Client, region: str) -> Iterator[None]:
    """Let these clients for DynamoDB take the short way to `region` for as long as the block runs.
    Their other hooks for `before-call` are asked first."""
    hook = partial(_answered, region)
    for client in clients:
        client.meta.events.register_last("before-call", hook)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", hook)


def _answered(region: str, model: Operation, params: dict[str, Any], **_: Any) -> Answer | None:
    """What a hook for `before-call` returns to make the call itself; None to leave it alone."""
    if model.name not in DATA_OPERATIONS:
        return None
    handler = _handler(region, model.name, json.loads(json.dumps(params)))
    with moto_fixes.LOCK:
        try:
            return _success(getattr(handler, camelcase_to_underscores(model.name))())
        except HTTPException as error:
            return _failure(json.loads(error.description or "{}"))


def _handler(region: str, operation: str, request: dict[str, Any]) -> DynamoHandler:
    """moto's handler as it is once it has read an HTTP request."""
    handler = DynamoHandler()
    handler.region, handler.current_account = region, DEFAULT_ACCOUNT_ID
    handler.headers = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
    handler.querystring, handler.response_headers = {}, {}
    handler.params = handler.body = request
    return handler


def _success(result: ActionResult) -> Answer:
    value: Any = result.result
    shown = {name: part for name, part in value.items() if part is not None}
    return _answer(200, json.loads(dynamo_json_dump(shown)))


def _failure(error: dict[str, Any]) -> Answer:
    code = str(error.pop("__type", "InternalServerError")).rpartition("#")[2]
    message = error.get("message") or error.get("Message") or ""
    return _answer(400, error | {"Error": {"Code": code, "Message": message}})


def _answer(status: int, parsed: dict[str, Any]) -> Answer:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    return AWSResponse("moto://", status, {}, None), parsed | {"ResponseMetadata": metadata}
