"""The access token of PhonePe's API v2
(https://developer.phonepe.com/v1/reference/authorization-standard-checkout)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from chalicelib.domain.core import errors
from chalicelib.gateways.payments.json_api import Answer, JsonApi, NotSignedIn, unavailable
from chalicelib.gateways.payments.phonepe_keys import KeySource, PhonePeKeys
from chalicelib.gateways.payments.phonepe_values import number, text
from chalicelib.gateways.payments.protocol import GatewayRefused

PATH: Final = "/v1/oauth/token"
LONGEST_LIFE: Final = 24 * 3600
"""Seconds for which a token is kept at most, however long it is good for."""


@dataclass(frozen=True)
class Token:
    """A token with the instants from which a newer one is wanted, and needed."""

    value: str = field(repr=False)
    renew_at: datetime
    ends_at: datetime


class Tokens:
    """The token of this instance, fetched when it is first needed, and anew after half its life.
    Thread-safe."""

    def __init__(
        self, api: JsonApi, keys: KeySource[PhonePeKeys], now: Callable[[], datetime]
    ) -> None:
        self._api = api
        self._keys = keys
        self._now = now
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self) -> Token:
        """A token that is good. Raises errors.Unavailable."""
        with self._lock:
            token, now = self._token, self._now()
            if token is None or now >= token.ends_at:
                return self._fetch()
            if now >= token.renew_at:
                with suppress(errors.Unavailable):
                    return self._fetch()
            return token

    def instead_of(self, refused: Token) -> Token:
        """Another token than one that was refused. Raises errors.Unavailable."""
        with self._lock:
            if self._token is None or self._token.value == refused.value:
                return self._fetch()
            return self._token

    def _fetch(self) -> Token:
        keys = self._keys.get()
        try:
            answer = self._ask(keys)
        except NotSignedIn:
            newer = self._keys.newer_than(keys)
            if newer is None:
                raise
            answer = self._ask(newer)
        self._token = _token(answer, self._now())
        return self._token

    def _ask(self, keys: PhonePeKeys) -> Answer:
        """Ask for a token. A refusal of the keys says nothing about the call that needs them, so it
        is NotSignedIn."""
        form = {
            "client_id": keys.client_id,
            "client_version": keys.client_version,
            "client_secret": keys.client_secret,
            "grant_type": "client_credentials",
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            return self._api.send("POST", PATH, headers, urlencode(form).encode())
        except GatewayRefused as refused:
            raise NotSignedIn(refused.code) from None


def _token(answer: Answer, now: datetime) -> Token:
    """The token in an answer. Its life counts from now on: the gateway's clock may differ."""
    value, ends = text(answer.get("access_token"), 4096), number(answer.get("expires_at"))
    begins = number(answer.get("issued_at"))
    if value is None or ends is None or not value.isascii() or not value.isprintable():
        raise unavailable("the answer has no token")
    life = min(ends - (int(now.timestamp()) if begins is None else begins), LONGEST_LIFE)
    if life <= 0:
        raise unavailable("the token is over")
    return Token(value, now + timedelta(seconds=life / 2), now + timedelta(seconds=life))
