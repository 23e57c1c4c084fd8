"""Erasing an account: the ledger is kept, the person becomes anonymous (docs/rules/accounts.md,
Erasure).

Stages: nothing may be owed or still going on; every line is left; the bookings lose what is
personal, page by page; the login names are given back; last, the account itself. Each stage may be
repeated, and until the last one is done the person can still sign in and ask again. Waitlist
entries that have ended stay until they go by themselves: they say nothing of a person but the id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chalicelib.domain.accounts import erasure
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.listing import Listing
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.accounts import sign_in
from chalicelib.services.bookings import settle
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries

BATCH: Final = 50
"""Bookings a page, each of them one write of the page's transaction."""


def erase_me(deps: Deps, actor: Actor, *, source_ip: str) -> None:
    """Erase the actor's own account. Raises Forbidden for an admin, PaymentDue, InUse."""
    if actor.role is Role.ADMIN:
        raise errors.Forbidden("An admin's account is removed by another admin.")
    erase(deps, actor.account_id, by=actor, action="erase_me", source_ip=source_ip)


def erase(deps: Deps, account_id: str, *, by: Actor, action: str, source_ip: str) -> None:
    """Make an account and its bookings anonymous. Raises AccountNotFound, PaymentDue while a stay
    is unpaid, InUse while a booking is live."""
    account = deps.accounts.get(account_id)
    if account.erased:
        raise errors.AccountNotFound()
    if account.owes:
        raise errors.PaymentDue("A stay is still unpaid. Settle it first.")
    _require_nothing_live(deps, account)
    _leave_every_line(deps, account)
    for page in _pages(deps, account):
        _anonymise(deps, page.records)
    deps.accounts.release_names(account)
    deps.retry_on_conflict(lambda: _forget(deps, account_id, by, action, source_ip))


def _require_nothing_live(deps: Deps, account: Account) -> None:
    for page in _pages(deps, account):
        if any(booking.is_live for booking in settle.each(deps, page.records)):
            raise errors.InUse("A booking is still live. Cancel or end it first.")


def _leave_every_line(deps: Deps, account: Account) -> None:
    """What is offered to somebody who goes is the next one's."""
    while live := entries.own_live(deps, account.actor(), limit=BATCH, after=None).records:
        for entry in live:
            entries.leave(deps, account.actor(), entry.entry_id)


def _anonymise(deps: Deps, bookings: tuple[Booking, ...]) -> None:
    """One transaction for a page. An ended booking changes no more, so there is no race."""
    personal = [booking for booking in bookings if erasure.is_personal(booking)]
    if personal:
        deps.commit(saving(*map(erasure.anonymous, personal)))


def _forget(deps: Deps, account_id: str, by: Actor, action: str, source_ip: str) -> None:
    account = deps.accounts.get(account_id)
    gone = audit_events.event(
        deps,
        actor=by,
        action=action,
        subject=account_id,
        site=sign_in.filed_under(by, account),
        source_ip=source_ip,
    )
    deps.commit(saving(account.forgotten(NO_PASSWORD)).auditing(gone))


def _pages(deps: Deps, account: Account) -> Iterator[Listing[Booking]]:
    page = deps.bookings.of_owner(account.locator, limit=BATCH)
    yield page
    while page.after is not None:
        page = deps.bookings.of_owner(account.locator, limit=BATCH, after=page.after)
        yield page
