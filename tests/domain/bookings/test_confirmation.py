from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import confirmation, confirmation_steps, ends, reschedule
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import ZoneKind, default_policy
from tests import builders
from tests.builders import CUSTOMER, IST, VENUE, an_interval
from tests.clock import NOON

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR
HALLS = builders.a_zone(zone_id="halls", kind="venue", policy=VENUE, tariff=builders.FREE)
GATED = replace(HALLS, policy=replace(VENUE, check_in="staff"))


def a_hall(*, ahead: timedelta = 48 * HOUR, **fields: Any) -> Booking:
    return builders.a_booking(HALLS, interval=an_interval(START), now=START - ahead, **fields)


def reminded(booking: Booking, at: datetime) -> Booking:
    """Asked, and the mail has left."""
    asked = confirmation_steps.remind(booking, policy=VENUE, source="sweep", now=at).booking
    left = confirmation_steps.mark_sent(asked, policy=VENUE, at=at)
    assert left is not None
    return left.booking


def test_only_venues_ask_by_default() -> None:
    kinds: tuple[ZoneKind, ...] = ("parking", "venue", "room")
    assert [default_policy(kind).confirmation for kind in kinds] == [False, True, False]


@pytest.mark.parametrize(
    ("ahead", "needed"),
    [
        (24 * HOUR + timedelta(seconds=1), True),
        (24 * HOUR, False),  # exactly the lead: there is no time left to be reminded
        (HOUR, False),
        (timedelta(0), False),
    ],
)
def test_who_must_confirm(ahead: timedelta, needed: bool) -> None:
    booking = a_hall(ahead=ahead)
    assert (booking.confirmation is not None) == needed
    assert booking.confirmed_at == (None if needed else booking.created_at)


def test_a_zone_that_asks_for_nothing_keeps_nothing() -> None:
    booking = builders.a_booking(interval=an_interval(START), now=NOON)
    assert (booking.confirmation, booking.confirmed_at) == (None, NOON)


@pytest.mark.parametrize(
    ("left_before", "falls_due_before"),
    [
        (24 * HOUR, 2 * HOUR),  # in time
        (3 * HOUR, 2 * HOUR),  # an hour is left to answer
        (timedelta(hours=2, minutes=59), timedelta(hours=1, minutes=59)),  # exactly an hour
        (timedelta(hours=1, seconds=1), timedelta(seconds=1)),
        (HOUR, None),  # an hour later it has begun
        (timedelta(minutes=5), None),
    ],
)
def test_when_a_booking_is_given_up(
    left_before: timedelta, falls_due_before: timedelta | None
) -> None:
    expected = None if falls_due_before is None else START - falls_due_before
    assert confirmation.auto_cancel_at(START, START - left_before, VENUE) == expected


@given(st.integers(1, 40 * 3600), st.integers(1, 3000), st.integers(0, 3000), st.integers(0, 600))
def test_whoever_is_reminded_always_has_the_window_to_answer(
    before: int, lead: int, cut: int, window: int
) -> None:
    policy = Policy(
        confirmation=True, reminder_lead=lead, auto_cancel_lead=cut, min_confirm_window=window
    )
    sent = START - timedelta(seconds=before)
    at = confirmation.auto_cancel_at(START, sent, policy)
    assert at is None or sent + timedelta(minutes=window) <= at < START


@pytest.mark.parametrize("day", ["2027-03-28", "2026-10-25"])  # 23 and 25 hours in Dublin
def test_a_clock_change_between_reminder_and_start_changes_nothing(day: str) -> None:
    tz = localtime.zone("Europe/Dublin")
    start = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=tz).astimezone(UTC)
    assert confirmation.reminder_at(start, VENUE) == start - 24 * HOUR
    assert confirmation.auto_cancel_at(start, start - 24 * HOUR, VENUE) == start - 2 * HOUR


# -- the one deadline, step by step


def test_first_the_reminder_then_the_auto_cancel_then_the_start() -> None:
    booking = a_hall()
    assert booking.deadline == Deadline(DeadlineKind.REMINDER, START - 24 * HOUR)
    asked = confirmation_steps.remind(booking, policy=VENUE, source="sweep", now=START - 24 * HOUR)
    assert [effect.name for effect in asked.effects] == ["reminder"]
    # nothing is waited for until the mail has really left
    assert asked.booking.deadline == Deadline(DeadlineKind.AUTO_START, START)
    left = confirmation_steps.mark_sent(asked.booking, policy=VENUE, at=START - 23 * HOUR)
    assert left is not None
    assert left.booking.deadline == Deadline(DeadlineKind.AUTO_CANCEL, START - 2 * HOUR)
    sure = confirm(left.booking, START - 5 * HOUR)
    assert sure.deadline == Deadline(DeadlineKind.AUTO_START, START)


def confirm(booking: Booking, now: datetime) -> Booking:
    change = confirmation_steps.confirm(booking, by=CUSTOMER, source="api", policy=VENUE, now=now)
    assert change is not None
    return change.booking


def test_where_somebody_checks_in_a_confirmed_booking_waits_for_its_no_show() -> None:
    booking = builders.a_booking(GATED, interval=an_interval(START), now=NOON)
    assert confirm(booking, NOON).next_deadline(GATED.policy) == Deadline(
        DeadlineKind.NO_SHOW, START + HOUR
    )


def test_a_booking_given_up_says_when_and_why_and_frees_its_time() -> None:
    booking = reminded(a_hall(), START - 24 * HOUR)
    change = confirmation_steps.auto_cancel(
        booking, policy=VENUE, source="sweep", at=START - 2 * HOUR
    )
    over = change.booking
    assert (over.status, over.deadline) == (Status.CANCELLED, None)
    assert over.auto_cancel is not None
    assert (over.auto_cancel.at, over.auto_cancel.actor) == (START - 2 * HOUR, SYSTEM.account_id)
    assert [[*edit.puts] for edit in change.sheets] == [[]]


def test_a_confirmed_booking_is_never_given_up() -> None:
    booking = confirm(reminded(a_hall(), START - 24 * HOUR), START - 3 * HOUR)
    with pytest.raises(errors.IllegalTransition):
        confirmation_steps.auto_cancel(booking, policy=VENUE, source="sweep", at=START - 2 * HOUR)


def test_the_first_answer_counts() -> None:
    booking = confirm(a_hall(), START - 30 * HOUR)
    again = confirmation_steps.confirm(
        booking, by=CUSTOMER, source="api", policy=VENUE, now=START - 3 * HOUR
    )
    assert again is None


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=5), 3 * HOUR])
def test_what_has_begun_can_no_longer_be_confirmed(late: timedelta) -> None:
    with pytest.raises(errors.IllegalTransition):
        confirm(a_hall(), START + late)


def test_what_is_over_can_no_longer_be_confirmed() -> None:
    over = ends.cancel(a_hall(), by=CUSTOMER, source="api", reason="", now=NOON).booking
    with pytest.raises(errors.AlreadyEnded):
        confirm(over, NOON)


# -- reminders that cannot be, or come to nothing


def test_a_reminder_later_than_the_start_is_not_sent_and_the_booking_stands() -> None:
    change = confirmation_steps.remind(a_hall(), policy=VENUE, source="sweep", now=START)
    assert change.effects == ()
    assert change.booking.deadline == Deadline(DeadlineKind.AUTO_START, START)
    assert change.booking.timeline[-1].what == "not_reminded"


def test_a_guest_without_an_address_stands_and_staff_are_told() -> None:
    booking = a_hall(user_id=None, guests=(Guest("Ravi"),))
    change = confirmation_steps.remind(booking, policy=VENUE, source="sweep", now=START - 24 * HOUR)
    assert change.effects == ()
    assert change.booking.timeline[-1].what == "reminder_failed"
    assert change.booking.deadline == Deadline(DeadlineKind.AUTO_START, START)


def test_a_reminder_that_failed_turns_the_auto_cancel_off() -> None:
    asked = confirmation_steps.remind(a_hall(), policy=VENUE, source="sweep", now=START - 24 * HOUR)
    failed = confirmation_steps.mark_failed(
        asked.booking, why="bounced", policy=VENUE, at=START - 23 * HOUR
    )
    assert failed is not None
    told = failed.booking.timeline[-1]
    assert (told.what, told.note) == ("reminder_failed", "bounced")
    assert failed.booking.deadline == Deadline(DeadlineKind.AUTO_START, START)
    assert failed.booking.confirmation is not None
    assert failed.booking.confirmation.reminded_at is None
    assert confirmation_steps.mark_sent(failed.booking, policy=VENUE, at=START - 22 * HOUR) is None


def test_a_reminder_that_bounced_after_it_had_left_turns_the_auto_cancel_off() -> None:
    left = reminded(a_hall(), START - 24 * HOUR)
    assert left.deadline == Deadline(DeadlineKind.AUTO_CANCEL, START - 2 * HOUR)
    failed = confirmation_steps.mark_failed(left, why="bounced", policy=VENUE, at=START - 20 * HOUR)
    assert failed is not None
    assert failed.booking.timeline[-1].what == "reminder_failed"
    assert failed.booking.deadline == Deadline(DeadlineKind.AUTO_START, START)
    again = confirmation_steps.mark_failed(
        failed.booking, why="again", policy=VENUE, at=START - 19 * HOUR
    )
    assert again is None


def test_a_bounce_after_the_answer_or_of_an_older_question_changes_nothing() -> None:
    left = reminded(a_hall(), START - 24 * HOUR)
    for later in (confirm(left, START - 23 * HOUR), moved(left, START + 48 * HOUR)):
        assert (
            confirmation_steps.mark_failed(later, why="late", policy=VENUE, at=START - 22 * HOUR)
            is None
        )


def test_what_was_confirmed_cancelled_or_moved_waits_for_no_mail() -> None:
    asked = confirmation_steps.remind(
        a_hall(), policy=VENUE, source="sweep", now=START - 24 * HOUR
    ).booking
    assert confirmation_steps.is_reminder_pending(asked)
    cancelled = ends.cancel(
        asked, by=CUSTOMER, source="api", reason="", now=NOON + 25 * HOUR
    ).booking
    for later in (confirm(asked, NOON + 25 * HOUR), cancelled, moved(asked, START + 48 * HOUR)):
        assert not confirmation_steps.is_reminder_pending(later)
        assert confirmation_steps.mark_sent(later, policy=VENUE, at=NOON + 26 * HOUR) is None


def test_a_zone_that_no_longer_asks_neither_reminds_nor_gives_up() -> None:
    off = replace(VENUE, confirmation=False)
    asked = confirmation_steps.remind(a_hall(), policy=off, source="sweep", now=START - 24 * HOUR)
    assert asked.effects == ()
    booking = reminded(a_hall(), START - 24 * HOUR)
    kept = confirmation_steps.auto_cancel(
        booking, policy=off, source="sweep", at=START - 2 * HOUR
    ).booking
    assert (kept.status, kept.timeline[-1].what) == (Status.BOOKED, "kept")
    assert kept.deadline == Deadline(DeadlineKind.AUTO_START, START)


# -- moves


def moved(booking: Booking, start: datetime, *, now: datetime = NOON + 25 * HOUR) -> Booking:
    return reschedule.move(
        booking,
        an_interval(start),
        by=CUSTOMER,
        source="api",
        policy=VENUE,
        tz=IST,
        sheets=(),
        now=now,
    ).booking


def test_a_booking_moved_to_ninety_minutes_ahead_counts_as_confirmed() -> None:
    now = NOON + 25 * HOUR
    near = moved(reminded(a_hall(), START - 24 * HOUR), now + timedelta(minutes=90), now=now)
    assert near.confirmation == Confirmation(confirmed_at=now)
    assert near.deadline == Deadline(DeadlineKind.AUTO_START, now + timedelta(minutes=90))


def test_a_booking_moved_far_ahead_is_asked_anew_even_if_it_was_confirmed() -> None:
    sure = confirm(reminded(a_hall(), START - 24 * HOUR), START - 23 * HOUR)
    far = moved(sure, START + 72 * HOUR)
    assert far.confirmation == Confirmation()
    assert far.deadline == Deadline(DeadlineKind.REMINDER, START + 48 * HOUR)


def test_a_booking_that_is_only_extended_keeps_its_answer_and_its_deadline() -> None:
    booking = reminded(a_hall(), START - 24 * HOUR)
    longer = reschedule.move(
        booking, an_interval(START, 120), by=CUSTOMER, source="api", policy=VENUE, tz=IST, sheets=(),
        now=NOON + 25 * HOUR,
    ).booking  # fmt: skip
    assert (longer.confirmation, longer.deadline) == (booking.confirmation, booking.deadline)


def test_moving_a_car_park_booking_keeps_nothing_about_confirmation() -> None:
    car = builders.a_booking(interval=an_interval(START), now=NOON)
    later = reschedule.move(
        car, an_interval(START + HOUR), by=CUSTOMER, source="api", policy=builders.METERED,
        tz=IST, sheets=(), now=NOON,
    ).booking  # fmt: skip
    assert later.confirmation is None
