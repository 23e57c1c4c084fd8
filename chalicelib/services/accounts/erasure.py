"""Erasure of an account: the ledger is kept, personal data is removed (docs/rules/accounts.md,
Erasure).

Stages: require that nothing is owed, no booking live, no shift open and no season pass valid; leave
all waitlists; remove personal data from the bookings, page by page, and from the season passes;
release the sign-in names; anonymise the account.
Each stage can be repeated. Until the last one has succeeded, the account can sign in and erase
itself again.
Ended waitlist entries remain until they expire: their only personal data is the account id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from chalicelib.domain.accounts import erasure
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.expected import ANY
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites.closing import OpenThings
from chalicelib.gateways.passwords import NO_PASSWORD
from chalicelib.services.accounts import password_checks, sign_in
from chalicelib.services.bookings import debts, settle
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.season_passes import erasing
from chalicelib.services.waitlist import leaving

BATCH: Final = 50
"""Bookings of a page: each is one write of a transaction."""


def erase_me(deps: Deps, actor: Actor, *, password: str, source_ip: str) -> None:
    """Erase the account of the actor, given its password; a wrong one counts as a failed sign-in.
    Raises Forbidden for an admin, Invalid, LockedOut, PaymentDue, InUse."""
    if actor.role is Role.ADMIN:
        raise errors.Forbidden(say("ask_another_admin"))
    any_version = replace(deps, expected=ANY)  # a wrong password is counted under any version
    deps.retry_on_conflict(lambda: _require_password(any_version, actor, password, source_ip))
    erase(deps, actor.account_id, by=actor, action="erase_me", source_ip=source_ip)


def _require_password(deps: Deps, actor: Actor, password: str, source_ip: str) -> None:
    account = deps.accounts.get(actor.account_id)
    if account.erased:
        raise errors.AccountNotFound()
    password_checks.require_own(deps, account, password, action="erase_me", source_ip=source_ip)


def erase(deps: Deps, account_id: str, *, by: Actor, action: str, source_ip: str) -> None:
    """Anonymise an account and its bookings. Raises AccountNotFound, PaymentDue while a stay is
    unpaid, InUse while a booking is live or a shift open, VersionChanged only before anything is
    erased."""
    account = deps.accounts.get(account_id)
    if account.erased:
        raise errors.AccountNotFound()
    deps.as_expected(account)
    if account.owes:
        debts.require_none(deps, account)
    _require_nothing_open(deps, account)
    leaving.leave_all(deps, account)
    for page in _pages(deps, account):
        _anonymise_bookings(deps, page.records)
    erasing.erase(deps, account.account_id)
    _forget_answers(deps, account)
    deps.accounts.release_names(account)
    deps.retry_on_conflict(lambda: _anonymise_account(deps, account_id, by, action, source_ip))


def _require_nothing_open(deps: Deps, account: Account) -> None:
    """Require that no booking is live, no shift open and no season pass valid. Raises InUse, which
    names them."""
    live: list[str] = []
    for page in _pages(deps, account):
        live += [each.booking_id for each in settle.each(deps, page.records) if each.is_live]
    drawers = (deps.shifts.drawer(site, account.account_id) for site in sorted(account.sites))
    shifts = tuple(drawer.shift_id for drawer in drawers if drawer and drawer.closed_at is None)
    passes = erasing.live(deps, account.account_id)
    OpenThings(bookings=tuple(live), shifts=shifts, season_passes=passes).require_none()


def _forget_answers(deps: Deps, account: Account) -> None:
    """Delete the answers kept for its repeated requests, and that of the request that made it."""
    deps.idempotency.forget(account.account_id)
    if account.made_under:
        deps.idempotency.forget(account.made_under)


def _anonymise_bookings(deps: Deps, bookings: tuple[Booking, ...]) -> None:
    """Remove personal data from a page of bookings: one transaction. Ended bookings do not change,
    so there is no race."""
    personal = [booking for booking in bookings if erasure.is_personal(booking)]
    if personal:
        deps.commit(saving(*map(erasure.anonymous, personal)))


def _anonymise_account(deps: Deps, account_id: str, by: Actor, action: str, source_ip: str) -> None:
    account = deps.accounts.get(account_id)
    erased = audit_events.event(
        deps,
        actor=by,
        action=action,
        subject=account_id,
        site=sign_in.audit_site(by, account),
        source_ip=source_ip,
    )
    deps.commit(saving(account.forgotten(NO_PASSWORD)).auditing(erased))


def _pages(deps: Deps, account: Account) -> Iterator[Listing[Booking]]:
    page = deps.bookings.of_owner(account.account_id, limit=BATCH)
    yield page
    while page.after is not None:
        page = deps.bookings.of_owner(account.account_id, limit=BATCH, after=page.after)
        yield page
