"""Leave all waitlists at once: an account that is erased or switched off."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import errors
from chalicelib.domain.core.expected import ANY
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries, lists


def leave_all(deps: Deps, account: Account) -> None:
    """End all entries of an account, so that what it was offered is offered to the next. It can be
    repeated. Cost: that of `offers.unended`, a read and a transaction for each live one."""
    any_version = replace(deps, expected=ANY)  # what is expected is the version of the account
    actor = account.actor()
    for entry in lists.every_live(deps, account.account_id):
        with contextlib.suppress(errors.AlreadyClaimed, errors.OfferExpired):
            entries.leave(any_version, actor, entry.entry_id)


def leave_if_switched_off(deps: Deps, account_id: str) -> None:
    """The same, for an account that is still switched off."""
    account = deps.accounts.get(account_id)
    if not account.active:
        leave_all(deps, account)
