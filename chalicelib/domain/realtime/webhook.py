"""Webhooks: URLs that are called with the events of a site (docs/webhooks.md).

A call carries the event as JSON and a signature by a shared secret. A webhook that fails for long
is disabled, and the owners of the site get a mail."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.effect import EventName

PREFIX: Final = "whsec_"

MOST: Final = 20
"""The most webhooks of one site."""

MOST_FAILURES: Final = 20
LONGEST_FAILING: Final = timedelta(days=3)
"""A webhook is disabled after that many failures in a row over that time."""

ROW: Final = 5
REST: Final = timedelta(minutes=1)
"""After that many failed calls in a row a webhook pauses that long after each failure, so that a
dead one does not delay the others."""

OVERLAP: Final = timedelta(hours=24)
"""How long a former secret still signs beside the new one."""

MOST_FORMER: Final = 2
"""The most former secrets that sign: the one in use by the receiver, and one it may never have
got."""

LOG_KEPT: Final = timedelta(days=30)
"""How long a call is kept in the log."""


@dataclass(frozen=True)
class FormerSecret:
    """A rotated secret, which still signs `until` then."""

    secret: str = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class Webhook:
    """A URL to call with the `events` of a site. `failures` counts failed calls in a row since
    `failing_since`, the last at `failed_at`. `disabled_at` is when it was disabled for failing;
    `former` are the rotated secrets, newest first."""

    webhook_id: str
    site: str
    url: str
    events: tuple[EventName, ...]
    secret: str = field(repr=False)
    created_at: datetime
    description: str | None = None
    active: bool = True
    failures: int = 0
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    disabled_at: datetime | None = None
    former: tuple[FormerSecret, ...] = ()
    version: int = 1

    def evolve(self, **changes: object) -> Self:
        """The next version with `changes`."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]

    def wants(self, name: str) -> bool:
        """Whether it is called for events of that name."""
        return self.active and name in self.events

    def rests(self, now: datetime) -> bool:
        """Whether it pauses after another failure."""
        return self.failures >= ROW and self.failed_at is not None and now < self.failed_at + REST

    def edited(self, changes: Mapping[str, object]) -> Self:
        """The next version with some fields changed. Enabling it resets its failures."""
        if changes.get("active") and not self.active:
            return self.evolve(**{**changes, **_CLEAN})
        return self.evolve(**changes)

    def signs_with(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign a call made `now`, the newest first."""
        return (self.secret, *(each.secret for each in self.former if each.until > now))

    def rotated(self, secret: str, now: datetime) -> Self:
        """The next version with a new secret. The old one signs too for OVERLAP, so that the
        receiver can change without losing a call."""
        still = (each for each in self.former if each.until > now)
        former = (FormerSecret(self.secret, now + OVERLAP), *still)
        return self.evolve(secret=secret, former=former[:MOST_FORMER])

    def answered(self) -> Self:
        """The next version after a delivered call."""
        return self.evolve(**_CLEAN)

    def failed(self, now: datetime) -> Self:
        """The next version after a failed call; disabled after MOST_FAILURES over
        LONGEST_FAILING."""
        since = self.failing_since or now
        failed = self.evolve(failures=self.failures + 1, failing_since=since, failed_at=now)
        if failed.failures < MOST_FAILURES or now - since < LONGEST_FAILING:
            return failed
        return replace(failed, active=False, disabled_at=now)


_CLEAN: Final[dict[str, object]] = {
    "failures": 0,
    "failing_since": None,
    "failed_at": None,
    "disabled_at": None,
}


@dataclass(frozen=True)
class WebhookCall:
    """One call in the log: the status of the receiver, or the error where there is none."""

    delivery_id: str
    webhook_id: str
    at: datetime
    event_id: str
    event: str
    attempt: int
    status: int | None
    error: str | None
    duration_ms: int

    @property
    def delivered(self) -> bool:
        """Whether the receiver answered with success."""
        return is_success(self.status)


def is_success(status: int | None) -> bool:
    """Whether a status means success: any 2xx.

    >>> [is_success(status) for status in (200, 204, 302, 410, 500, None)]
    [True, True, False, False, False, False]
    """
    return status is not None and 200 <= status < 300


def site_of(webhook_id: str) -> str:
    """The site in the id of a webhook.

    >>> site_of("hall.WH1NG2EK8000000007")
    'hall'
    """
    return webhook_id.partition(".")[0]


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """One signature of the header, of a body sent at `timestamp` (epoch seconds).

    >>> signature("whsec_EXAMPLE", 1795242600, b'{"event":"ping"}')
    'v1=6de3a7218d39c8c7d6a6fd7df9ab5b7a63967a414d239c4d18cafa21ef8e0687'
    """
    signed = str(timestamp).encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"


def headers(secrets: Iterable[str], call_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """The headers of a call, with a signature for each secret, separated by commas. `call_id` is
    the same where the same event is sent again."""
    timestamp = unixtime.of(at)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Berth-Webhooks/1",
        "Berth-Id": call_id,
        "Berth-Timestamp": str(timestamp),
        "Berth-Signature": ",".join(signature(each, timestamp, body) for each in secrets),
    }
