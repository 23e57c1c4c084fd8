"""Who sends a request: the source IP, and the account or the device that it proves to come from."""

from __future__ import annotations

from chalice.app import Request

from chalicelib.domain.core import errors, languages
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.languages import Language
from chalicelib.services.accounts import api_keys, sign_in
from chalicelib.services.core.deps import Deps


def authenticated(deps: Deps, request: Request) -> Actor:
    """The device whose API key the request has, otherwise the account that is signed in. Raises
    NotAuthenticated, TokenExpired, TooMany."""
    key = request.headers.get("x-api-key")
    if key:
        return api_keys.authenticate(deps, str(key), source_ip=source_ip(request))
    return sign_in.authenticate(deps, _bearer(request))


def language(request: Request, actor: Actor | None) -> Language:
    """The language of a reader: that of the account, otherwise the one that the request prefers."""
    return languages.choose(actor.language if actor else None, accepted(request))


def accepted(request: Request) -> Language | None:
    """The language that the request prefers, of those with a catalogue."""
    return languages.accepted(request.headers.get("accept-language"))


def source_ip(request: Request) -> str:
    """The address from which the request comes, as the gateway saw it."""
    return str(request.context.get("identity", {}).get("sourceIp", "-"))


def _bearer(request: Request) -> str:
    scheme, _, token = str(request.headers.get("authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise errors.NotAuthenticated()
    return token.strip()
