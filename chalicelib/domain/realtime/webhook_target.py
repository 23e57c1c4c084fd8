"""Allowed targets of webhooks: addresses of the public internet only.

The creator of a webhook chooses where our functions connect to. To protect private networks and the
metadata service of the machine, an address is refused unless it is known to be public.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Sentence, say

LONGEST_URL: Final = 500

_CARRIERS: Final = tuple(
    IPv6Network(network)
    for network in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)
"""Networks whose addresses contain an IPv4 address, which would escape the check."""

_SPECIAL: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("3fff::/20"),
)
"""Networks for protocols, former tunnels and documentation that count as public elsewhere."""


@dataclass(frozen=True)
class Target:
    """The target of a URL: host and port to connect to, and the path to request."""

    host: str
    port: int
    path: str
    is_secure: bool


def target(url: str, *, loopback: bool = False) -> Target:
    """The target of a webhook URL. It must be https at port 443, with a dot in the host and no
    user; with `loopback` http at 127.0.0.1 is allowed too, for tests. Raises Invalid.

    >>> target("https://hooks.example.com/berth?key=1")
    Target(host='hooks.example.com', port=443, path='/berth?key=1', is_secure=True)
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise _refused(say("must_be_webhook_text", most=LONGEST_URL))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(say("must_be_webhook")) from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if loopback and parts.scheme == "http" and host == "127.0.0.1":
        return Target(host, port or 80, path, is_secure=False)
    if parts.scheme != "https" or port not in (None, 443):
        raise _refused(say("must_be_https"))
    if "@" in parts.netloc or "#" in url or "." not in host.strip(".") or "\\" in url:
        raise _refused(say("must_be_webhook"))
    if _ends_in_number(host) and not is_public(host):
        raise _refused(say("must_be_public"))
    return Target(host, 443, path, is_secure=True)


def is_public(address: str) -> bool:
    """Whether a text is an IP address of a single host on the public internet.

    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "169.254.169.254", "::ffff:7f00:1")]
    [True, False, False, False]
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        return _is_plain(ip) and _is_for_all(ip)
    return _is_for_all(ip)


def _is_for_all(ip: IPv4Address | IPv6Address) -> bool:
    if any(ip in network for network in _SPECIAL):
        return False
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback
    return ip.is_global and not (special or ip.is_link_local or ip.is_private)


def _is_plain(ip: IPv6Address) -> bool:
    """Whether an IPv6 address contains no IPv4 address and no scope."""
    if ip.ipv4_mapped is not None or ip.scope_id is not None or ip.is_site_local:
        return False
    return not any(ip in network for network in _CARRIERS)


def _ends_in_number(host: str) -> bool:
    """Whether a host is an IP address in any form that a resolver accepts: host names have no
    colon, and their last label does not begin with a digit."""
    return ":" in host or host.rstrip(".").rpartition(".")[2][:1].isdecimal()


def _refused(what: Sentence) -> errors.Invalid:
    return errors.Invalid({"url": what})
