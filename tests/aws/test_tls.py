"""Our connections trust the certificates that the system trusts, for the name of the host."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import certifi
import pytest
from botocore.exceptions import EndpointConnectionError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.aws.connection import Endpoint
from chalicelib.domain.core import errors
from chalicelib.gateways.payments.razorpay_wire import Answer, Wire


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = dt.datetime.now(dt.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "here.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    packed = key.private_bytes(serialization.Encoding.PEM, *form)
    file.write_bytes(packed + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Handler) as served:
        served.socket = context.wrap_socket(served.socket, server_side=True)
        running = threading.Thread(target=served.serve_forever, args=(0.01,))
        running.start()
        yield f"https://127.0.0.1:{served.server_port}"
        served.shutdown()
        running.join()


def test_a_server_that_the_system_trusts_is_asked(
    server: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    endpoint = Endpoint(server, connect_seconds=30, read_seconds=30)
    assert endpoint.send("POST", "/", {}, b"{}").content == b"{}"
    endpoint.close()


def test_a_server_that_nobody_vouches_for_is_not(server: str) -> None:
    endpoint = Endpoint(server, connect_seconds=30, read_seconds=30)
    with pytest.raises(EndpointConnectionError):
        endpoint.send("POST", "/", {}, b"{}")


def test_the_wire_to_razorpay_trusts_only_the_authorities_it_is_given(
    server: str, certificate: Path
) -> None:
    def ask(authorities: str) -> Answer:
        once = {"Connection": "close"}
        return Wire().post(f"{server}/v1/orders", data="{}", verify=authorities, headers=once)

    with pytest.raises(errors.Unavailable) as away:
        ask(certifi.where())
    assert away.value.cause == "SSLError"
    assert ask(str(certificate)).value == {}
