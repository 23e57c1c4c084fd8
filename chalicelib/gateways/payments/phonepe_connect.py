"""PhonePe with the keys that the settings name, by the API that these keys are for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.gateways.payments import phonepe
from chalicelib.gateways.payments.credentials import Credentials, fetcher
from chalicelib.gateways.payments.phonepe import PhonePe
from chalicelib.gateways.payments.phonepe_keys import is_v1, read, read_v1
from chalicelib.gateways.payments.phonepe_v1 import PhonePeV1
from chalicelib.gateways.payments.protocol import PaymentGateway
from chalicelib.settings import Settings

HOST: Final = "https://api.phonepe.com"

CALLBACK: Final = "/api/payments/webhooks/phonepe"
"""Where PhonePe's messages arrive, of v1 and v2."""


class Addresses(NamedTuple):
    """Where PhonePe answers calls, where it gives tokens, and where it answers calls of v1."""

    api: str
    sign_in: str
    api_v1: str


def connect(settings: Settings, now: Callable[[], datetime]) -> PaymentGateway | None:
    """PhonePe, in production or, on every other stage, in its sandbox; None where the settings name
    no keys. It reads the secret. Raises errors.Unavailable."""
    found = settings.payment_gateways.get("phonepe")
    if found is None:
        return None
    fetch, at = fetcher(found.secret, settings.region), addresses(found.url, live=settings.is_live)
    if Credentials(fetch, is_v1).get():
        callback = settings.base_url + CALLBACK
        return PhonePeV1(Credentials(fetch, read_v1), callback_url=callback, api_url=at.api_v1)
    return PhonePe(Credentials(fetch, read), now=now, api_url=at.api, sign_in_url=at.sign_in)


def addresses(url: str | None, *, live: bool) -> Addresses:
    """The addresses below `url`; without one, those of the production or of the sandbox."""
    if url is None and not live:
        return Addresses(phonepe.SANDBOX_URL, phonepe.SANDBOX_URL, phonepe.SANDBOX_URL)
    below = (url or HOST).rstrip("/") + "/apis"
    return Addresses(f"{below}/pg", f"{below}/identity-manager", f"{below}/hermes")
