"""The protocols of DynamoDB, SES, the management API of WebSockets, Secrets Manager and Systems
Manager's parameters: requests and answers."""

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
    """The HTTP request of an operation; `path` follows the URL of the endpoint."""

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    path: str = "/"


@dataclass(frozen=True)
class Service:
    """The protocol of a service. `name` is its name in IAM and in signatures. `encode` builds the
    request of an operation, `decode` reads the body of an answer, `decode_error` that of an error.
    `host` is the prefix of its public endpoint; None where each deployment has its own."""

    name: str
    host: str | None
    encode: Callable[[str, Params], ServiceRequest]
    decode: Callable[[bytes], dict[str, Any]]
    decode_error: Callable[[bytes], dict[str, Any]]


def endpoint_url(service: Service, region: str) -> str:
    """The URL of the public endpoint of `service` in a region.

    >>> endpoint_url(DYNAMODB, "eu-west-1"), endpoint_url(SES, "cn-north-1")
    ('https://dynamodb.eu-west-1.amazonaws.com', 'https://email.cn-north-1.amazonaws.com.cn')
    """
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"https://{service.host}.{region}.amazonaws.com{suffix}"


def _json_encoder(target: str, version: str) -> Callable[[str, Params], ServiceRequest]:
    """The encoder of a service that speaks AWS's JSON protocol and calls itself `target`."""

    def encode(operation: str, params: Params) -> ServiceRequest:
        headers = {
            "content-type": f"application/x-amz-json-{version}",
            "x-amz-target": f"{target}.{operation}",
        }
        return ServiceRequest(headers, json.dumps(params).encode())

    return encode


def _decode_json(content: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(content or b"{}")
    return answer


def _decode_json_error(content: bytes) -> dict[str, Any]:
    """The body of an error, with `Error` as in botocore. Raises ValueError or LookupError for a
    body of another form.

    >>> _decode_json_error(b'{"__type": "com.amazonaws.dynamodb#Throttling", "message": "no"}')
    {'Error': {'Code': 'Throttling', 'Message': 'no'}}
    """
    body = json.loads(content)
    code = body.pop("__type").rpartition("#")[2]
    message = body.pop("message", None) or body.pop("Message", "")
    return {"Error": {"Code": code, "Message": message}, **body}


def _encode_query(operation: str, params: Params) -> ServiceRequest:
    fields = {"Action": operation, "Version": "2010-12-01", **dict(_query_fields(params))}
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return ServiceRequest(headers, urlencode(fields).encode())


def _query_fields(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The form fields of a parameter, nested names joined by dots.

    >>> dict(_query_fields({"Destinations": ["a@b.c"], "RawMessage": {"Data": b"hi"}}))
    {'Destinations.member.1': 'a@b.c', 'RawMessage.Data': 'aGk='}
    """
    match value:
        case dict():
            for key, part in value.items():
                yield from _query_fields(part, f"{name}.{key}" if name else key)
        case list():
            for number, part in enumerate(value, 1):
                yield from _query_fields(part, f"{name}.member.{number}")
        case bytes():
            yield name, b64encode(value).decode()
        case _:
            yield name, str(value)


def _decode_xml(content: bytes) -> dict[str, Any]:
    """The texts of an XML reply, by the names of their elements.

    >>> _decode_xml(b'<R xmlns="x"><Result><MessageId>1</MessageId></Result></R>')
    {'MessageId': '1'}
    """
    from xml.etree import ElementTree

    root = ElementTree.fromstring(content)  # noqa: S314 - the answer of SES
    leaves = (part for part in root.iter() if len(part) == 0)
    return {part.tag.rpartition("}")[2]: part.text or "" for part in leaves}


def _decode_xml_error(content: bytes) -> dict[str, Any]:
    error = _decode_xml(content)
    return {"Error": {"Code": error["Code"], "Message": error.get("Message", "")}}


_CONNECTION_METHODS: Final = {"PostToConnection": "POST", "DeleteConnection": "DELETE"}


def _encode_connection(operation: str, params: Params) -> ServiceRequest:
    """The request for an open connection.

    >>> _encode_connection("PostToConnection", {"ConnectionId": "L0=", "Data": b"hi"}).path
    '/@connections/L0%3D'
    """
    path = f"/@connections/{quote(params['ConnectionId'], safe='')}"
    return ServiceRequest({}, params.get("Data", b""), _CONNECTION_METHODS[operation], path)


def _decode_connection_error(content: bytes) -> dict[str, Any]:
    """An error without code: the status alone identifies it."""
    return {"Error": {"Code": "", "Message": content.decode(errors="replace")}}


DYNAMODB: Final = Service(
    "dynamodb",
    "dynamodb",
    _json_encoder("DynamoDB_20120810", "1.0"),
    _decode_json,
    _decode_json_error,
)
SES: Final = Service("ses", "email", _encode_query, _decode_xml, _decode_xml_error)
CONNECTIONS: Final = Service(
    "execute-api", None, _encode_connection, _decode_json, _decode_connection_error
)
SECRETS: Final = Service(
    "secretsmanager",
    "secretsmanager",
    _json_encoder("secretsmanager", "1.1"),
    _decode_json,
    _decode_json_error,
)
PARAMETERS: Final = Service(
    "ssm", "ssm", _json_encoder("AmazonSSM", "1.1"), _decode_json, _decode_json_error
)
