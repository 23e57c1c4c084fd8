"""The mail of an effect, composed from the records at its delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from chalicelib.domain.bookings import auto_renewal, confirmation, confirmation_steps
from chalicelib.domain.bookings import notices as booking_notices
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.promise import News
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.mail.message import Message, NoReader
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import overstay
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.rendering.mail import (
    changes,
    endings,
    groups,
    mails,
    notices,
    offers,
    reminders,
    renewals,
)
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question
from chalicelib.services.bookings import links as booking_links
from chalicelib.services.core import places, recipients
from chalicelib.services.core.deps import Deps
from chalicelib.services.mail import account_mails, pass_mails, payment_mails
from chalicelib.services.waitlist import links as waitlist_links

_GONE: Final = (
    errors.AccountNotFound,
    errors.BookingNotFound,
    errors.EntryNotFound,
    errors.SeasonPassNotFound,
    errors.WebhookNotFound,
)


def message(deps: Deps, effect: Effect) -> Message | None:
    """The mail of `effect`. None where it is outdated or has no recipient: the booking has ended,
    the offer has lapsed, the address is verified, the account is erased."""
    try:
        return _COMPOSERS[effect.name](deps, effect.subject_id)
    except _GONE:
        return None


def _confirmation(deps: Deps, booking_id: str, *, corrected: bool = False) -> Message | None:
    """The confirmation; `corrected` for the first mail to a corrected address."""
    booking = deps.bookings.get(booking_id)
    reader = recipients.of_booking(deps, booking)
    if reader is None or not booking.is_live or _is_overdue(deps, booking):
        return None
    return mails.booking_confirmed(
        *_with_site_and_zone(deps, booking),
        code=deps.tokens.qr(booking),
        invitation=_invitation(deps, reader),
        corrected=corrected,
        question=None if corrected else _open_question(deps, booking),
    )


def _open_question(deps: Deps, booking: Booking) -> Question | None:
    """The question of a reminder that was sent, while its answer is awaited; None without one."""
    if not confirmation_steps.is_answer_awaited(booking, deps.now()):
        return None
    try:
        reader = recipients.answering(deps, booking)
    except NoReader:
        return None
    return _question(deps, booking, reader, until=confirmation_steps.auto_cancels_at(booking))


def _question(deps: Deps, booking: Booking, reader: Reader, *, until: datetime | None) -> Question:
    make = partial(booking_links.make, deps, booking, to=reader.address, language=reader.language)
    return Question(make("confirm"), make("cancel"), until)


def _changed(deps: Deps, subject_id: str) -> Message | None:
    """The mail about the change that made a version of a booking. None if the mail of a later
    change says it too, or if the change was taken back."""
    booking_id, _, name = subject_id.partition("/")
    booking = deps.bookings.get(booking_id)
    reader, news = recipients.of_booking(deps, booking), booking.news
    if reader is None or not booking.is_live or _is_overdue(deps, booking):
        return None
    if news is None:
        return None
    if name.partition("/")[0] != str(news.in_version):
        earlier = News.named(name)
        news = earlier and booking_notices.late_news(earlier, news)
        if news is None:
            return None
    news = booking_notices.seen_by_guest(news, booking)
    if news.before == booking.promise:
        return None
    return changes.booking_changed(
        *_with_site_and_zone(deps, booking),
        news,
        code=deps.tokens.qr(booking),
        invitation=_invitation(deps, reader),
    )


def _renewed(deps: Deps, subject_id: str) -> Message | None:
    """The mail about a renewal of a stay; None after a later one, and once the stay is over."""
    booking_id, _, nth = subject_id.partition("/")
    booking = deps.bookings.get(booking_id)
    reader = recipients.of_booking(deps, booking)
    if reader is None or not booking.is_live or str(booking.renewals) != nth:
        return None
    invitation = _invitation(deps, reader)
    return renewals.renewed(*_with_site_and_zone(deps, booking), invitation=invitation)


def _renewal_refused(deps: Deps, booking_id: str) -> Message | None:
    """The mail about a stay that does not renew; None where it may renew again."""
    booking = deps.bookings.get(booking_id)
    reader, reason = recipients.of_booking(deps, booking), auto_renewal.refused_because(booking)
    if reader is None or reason is None:
        return None
    return renewals.refused(reader, *_with_site_and_zone(deps, booking), reason)


def _new_pass(deps: Deps, booking_id: str) -> Message | None:
    """The pass as it is now; None for a booking that has ended."""
    booking = deps.bookings.get(booking_id)
    reader = recipients.of_booking(deps, booking)
    if reader is None or not booking.is_live or _is_overdue(deps, booking):
        return None
    code = deps.tokens.qr(booking)
    return changes.pass_replaced(reader, *_with_site_and_zone(deps, booking), code=code)


def _reminder(deps: Deps, booking_id: str) -> Message | None:
    """None for a booking that was cancelled, moved or confirmed since, or has begun. Raises
    NoReader without a recipient, so that staff see the reason on the booking."""
    booking = deps.bookings.get(booking_id)
    if not confirmation_steps.is_reminder_pending(booking) or deps.now() >= booking.booked.start:
        return None
    reader = recipients.answering(deps, booking)
    policy = places.zone_of(deps, booking).policy
    until = confirmation.auto_cancel_at(booking.booked.start, deps.now(), policy)
    return reminders.reminder(
        *_with_site_and_zone(deps, booking),
        question=_question(deps, booking, reader, until=until),
        invitation=_invitation(deps, reader),
    )


def _end(
    render: Callable[..., Message],
    status: Status,
    deps: Deps,
    booking_id: str,
    *,
    may_owe: bool = False,
) -> Message | None:
    """The mail of a booking that ended with `status`, with a link to pay where it `may_owe`
    something; None where it has not."""
    booking = deps.bookings.get(booking_id)
    reader = recipients.of_booking(deps, booking)
    if reader is None or booking.status is not status:
        return None
    owed = {"pay": payment_mails.link_of_dues(deps, booking, reader)} if may_owe else {}
    return render(
        *_with_site_and_zone(deps, booking),
        invitation=_invitation(deps, reader),
        **owed,
    )


def _offer(deps: Deps, entry_id: str) -> Message | None:
    """None for an offer that was claimed or declined since, or has lapsed. Raises NoReader without
    a recipient, so that the next in the queue gets the offer at once."""
    entry, now = deps.waitlist.get(entry_id), deps.now()
    if entry.lapses_at is None or now >= entry.lapses_at:
        return None
    reader = recipients.answering(deps, entry)
    return offers.offer(
        reader,
        entry,
        places.site_of(deps, entry),
        places.zone_of(deps, entry),
        claim=waitlist_links.make(
            deps, entry, "claim", to=reader.address, language=reader.language
        ),
        decline=waitlist_links.make(
            deps, entry, "decline", to=reader.address, language=reader.language
        ),
        now=now,
    )


def _wait_over(render: Callable[..., Message], deps: Deps, entry_id: str) -> Message | None:
    """The mail of an entry that expired."""
    entry = deps.waitlist.get(entry_id)
    reader = recipients.of_entry(deps, entry)
    if reader is None or entry.status is not EntryStatus.EXPIRED:
        return None
    return render(
        reader,
        entry,
        places.site_of(deps, entry),
        places.zone_of(deps, entry),
    )


def _group_confirmation(deps: Deps, group_id: str) -> Message | None:
    """The live bookings of a group; None where it has none."""
    members = deps.bookings.of_group(group_id)
    live = [each for each in members if each.is_live and not _is_overdue(deps, each)]
    reader = recipients.of_booking(deps, live[0]) if live else None
    if reader is None:
        return None
    _, site, zone = _with_site_and_zone(deps, live[0])
    invitation = _invitation(deps, reader)
    return groups.group_confirmed(live, site, zone, code=deps.tokens.qr, invitation=invitation)


def _group_cancellation(deps: Deps, group_id: str) -> Message | None:
    """The cancelled bookings of a group; None where it has none."""
    members = deps.bookings.of_group(group_id)
    cancelled = [each for each in members if each.status is Status.CANCELLED]
    reader = recipients.of_booking(deps, cancelled[0]) if cancelled else None
    if reader is None:
        return None
    _, site, zone = _with_site_and_zone(deps, cancelled[0])
    invitation = _invitation(deps, reader)
    return groups.group_cancelled(cancelled, site, zone, invitation=invitation)


def _with_site_and_zone(deps: Deps, booking: Booking) -> tuple[Booking, Site, Zone]:
    return booking, places.site_of(deps, booking), places.zone_of(deps, booking)


def _invitation(deps: Deps, reader: Reader) -> Invitation:
    """The ends of a mail with a calendar file. The sender's address is the organizer, because mail
    programs apply the file of no other."""
    return Invitation(
        reader=reader,
        organizer=deps.settings.mail_address,
        host=urlsplit(deps.settings.base_url).hostname or "berth",
        now=deps.now(),
    )


def _is_overdue(deps: Deps, booking: Booking) -> bool:
    """Whether a booking that has not begun is over, but the deadline that ends it has not been
    applied yet."""
    if booking.status is Status.ACTIVE:
        return False
    return _is_ended_by(DeadlineKind.NO_SHOW, deps, booking) or booking.booked.end <= deps.now()


def _is_ended_by(kind: DeadlineKind, deps: Deps, booking: Booking) -> bool:
    """Whether a deadline of that kind ends the booking and is due, but not applied yet."""
    deadline = booking.deadline
    return deadline is not None and deadline.kind is kind and deadline.is_due(deps.now())


def _overstay(deps: Deps, subject_id: str) -> Message | None:
    """None where the guest has left or stays on under another end, and for a site without a mail
    address."""
    booking = deps.bookings.get(subject_id.partition("/")[0])
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    is_late = booking.overstays(deps.now()) and subject_id == overstay.mail_subject(booking)
    is_over = _is_ended_by(DeadlineKind.AUTO_CHECKOUT, deps, booking)
    if site.desk_mailbox is None or not is_late or is_over:
        return None
    reader = recipients.of_desk(deps, site, site.desk_mailbox)
    return notices.overstay(reader, booking, site, zone)


_COMPOSERS: Final[dict[str, Callable[[Deps, str], Message | None]]] = {
    "booking_confirmed": _confirmation,
    "reminder": _reminder,
    "booking_changed": _changed,
    "address_corrected": partial(_confirmation, corrected=True),
    "stay_renewed": _renewed,
    "renewal_refused": _renewal_refused,
    "pass_replaced": _new_pass,
    "auto_cancelled": partial(_end, endings.cancelled, Status.CANCELLED),
    "booking_cancelled": partial(_end, endings.cancelled, Status.CANCELLED),
    **payment_mails.COMPOSERS,
    "season_pass_sold": pass_mails.sold,
    "season_pass_returned": pass_mails.returned,
    "season_pass_ends": pass_mails.ends,
    "booking_expired": partial(_end, endings.expired, Status.EXPIRED, may_owe=True),
    "stay_terminated": partial(_end, endings.terminated, Status.CANCELLED),
    "group_confirmed": _group_confirmation,
    "group_cancelled": _group_cancellation,
    "stay_ended": payment_mails.bill,
    "offer": _offer,
    "offer_lapsed": partial(_wait_over, offers.lapsed),
    "wait_ended": partial(_wait_over, offers.unserved),
    "stay_over": partial(payment_mails.bill, optional=True),
    "verify_email": account_mails.verification,
    "reset_password": account_mails.password_reset,
    "address_taken": account_mails.address_taken,
    "sign_in_locked": account_mails.sign_in_locked,
    "change_email": account_mails.change_email,
    "email_changing": account_mails.email_changing,
    "email_changed": account_mails.email_changed,
    "webhook_disabled": account_mails.webhook_disabled,
    "overstay": _overstay,
}
