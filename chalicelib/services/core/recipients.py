"""To whom a mail goes, and the links in it that only this address may use.

A link is bound to the address it was mailed to: when a guest's or an account's address changes, the
links in the mailbox of the former one lapse.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.accounts import mailbox
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.domain.mail.message import NoReader
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.core import signed_links
from chalicelib.services.core.deps import Deps

NO_ADDRESS: Final = "there is no verified address to write to"
SWITCHED_OFF: Final = "the account is switched off"

LINK_LIFE: Final = timedelta(days=3 * 366)
"""How long a link can be opened at most. The present start of its booking ends it earlier: a
booking can be moved by two years at most."""


def of_booking(deps: Deps, booking: Booking) -> str | None:
    """The address of the customer, otherwise of the first guest with one: a read for a customer.
    Raises AccountNotFound."""
    if booking.user_id is not None:
        return of_account(deps, booking.user_id)
    return booking.guest_mailbox


def of_account(deps: Deps, account_id: str) -> str | None:
    """The address of an account, as `address_of`. Raises AccountNotFound."""
    return address_of(deps.accounts.get(account_id))


def address_of(account: Account) -> str | None:
    """The address of an account. None for an erased one, and until the address is verified, because
    it may be a stranger's (docs/rules/accounts.md)."""
    return account.email if account.verified and not account.erased else None


def answering(deps: Deps, subject: Booking | Entry) -> str:
    """The address of a customer or guest who may act on the links of a mail. Raises NoReader."""
    return _address(deps, subject, takes=True)


def _address(deps: Deps, subject: Booking | Entry, *, takes: bool) -> str:
    """The address of a customer or guest. Raises NoReader, also for one who would take something
    with an account that is switched off."""
    if subject.user_id is None:
        to = subject.guest_mailbox if isinstance(subject, Booking) else None
    else:
        account = deps.accounts.get(subject.user_id)
        if takes and not account.active:
            raise NoReader(SWITCHED_OFF)
        to = address_of(account)
    if to is None:
        raise NoReader(NO_ADDRESS)
    return to


def link(deps: Deps, purpose: LinkPurpose, subject_id: str, *, to: str, until: datetime) -> str:
    """The URL of a link that is mailed to `to`."""
    return signed_links.url(deps, purpose, subject_id, until=until, version=_mark(to))


def require(deps: Deps, claims: LinkClaims, subject: Booking | Entry, *, takes: bool) -> None:
    """Require a link that was mailed to the present address of a customer or guest, and an account
    that is on where the link `takes` something: a read for a customer. Raises LinkExpired."""
    try:
        address = _address(deps, subject, takes=takes)
    except (NoReader, errors.AccountNotFound):
        raise errors.LinkExpired() from None
    if claims.version != _mark(address):
        raise errors.LinkExpired()


def _mark(address: str) -> int:
    """Some digits of the digest of an address: enough to tell the present one from a former one."""
    return int(mailbox.id_of(address)[:8], 16)
