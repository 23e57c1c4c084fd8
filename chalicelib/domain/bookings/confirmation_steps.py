"""The steps of a confirmation: reminder, confirmation, auto-cancel (docs/rules/confirmation.md).

Each step looks at the present state of the booking, so the second of two concurrent steps meets the
result of the first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.bookings import ends
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.sites.policy import Policy

NOT_CONFIRMED = "Not confirmed before event"
NO_ADDRESS = "There is no address to write to."
IN_FLIGHT = timedelta(minutes=1)
"""A mail that is recorded as sent within this time of a move may have been composed before it."""
NO_REMINDER_NEEDED = "The booking has begun, or its zone asks for no confirmation any more."


def remind(booking: Booking, *, policy: Policy, source: Source, now: datetime) -> BookingChange:
    """Send the reminder, once. A booking that has begun by now (the sweep was late), needs no
    confirmation any more or has no mailbox stands without one, and its timeline shows why."""
    if now >= booking.booked.start or not policy.confirmation:
        return _stand(booking, "not_reminded", NO_REMINDER_NEEDED, policy, source, now)
    if not booking.has_mailbox:
        return _stand(booking, "reminder_failed", NO_ADDRESS, policy, source, now)
    reminded = booking.after(
        "reminded", at=now, by=SYSTEM, source=source, confirmation=Confirmation(asked_at=now)
    )
    reminded = replace(reminded, deadline=reminded.next_deadline(policy))
    return BookingChange.of(reminded).sending(effect.mail("reminder", booking.booking_id))


def has_new_reader(booking: Booking, now: datetime) -> bool:
    """Whether this version gives another address to a guest who was reminded at the former one and
    has not answered: the links of that mail have lapsed."""
    before, given = booking.before, booking.confirmation
    if before is None or given is None or before.guest_mailbox == booking.guest_mailbox:
        return False
    return is_answer_awaited(booking, now)


def remind_new_reader(
    change: BookingChange, *, policy: Policy, source: Source, now: datetime
) -> BookingChange:
    """`change`, which gives its guest another address, with the reminder to that one: the answer
    has the full time. Without an address the booking stands."""
    corrected, *others = change.saves
    assert isinstance(corrected, Booking)
    asked = remind(corrected, policy=policy, source=source, now=now)
    reminded = replace(asked.booking, version=corrected.version)
    return replace(change, saves=(reminded, *others)).sending(*asked.effects)


def remind_mover(
    booking: Booking, *, moved_at: datetime, policy: Policy, now: datetime
) -> BookingChange | None:
    """Send the reminder again to a customer whose account got another address at `moved_at`: the
    answer has the full time. None where no answer is awaited to a reminder of before."""
    given = booking.confirmation
    if given is None or not is_answer_awaited(booking, now):
        return None
    asked_at, sent_at = given.asked_at or now, given.sent_at or now
    if asked_at > moved_at or sent_at > moved_at + IN_FLIGHT:
        return None
    return remind(booking, policy=policy, source="outbox", now=now)


def mark_sent(booking: Booking, *, policy: Policy, at: datetime) -> BookingChange | None:
    """Record that the reminder was sent: the auto-cancel counts from now. None if the booking no
    longer waits for that."""
    confirmation = booking.confirmation
    if confirmation is None or not is_reminder_pending(booking):
        return None
    sent = replace(
        booking,
        confirmation=replace(confirmation, sent_at=at),
        version=booking.version + 1,
        updated_at=at,
    )
    return BookingChange.of(replace(sent, deadline=sent.next_deadline(policy)))


def mark_failed(
    booking: Booking, *, why: str, policy: Policy, at: datetime
) -> BookingChange | None:
    """Record that the reminder could not be delivered: the booking stands, and its timeline shows
    why. None if no answer is awaited any more."""
    if not is_unanswered(booking):
        return None
    return _stand(booking, "reminder_failed", why, policy, "outbox", at)


def is_reminder_pending(booking: Booking) -> bool:
    """Whether its reminder is in the outbox and still has to be sent."""
    confirmation = booking.confirmation
    return confirmation is not None and confirmation.sent_at is None and is_unanswered(booking)


def is_answer_awaited(booking: Booking, now: datetime) -> bool:
    """Whether its reminder was sent, and its guest can still answer."""
    sent = booking.confirmation is not None and booking.confirmation.sent_at is not None
    return sent and is_unanswered(booking) and now < booking.booked.start


def auto_cancels_at(booking: Booking) -> datetime | None:
    """When it is cancelled without an answer; None where it is not."""
    deadline = booking.deadline
    if deadline is None or deadline.kind is not DeadlineKind.AUTO_CANCEL:
        return None
    return deadline.at


def is_unanswered(booking: Booking) -> bool:
    """Whether it has a reminder, no answer yet, and would be cancelled without one."""
    confirmation = booking.confirmation
    return (
        booking.status is Status.BOOKED
        and confirmation is not None
        and confirmation.asked_at is not None
        and confirmation.confirmed_at is None
        and not confirmation.failed
    )


def _stand(
    booking: Booking, what: str, why: str, policy: Policy, source: Source, now: datetime
) -> BookingChange:
    """Let the booking stand without a confirmation; its timeline shows why."""
    failed = replace(booking.confirmation or Confirmation(), failed=True)
    stands = booking.after(what, at=now, by=SYSTEM, source=source, note=why, confirmation=failed)
    return BookingChange.of(replace(stands, deadline=stands.next_deadline(policy)))


def require_confirmable(booking: Booking, now: datetime) -> None:
    """Require a live booking before its start. Raises AlreadyEnded, IllegalTransition."""
    booking.require_live()
    if booking.status is not Status.BOOKED or now >= booking.booked.start:
        raise errors.IllegalTransition(say("needs_no_confirmation"))


def confirm(
    booking: Booking, *, by: Actor, source: Source, policy: Policy, now: datetime, note: str = ""
) -> BookingChange | None:
    """Confirm the booking. None if it was confirmed before: the first answer counts. Raises
    AlreadyEnded, IllegalTransition once it has begun."""
    require_confirmable(booking, now)
    if booking.confirmation is None or booking.confirmed_at is not None:
        return None
    confirmed = booking.after(
        "confirmed",
        at=now,
        by=by,
        source=source,
        note=note,
        confirmation=replace(booking.confirmation, confirmed_at=now),
    )
    return BookingChange.of(replace(confirmed, deadline=confirmed.next_deadline(policy)))


def auto_cancel(booking: Booking, *, policy: Policy, source: Source, at: datetime) -> BookingChange:
    """Cancel an unconfirmed booking and free its time. If its zone needs no confirmation any more,
    the booking stands. Raises IllegalTransition."""
    booking.require_step(Step.AUTO_CANCEL)
    if booking.confirmed_at is not None:
        raise errors.IllegalTransition(say("confirmed_stays"))
    if not policy.confirmation:
        return _stand(booking, "kept", NO_REMINDER_NEEDED, policy, source, at)
    cancelled = booking.stepped(
        Step.AUTO_CANCEL, at=at, by=SYSTEM, source=source, note=NOT_CONFIRMED, deadline=None
    )
    return ends.freeing(booking, cancelled)
