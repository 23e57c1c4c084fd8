"""The environment variables of the local stage. What is set already stays."""

from __future__ import annotations

import os
import secrets

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8000


def port() -> int:
    """The port from `PORT`. Raises ValueError where it is none."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or int(text) > 65535:
        raise ValueError(f"PORT must be a port number, not {text!r}")
    return int(text)


def base_url(port: int) -> str:
    """Where the local runtime is reached."""
    return f"http://{ADDRESS}:{port}"


def prepare(port: int) -> None:
    """Set what Berth reads at its start, so that a newcomer needs to set nothing."""
    os.environ["STAGE"] = "local"
    for name, value in _defaults(port).items():
        os.environ.setdefault(name, value)


def _defaults(port: int) -> dict[str, str]:
    return {
        "AWS_REGION": "ap-south-1",
        "AWS_DEFAULT_REGION": os.environ.get("AWS_REGION", "ap-south-1"),
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "BASE_URL": base_url(port),
        "CORS_ORIGINS": "*",
        "LIMITS_FACTOR": "1000",
        "MAIL_FROM": "Berth <no-reply@example.com>",
        "SIGNING_KEYS": f"local:{secrets.token_urlsafe(32)}",
        "WEBHOOKS_TO_LOOPBACK": "1",
    }
