"""Which addresses on the network a webhook may call: those of the public internet only.

Whoever may set up a webhook chooses where our functions connect to. So that nobody reaches through
them what is not public, neither a neighbour in the network nor the metadata of the machine, an
address is refused unless it is known to be public.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from chalicelib.domain.core import errors

LONGEST_URL: Final = 500

_CARRIERS: Final = tuple(
    IPv6Network(network)
    for network in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
)
"""Networks whose addresses carry an IPv4 address inside, which would escape the check."""

_SPECIAL: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("3fff::/20"),
)
"""Networks for protocols, former tunnels and documentation that count as public elsewhere."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads: the name and port to connect to, and what to ask for there."""

    host: str
    port: int
    path: str
    is_secure: bool


def target(url: str, *, loopback: bool = False) -> Target:
    """What a webhook's URL means. It is https at the usual port, with a name that has a dot and
    without a user; with `loopback` also http at 127.0.0.1, for trying things out. Raises Invalid.

    >>> target("https://hooks.example.com/berth?key=1")
    Target(host='hooks.example.com', port=443, path='/berth?key=1', is_secure=True)
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise _refused(f"must be an address of at most {LONGEST_URL} plain characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("must be an address such as https://hooks.example.com/berth") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if loopback and parts.scheme == "http" and host == "127.0.0.1":
        return Target(host, port or 80, path, is_secure=False)
    if parts.scheme != "https" or port not in (None, 443):
        raise _refused("must begin with https:// and name no other port")
    if "@" in parts.netloc or "#" in url or "." not in host.strip(".") or "\\" in url:
        raise _refused("must be an address such as https://hooks.example.com/berth")
    if _ends_in_number(host) and not is_public(host):
        raise _refused("must be an address on the public internet")
    return Target(host, 443, path, is_secure=True)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet and to one machine there. False for
    what is no address.

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
    """Whether an IPv6 address has no IPv4 address and no other scope hidden inside."""
    if ip.ipv4_mapped is not None or ip.scope_id is not None or ip.is_site_local:
        return False
    return not any(ip in network for network in _CARRIERS)


def _ends_in_number(host: str) -> bool:
    """Whether it is an IP address in any of the forms that some resolver understands: no name ends
    in a label that begins with a digit, and none has a colon."""
    return ":" in host or host.rstrip(".").rpartition(".")[2][:1].isdecimal()


def _refused(what: str) -> errors.Invalid:
    return errors.Invalid({"url": what})
