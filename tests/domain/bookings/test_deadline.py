from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.deadline import SWEEP_OF, Deadline, DeadlineKind
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import ZoneKind
from tests.builders import METERED, TIMED, TIMER, an_interval
from tests.clock import NOON

HOUR = timedelta(hours=1)
BOOKED = an_interval(NOON, 60)


@pytest.mark.parametrize(
    ("policy", "kind", "at"),
    [
        (METERED, DeadlineKind.NO_SHOW, NOON + HOUR),  # by its end
        (Policy(no_show_after=20), DeadlineKind.NO_SHOW, NOON + timedelta(minutes=20)),
        (Policy(no_show_after=90), DeadlineKind.NO_SHOW, NOON + HOUR),  # never after its end
        (TIMER, DeadlineKind.AUTO_START, NOON),  # nobody checks in
    ],
)
def test_before_entry(policy: Policy, kind: DeadlineKind, at: datetime) -> None:
    assert deadline.before_entry(BOOKED, policy) == Deadline(kind, at)


@pytest.mark.parametrize(
    ("zone_kind", "policy", "entered", "ends"),
    [
        (
            "parking",
            TIMED,
            NOON + timedelta(minutes=7),
            NOON + timedelta(minutes=67),
        ),  # exactly the limit
        ("parking", METERED, NOON + timedelta(minutes=7), NOON + timedelta(hours=24, minutes=7)),
        ("parking", TIMER, NOON, NOON + HOUR),  # the timer is the booking
        ("venue", TIMED, NOON + timedelta(minutes=7), NOON + HOUR),  # end of the booking
        ("room", Policy(check_in="staff"), NOON, NOON + HOUR),  # check-out hour
    ],
)
def test_the_end_of_a_stay(
    zone_kind: ZoneKind, policy: Policy, entered: datetime, ends: datetime
) -> None:
    found = deadline.of_stay(BOOKED, entered, kind=zone_kind, policy=policy)
    assert found == Deadline(DeadlineKind.AUTO_CHECKOUT, ends)


def test_a_metered_stay_is_never_ended_before_its_booked_end() -> None:
    booked = an_interval(NOON, 48 * 60)
    assert deadline.of_stay(booked, NOON, kind="parking", policy=METERED).at == booked.end


def test_a_deadline_is_due_at_its_very_instant() -> None:
    due = Deadline(DeadlineKind.NO_SHOW, NOON)
    assert due.is_due(NOON)
    assert not due.is_due(NOON - timedelta(seconds=1))


def test_every_kind_has_one_sweep() -> None:
    assert set(SWEEP_OF) == set(DeadlineKind)


@pytest.mark.parametrize(
    ("kind", "policy", "early"),
    [
        ("parking", Policy(auto_checkout_after=60), True),
        ("parking", Policy(auto_checkout_after=None), False),
        ("parking", Policy(auto_checkout_after=None, no_show_after=20), True),
        ("venue", Policy(auto_checkout_after=60), False),
        ("venue", Policy(no_show_after=20), True),
        ("parking", Policy(check_in="none"), False),
    ],
)
def test_whether_time_may_end_a_booking_before_its_booked_end(
    kind: ZoneKind, policy: Policy, early: bool
) -> None:
    assert deadline.may_end_early(kind=kind, policy=policy) is early
