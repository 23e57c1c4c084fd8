"""Where a webhook may lead, and above all where not."""

from __future__ import annotations

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.realtime.webhook_target import is_public, target

PUBLIC = ["93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]

NOT_PUBLIC = {
    "127.0.0.1": "this machine",
    "127.255.255.254": "this machine too",
    "0.0.0.0": "this machine, on Linux",
    "0.1.2.3": "this network",
    "10.1.2.3": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "shared by customers of a carrier",
    "169.254.169.254": "the metadata of the machine",
    "169.254.170.2": "the credentials of a container",
    "192.0.0.170": "special",
    "192.0.0.9": "special, though everybody may reach it",
    "192.88.99.1": "the way into 6to4",
    "100.127.255.255": "shared by customers of a carrier",
    "192.0.2.1": "for documentation",
    "198.18.0.1": "for measurements",
    "198.51.100.7": "for documentation",
    "203.0.113.7": "for documentation",
    "224.0.0.1": "many at once",
    "239.255.255.250": "many at once",
    "240.0.0.1": "reserved",
    "255.255.255.255": "everybody",
    "::": "this machine",
    "::1": "this machine",
    "::ffff:127.0.0.1": "IPv4 inside: this machine",
    "::ffff:10.0.0.1": "IPv4 inside: private",
    "::ffff:169.254.169.254": "IPv4 inside: metadata",
    "::ffff:93.184.215.14": "IPv4 inside, though public: no name resolves to that",
    "::7f00:1": "IPv4 inside, the old way",
    "64:ff9b::7f00:1": "IPv4 inside: translated",
    "64:ff9b::a9fe:a9fe": "IPv4 inside: translated metadata",
    "64:ff9b:1::1": "IPv4 inside: translated locally",
    "2002:7f00:1::": "IPv4 inside: 6to4",
    "2001:0:7f00:1::": "IPv4 inside: Teredo",
    "fc00::1": "private",
    "fd00:ec2::254": "the metadata of the machine",
    "fe80::1": "this link",
    "fe80::1%eth0": "this link, by name",
    "fec0::1": "this site, the old way",
    "ff02::1": "many at once",
    "2001:db8::1": "for documentation",
    "3fff::1": "for documentation",
    "5f00::1": "for routing",
    "2001:20::1": "for hashes of keys",
    "64:ff9b::8.8.8.8": "IPv4 inside: translated, though public",
    "100::1": "nowhere",
    "localhost": "no address",
    "": "no address",
    "0x7f.1": "no address in this form",
    "2130706433": "no address in this form",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_what_belongs_to_everybody_may_be_called(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC, ids=lambda a: f"{a} {NOT_PUBLIC[a]}")
def test_what_does_not_may_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com:443/a/b?c=d",
        "https://93.184.215.14/berth",
    ],
)
def test_what_a_webhook_may_be(url: str) -> None:
    assert target(url).port == 443


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "//hooks.example.com/",
        "hooks.example.com",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com:80/",
        "https://hooks.example.com:x/",
        "https://user@hooks.example.com/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com\\@localhost/",
        "https://hooks.example.com/#fragment",
        "https://localhost/",
        "https://localhost./",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://2130706433./",
        "https://127.0.0.1./",
        "https://169.254.169.254%2f/",
        "https://127.0.0.1%2eexample.com:443\t/",
        "https://[::1]/",
        "https://[2606:4700:4700::1111]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[broken/",
        "https://",
        "https:///path",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: localhost",
        "https://höoks.example.com/",
        "https://hooks.example.com/" + "x" * 500,
        "http://127.0.0.1:8080/",
    ],
)
def test_what_it_may_not_be(url: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        target(url)
    assert refused.value.fields.keys() == {"url"}


def test_whoever_tries_things_out_may_call_their_own_machine() -> None:
    assert target("http://127.0.0.1:8080/x", loopback=True).port == 8080
    for url in ("http://localhost:8080/", "http://10.0.0.1/", "http://127.0.0.2/"):
        with pytest.raises(errors.Invalid):
            target(url, loopback=True)
