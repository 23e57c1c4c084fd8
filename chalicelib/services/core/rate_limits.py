"""Rate limits per source IP and per account (docs/api.md, Rate limits).

Limits that protect passwords and mailboxes are counted in the store and hold across instances. The
others protect one instance, are counted in memory and cost no write. API Gateway throttles first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.access import Actor
from chalicelib.services.core.deps import Deps

MOST_KEYS = 10_000
_buckets: dict[str, tuple[float, float]] = {}


@dataclass(frozen=True)
class Limit:
    """The most calls in `seconds` of one source IP, of one account, and about one subject."""

    name: str
    per_source_ip: int
    per_account: int
    seconds: int = 60
    shared: bool = False
    per_subject: int = 0


LOGIN = Limit("login", per_source_ip=30, per_account=0, seconds=300, shared=True)
REGISTER = Limit("register", per_source_ip=10, per_account=0, seconds=3600, shared=True)
PASSWORD = Limit("password", per_source_ip=10, per_account=0, seconds=3600, shared=True)
LINK = Limit("link", per_source_ip=60, per_account=0, seconds=300, shared=True)
RESEND = Limit(
    "resend", per_source_ip=120, per_account=60, seconds=3600, shared=True, per_subject=3
)
BOOK = Limit("book", per_source_ip=120, per_account=30)
ASK_GATEWAY = Limit("ask-gateway", per_source_ip=240, per_account=60)


def check_source_ip(deps: Deps, limit: Limit | None, source_ip: str) -> None:
    """Count one call from `source_ip`. Raises TooMany with the seconds to wait."""
    if limit is not None and limit.per_source_ip:
        _count(deps, limit, f"{limit.name}#{source_ip}", limit.per_source_ip)


def check_account(deps: Deps, limit: Limit | None, actor: Actor) -> None:
    """Count one call of `actor`. Raises TooMany with the seconds to wait."""
    if limit is not None and limit.per_account:
        _count(deps, limit, f"{limit.name}#{actor.account_id}", limit.per_account)


def check_subject(deps: Deps, limit: Limit, subject: str) -> None:
    """Count one call about `subject`. Raises TooMany with the seconds to wait."""
    _count(deps, limit, f"{limit.name}#{subject}", limit.per_subject)


def _count(deps: Deps, limit: Limit, key: str, most: int) -> None:
    most *= deps.settings.limits_factor
    wait = _count_shared(deps, limit, key, most) if limit.shared else _count_here(limit, key, most)
    if wait:
        raise errors.TooMany(retry_after=wait)


def _count_shared(deps: Deps, limit: Limit, key: str, most: int) -> int:
    now = unixtime.of(deps.now())
    window = now // limit.seconds
    if deps.counters.count(key, window, ttl=(window + 2) * limit.seconds) <= most:
        return 0
    return (window + 1) * limit.seconds - now


def _count_here(limit: Limit, key: str, most: int) -> int:
    """A token bucket: `most` tokens, refilled over `seconds`."""
    now = time.monotonic()
    tokens, then = _buckets.get(key, (float(most), now))
    tokens = min(most, tokens + (now - then) * most / limit.seconds)
    if tokens < 1:
        return max(1, round((1 - tokens) * limit.seconds / most))
    if len(_buckets) >= MOST_KEYS:
        _buckets.clear()
    _buckets[key] = (tokens - 1, now)
    return 0


def forget() -> None:
    """Reset the counters of this process."""
    _buckets.clear()
