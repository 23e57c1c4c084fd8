"""The keys with which Berth asks the emulated gateways, and the variables that name them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

ROOT: Final = "/_local"

SECRETS: Final[Mapping[str, Mapping[str, str]]] = {
    "razorpay": {
        "key_id": "rzp_test_OnThisMachine",
        "key_secret": "a-key-of-this-machine",
        "webhook_secret": "a-webhook-secret-of-this-machine",
    },
    "phonepe": {
        "client_id": "BERTH_LOCAL",
        "client_version": "1",
        "client_secret": "a-client-secret-of-this-machine",
        "webhook_username": "berth_local",
        "webhook_password": "Passw0rd1",
    },
}


def variables(base_url: str, given: Mapping[str, str]) -> dict[str, str]:
    """The variables that lead Berth to the emulators: for each gateway without keys in `given`."""
    return {
        f"{name.upper()}_{end}": value
        for name, secret in SECRETS.items()
        if f"{name.upper()}_SECRET" not in given
        for end, value in (
            ("SECRET", json.dumps(dict(secret))),
            ("URL", f"{base_url}{ROOT}/{name}"),
        )
    }
