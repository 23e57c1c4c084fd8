"""How DynamoDB, SES and open WebSockets want to be asked, and how they answer."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

Params = Mapping[str, Any]


@dataclass(frozen=True)
class ServiceRequest:
    """What is sent for an operation; `path` stands behind the address of the endpoint."""

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    path: str = "/"


@dataclass(frozen=True)
class Service:
    """One service in the words of its API. `name` is the one of IAM and of signatures; `ask` gives
    what is sent for an operation, `answer` what a reply says, `error` what is wrong. `host` is that
    of its public endpoint; None where each deployment has one of its own."""

    name: str
    host: str | None
    ask: Callable[[str, Params], ServiceRequest]
    answer: Callable[[bytes], dict[str, Any]]
    error: Callable[[bytes], dict[str, Any]]


def endpoint_url(service: Service, region: str) -> str:
    """The public endpoint of `service`.

    >>> endpoint_url(DYNAMODB, "eu-west-1"), endpoint_url(SES, "cn-north-1")
    ('https://dynamodb.eu-west-1.amazonaws.com', 'https://email.cn-north-1.amazonaws.com.cn')
    """
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://{service.host}.{region}.amazonaws.com{suffix}"


def _json_ask(operation: str, params: Params) -> ServiceRequest:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
    }
    return ServiceRequest(headers, json.dumps(params).encode())


def _json_answer(content: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(content or b"{}")
    return answer


def _json_error(content: bytes) -> dict[str, Any]:
    """The body, with `Error` as botocore has it. Raises ValueError or LookupError for a body that
    is none of DynamoDB's.

    >>> _json_error(b'{"__type": "com.amazonaws.dynamodb#ValidationException", "message": "no"}')
    {'Error': {'Code': 'ValidationException', 'Message': 'no'}}
    """
    told = json.loads(content)
    code = told.pop("__type").rpartition("#")[2]
    message = told.pop("message", None) or told.pop("Message", "")
    return {"Error": {"Code": code, "Message": message}, **told}


def _query_ask(operation: str, params: Params) -> ServiceRequest:
    fields = {"Action": operation, "Version": "2010-12-01", **dict(_flat(params))}
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return ServiceRequest(headers, urlencode(fields).encode())


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The fields of a query.

    >>> dict(_flat({"Destinations": ["a@b.c"], "RawMessage": {"Data": b"hi"}}))
    {'Destinations.member.1': 'a@b.c', 'RawMessage.Data': 'aGk='}
    """
    match value:
        case dict():
            for key, part in value.items():
                yield from _flat(part, f"{name}.{key}" if name else key)
        case list():
            for number, part in enumerate(value, 1):
                yield from _flat(part, f"{name}.member.{number}")
        case bytes():
            yield name, b64encode(value).decode()
        case _:
            yield name, str(value)


def _query_answer(content: bytes) -> dict[str, Any]:
    """The texts of a reply, by the names of their elements.

    >>> _query_answer(b'<R xmlns="x"><Result><MessageId>1</MessageId></Result></R>')
    {'MessageId': '1'}
    """
    from xml.etree import ElementTree

    told = ElementTree.fromstring(content)  # noqa: S314 - SES's own words
    leaves = (part for part in told.iter() if len(part) == 0)
    return {part.tag.rpartition("}")[2]: part.text or "" for part in leaves}


def _query_error(content: bytes) -> dict[str, Any]:
    told = _query_answer(content)
    return {"Error": {"Code": told["Code"], "Message": told.get("Message", "")}}


_ON_CONNECTIONS: Final = {"PostToConnection": "POST", "DeleteConnection": "DELETE"}


def _connection_ask(operation: str, params: Params) -> ServiceRequest:
    """The request about an open connection.

    >>> _connection_ask("PostToConnection", {"ConnectionId": "L0=", "Data": b"hi"}).path
    '/@connections/L0%3D'
    """
    path = f"/@connections/{quote(params['ConnectionId'], safe='')}"
    return ServiceRequest({}, params.get("Data", b""), _ON_CONNECTIONS[operation], path)


def _connection_error(content: bytes) -> dict[str, Any]:
    """It names no code: the status alone says what is wrong."""
    return {"Error": {"Code": "", "Message": content.decode(errors="replace")}}


DYNAMODB: Final = Service("dynamodb", "dynamodb", _json_ask, _json_answer, _json_error)
SES: Final = Service("ses", "email", _query_ask, _query_answer, _query_error)
CONNECTIONS: Final = Service("execute-api", None, _connection_ask, _json_answer, _connection_error)
