"""What follows when an address is proved: mails about bookings that it did not get before
(docs/rules/accounts.md, An address that is not verified)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.core import effect
from chalicelib.domain.core.effect import Effect
from chalicelib.services.bookings import lists
from chalicelib.services.core.deps import Deps


def late_mails(deps: Deps, account: Account) -> tuple[Effect, ...]:
    """The confirmations of the live bookings of an account that was not verified until now: one
    query, and none for an account that was."""
    return () if account.verified else tuple(dict.fromkeys(_confirmations(deps, account)))


def _confirmations(deps: Deps, account: Account) -> Iterator[Effect]:
    for booking in lists.current(deps, account.actor()):
        if booking.group_id is None:
            yield effect.mail("booking_confirmed", booking.booking_id)
        else:
            yield effect.mail("group_confirmed", booking.group_id)
