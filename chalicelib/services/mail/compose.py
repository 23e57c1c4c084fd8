"""The mail of an effect, composed from the records at its delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings import confirmation_steps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.mail.message import Message, NoReader
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.rendering.mail import groups, mails, notices, offers, reminders, sign_in_notices
from chalicelib.services.accounts import mailboxes
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.core import places, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import links as waitlist_links

VERIFY_LIFE: Final = timedelta(days=7)
RESET_LIFE: Final = timedelta(hours=24)
"""The validity of the links. A new password voids both. The reset link also lets the owner of an
account that staff created choose the first password, so it must be valid overnight."""

NO_ADDRESS: Final = "there is no verified address to write to"
SWITCHED_OFF: Final = "the account is switched off"

_GONE: Final = (
    errors.AccountNotFound,
    errors.BookingNotFound,
    errors.EntryNotFound,
    errors.WebhookNotFound,
)


def message(deps: Deps, effect: Effect) -> Message | None:
    """The mail of `effect`. None where it is outdated or has no recipient: the booking has ended,
    the offer has lapsed, the address is verified, the account is erased."""
    try:
        return _COMPOSERS[effect.name](deps, effect.subject_id)
    except _GONE:
        return None


def _confirmation(deps: Deps, booking_id: str) -> Message | None:
    booking = deps.bookings.get(booking_id)
    to = _recipient(deps, booking)
    if to is None or not booking.is_live or _is_overdue(deps, booking):
        return None
    return mails.booking_confirmed(
        to,
        *_with_site_and_zone(deps, booking),
        code=deps.tokens.qr(booking),
        host=_host(deps),
        now=deps.now(),
    )


def _reminder(deps: Deps, booking_id: str) -> Message | None:
    """None for a booking that was cancelled, moved or confirmed since, or has begun. Raises
    NoReader without a recipient, so that staff see the reason on the booking."""
    booking, now = deps.bookings.get(booking_id), deps.now()
    if not confirmation_steps.is_reminder_pending(booking) or now >= booking.booked.start:
        return None
    return reminders.reminder(
        _answering(deps, booking),
        *_with_site_and_zone(deps, booking),
        confirm=booking_links.make(deps, booking, "confirm"),
        cancel=booking_links.make(deps, booking, "cancel"),
        host=_host(deps),
        now=now,
    )


def _cancellation(deps: Deps, booking_id: str) -> Message | None:
    """The mail of an auto-cancel, or of a cancellation by the site."""
    booking = deps.bookings.get(booking_id)
    to = _recipient(deps, booking)
    if to is None or booking.status is not Status.CANCELLED:
        return None
    render = reminders.auto_cancelled if booking.auto_cancel else reminders.booking_cancelled
    return render(to, *_with_site_and_zone(deps, booking), host=_host(deps), now=deps.now())


def _offer(deps: Deps, entry_id: str) -> Message | None:
    """None for an offer that was claimed or declined since, or has lapsed. Raises NoReader without
    a recipient, so that the next in the queue gets the offer at once."""
    entry, now = deps.waitlist.get(entry_id), deps.now()
    if entry.lapses_at is None or now >= entry.lapses_at:
        return None
    return offers.offer(
        _answering(deps, entry),
        entry,
        places.site_of(deps, entry),
        places.zone_of(deps, entry),
        claim=waitlist_links.make(deps, entry, "claim"),
        decline=waitlist_links.make(deps, entry, "decline"),
        now=now,
    )


def _group_confirmation(deps: Deps, group_id: str) -> Message | None:
    """The live bookings of a group; None where it has none."""
    members = deps.bookings.of_group(group_id)
    live = [each for each in members if each.is_live and not _is_overdue(deps, each)]
    to = _recipient(deps, live[0]) if live else None
    if to is None:
        return None
    _, site, zone = _with_site_and_zone(deps, live[0])
    qr, host = deps.tokens.qr, _host(deps)
    return groups.group_confirmed(to, live, site, zone, code=qr, host=host, now=deps.now())


def _group_cancellation(deps: Deps, group_id: str) -> Message | None:
    """The cancelled bookings of a group; None where it has none."""
    members = deps.bookings.of_group(group_id)
    cancelled = [each for each in members if each.status is Status.CANCELLED]
    to = _recipient(deps, cancelled[0]) if cancelled else None
    if to is None:
        return None
    _, site, zone = _with_site_and_zone(deps, cancelled[0])
    return groups.group_cancelled(to, cancelled, site, zone, host=_host(deps), now=deps.now())


def _with_site_and_zone(deps: Deps, booking: Booking) -> tuple[Booking, Site, Zone]:
    return booking, places.site_of(deps, booking), places.zone_of(deps, booking)


def _host(deps: Deps) -> str:
    return urlsplit(deps.settings.base_url).hostname or "berth"


def _is_overdue(deps: Deps, booking: Booking) -> bool:
    """Whether the booking is over, but the deadline that ends it has not been applied yet."""
    if booking.status is Status.ACTIVE:
        return False
    deadline, now = booking.deadline, deps.now()
    missed = deadline is not None and deadline.kind is DeadlineKind.NO_SHOW and deadline.is_due(now)
    return missed or booking.booked.end <= now


def _bill(deps: Deps, booking_id: str, *, optional: bool = False) -> Message | None:
    """The bill of a stay; `optional`, with an unsubscribe link, where the stay was free."""
    booking = deps.bookings.get(booking_id)
    to = _recipient(deps, booking)
    if to is None or booking.bill is None:
        return None
    unsubscribe = mailboxes.unsubscribe_link(deps, to) if optional else None
    return mails.stay_ended(to, *_with_site_and_zone(deps, booking), unsubscribe=unsubscribe)


def _verification(deps: Deps, account_id: str) -> Message | None:
    account = deps.accounts.get(account_id)
    if account.verified or not account.active:
        return None
    until = deps.now() + VERIFY_LIFE
    link = signed_links.url(deps, "verify_email", account_id, until=until, version=account.epoch)
    return replace(mails.verify_email(account.email, link, until=until), limited=True)


def _password_reset(deps: Deps, account_id: str) -> Message | None:
    account, link, until = _reset_link(deps, account_id)
    name = account.name if account.verified else None
    limited = not account.verified and account.role is Role.USER
    return replace(mails.reset_password(account.email, name, link, until=until), limited=limited)


def _address_taken(deps: Deps, account_id: str) -> Message | None:
    account, link, until = _reset_link(deps, account_id)
    notice = sign_in_notices.address_taken(account.email, link, until=until)
    return replace(notice, limited=not account.verified)


def _sign_in_locked(deps: Deps, account_id: str) -> Message | None:
    account, link, until = _reset_link(deps, account_id)
    if not account.verified:
        return None
    return sign_in_notices.sign_in_locked(account.email, account.name, link, until=until)


def _reset_link(deps: Deps, account_id: str) -> tuple[Account, str, datetime]:
    """An account, a link to a new password for it, and the end of the link. Raises AccountNotFound
    for one that is switched off."""
    account = deps.accounts.get(account_id)
    if not account.active:
        raise errors.AccountNotFound()
    until = deps.now() + RESET_LIFE
    link = signed_links.url(deps, "reset_password", account_id, until=until, version=account.epoch)
    return account, link, until


def _overstay(deps: Deps, booking_id: str) -> Message | None:
    """None where the guest has left or stays on under another end, and for a site without a mail
    address."""
    booking = deps.bookings.get(booking_id)
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    if site.desk_mailbox is None or not booking.overstays(deps.now()):
        return None
    return notices.overstay(site.desk_mailbox, booking, site, zone)


def _webhook_disabled(deps: Deps, subject_id: str) -> Message | None:
    """None for an account that is no longer an owner of the site, and for an enabled webhook."""
    webhook_id, _, account_id = subject_id.partition("/")
    webhook, owner = deps.webhooks.get(webhook_id), deps.accounts.get(account_id)
    to = _email_of(owner)
    if to is None or webhook.active or not owner.active or webhook.site not in owner.sites:
        return None
    return notices.webhook_disabled(to, owner.name, webhook, deps.catalogue.site(webhook.site))


_COMPOSERS: Final[dict[str, Callable[[Deps, str], Message | None]]] = {
    "booking_confirmed": _confirmation,
    "reminder": _reminder,
    "auto_cancelled": _cancellation,
    "booking_cancelled": _cancellation,
    "group_confirmed": _group_confirmation,
    "group_cancelled": _group_cancellation,
    "stay_ended": _bill,
    "offer": _offer,
    "stay_over": partial(_bill, optional=True),
    "verify_email": _verification,
    "reset_password": _password_reset,
    "address_taken": _address_taken,
    "sign_in_locked": _sign_in_locked,
    "webhook_disabled": _webhook_disabled,
    "overstay": _overstay,
}


def _recipient(deps: Deps, booking: Booking) -> str | None:
    """The address of the customer, otherwise of the first guest with one."""
    if booking.user_id is not None:
        return _email_of(deps.accounts.get(booking.user_id))
    return next((guest.email for guest in booking.details.guests if guest.email), None)


def _email_of(account: Account) -> str | None:
    """The address of an account. None until it is verified, because it may be a stranger's
    (docs/rules/accounts.md)."""
    return account.email if account.verified and not account.erased else None


def _answering(deps: Deps, subject: Booking | Entry) -> str:
    """The address of a customer or guest who may act on the links of a mail. Raises NoReader."""
    if isinstance(subject, Booking) and subject.user_id is None:
        to = _recipient(deps, subject)
    else:
        account = deps.accounts.get(subject.user_id or "")
        if not account.active:
            raise NoReader(SWITCHED_OFF)
        to = _email_of(account)
    if to is None:
        raise NoReader(NO_ADDRESS)
    return to
