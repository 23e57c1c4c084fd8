"""Accounts, and the login names that open them.

Every request needs its account, so an instance keeps what it has read of accounts for
`CATALOGUE_SECONDS`. It sees its own writes at once; a change of role by another instance it sees
when that time is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.domain.accounts.account import Account, NameMove, login_name
from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import OWING, Change
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.store import wrong_passwords
from chalicelib.store.cache import Cache
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountsTable
from chalicelib.store.dynamodb.transaction import Write

MOST_KEPT: Final = 5_000
"""Accounts that an instance keeps."""

_OWNERS: Final = "owners"
"""Where an instance keeps the sites of all owners."""

ERASED: Final = "erased"
"""Where the directory lists erased accounts."""

_ACCOUNT_ID = re.compile(rf"US[{ids.ALPHABET}]{{{ids.LOCATOR_LENGTH}}}")


class AccountItem(AccountsTable):
    """An account under its locator (`account`)."""

    version = IntegerAttribute(attr_name="v")
    listed = UnicodeAttribute()
    email = UnicodeAttribute()
    username = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    phone = UnicodeAttribute(null=True)
    role = UnicodeAttribute()
    sites = UnicodeAttribute()
    password = UnicodeAttribute()
    active = BooleanAttribute()
    verified = BooleanAttribute()
    password_proved = BooleanAttribute(null=True)
    epoch = IntegerAttribute()
    owing = IntegerAttribute()
    debts = UnicodeSetAttribute(null=True)
    wrong_passwords: JSONAttribute = JSONAttribute(null=True, attr_name="attempts")
    warned = IntegerAttribute(null=True)
    pending_email = UnicodeAttribute(null=True)
    former_email = UnicodeAttribute(null=True)
    created = IntegerAttribute()
    made_under = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True, attr_name="lang")
    payment_method = UnicodeAttribute(null=True, attr_name="pays")


class LoginItem(AccountsTable):
    """A login name (`login#<name>`, `login`) and the account that it opens."""

    account_id = UnicodeAttribute()


@dataclass(frozen=True)
class DirectoryPage:
    """Some accounts of one role by e-mail, and the last of them where there may be more."""

    accounts: tuple[Account, ...]
    next: Account | None


class Accounts:
    """All accounts."""

    def __init__(self, keep_seconds: int) -> None:
        self._accounts = Cache(keep_seconds, most=MOST_KEPT)

    def get(self, account_id: str) -> Account:
        """An account as it is now: one read. Raises AccountNotFound."""
        try:
            with translated():
                return from_item(AccountItem.get(locator_of(account_id), "account", True))
        except AccountItem.DoesNotExist:
            raise errors.AccountNotFound() from None

    def known(self, account_id: str) -> Account:
        """An account, cached. Raises AccountNotFound."""
        return self._accounts.get(account_id, lambda: self.get(account_id))

    def get_to_know(self, account_ids: Iterable[str]) -> None:
        """Read the accounts that are not cached, so that `known` need not read each by itself: one
        batch read per hundred. Those that are not there stay unknown."""
        unknown = {each for each in account_ids if not self._accounts.has(each)}
        if not unknown:
            return
        keys = [(locator_of(each), "account") for each in unknown]
        with translated():
            accounts = [from_item(item) for item in AccountItem.batch_get(keys, True)]
        for account in accounts:
            self._accounts.put(account.account_id, account)

    def id_of_login(self, name: str) -> str | None:
        """The id of the account that an e-mail address or a user name opens, or None: one read."""
        try:
            with translated():
                return LoginItem.get(f"login#{login_name(name)}", "login", True).account_id
        except LoginItem.DoesNotExist:
            return None

    def ids_of_logins(self, names: Iterable[str]) -> dict[str, str]:
        """The same for many names, without those that open none: one batch read per hundred."""
        keys = {name: f"login#{login_name(name)}" for name in names}
        if not keys:
            return {}
        with translated():
            items = LoginItem.batch_get([(pk, "login") for pk in set(keys.values())], True)
            found = {item.pk: item.account_id for item in items}
        return {name: found[pk] for name, pk in keys.items() if pk in found}

    def find_by_login(self, name: str) -> Account | None:
        """The account that an e-mail address or a user name opens, or None: two reads."""
        account_id = self.id_of_login(name)
        try:
            return None if account_id is None else self.get(account_id)
        except errors.AccountNotFound:
            return None

    def directory(
        self, role: Role, *, limit: int, after: tuple[str, str] | None = None
    ) -> DirectoryPage:
        """Accounts of a role by e-mail, after `after` (an e-mail and an account id): one query and
        one batch read. Erased accounts are not listed."""
        with translated():
            found = AccountItem.directory.query(
                role.value,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_directory_key(role, *after) if after else None,
            )
            accounts = lists.in_order(found, AccountItem, from_item)
        more = found.last_evaluated_key is not None and bool(accounts)
        return DirectoryPage(accounts, accounts[-1] if more else None)

    def sites_of_owners(self) -> tuple[frozenset[str], ...]:
        """The sites of each owner, cached: a query and a batch read for each hundred owners."""
        return self._accounts.get(_OWNERS, lambda: tuple(self._sites_of_owners()))

    def _sites_of_owners(self) -> Iterator[frozenset[str]]:
        page = self.directory(Role.OWNER, limit=100)
        yield from (account.sites for account in page.accounts)
        while page.next is not None:
            last = (page.next.email, page.next.account_id)
            page = self.directory(Role.OWNER, limit=100, after=last)
            yield from (account.sites for account in page.accounts)

    def forget_changed(self, change: Change) -> None:
        """Read the accounts that `change` writes again next time."""
        for record in change.saves:
            if isinstance(record, Account):
                self._accounts.forget(record.account_id)
                self._accounts.forget(_OWNERS)
        for tally in change.tallies:
            if tally.name == OWING:
                self._accounts.forget(f"US{tally.locator}")

    def forget_all(self) -> None:
        """Read every account again."""
        self._accounts.clear()

    def release_names(self, account: Account) -> None:
        """Delete its login names, so that they can be registered again."""
        for item in login_items(account):
            with translated():
                item.delete()


def writes(account: Account) -> Iterator[Write]:
    """The account under its version. A new one comes with its login names, refused as EmailTaken
    where one of them opens another account."""
    yield transaction.save(to_item(account), account.version)
    if account.version == 1:
        for item in login_items(account):
            yield transaction.create(item, exists=errors.EmailTaken)


def move_writes(move: NameMove) -> Iterator[Write]:
    """The new sign-in name, refused as EmailTaken where it opens another account, and the end of
    the former one."""
    taken = LoginItem(f"login#{login_name(move.takes)}", "login", account_id=move.account_id)
    yield transaction.create(taken, exists=errors.EmailTaken)
    left = LoginItem(f"login#{login_name(move.leaves)}", "login")
    its_own = LoginItem.pk.does_not_exist() | (LoginItem.account_id == move.account_id)
    yield Write("delete", left, its_own)


def to_item(account: Account) -> AccountItem:
    """The item of an account."""
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
        password_proved=account.password_proved or None,
        epoch=account.epoch,
        owing=account.owing,
        debts=set(account.debts) or None,
        wrong_passwords=wrong_passwords.packed(account.wrong_passwords),
        warned=unixtime.of(account.warned_at),
        pending_email=account.pending_email,
        former_email=account.former_email,
        created=unixtime.of(account.created_at),
        made_under=account.made_under or None,
        language=account.language,
        payment_method=account.payment_method,
    )


def from_item(item: AccountItem) -> Account:
    """The account in an item."""
    return Account(
        account_id=f"US{item.pk}",
        email=item.email,
        username=item.username,
        name=item.name,
        phone=item.phone,
        role=Role(item.role),
        sites=frozenset(filter(None, item.sites.split(","))),
        password=item.password,
        active=item.active,
        verified=item.verified,
        password_proved=item.password_proved is True,
        erased=item.listed == ERASED,
        epoch=item.epoch,
        owing=item.owing,
        debts=frozenset(item.debts or ()),
        wrong_passwords=wrong_passwords.unpacked(item.wrong_passwords),
        warned_at=unixtime.instant(item.warned),
        pending_email=item.pending_email,
        former_email=item.former_email,
        created_at=unixtime.instant(item.created),
        made_under=item.made_under or "",
        language=item.language,
        payment_method=PaymentMethod(item.payment_method) if item.payment_method else None,
        version=item.version,
    )


def login_items(account: Account) -> list[LoginItem]:
    """The items by which its login names find an account."""
    return [
        LoginItem(f"login#{name}", "login", account_id=account.account_id)
        for name in account.login_names
    ]


def locator_of(account_id: str) -> str:
    """The partition of an account. Raises AccountNotFound where the id is malformed."""
    if not _ACCOUNT_ID.fullmatch(account_id):
        raise errors.AccountNotFound()
    return account_id.removeprefix("US")


def _directory_key(role: Role, email: str, account_id: str) -> dict[str, Any]:
    return {
        "listed": {"S": role.value},
        "email": {"S": email},
        "pk": {"S": locator_of(account_id)},
        "sk": {"S": "account"},
    }
