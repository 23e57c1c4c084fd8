"""Our signatures are those of AWS's own SDK."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from chalicelib.aws.services import CONNECTIONS, DYNAMODB, SES, Service
from chalicelib.aws.signature import Credentials, signed

NOW = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
HOST = "dynamodb.eu-west-1.amazonaws.com"


def sign(signer: SigV4Auth, request: AWSRequest) -> None:
    """Sign as of NOW, by the steps of `signer.add_auth`, which signs as of the clock of the SDK."""
    request.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    string = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(string, request))


@pytest.mark.parametrize("token", [None, "a/passing+token=="])
@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        (DYNAMODB, "GetItem", {"TableName": "t", "Key": {"pk": {"S": "Zoë"}}}),
        (SES, "SendRawEmail", {"Destinations": ["a@b.c"], "RawMessage": {"Data": b"\xff"}}),
        (CONNECTIONS, "PostToConnection", {"ConnectionId": "L0SM+c/hw=", "Data": b"{}"}),
        (CONNECTIONS, "DeleteConnection", {"ConnectionId": "L0SM9cOFvHcCIhw="}),
    ],
)
def test_a_request_is_signed_as_the_sdk_signs_it(
    service: Service, operation: str, params: dict[str, Any], token: str | None
) -> None:
    asked = service.encode(operation, params)
    named = {**asked.headers, "host": HOST}
    url = f"https://{HOST}{asked.path}"
    theirs = AWSRequest(asked.method, url, headers=dict(named), data=asked.body)
    credentials = BotocoreCredentials("AKID", "secret", token)
    sign(SigV4Auth(credentials, service.name, "eu-west-1"), theirs)

    ours = signed(
        named,
        asked.body,
        Credentials("AKID", "secret", token),
        scope=f"eu-west-1/{service.name}",
        at=NOW.timestamp(),
        method=asked.method,
        path=asked.path,
    )

    assert ours["authorization"] == theirs.headers["Authorization"]
    assert ours["x-amz-date"] == theirs.headers["X-Amz-Date"]
    assert ours.get("x-amz-security-token") == theirs.headers.get("X-Amz-Security-Token")


def test_another_day_has_another_key() -> None:
    one, other = (
        signed(
            {"host": HOST}, b"", Credentials("AKID", "secret"), scope="eu-west-1/dynamodb", at=at
        )
        for at in (NOW.timestamp(), NOW.timestamp() + 1)
    )
    assert one["authorization"] != other["authorization"]
