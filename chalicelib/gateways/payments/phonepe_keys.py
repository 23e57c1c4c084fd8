"""The keys of a PhonePe merchant: of the API v2, and the salts of v1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from chalicelib.domain.core import errors
from chalicelib.gateways.payments.credentials import optional_text, text


@dataclass(frozen=True)
class PhonePeKeys:
    """The client of the API v2, and the logins of the webhook, each `user:password`: the current
    one and, while it is replaced, the one before."""

    client_id: str
    client_version: str
    client_secret: str = field(repr=False)
    webhook_logins: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class PhonePeV1Keys:
    """The merchant of the API v1 and its salts by index. `salt_index` is that of the salt for our
    own calls."""

    merchant_id: str
    salt_index: str
    salts: Mapping[str, str] = field(repr=False)


AnyKeys = TypeVar("AnyKeys")


class KeySource(Protocol[AnyKeys]):
    """Where keys come from."""

    def get(self) -> AnyKeys:
        """The keys now. Raises errors.Unavailable."""
        ...

    def newer_than(self, refused: AnyKeys) -> AnyKeys | None:
        """Other keys than those that the gateway refuses; None where there are none. Raises
        errors.Unavailable."""
        ...


def is_v1(secret: Mapping[str, Any]) -> bool:
    """Whether a secret has the keys of the API v1."""
    return "client_id" not in secret and "salt_key" in secret


def read(secret: Mapping[str, Any]) -> PhonePeKeys:
    """The keys of v2 in a secret. Raises errors.Unavailable."""
    logins = [_login(secret, "")]
    if optional_text(secret, "previous_webhook_username"):
        logins.append(_login(secret, "previous_"))
    return PhonePeKeys(
        text(secret, "client_id"),
        text(secret, "client_version"),
        text(secret, "client_secret"),
        tuple(logins),
    )


def read_v1(secret: Mapping[str, Any]) -> PhonePeV1Keys:
    """The keys of v1 in a secret. Raises errors.Unavailable."""
    index = text(secret, "salt_index")
    salts = {index: text(secret, "salt_key")}
    if previous := optional_text(secret, "previous_salt_key"):
        salts.setdefault(text(secret, "previous_salt_index"), previous)
    return PhonePeV1Keys(text(secret, "merchant_id"), index, salts)


def _login(secret: Mapping[str, Any], prefix: str) -> str:
    user = text(secret, f"{prefix}webhook_username")
    if ":" in user:
        raise errors.Unavailable("a username of the webhook has a colon")
    return f"{user}:{text(secret, f'{prefix}webhook_password')}"
