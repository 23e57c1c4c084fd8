"""The keys of a PhonePe merchant: of the API v2, and the salts of v1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar


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


Keys = TypeVar("Keys")


class KeySource(Protocol[Keys]):
    """Where keys come from."""

    def get(self) -> Keys:
        """The keys now."""
        ...

    def newer_than(self, refused: Keys) -> Keys | None:
        """Other keys than those that the gateway refuses; None where there are none."""
        ...
