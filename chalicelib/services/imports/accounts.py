"""Bring customers and staff over, with their passwords where these can be verified here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.accounts.account import Account, login_name
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import Change
from chalicelib.domain.imports.imported import Imported, OldId
from chalicelib.gateways import old_passwords
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported

AT_ONCE: Final = 23
"""Accounts in one transaction: an account, two names and its record are four items."""


@dataclass(frozen=True)
class OldAccount:
    """An account as another system had it. `password` is its hash there; without one the customer
    has to choose a password."""

    old: OldId
    email: str
    name: str
    created_at: datetime
    phone: str | None = None
    username: str | None = None
    role: Role = Role.USER
    sites: frozenset[str] = frozenset()
    active: bool = True
    verified: bool = True
    password: str | None = None


def bring_over(deps: Deps, olds: Iterable[OldAccount], *, mails: bool = False) -> int:
    """Write those of the accounts that are not there yet, and return how many that were. One whose
    address has an account already is that account, which stays as it is. With `mails` those without
    a password get a link to choose one. Raises StaleVersion."""
    made, waiting = 0, list(olds)
    while waiting:
        batch, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        made += deps.retry_on_conflict(lambda: _once(deps, batch, mails=mails))  # noqa: B023
    return made


def _once(deps: Deps, batch: Sequence[OldAccount], *, mails: bool) -> int:
    known = imported.find(old.old for old in batch)
    new = [old for old in batch if old.old not in known]
    there = deps.accounts.ids_of_logins(old.email for old in new)
    change, made = Change(), 0
    for old in new:
        account_id = there.get(old.email)
        if account_id is None:
            account = _account(deps, old)
            account_id, made = account.account_id, made + 1
            change = change.saving(account)
            if mails and account.password == NO_PASSWORD:
                change = change.sending(effect.mail("reset_password", account_id))
        change = change.saving(Imported(old.old, account_id))
    if change.saves:
        try:
            deps.commit(change)
        except errors.AlreadyExists:
            raise errors.StaleVersion() from None
    return made


def _account(deps: Deps, old: OldAccount) -> Account:
    password = old_passwords.stored(old.password) if old.password else None
    return Account(
        account_id=f"US{deps.new_locator()}",
        email=login_name(old.email),
        name=old.name,
        phone=old.phone,
        username=old.username,
        role=old.role,
        sites=old.sites,
        active=old.active,
        verified=old.verified,
        password=password or NO_PASSWORD,
        created_at=old.created_at,
    )
