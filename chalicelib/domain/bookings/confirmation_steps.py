"""The steps of a confirmation: asked, answered, or given up (docs/rules/confirmation.md).

Each looks at the booking as it stands, so that whichever of two comes second finds what the first
has done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.sites.policy import Policy

NOBODY_CONFIRMED = "Nobody confirmed the booking after the reminder."
NO_ADDRESS = "There is no address to write to."
NO_REMINDER_NEEDED = "The booking has begun, or its zone asks for no confirmation any more."


def remind(booking: Booking, *, policy: Policy, source: Source, now: datetime) -> BookingChange:
    """The reminder's time has come: its mail goes out, once. What has begun by now (the sweep was
    down) or need not be confirmed any more just stands; where there is nobody to write to, staff
    are told on the timeline."""
    if now >= booking.booked.start or not policy.confirmation:
        return _standing(booking, "not_reminded", NO_REMINDER_NEEDED, policy, source, now)
    if not booking.has_mailbox:
        return _standing(booking, "reminder_failed", NO_ADDRESS, policy, source, now)
    asked = booking.after(
        "reminded", at=now, by=SYSTEM, source=source, confirmation=Confirmation(asked_at=now)
    )
    asked = replace(asked, deadline=asked.next_deadline(policy))
    return BookingChange.of(asked).sending(effect.mail("reminder", booking.booking_id))


def has_left(booking: Booking, *, policy: Policy, at: datetime) -> BookingChange | None:
    """The reminder has really gone out: only now may its answer be waited for. None where that
    changes nothing any more."""
    asked = booking.confirmation
    if asked is None or not is_waiting(booking):
        return None
    sent = replace(
        booking, confirmation=replace(asked, sent_at=at), version=booking.version + 1, updated_at=at
    )
    return BookingChange.of(replace(sent, deadline=sent.next_deadline(policy)))


def has_failed(booking: Booking, *, why: str, policy: Policy, at: datetime) -> BookingChange | None:
    """The reminder will never arrive, whether it was sent or not: the booking stands, and staff
    read why. None where nothing hangs on it any more."""
    if not is_unanswered(booking):
        return None
    return _standing(booking, "reminder_failed", why, policy, "outbox", at)


def is_waiting(booking: Booking) -> bool:
    """Whether a reminder is on its way for it, and still makes sense."""
    asked = booking.confirmation
    return asked is not None and asked.sent_at is None and is_unanswered(booking)


def is_unanswered(booking: Booking) -> bool:
    """Whether it was asked for an answer, has none, and would be given up without one."""
    asked = booking.confirmation
    return (
        booking.status is Status.BOOKED
        and asked is not None
        and asked.asked_at is not None
        and asked.confirmed_at is None
        and not asked.failed
    )


def _standing(
    booking: Booking, what: str, why: str, policy: Policy, source: Source, now: datetime
) -> BookingChange:
    """It will not be cancelled by itself, and its timeline says why."""
    asked = replace(booking.confirmation or Confirmation(), failed=True)
    stands = booking.after(what, at=now, by=SYSTEM, source=source, note=why, confirmation=asked)
    return BookingChange.of(replace(stands, deadline=stands.next_deadline(policy)))


def require_confirmable(booking: Booking, now: datetime) -> None:
    """Refuse what is over (AlreadyEnded) or has begun (IllegalTransition)."""
    booking.require_live()
    if booking.status is not Status.BOOKED or now >= booking.booked.start:
        raise errors.IllegalTransition("The booking has begun; it needs no confirmation any more.")


def confirm(
    booking: Booking, *, by: Actor, source: Source, policy: Policy, now: datetime, note: str = ""
) -> BookingChange | None:
    """Somebody will come. None where that was said before: the first answer counts. Raises
    AlreadyEnded, IllegalTransition once it has begun."""
    require_confirmable(booking, now)
    if booking.confirmation is None or booking.confirmed_at is not None:
        return None
    answered = replace(booking.confirmation, confirmed_at=now)
    sure = booking.after(
        "confirmed", at=now, by=by, source=source, note=note, confirmation=answered
    )
    return BookingChange.of(replace(sure, deadline=sure.next_deadline(policy)))


def auto_cancel(booking: Booking, *, policy: Policy, source: Source, at: datetime) -> BookingChange:
    """Nobody has confirmed by `at`: the booking is given up, its time freed, and a mail says so;
    unless its zone asks for no confirmation any more. Raises IllegalTransition."""
    booking.require_step(Step.AUTO_CANCEL)
    if booking.confirmed_at is not None:
        raise errors.IllegalTransition("A confirmed booking is not cancelled automatically.")
    if not policy.confirmation:
        return _standing(booking, "kept", NO_REMINDER_NEEDED, policy, source, at)
    over = booking.stepped(
        Step.AUTO_CANCEL, at=at, by=SYSTEM, source=source, note=NOBODY_CONFIRMED, deadline=None
    )
    change = booking.freeing(over)
    if not booking.has_mailbox:
        return change
    return change.sending(effect.mail("auto_cancelled", booking.booking_id))
