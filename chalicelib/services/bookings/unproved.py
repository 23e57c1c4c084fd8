"""Bookings of an account whose address is not verified: two live ones at most
(docs/rules/accounts.md, An address that is not verified)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import UNPROVED, Tally
from chalicelib.domain.core.sentence import say
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps

MOST_LIVE: Final = 2
PAGE: Final = 100


def tallies(deps: Deps, user_id: str | None, *, count: int = 1) -> tuple[Tally, ...]:
    """What a change that makes `count` bookings for a customer has to count: nothing, unless the
    address is not verified. Then it costs a read and a query, and another booking at the same time
    is a conflict. Raises AddressNotVerified beyond MOST_LIVE."""
    if user_id is None or deps.accounts.known(user_id).verified:
        return ()
    locator = user_id.removeprefix("US")
    made = deps.tallies.get(locator, UNPROVED)
    if _live(deps, user_id) + count > MOST_LIVE:
        raise errors.AddressNotVerified(say("confirm_for_more", most=MOST_LIVE))
    return (Tally(locator, UNPROVED, count, made + count),)


def require_proved(deps: Deps, user_id: str) -> None:
    """Require a verified address of a customer. Raises AddressNotVerified."""
    if not deps.accounts.known(user_id).verified:
        raise errors.AddressNotVerified()


def _live(deps: Deps, user_id: str) -> int:
    """The live bookings of a customer: one query for each hundred ever made."""
    page = deps.bookings.of_owner(user_id, limit=PAGE)
    live = sum(each.is_live for each in settle.each(deps, page.records))
    while page.after is not None and live < MOST_LIVE:
        page = deps.bookings.of_owner(user_id, limit=PAGE, after=page.after)
        live += sum(each.is_live for each in settle.each(deps, page.records))
    return live
