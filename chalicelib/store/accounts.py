"""Accounts, the names that open them, and their sessions.

Every request needs to know who asks, so an instance keeps what it has read of accounts and sessions
for `CATALOGUE_SECONDS`. What it writes itself it sees at once; a sign-out or a change of role made
through another instance is seen here when that time is over.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.domain.accounts.account import Account, login_name
from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.access import Role
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountItem, LoginItem, SessionItem, TallyItem

MOST_KEPT: Final = 5_000
"""Entries an instance keeps; then it starts afresh."""

ERASED: Final = "erased"
"""Where the directory lists accounts that nobody has any more."""

_ACCOUNT_ID = re.compile(rf"US[{ids.ALPHABET}]{{{ids.LOCATOR_LENGTH}}}")
T = TypeVar("T")


@dataclass(frozen=True)
class DirectoryPage:
    """Some accounts of one role by their e-mail, and the last one where there may be more."""

    accounts: tuple[Account, ...]
    next: Account | None


class Accounts:
    """Who may sign in. Records are written by `commit`, sessions here."""

    def __init__(self, keep_seconds: int) -> None:
        self._keep = keep_seconds
        self._accounts: dict[str, tuple[float, Account]] = {}
        self._sessions: dict[str, tuple[float, bool]] = {}

    def get(self, account_id: str) -> Account:
        """An account as it is now: one read. Raises AccountNotFound."""
        try:
            with translated():
                return from_item(AccountItem.get(_locator(account_id), "account", True))
        except AccountItem.DoesNotExist:
            raise errors.AccountNotFound() from None

    def known(self, account_id: str) -> Account:
        """An account, kept. Raises AccountNotFound."""
        return _cached(self._accounts, account_id, self._keep, lambda: self.get(account_id))

    def counted(self, locator: str, name: str) -> int:
        """How far the tally called `name` has come: one read."""
        try:
            with translated():
                return int(TallyItem.get(locator, f"tally#{name}", True).n)
        except TallyItem.DoesNotExist:
            return 0

    def find_by_login(self, name: str) -> Account | None:
        """The account that an e-mail address or a user name opens, or None: two reads."""
        try:
            with translated():
                login = LoginItem.get(f"login#{login_name(name)}", "login", True)
            return self.get(login.account_id)
        except (LoginItem.DoesNotExist, errors.AccountNotFound):
            return None

    def directory(
        self, role: Role, *, limit: int, after: tuple[str, str] | None = None
    ) -> DirectoryPage:
        """Accounts of a role by e-mail, from behind `after` (an e-mail and an account id): one
        query and one batch read. Erased accounts are not listed."""
        with translated():
            found = AccountItem.directory.query(
                role.value,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_place(role, *after) if after else None,
            )
            keys = [(item.pk, item.sk) for item in found]
            read = AccountItem.batch_get(keys, consistent_read=True) if keys else ()
            by_key = {(item.pk, item.sk): from_item(item) for item in read}
        accounts = tuple(by_key[key] for key in keys if key in by_key)
        more = found.last_evaluated_key is not None and bool(accounts)
        return DirectoryPage(accounts, accounts[-1] if more else None)

    def forget(self, account_id: str) -> None:
        """Read this account anew next time."""
        self._accounts.pop(account_id, None)

    def forget_all(self) -> None:
        """Read everything anew."""
        self._accounts.clear()
        self._sessions.clear()

    def release_names(self, account: Account) -> None:
        """Give its login names back, so that they can be registered again."""
        for item in login_items(account):
            with translated():
                item.delete()

    def open_session(self, account_id: str, session: str, current: str, until: datetime) -> None:
        """Begin a family of refresh tokens, of which `current` is the good one."""
        end = unixtime.of(until)
        item = SessionItem(
            _locator(account_id), _session_key(session), current=current, expires=end, ttl=end
        )
        with translated():
            item.save()
        self._remember(account_id, session, is_open=True)

    def rotate(
        self, account_id: str, session: str, *, presented: str, current: str, until: datetime
    ) -> Literal["rotated", "reused", "closed"]:
        """Replace the good token of a family: one update. `reused` when `presented` is not the
        good one any more, `closed` when there is no such family (any more)."""
        item = SessionItem(_locator(account_id), _session_key(session))
        actions: list[Action] = [
            SessionItem.current.set(current),
            SessionItem.expires.set(unixtime.of(until)),
            SessionItem.ttl.set(unixtime.of(until)),
        ]
        try:
            with translated():
                item.update(actions, SessionItem.current == presented)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return "reused" if self._has_session(account_id, session) else "closed"
        return "rotated"

    def close_session(self, account_id: str, session: str) -> None:
        """End a family: its refresh tokens and the access tokens made with them are void."""
        with translated():
            SessionItem(_locator(account_id), _session_key(session)).delete()
        self._remember(account_id, session, is_open=False)

    def has_session(self, account_id: str, session: str) -> bool:
        """Whether a family has not been ended, kept."""
        return _cached(
            self._sessions,
            f"{account_id}#{session}",
            self._keep,
            lambda: self._has_session(account_id, session),
        )

    def _has_session(self, account_id: str, session: str) -> bool:
        try:
            with translated():
                SessionItem.get(_locator(account_id), _session_key(session), True)
        except SessionItem.DoesNotExist:
            return False
        return True

    def _remember(self, account_id: str, session: str, *, is_open: bool) -> None:
        _keep(self._sessions, f"{account_id}#{session}", self._keep, is_open)


def item(account: Account) -> AccountItem:
    """The item to store for an account."""
    locked = account.locked_until
    return AccountItem(
        account.locator,
        "account",
        version=account.version,
        listed=ERASED if account.erased else account.role.value,
        email=account.email,
        username=account.username,
        name=account.name,
        phone=account.phone,
        role=account.role.value,
        sites=",".join(sorted(account.sites)),
        password=account.password,
        active=account.active,
        verified=account.verified,
        epoch=account.epoch,
        owing=account.owing,
        failures=account.failures,
        locked_until=None if locked is None else unixtime.of(locked),
        created=unixtime.of(account.created_at),
    )


def from_item(stored: AccountItem) -> Account:
    """The account in an item."""
    locked = stored.locked_until
    return Account(
        account_id=f"US{stored.pk}",
        email=stored.email,
        username=stored.username,
        name=stored.name,
        phone=stored.phone,
        role=Role(stored.role),
        sites=frozenset(filter(None, stored.sites.split(","))),
        password=stored.password,
        active=stored.active,
        verified=stored.verified,
        erased=stored.listed == ERASED,
        epoch=int(stored.epoch),
        owing=int(stored.owing),
        failures=int(stored.failures),
        locked_until=None if locked is None else unixtime.instant(locked),
        created_at=unixtime.instant(stored.created),
        version=int(stored.version),
    )


def login_items(account: Account) -> list[LoginItem]:
    """The items by which its login names find an account."""
    return [
        LoginItem(f"login#{name}", "login", account_id=account.account_id)
        for name in account.login_names
    ]


def _locator(account_id: str) -> str:
    """The partition of an account. Raises AccountNotFound for what is no account id."""
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise errors.AccountNotFound()
    return account_id.removeprefix("US")


def _session_key(session: str) -> str:
    return f"session#{session}"


def _place(role: Role, email: str, account_id: str) -> dict[str, Any]:
    return {
        "listed": {"S": role.value},
        "email": {"S": email},
        "pk": {"S": _locator(account_id)},
        "sk": {"S": "account"},
    }


def _cached(kept: dict[str, tuple[float, T]], name: str, seconds: int, read: Callable[[], T]) -> T:
    entry = kept.get(name)
    if entry is not None and entry[0] > time.monotonic():
        return entry[1]
    return _keep(kept, name, seconds, read())


def _keep(kept: dict[str, tuple[float, T]], name: str, seconds: int, value: T) -> T:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[name] = (time.monotonic() + seconds, value)
    return value
