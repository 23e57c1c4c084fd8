"""Lets moto answer our own clients of AWS as it answers those of botocore."""

from __future__ import annotations

from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

from chalicelib.aws import client


def install() -> None:
    """Once. Moto looks itself whether it is on."""
    if ("before-send", _answer) not in client.HOOKS:
        client.HOOKS.append(("before-send", _answer))


def _answer(event_name: str, request: client.Request, **_: Any) -> AWSResponse | None:
    headers = HTTPHeaders.from_dict(request.headers)
    prepared = AWSPreparedRequest(
        request.method, request.url, headers, request.body, stream_output=False
    )
    return botocore_stubber(event_name, prepared)
