"""Our client over a real connection: what it sends, what it makes of answers, what it does about
a wire that breaks (docs/quality.md, Faults)."""

from __future__ import annotations

import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import DYNAMODB, SES

Say = Callable[[Any], None]


@dataclass
class Aws:
    """A server that gives the answers in `says`, and keeps the requests in `asked`."""

    url: str
    says: list[Say] = field(default_factory=list)
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)


@pytest.fixture
def aws() -> Iterator[Aws]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            known.asked.append(({k.lower(): v for k, v in self.headers.items()}, body))
            known.connections.add(self.client_address)
            known.says.pop(0)(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Aws(f"http://127.0.0.1:{server.server_port}")
    running = threading.Thread(target=server.serve_forever, args=(0.01,))
    running.start()
    yield known
    server.shutdown()
    server.server_close()
    running.join()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(aws: Aws, pauses: list[float]) -> Iterator[Client]:
    endpoint = Endpoint(aws.url, connect_seconds=30, read_seconds=30)
    made = Client(DYNAMODB, endpoint, region="eu-west-1", attempts=3, pause=pauses.append, hooks=())
    yield made
    endpoint.close()


def saying(status: int, told: Any, **headers: str) -> Say:
    """An answer, of JSON or of bytes as they are."""

    def say(handler: Any) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        handler.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return say


def hanging_up(handler: Any) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def after(event: threading.Event) -> Say:
    """Nothing until `event`."""

    def say(handler: Any) -> None:
        event.wait(10)
        handler.close_connection = True

    return say


def test_it_asks_in_dynamodbs_words_and_signs(aws: Aws, client: Client) -> None:
    aws.says = [saying(200, {"Item": {}})]
    assert client.call("GetItem", {"TableName": "t"}) == {"Item": {}}
    [(headers, body)] = aws.asked
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["x-amz-security-token"] == "token"
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert json.loads(body) == {"TableName": "t"}


def test_a_connection_serves_many_requests(aws: Aws, client: Client) -> None:
    aws.says = [saying(200, {})] * 3
    for _ in range(3):
        client.call("GetItem", {})
    assert len(aws.connections) == 1


def test_a_connection_that_was_closed_meanwhile_is_not_used_and_no_attempt_is_spent(
    aws: Aws, client: Client, pauses: list[float]
) -> None:
    aws.says = [saying(200, {}, connection="close"), saying(200, {})]
    client.call("GetItem", {})
    client.call("GetItem", {})
    assert len(aws.connections) == 2
    assert pauses == []


def test_a_refusal_is_told_with_its_reasons_and_not_repeated(aws: Aws, client: Client) -> None:
    told = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "cancelled",
        "CancellationReasons": [{"Code": "ConditionalCheckFailed"}],
    }
    aws.says = [saying(400, told, x_amzn_RequestId="R1")]
    with pytest.raises(ClientError) as refused:
        client.call("TransactWriteItems", {})
    response: Any = refused.value.response
    assert response["Error"] == {"Code": "TransactionCanceledException", "Message": "cancelled"}
    assert response["CancellationReasons"] == [{"Code": "ConditionalCheckFailed"}]
    assert response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] == "R1"


@pytest.mark.parametrize(
    "first",
    [
        saying(500, {"__type": "x#InternalServerError"}),
        saying(503, b"<html>busy</html>"),
        saying(400, {"__type": "x#ThrottlingException"}),
        saying(400, {"__type": "x#ProvisionedThroughputExceededException"}),
        saying(400, {"__type": "x#TransactionInProgressException"}),
        saying(200, {"Item": {}}, x_amz_crc32="1"),
        hanging_up,
    ],
)
def test_what_may_pass_is_tried_again_after_a_pause_with_the_same_words(
    aws: Aws, client: Client, pauses: list[float], first: Say
) -> None:
    aws.says = [first, first, saying(200, {})]
    assert client.call("GetItem", {"TableName": "t"}) == {}
    assert len({body for _, body in aws.asked}) == 1
    assert len(pauses) == 2
    assert 0 <= pauses[0] <= 0.05
    assert 0 <= pauses[1] <= 0.1


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (saying(500, {"__type": "x#InternalServerError"}), "InternalServerError"),
        (saying(503, b""), "ServiceUnavailable"),
        (saying(502, b"<html>bad gateway</html>"), "ServiceUnavailable"),
    ],
)
def test_what_does_not_pass_is_told_in_the_end(
    aws: Aws, client: Client, says: Say, code: str
) -> None:
    aws.says = [says] * 3
    with pytest.raises(ClientError) as refused:
        client.call("GetItem", {})
    assert refused.value.response["Error"]["Code"] == code
    assert aws.says == []


@pytest.mark.parametrize(
    ("says", "error"),
    [(hanging_up, ConnectionClosedError), (saying(200, {}, x_amz_crc32="1"), ChecksumError)],
)
def test_a_wire_that_stays_broken_is_told_in_the_end(
    aws: Aws, client: Client, says: Say, error: type[BotoCoreError]
) -> None:
    aws.says = [says] * 3
    with pytest.raises(error):
        client.call("GetItem", {})
    assert aws.says == []


def test_an_answer_is_not_waited_for_beyond_its_time(aws: Aws) -> None:
    endpoint = Endpoint(aws.url, connect_seconds=30, read_seconds=0.05)
    hasty = Client(DYNAMODB, endpoint, region="eu-west-1", attempts=1, hooks=())
    event = threading.Event()
    aws.says = [after(event)]
    with pytest.raises(ReadTimeoutError):
        hasty.call("GetItem", {})
    event.set()


def test_where_nobody_listens_there_is_no_connection(pauses: list[float]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = Endpoint(
            f"http://127.0.0.1:{unused.getsockname()[1]}", connect_seconds=1, read_seconds=1
        )
        lonely = Client(
            DYNAMODB, endpoint, region="eu-west-1", attempts=2, pause=pauses.append, hooks=()
        )
        with pytest.raises(EndpointConnectionError):
            lonely.call("GetItem", {})
    assert len(pauses) == 1


def test_a_checksum_that_is_right_is_believed(aws: Aws, client: Client) -> None:
    aws.says = [saying(200, {"n": 1}, x_amz_crc32=str(zlib.crc32(b'{"n": 1}')))]
    assert client.call("GetItem", {}) == {"n": 1}


def test_without_credentials_nothing_is_sent(
    aws: Aws, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoCredentialsError):
        client.call("GetItem", {})
    assert aws.asked == []


def test_many_threads_share_its_connections(aws: Aws, client: Client) -> None:
    aws.says = [saying(200, {})] * 40
    threads = [
        threading.Thread(target=lambda: [client.call("GetItem", {}) for _ in range(5)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert aws.says == []
    assert len(aws.connections) <= 8


def test_a_mail_is_asked_for_in_the_words_of_ses(aws: Aws) -> None:
    endpoint = Endpoint(aws.url, connect_seconds=1, read_seconds=1)
    told = b'<R xmlns="http://ses"><SendRawEmailResult><MessageId>m1</MessageId></SendRawEmailResult></R>'
    aws.says = [saying(200, told)]
    ses = Client(SES, endpoint, region="eu-west-1", attempts=1, hooks=())
    assert ses.call("SendRawEmail", {"Destinations": ["a@b.c"]})["MessageId"] == "m1"
    assert aws.asked[0][1] == (
        b"Action=SendRawEmail&Version=2010-12-01&Destinations.member.1=a%40b.c"
    )
    endpoint.close()
