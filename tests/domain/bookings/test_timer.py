"""The timer of a booking: what is left, as long as something is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.bookings import timer
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.bookings.timer import Timer
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.policy import Policy
from tests import builders
from tests.clock import NOON

HOUR = Interval(NOON, NOON + timedelta(minutes=60))
TIMED, METERED, HAND = builders.TIMED, builders.METERED, Policy(check_in="staff")
GONE, OVER = Timer(0, True, False), Timer(0, False, False)


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def left(minutes: int) -> Timer:
    return Timer(minutes * 60, False, minutes < 5)


def stay(kind: DeadlineKind, ends: int, entered: int = 0) -> Booking:
    """An hour that was entered at the minute `entered`, with a deadline at the minute `ends`."""
    booked = replace(builders.a_booking(), booked=HOUR, status=Status.ACTIVE)
    return replace(booked, actual_start=minute(entered), deadline=Deadline(kind, minute(ends)))


BOOKED = replace(builders.a_booking(), booked=HOUR, status=Status.BOOKED)
LATE = stay(DeadlineKind.AUTO_CHECKOUT, 80, entered=20)  # an hour from the entry
LONG = stay(DeadlineKind.AUTO_CHECKOUT, 120)  # the zone ends stays after two hours
SHORT = stay(DeadlineKind.AUTO_CHECKOUT, 30)  # and another one after half an hour
DRIVEN_IN = stay(DeadlineKind.AUTO_CHECKOUT, 24 * 60)  # by the hour, a day at most
GUEST = stay(DeadlineKind.OVERSTAY, 60)  # in a room, until somebody checks them out

TABLE: tuple[tuple[Booking, Policy, int, Timer], ...] = (
    (BOOKED, TIMED, -60, left(120)),
    (BOOKED, TIMED, 0, left(60)),
    (BOOKED, TIMED, 56, left(4)),
    (BOOKED, TIMED, 60, GONE),  # not entered, not settled yet
    (replace(BOOKED, status=Status.CANCELLED), TIMED, 10, GONE),
    (replace(LATE, status=Status.COMPLETED), TIMED, 30, GONE),
    (LATE, TIMED, 30, left(50)),
    (LATE, TIMED, 60, left(20)),  # the booked end is no end
    (LATE, TIMED, 77, left(3)),
    (LONG, TIMED, 60, left(60)),
    (SHORT, TIMED, 10, left(20)),
    (DRIVEN_IN, METERED, 30, left(30)),
    (DRIVEN_IN, METERED, 59, left(1)),
    (DRIVEN_IN, METERED, 60, left(23 * 60)),
    (GUEST, HAND, 57, left(3)),
    (GUEST, HAND, 60, OVER),  # nothing ends it, and it has not expired
    (GUEST, HAND, 600, OVER),
)  # fmt: skip


@pytest.mark.parametrize(("booking", "policy", "at", "expected"), TABLE)
def test_the_timer(booking: Booking, policy: Policy, at: int, expected: Timer) -> None:
    assert timer.of(booking, policy, minute(at)) == expected
