"""Razorpay's keys, and what is signed with them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chalicelib.domain.core import errors
from chalicelib.gateways.payments.credentials import optional_text, text

TEST: Final = "rzp_test_"
LIVE: Final = "rzp_live_"


@dataclass(frozen=True)
class RazorpayKeys:
    """The key of the API, and the secrets that sign webhooks: the current one, and the previous
    one while messages from before a rotation are still sent again."""

    key_id: str
    key_secret: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)


def reader(*, live: bool) -> Callable[[Mapping[str, Any]], RazorpayKeys]:
    """Reads the keys in a secret: live keys where `live`, else test keys. Raises
    errors.Unavailable."""
    wanted = LIVE if live else TEST

    def read(secret: Mapping[str, Any]) -> RazorpayKeys:
        key_id = text(secret, "key_id")
        if not key_id.startswith(wanted):
            raise errors.Unavailable(f"key_id is not one that begins with {wanted}")
        current = text(secret, "webhook_secret")
        previous = optional_text(secret, "previous_webhook_secret")
        return RazorpayKeys(
            key_id, text(secret, "key_secret"), (current, previous) if previous else (current,)
        )

    return read


def signs(secret: str, message: bytes, signature: str | None) -> bool:
    """Whether `signature` is that of `message`: HMAC-SHA256 in lower-case hex, compared in constant
    time.

    https://razorpay.com/docs/webhooks/validate-test/
    """
    right = hmac.digest(secret.encode(), message, "sha256").hex().encode()
    return hmac.compare_digest(right, (signature or "").encode("utf-8", "replace"))
