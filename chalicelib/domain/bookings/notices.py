"""Which changes of a booking its guest must hear of (docs/decisions/notices.md).

The unit of work asks for every booking that a Change saves, and compares the record to save with
the stored one it was made from. So a new step cannot forget its mail: a change of the time, the
space, the length or the end is seen in the values, however the step is called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from chalicelib.domain.bookings import auto_renewal
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.promise import News
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.effect import Effect, MailName
from chalicelib.domain.core.sentence import say

MERGED: Final = effect.WAIT["booking_changed"]
"""A change within this time of the one before is part of the same news: its mail has not left."""

_CANCELLED: Final[dict[str, MailName]] = {
    Step.AUTO_CANCEL: "auto_cancelled",
    Step.TERMINATE: "stay_terminated",
}
"""The mail of a cancellation by its step; every other one is a `booking_cancelled`."""


def with_mails(change: Change) -> Change:
    """`change` with the mails that follow from what it does to its bookings."""
    saves = tuple(_with_news(each) if isinstance(each, Booking) else each for each in change.saves)
    bookings = [each for each in saves if isinstance(each, Booking)]
    mails = [(each, mail) for each in bookings if (mail := _mail(each)) is not None]
    return replace(change, saves=saves).sending(*_of_groups(mails)) if mails else change


def _mail(booking: Booking) -> MailName | None:
    """The mail about what the next version `booking` changes, or None."""
    before = booking.before
    if before is None or not booking.has_mailbox:
        return None
    if before.is_live and not booking.is_live:
        return _of_end(before, booking)
    if before.actual_end != booking.actual_end:
        return _of_bill(booking)
    if not booking.is_live or booking.status is Status.PENDING:
        return None
    if before.renewals != booking.renewals:
        return "stay_renewed"
    if auto_renewal.is_refused(booking, since=before):
        return "renewal_refused"
    if before.guest_mailbox != booking.guest_mailbox:
        return "address_corrected"
    if before.pass_issue != booking.pass_issue:
        return "pass_replaced"
    return None if _is_kept(before, booking) else "booking_changed"


def _is_kept(before: Booking, booking: Booking) -> bool:
    """Whether the promise is the same. No space is promised while it is provisional."""
    if before.is_space_provisional and booking.is_space_provisional:
        return before.booked == booking.booked
    return before.promise == booking.promise


def seen_by_guest(news: News, booking: Booking) -> News:
    """`news` without a change of a space that is provisional, which was no promise."""
    if not booking.is_space_provisional:
        return news
    return replace(news, before=replace(news.before, number=booking.number))


def late_news(news: News, later: News) -> News | None:
    """What the late mail of `news` says where the booking has `later` news: the change up to the
    present promise; None where the later news begins with the same promise and says it all."""
    if news.before == later.before:
        return None
    return replace(news, own=news.own and later.own)


def _of_end(before: Booking, over: Booking) -> MailName | None:
    if over.status is Status.COMPLETED:
        return _of_bill(over)
    if over.status is Status.EXPIRED:
        return None if before.status is Status.PENDING else "booking_expired"
    step = over.timeline[len(before.timeline)]
    return _CANCELLED.get(step.what, "booking_cancelled")


def _of_bill(over: Booking) -> MailName:
    return "stay_ended" if over.bill is not None and over.bill.charged else "stay_over"


def again(booking: Booking) -> MailName:
    """The mail that staff may send once more: the confirmation of a live booking, the bill of a
    stay. Raises IllegalTransition without an address, AlreadyEnded for other bookings."""
    if not booking.has_mailbox:
        raise errors.IllegalTransition(say("no_mail_address"))
    if booking.status is Status.COMPLETED:
        return _of_bill(booking)
    if booking.status is Status.PENDING:
        raise errors.IllegalTransition(booking.why_over)
    booking.require_live()
    return "booking_confirmed"


def _with_news(booking: Booking) -> Booking:
    """`booking` with what the mail about its change compares with. A corrected address makes older
    news void: the new reader never had the old promise."""
    match _mail(booking):
        case "booking_changed":
            return replace(booking, news=_news(booking))
        case "address_corrected":
            return replace(booking, news=None)
    return booking


def _news(booking: Booking) -> News:
    before, at, own = booking.before, booking.updated_at, is_own(booking)
    assert before is not None
    last = before.news
    if last is not None and at - last.at < MERGED:
        return News(booking.version, at, last.before, own=own and last.own)
    return News(booking.version, at, before.promise, own=own)


def is_own(booking: Booking) -> bool:
    """Whether its last step was the customer's own, or a guest's by a link."""
    last = booking.timeline[-1]
    return last.source == "link" or last.actor == booking.user_id


def _of_groups(mails: list[tuple[Booking, MailName]]) -> Iterator[Effect]:
    """The effects of the mails; the cancellations of several bookings of a group are one."""
    cancelled = Counter(b.group_id for b, mail in mails if mail == "booking_cancelled")
    done = set()
    for booking, mail in mails:
        group_id = booking.group_id
        if mail == "booking_cancelled" and group_id is not None and cancelled[group_id] > 1:
            if group_id not in done:
                yield effect.mail("group_cancelled", group_id)
            done.add(group_id)
        elif mail == "booking_changed":
            assert booking.news is not None
            yield effect.mail(mail, f"{booking.booking_id}/{booking.news.name}")
        elif mail == "stay_renewed":
            yield effect.mail(mail, f"{booking.booking_id}/{booking.renewals}")
        else:
            yield effect.mail(mail, booking.booking_id)
