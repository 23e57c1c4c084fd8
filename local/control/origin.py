"""Refuses requests to the control surface that a page of another origin sends.

Any page in the developer's browser can send requests to this machine, and can point a name of its
own to it (DNS rebinding). Browsers say so in `Host`, `Origin` and `Sec-Fetch-Site`; programs such
as curl send only `Host`, with the address they were given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from local.control.surface import covers
from local.gateway import HttpRequest, HttpResponse, refusal

Handler = Callable[[HttpRequest], HttpResponse]

_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_OWN_SITES: Final = ("same-origin", "none")
"""A page of ours sent the request, or the user typed the address."""

_FROM_OUR_PAGES: Final = ("/_local/razorpay/v1/checkout/embedded",)
"""Where pages of the product send a form. They tell no referrer, so it says `Origin: null`."""


def guarded(answer: Handler, port: int) -> Handler:
    """`answer`, with a 403 for requests of other origins to the control surface on `port`."""

    def handle(request: HttpRequest) -> HttpResponse:
        fault = objection(request, port) if covers(request.path) else ""
        return refusal(403, "FORBIDDEN", fault) if fault else answer(request)

    return handle


def objection(request: HttpRequest, port: int) -> str:
    """Why the control surface on `port` refuses a request; empty where it does not."""
    hosts = _values(request, "host")
    if len(hosts) != 1 or hosts[0] not in _own_hosts(port):
        return f"The control surface answers only at http://127.0.0.1:{port}. Use that address."
    own = {f"http://{hosts[0]}", *(["null"] if request.path in _FROM_OUR_PAGES else [])}
    foreign_origin = any(origin not in own for origin in _values(request, "origin"))
    foreign_site = any(site not in _OWN_SITES for site in _values(request, "sec-fetch-site"))
    if foreign_origin or foreign_site:
        return (
            "The control surface takes no request from a page of another origin. "
            f"Open http://{hosts[0]}{request.path} by typing it."
        )
    return ""


def _own_hosts(port: int) -> tuple[str, ...]:
    named = tuple(f"{name}:{port}" for name in _NAMES)
    return (*named, *_NAMES) if port == 80 else named


def _values(request: HttpRequest, name: str) -> list[str]:
    return [value.strip().lower() for key, value in request.headers if key.lower() == name]
