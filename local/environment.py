"""The environment variables of the local stage. A variable that is set keeps its value."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from local.payments import keys

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8000
DATA_FOLDER = Path(__file__).parents[1] / ".data"


def port() -> int:
    """The port from `PORT`. Raises ValueError where that is not a port."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or int(text) > 65535:
        raise ValueError(f"PORT must be a port number, not {text!r}")
    return int(text)


def data_folder() -> Path:
    """Where data is kept: `.data/` in the repository, or the folder in `BERTH_DATA`."""
    named = os.environ.get("BERTH_DATA")
    return Path(named).expanduser().absolute() if named else DATA_FOLDER


def is_fresh() -> bool:
    """Whether `FRESH=1` asks to begin anew. Raises ValueError where it is neither 1 nor 0."""
    text = os.environ.get("FRESH") or "0"
    if text not in ("0", "1"):
        raise ValueError(f"FRESH must be 1 or 0, not {text!r}")
    return text == "1"


def base_url(port: int) -> str:
    """The address of the local runtime."""
    return f"http://{ADDRESS}:{port}"


def prepare(port: int, signing_keys: Callable[[], str]) -> None:
    """Set every variable that Berth reads at its start. `signing_keys` is asked only where
    SIGNING_KEYS is not set."""
    os.environ["STAGE"] = "local"
    if "SIGNING_KEYS" not in os.environ:
        os.environ["SIGNING_KEYS"] = signing_keys()
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
        "WEBHOOKS_TO_LOOPBACK": "1",
        **keys.variables(base_url(port), os.environ),
    }
