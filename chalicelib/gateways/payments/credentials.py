"""The keys of a payment gateway, from a secret of AWS Secrets Manager or a parameter of Systems
Manager: a JSON object, read when a key is first needed (docs/operate/payments.md)."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws import services
from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import endpoint_url
from chalicelib.domain.core import errors

TRUSTED_SECONDS: Final = 300
"""For how long keys that were read are used without another look."""

LEAST_SECONDS: Final = 10
"""Between two reads, however often a gateway refuses the keys."""

CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 3
ATTEMPTS: Final = 2

log = logging.getLogger("berth")

Keys = TypeVar("Keys")


class Credentials(Generic[Keys]):
    """The keys of one gateway. `fetch` returns the text of the secret, `read` makes keys of the
    object in it, `steady` counts seconds. Thread-safe. Keys that cannot be read, are incomplete or
    of the wrong kind are errors.Unavailable, with a cause that quotes none of them."""

    def __init__(
        self,
        fetch: Callable[[], str],
        read: Callable[[Mapping[str, Any]], Keys],
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._read = read
        self._steady = steady
        self._lock = threading.Lock()
        self._known: Keys | None = None
        self._asked_at = 0.0

    def get(self) -> Keys:
        """The keys. Those of an earlier read go on where the secret cannot be read just now.
        Raises errors.Unavailable."""
        with self._lock:
            if self._known is not None and self._age() < TRUSTED_SECONDS:
                return self._known
            return self._look()

    def newer_than(self, refused: Keys) -> Keys | None:
        """Other keys than those that the gateway refuses; None where there are none. Raises
        errors.Unavailable."""
        with self._lock:
            if self._known == refused and self._age() >= LEAST_SECONDS:
                self._look()
            return None if self._known == refused else self._known

    def _age(self) -> float:
        return self._steady() - self._asked_at

    def _look(self) -> Keys:
        self._asked_at = self._steady()
        try:
            self._known = self._read(_object(self._fetch()))
        except errors.Unavailable as problem:
            log.error("payment keys", extra={"reason": problem.cause})
            if self._known is None:
                raise
        return self._known


def fetcher(secret: str, region: str) -> Callable[[], str]:
    """How the text of a secret is fetched: by the ARN in `secret`, or `secret` is the text."""
    if not secret.startswith("arn:"):
        return lambda: secret
    service = secret.split(":")[2]
    ask = _from_secrets_manager if service == "secretsmanager" else _from_parameters
    return lambda: _fetched(ask, secret, region)


def text(secret: Mapping[str, Any], name: str) -> str:
    """The text called `name` in a secret. Raises errors.Unavailable."""
    value = secret.get(name)
    if not isinstance(value, str) or not value.strip():
        raise errors.Unavailable(f"the secret has no {name}")
    return value.strip()


def optional_text(secret: Mapping[str, Any], name: str) -> str | None:
    """The text called `name` in a secret; None where it is absent or empty. Raises
    errors.Unavailable."""
    return text(secret, name) if secret.get(name) else None


def _object(content: str) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise errors.Unavailable("the secret is not a JSON object")
    return found


def _fetched(ask: Callable[[str, str], str], arn: str, region: str) -> str:
    try:
        return ask(arn, region)
    except ClientError as error:
        raise errors.Unavailable(f"{arn}: {error.response['Error']['Code']}") from None
    except (BotoCoreError, LookupError) as error:
        raise errors.Unavailable(f"{arn}: {type(error).__name__}") from None


def _from_secrets_manager(arn: str, region: str) -> str:
    answer = _client(services.SECRETS, region).call("GetSecretValue", {"SecretId": arn})
    return str(answer["SecretString"])


def _from_parameters(arn: str, region: str) -> str:
    asked = {"Name": arn, "WithDecryption": True}
    answer = _client(services.PARAMETERS, region).call("GetParameter", asked)
    return str(answer["Parameter"]["Value"])


def _client(service: services.Service, region: str) -> Client:
    endpoint = Endpoint(
        endpoint_url(service, region), connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS
    )
    return Client(service, endpoint, region=region, attempts=ATTEMPTS)
