"""Wrong passwords: counted apart for each place they come from, and fading with time
(docs/decisions/sign-in.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from chalicelib.domain.core import errors

TRIES: Final = 5
"""Wrong passwords that lock."""

FIRST_LOCK: Final = timedelta(minutes=15)
LONGEST_LOCK: Final = timedelta(hours=1)

FADE: Final = timedelta(hours=1)
"""The time after which one wrong password is forgotten."""

MOST_KNOWN: Final = 6
"""Places of an account that are known."""

SIGNED_IN: Final = "signed-in"
"""The place of those who are signed in and give their password once more."""


@dataclass(frozen=True)
class Failures:
    """The wrong passwords of one place: `count` of them at `since`, one less after each FADE."""

    count: int = 0
    since: datetime | None = None
    locked_until: datetime | None = None

    def require_unlocked(self, now: datetime) -> None:
        """Require that the place is not locked. Raises LockedOut with the seconds to wait."""
        if self.is_locked(now) and self.locked_until is not None:
            wait = int((self.locked_until - now).total_seconds())
            raise errors.LockedOut(retry_after=max(1, wait))

    def is_locked(self, now: datetime) -> bool:
        """Whether no password of this place is checked."""
        return self.locked_until is not None and now < self.locked_until

    def failed(self, now: datetime) -> Self:
        """The failures after another wrong password; the fifth locks."""
        since = now if self.since is None else self.since
        faded = (now - since) // FADE
        left = max(0, self.count - faded)
        lock = lock_after(left + 1)
        return replace(
            self,
            count=left + 1,
            since=since + faded * FADE if left else now,
            locked_until=now + lock if lock else None,
        )

    def gone_at(self) -> datetime | None:
        """When the last of them is forgotten; None where there are none."""
        return None if self.since is None else self.since + self.count * FADE


@dataclass(frozen=True)
class KnownPlace:
    """A place where the right password was given, by the digest of `place_of`."""

    place: str
    failures: Failures = Failures()


@dataclass(frozen=True)
class WrongPasswords:
    """The wrong passwords of an account. Each of the `known` places, the newest first, is counted
    by itself; all others are counted together, as `strangers`. So a stranger locks strangers."""

    strangers: Failures = Failures()
    signed_in: Failures = Failures()
    known: tuple[KnownPlace, ...] = ()

    def of(self, place: str) -> Failures:
        """The failures that count for `place`."""
        if place == SIGNED_IN:
            return self.signed_in
        return next((each.failures for each in self.known if each.place == place), self.strangers)

    def failed(self, place: str, now: datetime) -> Self:
        """What is counted after a wrong password from `place`."""
        failures = self.of(place).failed(now)
        if place == SIGNED_IN:
            return replace(self, signed_in=failures)
        if all(each.place != place for each in self.known):
            return replace(self, strangers=failures)
        known = (replace(k, failures=failures) if k.place == place else k for k in self.known)
        return replace(self, known=tuple(known))

    def proved(self, place: str) -> Self:
        """What is counted after the right password from `place`: it is known from now on, and its
        own failures are forgotten. Those of strangers stay: a stranger who saw them go would learn
        that the account exists."""
        if place == SIGNED_IN:
            return replace(self, signed_in=Failures())
        others = (each for each in self.known if each.place != place)
        return replace(self, known=(KnownPlace(place), *others)[:MOST_KNOWN])

    def known_only(self, place: str) -> Self:
        """What is counted after a new password was chosen at `place`: no other place is known."""
        return replace(self, signed_in=Failures(), known=(KnownPlace(place),))


NO_WRONG_PASSWORDS: Final = WrongPasswords()


@dataclass(frozen=True)
class UnknownName:
    """A sign-in name that opens no account, by its digest: guesses at it are counted like those of
    a stranger at an account, so that the answers are the same. Version 0 is not stored."""

    digest: str
    failures: Failures = Failures()
    version: int = 0

    def failed(self, now: datetime) -> Self:
        """The next version after a guess."""
        return replace(self, failures=self.failures.failed(now), version=self.version + 1)


def lock_after(failures: int) -> timedelta:
    """The lock after that many wrong passwords: 15 minutes at the fifth, doubled with each further
    one, an hour at most.

    >>> [str(lock_after(n)) for n in (4, 5, 6, 7, 50)]
    ['0:00:00', '0:15:00', '0:30:00', '1:00:00', '1:00:00']
    """
    if failures < TRIES:
        return timedelta()
    return min(LONGEST_LOCK, FIRST_LOCK * (1 << min(failures - TRIES, 8)))


def place_of(account_id: str, source_ip: str) -> str:
    """The place of a source IP for an account, as a digest. Of an IPv6 address the first 64 bits
    count: a home has that many, and a device changes the rest.

    >>> place_of("US1", "2001:db8:0:1::7") == place_of("US1", "2001:db8:0:1:a:b:c:d")
    True
    >>> place_of("US1", "203.0.113.9") == place_of("US1", "203.0.113.10")
    False
    """
    network = ":".join(_groups(source_ip)[:4]) if ":" in source_ip else source_ip
    return hashlib.sha256(f"{account_id} {network}".encode()).hexdigest()[:16]


def _groups(ipv6: str) -> list[str]:
    """The eight groups of an IPv6 address.

    >>> _groups("2001:db8::7")
    ['2001', 'db8', '0', '0', '0', '0', '0', '7']
    """
    head, _, tail = ipv6.partition("::")
    before, after = head.split(":"), tail.split(":") if tail else []
    missing = 8 - len(before) - len(after) if "::" in ipv6 else 0
    groups = [*before, *["0"] * missing, *after]
    return [group.lstrip("0").lower() or "0" for group in groups]
