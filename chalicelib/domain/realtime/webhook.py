"""Webhooks: other systems that are told what happens at a site (docs/realtime.md).

A webhook is called with the event as JSON, signed with a secret that only both sides know. One that
fails for long is switched off, and the owners of the site are told.
"""

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
"""Webhooks of one site that are told of an event."""

MOST_FAILURES: Final = 20
LONGEST_FAILING: Final = timedelta(days=3)
"""A webhook is switched off when it has failed so often in a row, and for so long."""

ROW: Final = 5
REST: Final = timedelta(minutes=1)
"""After so many failed calls in a row it is left alone for so long after each: waiting for one that
is dead keeps those alive waiting."""

OVERLAP: Final = timedelta(hours=24)
"""How long a secret goes on signing beside the one that has taken its place."""

MOST_FORMER: Final = 2
"""Former secrets that sign: the one the other side has, and one it may never have heard of."""

LOG_KEPT: Final = timedelta(days=30)
"""How long what became of a call is kept."""


@dataclass(frozen=True)
class FormerSecret:
    """A secret that another has taken the place of; it signs too `until` then."""

    secret: str = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class Webhook:
    """An address to call with the `events` of a site. `failures` counts the calls that failed in
    a row, since `failing_since`, the last of them at `failed_at`; `disabled_at` is when it was
    switched off by itself; `former` are the secrets before, the latest first."""

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
        """Whether it is left alone, because it has just failed once more."""
        return self.failures >= ROW and self.failed_at is not None and now < self.failed_at + REST

    def edited(self, changes: Mapping[str, object]) -> Self:
        """The next version with some fields changed; switched on, it begins with a clean slate."""
        if changes.get("active") and not self.active:
            return self.evolve(**{**changes, **_CLEAN})
        return self.evolve(**changes)

    def signs_with(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign a call made `now`, the newest first."""
        return (self.secret, *(each.secret for each in self.former if each.until > now))

    def rotated(self, secret: str, now: datetime) -> Self:
        """The next version, with a new secret; the one before signs too for as long as `OVERLAP`,
        so that the other side can change over without missing a call."""
        still = (each for each in self.former if each.until > now)
        former = (FormerSecret(self.secret, now + OVERLAP), *still)
        return self.evolve(secret=secret, former=former[:MOST_FORMER])

    def answered(self) -> Self:
        """The next version, after a call that was taken."""
        return self.evolve(**_CLEAN)

    def failed(self, now: datetime) -> Self:
        """The next version, after one that was not: switched off when that has gone on for long."""
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
    """What became of one call: a status of the other side, or the reason why there is none."""

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
        """Whether the other side took it."""
        return is_taken(self.status)


def is_taken(status: int | None) -> bool:
    """Whether an answer means that the event was taken: any 2xx, and nothing else.

    >>> [is_taken(status) for status in (200, 204, 302, 410, 500, None)]
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
    """The signature of a body sent at `timestamp` (epoch seconds), one of those in the header.

    >>> signature("whsec_EXAMPLE", 1795242600, b'{"event":"ping"}')
    'v1=6de3a7218d39c8c7d6a6fd7df9ab5b7a63967a414d239c4d18cafa21ef8e0687'
    """
    signed = str(timestamp).encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"


def headers(secrets: Iterable[str], call_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """What a call carries beside its body: a signature for each secret, with commas between.
    `call_id` is the same for the same event sent again."""
    timestamp = unixtime.of(at)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Berth-Webhooks/1",
        "Berth-Id": call_id,
        "Berth-Timestamp": str(timestamp),
        "Berth-Signature": ",".join(signature(each, timestamp, body) for each in secrets),
    }
