"""Sessions of accounts: families of refresh tokens (docs/decisions/sign-in.md).

Every request needs its session, so an instance keeps for `CATALOGUE_SECONDS` whether a session is
open. It sees its own writes at once; a sign-out by another instance it sees when that time is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.domain.core import unixtime
from chalicelib.store.accounts import locator_of
from chalicelib.store.cache import Cache
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountsTable

MOST_KEPT: Final = 5_000
"""Sessions that an instance keeps."""

GRACE_SECONDS: Final = 20
"""How long the token before the valid one gets the answer of the rotation again: two tabs of one
browser refresh at the same time."""


class SessionItem(AccountsTable):
    """A family of refresh tokens under its account (`session#<id>`): only `current` is valid.
    `former` is the token that it replaced at `rotated`."""

    current = UnicodeAttribute()
    former = UnicodeAttribute(null=True)
    rotated = IntegerAttribute(null=True)
    expires = IntegerAttribute()
    ttl = IntegerAttribute()


@dataclass(frozen=True)
class Rotation:
    """The valid token of a family, and when it became valid."""

    current: str
    at: datetime


class Sessions:
    """The sessions of all accounts."""

    def __init__(self, keep_seconds: int) -> None:
        self._open = Cache(keep_seconds, most=MOST_KEPT)

    def open(self, account_id: str, session: str, current: str, until: datetime) -> None:
        """Begin a family of refresh tokens, of which `current` is the valid one."""
        end = unixtime.of(until)
        item = SessionItem(
            locator_of(account_id), _key(session), current=current, expires=end, ttl=end
        )
        with translated():
            item.save()
        self._open.put(f"{account_id}#{session}", True)

    def rotate(
        self,
        account_id: str,
        session: str,
        *,
        presented: str,
        current: str,
        now: datetime,
        until: datetime,
    ) -> Rotation | Literal["reused", "closed"]:
        """Replace the valid token of a family: one update. Within `GRACE_SECONDS` the replaced
        token gets the same rotation again, for one read more. `reused` for any other token,
        `closed` where there is no such family."""
        item = SessionItem(locator_of(account_id), _key(session))
        actions: list[Action] = [
            SessionItem.current.set(current),
            SessionItem.former.set(presented),
            SessionItem.rotated.set(unixtime.of(now)),
            SessionItem.expires.set(unixtime.of(until)),
            SessionItem.ttl.set(unixtime.of(until)),
        ]
        try:
            with translated():
                item.update(actions, SessionItem.current == presented)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return _repeated(_find(account_id, session), presented, now)
        return Rotation(current, now)

    def close(self, account_id: str, session: str) -> None:
        """End a family: its refresh tokens, and the access tokens made with them, are void."""
        with translated():
            SessionItem(locator_of(account_id), _key(session)).delete()
        self._open.put(f"{account_id}#{session}", False)

    def is_open(self, account_id: str, session: str) -> bool:
        """Whether a family has not ended, cached."""
        return self._open.get(
            f"{account_id}#{session}", lambda: _find(account_id, session) is not None
        )

    def forget_all(self) -> None:
        """Read every session again."""
        self._open.clear()


def _repeated(
    item: SessionItem | None, presented: str, now: datetime
) -> Rotation | Literal["reused", "closed"]:
    """The rotation that a refused one repeats."""
    if item is None:
        return "closed"
    if item.rotated is None or item.former != presented:
        return "reused"
    if unixtime.of(now) - item.rotated >= GRACE_SECONDS:
        return "reused"
    return Rotation(item.current, unixtime.instant(item.rotated))


def _find(account_id: str, session: str) -> SessionItem | None:
    try:
        with translated():
            return SessionItem.get(locator_of(account_id), _key(session), True)
    except SessionItem.DoesNotExist:
        return None


def _key(session: str) -> str:
    return f"session#{session}"
