"""Tallies: counters in the accounts table, which a Change moves and which may have a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import API_KEYS, OWING, UNPROVED, WEBHOOKS, Tally
from chalicelib.store.accounts import AccountItem
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import AccountsTable
from chalicelib.store.dynamodb.transaction import Refusal, Write

_ABOVE: Final[Mapping[str, Refusal]] = {
    WEBHOOKS: errors.TooManyWebhooks,
    API_KEYS: errors.TooManyApiKeys,
    UNPROVED: errors.StaleVersion,
}
"""What is refused above the limit of a counter with a name of its own."""


class TallyItem(AccountsTable):
    """A counter of a customer or a site (`tally#<name>`)."""

    n = IntegerAttribute()


class Tallies:
    """The tallies of all customers and sites."""

    def get(self, locator: str, name: str) -> int:
        """How far a tally has come: one read."""
        try:
            with translated():
                return TallyItem.get(locator, f"tally#{name}", consistent_read=True).n
        except TallyItem.DoesNotExist:
            return 0


def writes(tally: Tally) -> Iterator[Write]:
    """The tally, refused where its limit would be passed. What an account owes stands in the
    account, so that a read of it shows both."""
    yield _owing(tally) if tally.name == OWING else _count(tally)


def _owing(tally: Tally) -> Write:
    account = AccountItem(tally.locator, "account")
    actions = [AccountItem.owing.add(tally.by), AccountItem.version.add(1)]
    exists = AccountItem.pk.exists()
    return transaction.update(account, actions, exists, refusal=errors.AccountNotFound)


def _count(tally: Tally) -> Write:
    """Raises the refusal itself where the step alone passes the limit."""
    condition, refusal = None, _refusal(tally)
    if tally.limit is not None:
        if tally.by > tally.limit:
            raise refusal()
        condition = TallyItem.n.does_not_exist() | (TallyItem.n <= tally.limit - tally.by)
    item = TallyItem(tally.locator, f"tally#{tally.name}")
    return transaction.update(item, [TallyItem.n.add(tally.by)], condition, refusal=refusal)


def _refusal(tally: Tally) -> Refusal:
    if tally.name in _ABOVE:
        return _ABOVE[tally.name]
    return partial(errors.QuotaReached.of, tally.limit)
