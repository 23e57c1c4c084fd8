"""Confirm bookings, for the customer or on the guest's behalf, and record what happens to the
reminder that asks for it (docs/rules/confirmation.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings import confirmation_steps
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import At, say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.sites.policy import Policy
from chalicelib.services.bookings import bookings, lists, settle, way_on
from chalicelib.services.core import audit_events, places
from chalicelib.services.core.deps import Deps

ON_BEHALF = "on the guest's behalf"


def confirm(
    deps: Deps, actor: Actor, booking_id: str, *, reason: str = "", source: Source = "api"
) -> Booking:
    """Confirm a booking: one read and one transaction. A repeated confirmation changes nothing.
    Staff confirm on the guest's behalf, as `override` does. Raises BookingNotFound, NotYours,
    AlreadyEnded, and IllegalTransition after the booked start."""

    def once() -> Booking | None:
        booking = deps.as_expected(bookings.get(deps, actor, booking_id))
        if not actor.owns(booking.user_id):
            return None
        return confirm_settled(deps, actor, booking, source=source)

    return deps.retry_on_conflict(once) or override(deps, actor, booking_id, reason=reason)


def confirm_settled(
    deps: Deps, actor: Actor, booking: Booking, *, source: Source, note: str = ""
) -> Booking:
    """Confirm a booking that has just been read. Raises StaleVersion too."""
    change = _confirmed(deps, actor, booking, source, note)
    if change is None:
        return booking
    deps.commit(change)
    return change.booking


def override(deps: Deps, actor: Actor, booking_id: str, *, reason: str = "") -> Booking:
    """Confirm on the guest's behalf, so that there is no auto-cancel; audited with the reason. For
    staff of the site. Raises Forbidden, and what `confirm` refuses."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        access.require_party(actor, user_id=booking.user_id, site=booking.site)
        access.require_works_at(actor, booking.site)
        deps.as_expected(booking)
        note = f"{ON_BEHALF}: {reason}" if reason else ON_BEHALF
        change = _confirmed(deps, actor, booking, "staff_api", note)
        if change is None:
            return booking
        done = audit_events.event(
            deps,
            actor=actor,
            action="override_autocancel",
            subject=booking_id,
            site=booking.site,
            detail=note,
        )
        deps.commit(change.auditing(done))
        return change.booking

    return deps.retry_on_conflict(once)


def _confirmed(
    deps: Deps, actor: Actor, booking: Booking, source: Source, note: str
) -> BookingChange | None:
    if booking.auto_cancel is not None:
        raise _too_late(deps, booking, booking.auto_cancel.at)
    return confirmation_steps.confirm(
        booking, by=actor, source=source, policy=_policy(deps, booking), now=deps.now(), note=note
    )


def _too_late(deps: Deps, booking: Booking, at: datetime) -> errors.AlreadyEnded:
    """The refusal to confirm a booking that was cancelled without an answer: when, and what is free
    instead."""
    tz, now = places.site_of(deps, booking).tz, deps.now()
    refusal = errors.AlreadyEnded(say("cancelled_unconfirmed", when=At(at, tz, now)))
    return way_on.instead(deps, booking, refusal)


def reminder_left(deps: Deps, booking_id: str) -> None:
    """Record that the mail of the reminder has left: its auto-cancel is due from now on."""
    _write_back(deps, booking_id, confirmation_steps.mark_sent)


def reminder_failed(deps: Deps, booking_id: str, why: str) -> None:
    """Record that the mail of the reminder will not arrive: the booking stays booked, and its
    timeline says `why`."""

    def failed(booking: Booking, *, policy: Policy, at: datetime) -> BookingChange | None:
        return confirmation_steps.mark_failed(booking, why=why, policy=policy, at=at)

    _write_back(deps, booking_id, failed)


def ask_mover(deps: Deps, account: Account, *, moved_at: datetime) -> None:
    """Ask again what an account was asked before it got another address at `moved_at`: a query for
    each 100 bookings ever made, a read and a transaction for each reminder."""

    def again(booking: Booking, *, policy: Policy, at: datetime) -> BookingChange | None:
        return confirmation_steps.remind_mover(booking, moved_at=moved_at, policy=policy, now=at)

    for booking in lists.current(deps, account.actor()):
        if confirmation_steps.is_answer_awaited(booking, deps.now()):
            _write_back(deps, booking.booking_id, again)


def _write_back(deps: Deps, booking_id: str, step: Callable[..., BookingChange | None]) -> None:
    """Commit `step` on the booking as it is now, if the booking exists and the step changes it."""

    def once() -> None:
        try:
            booking = deps.bookings.get(booking_id)
        except errors.BookingNotFound:
            return
        change = step(booking, policy=_policy(deps, booking), at=deps.now())
        if change is not None:
            deps.commit(change)

    deps.retry_on_conflict(once)


def _policy(deps: Deps, booking: Booking) -> Policy:
    return places.zone_of(deps, booking).policy
