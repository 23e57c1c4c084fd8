"""Tallies: counters in the accounts table, which a Change moves and which may have a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from pynamodb.expressions.update import Action

from chalicelib.domain.bookings import allowance
from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.change import API_KEYS, OWING, UNPROVED, WEBHOOKS, Tally
from chalicelib.domain.promos import redemption
from chalicelib.store.accounts import AccountItem
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import TTL_ATTRIBUTE, AccountsTable
from chalicelib.store.dynamodb.transaction import Refusal, Write

ABOVE: Final[Mapping[str, Refusal]] = {
    WEBHOOKS: errors.TooManyWebhooks,
    API_KEYS: errors.TooManyApiKeys,
    UNPROVED: errors.StaleVersion,
}
"""What is refused above the limit of a counter with a name of its own."""


class TallyItem(AccountsTable):
    """A counter of a customer or a site (`tally#<name>`)."""

    n = IntegerAttribute()
    ttl = IntegerAttribute(null=True, attr_name=TTL_ATTRIBUTE)


class Tallies:
    """The tallies of all customers and sites."""

    def get(self, locator: str, name: str) -> int:
        """How far a tally has come: one read."""
        try:
            with translated():
                return TallyItem.get(locator, f"tally#{name}", consistent_read=True).n
        except TallyItem.DoesNotExist:
            return 0

    def many(self, locator: str, names: Sequence[str]) -> dict[str, int]:
        """How far tallies have come: one batch read for each hundred."""
        keys = [(locator, f"tally#{name}") for name in dict.fromkeys(names)]
        with translated():
            items = list(TallyItem.batch_get(keys, consistent_read=True)) if keys else []
        found = {item.sk.removeprefix("tally#"): item.n for item in items}
        return {name: found.get(name, 0) for name in names}


def writes(tally: Tally) -> Iterator[Write]:
    """The tally, refused where its limit would be passed. What an account owes stands in the
    account, so that a read of it shows both."""
    yield owing(tally) if tally.name == OWING else count(tally)


def owing(tally: Tally) -> Write:
    account = AccountItem(tally.locator, "account")
    actions: list[Action] = [AccountItem.owing.add(tally.by), AccountItem.version.add(1)]
    if tally.member is not None:
        named, debts = {tally.member}, AccountItem.debts
        actions.append(debts.add(named) if tally.by > 0 else debts.delete(named))
    exists = AccountItem.pk.exists()
    return transaction.update(account, actions, exists, refusal=errors.AccountNotFound)


def count(tally: Tally) -> Write:
    """Raises the refusal itself where the step alone passes the limit."""
    condition, refusal = None, _refusal(tally)
    if tally.limit is not None:
        if tally.by > tally.limit:
            raise refusal()
        condition = TallyItem.n.does_not_exist() | (TallyItem.n <= tally.limit - tally.by)
    item = TallyItem(tally.locator, f"tally#{tally.name}")
    actions: list[Action] = [TallyItem.n.add(tally.by)]
    if tally.expires is not None:
        actions.append(TallyItem.ttl.set(unixtime.of(tally.expires)))
    return transaction.update(item, actions, condition, refusal=refusal)


def _refusal(tally: Tally) -> Refusal:
    if tally.name in ABOVE:
        return ABOVE[tally.name]
    if redemption.is_use(tally):
        return partial(redemption.refusal, tally)
    if allowance.is_allowance(tally):
        return partial(allowance.refusal, tally)
    return partial(errors.QuotaReached.of, tally.limit)
