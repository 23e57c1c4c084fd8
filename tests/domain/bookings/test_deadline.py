from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.deadline import SWEEP_OF, Deadline, DeadlineKind
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import ZoneKind, default_policy
from tests.builders import METERED, TIMED, TIMER, VENUE, an_interval
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
        ("venue", VENUE, NOON, NOON + HOUR),  # nobody is checked in by hand
        ("room", Policy(auto_checkout_after=60), NOON, NOON + HOUR),  # the zone has chosen so
    ],
)
def test_the_end_of_a_stay(
    zone_kind: ZoneKind, policy: Policy, entered: datetime, ends: datetime
) -> None:
    found = deadline.of_stay(BOOKED, entered, kind=zone_kind, policy=policy)
    assert found == Deadline(DeadlineKind.AUTO_CHECKOUT, ends)


@pytest.mark.parametrize("check_in", ["gate", "staff"])
@pytest.mark.parametrize("kind", ["room", "venue"])
def test_a_stay_checked_in_by_hand_becomes_an_overstay_at_its_booked_end(
    kind: ZoneKind, check_in: Literal["gate", "staff"]
) -> None:
    policy = replace(default_policy(kind), check_in=check_in)
    found = deadline.of_stay(BOOKED, NOON, kind=kind, policy=policy)
    assert found == Deadline(DeadlineKind.OVERSTAY, BOOKED.end)


@pytest.mark.parametrize(
    ("after", "grace", "listed", "then"),
    [
        (None, 120, None, ("overstay", 60)),  # a grace alone ends nothing
        (None, 0, 720, ("overstay", 720)),
        (1, 120, None, ("overstay", 60)),  # first an overstay, then it ends
        (1, 120, 720, ("auto-checkout", 180)),
        (90, 0, 720, ("auto-checkout", 90)),
        (1, 0, None, ("auto-checkout", 60)),
        (1, 1440, 720, ("overstay", 720)),  # listed further, before it ends
    ],
)
def test_what_comes_next_in_a_stay_that_outlasts_its_booking(
    after: int | None, grace: int, listed: int | None, then: tuple[str, int]
) -> None:
    """Minutes from the start of a booking of an hour."""
    policy = Policy(check_in="staff", auto_checkout_after=after, overstay_grace=grace)
    through = None if listed is None else NOON + timedelta(minutes=listed)
    found = deadline.of_stay(BOOKED, NOON, kind="room", policy=policy, listed_through=through)
    assert (found.kind, found.at) == (then[0], NOON + timedelta(minutes=then[1]))


@pytest.mark.parametrize(
    ("zone_kind", "policy", "minutes", "entered", "at"),
    [
        ("parking", METERED, 60, 0, 40),  # twenty minutes before its booked end
        ("parking", METERED, 600, 0, 580),
        ("parking", TIMED, 60, 0, 40),
        ("parking", TIMED, 180, 0, 40),  # before the limit, where that comes first
        ("parking", TIMED, 60, 10, 40),  # before the booked end, where that comes first
        ("parking", METERED, 60, 30, 45),  # half of the stay is over
        ("parking", METERED, 10, 0, 5),
        ("parking", replace(METERED, default_duration=10), 60, 0, 55),  # half of a renewal
        ("parking", TIMER, 60, 0, 40),
        ("venue", VENUE, 60, 0, 40),
        ("venue", Policy(auto_checkout_after=30, overstay_grace=60), 60, 0, 40),
        ("venue", Policy(check_in="staff", auto_checkout_after=None), 60, 0, 40),
    ],
)
def test_a_stay_renews_before_it_ends(
    zone_kind: ZoneKind, policy: Policy, minutes: int, entered: int, at: int
) -> None:
    """Minutes from the start of the booking."""
    booked, begun = an_interval(NOON, minutes), NOON + timedelta(minutes=entered)
    found = deadline.of_stay(booked, begun, kind=zone_kind, policy=policy, renews=True)
    assert found == Deadline(DeadlineKind.AUTO_RENEW, NOON + timedelta(minutes=at))


def test_a_noticed_overstay_does_not_renew() -> None:
    policy, listed = default_policy("room"), NOON + timedelta(hours=12)
    found = deadline.of_stay(
        BOOKED, NOON, kind="venue", policy=policy, listed_through=listed, renews=True
    )
    assert found == Deadline(DeadlineKind.OVERSTAY, listed)


@pytest.mark.parametrize(("booked_minutes", "ends"), [(120, 120), (60, 60), (30, 60)])
def test_a_renewed_stay_in_a_car_park_is_not_ended_before_its_booked_end(
    booked_minutes: int, ends: int
) -> None:
    booked = an_interval(NOON, booked_minutes)
    found = deadline.of_stay(booked, NOON, kind="parking", policy=TIMED, renewed=True)
    assert found == Deadline(DeadlineKind.AUTO_CHECKOUT, NOON + timedelta(minutes=ends))


@given(minutes=st.integers(1, 5000), entered=st.integers(-900, 4999), unit=st.integers(1, 1000))
def test_a_renewal_lies_within_the_stay(minutes: int, entered: int, unit: int) -> None:
    booked = an_interval(NOON, minutes)
    begun = NOON + timedelta(minutes=min(entered, minutes - 1))
    policy = replace(METERED, default_duration=unit)
    at = deadline.of_stay(booked, begun, kind="parking", policy=policy, renews=True).at
    assert begun <= at <= booked.end
    assert booked.end - at <= deadline.RENEWAL_LEAD
    assert at.microsecond == 0


@pytest.mark.parametrize(
    ("kind", "policy", "hours"),
    [
        ("parking", METERED, 24),
        ("parking", TIMED, 1),
        ("venue", VENUE, 0),
        ("room", default_policy("room"), 48),
        ("room", Policy(check_in="staff", auto_checkout_after=1, overstay_grace=120), 2),
        ("venue", Policy(auto_checkout_after=60 * 72), 48),
    ],
)
def test_how_far_back_a_stay_can_occupy_a_space_without_being_noticed(
    kind: ZoneKind, policy: Policy, hours: int
) -> None:
    assert deadline.lookback(kind=kind, policy=policy) == timedelta(hours=hours)


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
