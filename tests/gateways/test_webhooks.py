"""Calls to webhooks over real sockets; the test resolves the names and is the misbehaving server."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.gateways.webhooks import LARGEST_ANSWER, HttpsWebhookClient

NAME = "hooks.example.com"
URL = f"https://{NAME}/berth?key=1"
PUBLIC = "93.184.215.14"


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps each request, and answers by the `answer` of its server."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        self.server.answer(self)

    do_GET = do_POST

    def log_message(self, *_: Any) -> None:
        pass


class Receiver(http.server.ThreadingHTTPServer):
    """A server on this machine, with a certificate for NAME."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[Hook], None] = answering(200, b"thank you")
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: Any) -> None:
        """A call that is cut off is not reported."""


def answering(status: int, body: bytes, **headers: str) -> Callable[[Hook], None]:
    def answer(hook: Hook) -> None:
        hook.send_response(status)
        hook.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            hook.send_header(name, value)
        hook.end_headers()
        hook.wfile.write(body)

    return answer


def writing(raw: bytes) -> Callable[[Hook], None]:
    """Answers with these bytes, status line and headers included."""

    def answer(hook: Hook) -> None:
        hook.wfile.write(raw)

    return answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hook.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def receiver(certificate: Path) -> Iterator[Receiver]:
    yield from _served(Receiver(certificate))


def _served(server: Receiver) -> Iterator[Receiver]:
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Network:
    """Resolves NAME to `addresses`, and connects every call to the receiver."""

    def __init__(self, receiver: Receiver, certificate: Path) -> None:
        self.addresses = [PUBLIC]
        self.resolved: list[str] = []
        self.dialled: list[tuple[str, int]] = []
        self.off: set[str] = set()
        self.then: list[str] | None = None
        self._receiver = receiver
        self._certificate = str(certificate)
        self.caller = self.within(20)

    def within(self, seconds: float) -> HttpsWebhookClient:
        """A client whose calls may take so many seconds."""
        return HttpsWebhookClient(
            seconds=seconds,
            resolve=self._resolve,
            dial=self._dial,
            context=lambda: ssl.create_default_context(cafile=self._certificate),
        )

    def _resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        self.resolved.append(host)
        found, self.addresses = self.addresses, self.then or self.addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    def _dial(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.dialled.append(address)
        if address[0] in self.off:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self._receiver.server_port), timeout)


@pytest.fixture
def network(receiver: Receiver, certificate: Path) -> Network:
    return Network(receiver, certificate)


def test_a_call_goes_to_the_address_that_was_checked_under_the_name_that_was_asked(
    network: Network, receiver: Receiver
) -> None:
    outcome = network.caller.post(URL, b'{"a":1}', {"Berth-Id": "central.1"})
    assert (outcome.status, outcome.text, outcome.error) == (200, "thank you", None)
    assert network.resolved == [NAME], "once, or the second answer could be another"
    assert network.dialled == [(PUBLIC, 443)]
    ((path, headers, body),) = receiver.received
    assert (path, body) == ("/berth?key=1", b'{"a":1}')
    assert (headers["Host"], headers["Berth-Id"]) == (NAME, "central.1")


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["169.254.169.254", PUBLIC], ["::ffff:10.0.0.1"], []],
    ids=str,
)
def test_a_name_that_leads_inside_is_not_called(network: Network, addresses: list[str]) -> None:
    network.addresses = addresses
    outcome = network.caller.post(URL, b"{}", {})
    assert outcome.status is None
    assert outcome.error in (
        "the name resolves to an address that is not public", "the name has no address",
    )  # fmt: skip
    assert network.dialled == []


def test_the_certificate_must_be_for_the_name(network: Network, receiver: Receiver) -> None:
    outcome = network.caller.post("https://other.example.com/", b"{}", {})
    assert outcome.error == "no connection (SSLCertVerificationError)"
    assert receiver.received == []


def test_a_stranger_s_certificate_is_not_trusted(network: Network, receiver: Receiver) -> None:
    strict = HttpsWebhookClient(resolve=network._resolve, dial=network._dial)
    assert strict.post(URL, b"{}", {}).error == "no connection (SSLCertVerificationError)"


def test_a_redirect_is_an_answer_and_not_followed(network: Network, receiver: Receiver) -> None:
    receiver.answer = answering(302, b"", Location="https://169.254.169.254/")
    assert network.caller.post(URL, b"{}", {}).status == 302
    assert len(receiver.received) == 1


def test_an_answer_is_read_up_to_a_point(network: Network, receiver: Receiver) -> None:
    receiver.answer = answering(500, b"x" * (LARGEST_ANSWER + 5000))
    outcome = network.caller.post(URL, b"{}", {})
    assert (outcome.status, len(outcome.text)) == (500, LARGEST_ANSWER)


def test_who_answers_byte_by_byte_is_cut_off(network: Network, receiver: Receiver) -> None:
    over = threading.Event()

    def drip(hook: Hook) -> None:
        hook.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not over.wait(0.02):
            hook.wfile.write(b"x")

    receiver.answer = drip
    outcome = network.within(0.3).post(URL, b"{}", {})
    over.set()
    assert (outcome.status, outcome.error) == (None, "no answer in time")


def test_who_says_nothing_is_not_waited_for(network: Network, receiver: Receiver) -> None:
    over = threading.Event()

    def wait(hook: Hook) -> None:
        over.wait(20)

    receiver.answer = wait
    outcome = network.within(0.2).post(URL, b"{}", {})
    over.set()
    assert outcome.error == "no answer in time"


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_an_error_in_our_words(
    network: Network, receiver: Receiver, said: bytes
) -> None:
    receiver.answer = writing(said)
    outcome = network.caller.post(URL, b"{}", {})
    assert outcome.status is None
    assert str(outcome.error).startswith("no connection (")
    assert "nonsense" not in str(outcome.error)


def test_a_name_that_nobody_knows(network: Network) -> None:
    def nobody(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    assert (
        HttpsWebhookClient(resolve=nobody).post(URL, b"{}", {}).error
        == "the name cannot be resolved"
    )


def test_a_name_that_cannot_be_one(network: Network) -> None:
    caller = HttpsWebhookClient(dial=network._dial)
    url = f"https://{'x' * 64}.example.com/"
    assert caller.post(url, b"{}", {}).error == "no connection (UnicodeError)"
    assert network.dialled == []


def test_a_name_that_is_not_answered_for_holds_nobody_up(network: Network) -> None:
    over = threading.Event()

    def silent(*_: Any, **__: Any) -> list[Any]:
        over.wait(20)
        return []

    outcome = HttpsWebhookClient(seconds=0.1, resolve=silent, dial=network._dial).post(
        URL, b"{}", {}
    )
    over.set()
    assert outcome.error == "no answer in time"
    assert network.dialled == []


def test_the_next_address_is_tried_when_the_first_takes_no_connection(
    network: Network, receiver: Receiver
) -> None:
    network.addresses = ["93.184.215.15", PUBLIC, PUBLIC]
    network.off.add("93.184.215.15")
    assert network.caller.post(URL, b"{}", {}).status == 200
    assert network.dialled == [("93.184.215.15", 443), (PUBLIC, 443)]
    assert network.resolved == [NAME]


def test_a_second_answer_of_the_name_is_never_asked_for(network: Network) -> None:
    """Rebinding: public when it is checked, ours when it is called."""
    network.addresses = ["93.184.215.15", PUBLIC]
    network.off |= {"93.184.215.15", PUBLIC}
    network.then = ["127.0.0.1"]
    assert network.caller.post(URL, b"{}", {}).status is None
    assert network.resolved == [NAME]
    assert ("127.0.0.1", 443) not in network.dialled


@pytest.mark.parametrize(
    "header", [{"Berth-Id": "x\r\nHost: localhost"}, {"X\r\nY": "1"}], ids=["value", "name"]
)
def test_a_header_is_one_line(network: Network, receiver: Receiver, header: dict[str, str]) -> None:
    assert network.caller.post(URL, b"{}", header).status is None
    assert receiver.received == []


def test_an_answer_of_endless_headers_is_an_error(network: Network, receiver: Receiver) -> None:
    lines = b"".join(b"X-%d: 1\r\n" % n for n in range(500))
    receiver.answer = writing(b"HTTP/1.1 200 OK\r\n" + lines)
    outcome = network.caller.post(URL, b"{}", {})
    assert (outcome.status, outcome.error) == (None, "no connection (HTTPException)")


def test_an_answer_that_is_not_text_is_shown_all_the_same(
    network: Network, receiver: Receiver
) -> None:
    receiver.answer = answering(200, b"\xff\x00ok")
    assert network.caller.post(URL, b"{}", {}).text == "\ufffd\x00ok"


def test_a_machine_that_is_off(network: Network) -> None:
    def off(*_: Any) -> socket.socket:
        raise ConnectionRefusedError

    caller = HttpsWebhookClient(resolve=network._resolve, dial=off)
    assert caller.post(URL, b"{}", {}).error == "no connection (ConnectionRefusedError)"


def test_http_and_other_ports_are_refused_before_anything_is_asked(network: Network) -> None:
    for url in (f"http://{NAME}/", f"https://{NAME}:8443/", "http://127.0.0.1:9/"):
        assert network.caller.post(url, b"{}", {}).error is not None
    assert network.resolved == []


def test_the_own_machine_may_be_called_where_that_is_allowed() -> None:
    for server in _served(Receiver(None)):
        port = server.server_address[1]
        outcome = HttpsWebhookClient(loopback=True).post(f"http://127.0.0.1:{port}/x", b"{}", {})
        assert (outcome.status, outcome.text) == (200, "thank you")
        assert server.received[0][1]["Host"] == f"127.0.0.1:{port}"
