"""To whom a mail goes, and the links in it that only this address may use.

A link is bound to the address it was mailed to: when a guest's or an account's address changes, the
links in the mailbox of the former one lapse.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.domain.accounts import mailbox
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, languages
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.domain.mail.message import NoReader
from chalicelib.domain.mail.operator import Operator
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.site import Site
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.gateways.tokens import LinkClaims
from chalicelib.services.core import places, signed_links
from chalicelib.services.core.deps import Deps

if TYPE_CHECKING:
    from chalicelib.rendering.mail.reader import Reader

NO_ADDRESS: Final = "there is no verified address to write to"
SWITCHED_OFF: Final = "the account is switched off"

LINK_LIFE: Final = timedelta(days=3 * 366)
"""How long a link can be opened at most. The present start of its booking ends it earlier: a
booking can be moved by two years at most."""


def of_booking(deps: Deps, booking: Booking) -> Reader | None:
    """The customer, otherwise the first guest with an address: a read for a customer. None without
    an address. Raises AccountNotFound."""
    account = None if booking.user_id is None else deps.accounts.get(booking.user_id)
    to = booking.guest_mailbox if account is None else address_of(account)
    return _reader(deps, booking, account, to)


def of_entry(deps: Deps, entry: Entry) -> Reader | None:
    """The customer of a waitlist entry: one read. None without an address. Raises
    AccountNotFound."""
    account = deps.accounts.get(entry.user_id)
    return _reader(deps, entry, account, address_of(account))


def of_season_pass(deps: Deps, held: SeasonPass) -> Reader | None:
    """The holder of a season pass: a read for one with an account. None without an address. Raises
    AccountNotFound."""
    language = deps.catalogue.site(held.site).language
    if held.user_id is None:
        return of_address(deps, held.email, held.name or "", language=language)
    account = deps.accounts.get(held.user_id)
    to = address_of(account)
    return None if to is None else of_account(deps, account, to=to, language=language)


def of_account(
    deps: Deps, account: Account, *, to: str, language: str | None = None, named: bool = True
) -> Reader:
    """An account at the address `to`, without its name unless `named`. `language` is a tag for an
    account that has chosen none."""
    from chalicelib.rendering.mail.reader import Reader

    name = account.name if named else ""
    return Reader(to, languages.choose(account.language, language), name, operator(deps))


def of_address(
    deps: Deps, to: str | None, name: str, *, language: str | None = None
) -> Reader | None:
    """A person without account at the address `to`. None without one."""
    from chalicelib.rendering.mail.reader import Reader

    if to is None:
        return None
    return Reader(to, languages.choose(language), name, operator(deps))


def of_desk(deps: Deps, site: Site, to: str) -> Reader:
    """The staff of a site at the address `to`."""
    from chalicelib.rendering.mail.reader import Reader

    return Reader(to, languages.choose(site.language), operator=operator(deps))


def operator(deps: Deps) -> Operator:
    """Who runs this deployment."""
    settings = deps.settings
    return Operator(settings.mail_name, settings.operator_contact, settings.app_url)


def address_of(account: Account) -> str | None:
    """The address of an account. None for an erased one, and until the address is verified, because
    it may be a stranger's (docs/rules/accounts.md)."""
    return account.email if account.verified and not account.erased else None


def answering(deps: Deps, subject: Booking | Entry) -> Reader:
    """The customer or guest who may act on the links of a mail. Raises NoReader."""
    return _required(deps, subject, takes=True)


def _required(deps: Deps, subject: Booking | Entry, *, takes: bool) -> Reader:
    """The customer or guest with an address. Raises NoReader, also for one who would take something
    with an account that is switched off."""
    if subject.user_id is None:
        account = None
        to = subject.guest_mailbox if isinstance(subject, Booking) else None
    else:
        account = deps.accounts.get(subject.user_id)
        if takes and not account.active:
            raise NoReader(SWITCHED_OFF)
        to = address_of(account)
    reader = _reader(deps, subject, account, to)
    if reader is None:
        raise NoReader(NO_ADDRESS)
    return reader


def _reader(
    deps: Deps, subject: Booking | Entry, account: Account | None, to: str | None
) -> Reader | None:
    """The reader at an address, in the language of the account, of the booking or of the site."""
    from chalicelib.rendering.mail.reader import Reader

    if to is None:
        return None

    own = account.language if account is not None else None
    booked = subject.details.language if isinstance(subject, Booking) else None
    language = languages.choose(own, booked, places.site_of(deps, subject).language)
    return Reader(to, language, _name(subject, account), operator(deps))


def _name(subject: Booking | Entry, account: Account | None) -> str:
    """The name of the account, otherwise of the guest with the address."""
    if account is not None:
        return account.name
    guests = subject.details.guests if isinstance(subject, Booking) else ()
    return next((guest.name for guest in guests if guest.email), "")


def link(
    deps: Deps,
    purpose: LinkPurpose,
    subject_id: str,
    *,
    to: str,
    until: datetime,
    language: Language = LANGUAGES[0],
) -> str:
    """The URL of a link that is mailed to `to`, in a mail of that `language`."""
    return signed_links.url(
        deps, purpose, subject_id, until=until, version=_mark(to), language=language
    )


def require(deps: Deps, claims: LinkClaims, subject: Booking | Entry, *, takes: bool) -> None:
    """Require a link that was mailed to the present address of a customer or guest, and an account
    that is on where the link `takes` something: a read for a customer. Raises LinkExpired."""
    try:
        reader = _required(deps, subject, takes=takes)
    except (NoReader, errors.AccountNotFound):
        raise errors.LinkExpired() from None
    if claims.version != _mark(reader.address):
        raise errors.LinkExpired()


def require_of_season_pass(deps: Deps, claims: LinkClaims, held: SeasonPass) -> None:
    """Require a link that was mailed to the present address of the holder of a season pass. Raises
    LinkExpired."""
    try:
        reader = of_season_pass(deps, held)
    except errors.AccountNotFound:
        raise errors.LinkExpired() from None
    if reader is None or claims.version != _mark(reader.address):
        raise errors.LinkExpired()


def _mark(address: str) -> int:
    """Some digits of the digest of an address: enough to tell the present one from a former one."""
    return int(mailbox.id_of(address)[:8], 16)
