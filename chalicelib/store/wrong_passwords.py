"""Wrong passwords: those of an account inside its item, those of an unknown name in their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.accounts.wrong_passwords import (
    Failures,
    KnownPlace,
    UnknownName,
    WrongPasswords,
)
from chalicelib.domain.core import errors, unixtime
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountsTable
from chalicelib.store.dynamodb.transaction import Write

KEPT: Final = timedelta(days=1)
"""How long an item stays after its failures are forgotten."""

Packed = dict[str, Any]


class UnknownNameItem(AccountsTable):
    """The guesses at a name that opens no account (`guessed#<digest>`, `guessed`)."""

    version = IntegerAttribute(attr_name="v")
    n = IntegerAttribute()
    since = IntegerAttribute(null=True)
    locked_until = IntegerAttribute(null=True)
    ttl = IntegerAttribute(null=True)


class UnknownNames:
    """All names that were guessed and open no account."""

    def get(self, digest: str) -> UnknownName:
        """The name under a digest: one read. At version 0 where it has no item."""
        try:
            with translated():
                return from_item(UnknownNameItem.get(f"guessed#{digest}", "guessed", True))
        except UnknownNameItem.DoesNotExist:
            return UnknownName(digest)


def writes(name: UnknownName) -> Iterator[Write]:
    """The name under its version. Of two steps that create it the second reads again and
    repeats."""
    yield transaction.save(to_item(name), name.version, exists=errors.StaleVersion)


def to_item(name: UnknownName) -> UnknownNameItem:
    """The item of a guessed name."""
    gone_at = name.failures.gone_at()
    return UnknownNameItem(
        f"guessed#{name.digest}",
        "guessed",
        version=name.version,
        n=name.failures.count,
        since=unixtime.of(name.failures.since),
        locked_until=unixtime.of(name.failures.locked_until),
        ttl=None if gone_at is None else unixtime.of(gone_at + KEPT),
    )


def from_item(item: UnknownNameItem) -> UnknownName:
    """The guessed name in an item."""
    return UnknownName(
        digest=item.pk.removeprefix("guessed#"),
        failures=_failures([item.n, item.since, item.locked_until]),
        version=item.version,
    )


def packed(wrong: WrongPasswords) -> Packed | None:
    """The wrong passwords of an account as JSON; None where there are none."""
    parts = {
        "strangers": _list(wrong.strangers),
        "signed_in": _list(wrong.signed_in),
        "known": [[each.place, *_list(each.failures)] for each in wrong.known],
    }
    return {name: part for name, part in parts.items() if part} or None


def unpacked(parts: Packed | None) -> WrongPasswords:
    """The wrong passwords in the JSON of an account."""
    parts = parts or {}
    return WrongPasswords(
        strangers=_failures(parts.get("strangers", [])),
        signed_in=_failures(parts.get("signed_in", [])),
        known=tuple(KnownPlace(place, _failures(rest)) for place, *rest in parts.get("known", [])),
    )


def _list(failures: Failures) -> list[int | None]:
    if not failures.count:
        return []
    return [failures.count, unixtime.of(failures.since), unixtime.of(failures.locked_until)]


def _failures(parts: list[Any]) -> Failures:
    count, since, locked_until = parts or (0, None, None)
    return Failures(count, unixtime.instant(since), unixtime.instant(locked_until))
