from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.refund import RefundDecision, RefundTier, decide

BOOKED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = BOOKED_AT + timedelta(hours=48)
PAID = Money(5000, "INR")
FIVE_MINUTES = timedelta(minutes=5)
SCHEDULE = (RefundTier(timedelta(hours=24), 5000), RefundTier(timedelta(hours=6), 2550))


def cancelled(
    after: timedelta,
    *,
    entered: bool = False,
    paid: Money = PAID,
    free_window: timedelta = FIVE_MINUTES,
    schedule: tuple[RefundTier, ...] = (),
) -> RefundDecision:
    return decide(
        created_at=BOOKED_AT,
        entered=entered,
        paid=paid,
        free_window=free_window,
        schedule=schedule,
        start=START,
        now=BOOKED_AT + after,
    )


@pytest.mark.parametrize(
    ("seconds", "eligible"),
    [
        (0, True),  # at once
        (299, True),
        (300, True),  # exactly five minutes still counts
        (301, False),
        (86400, False),  # a day later, though long before the start
        (-5, True),  # a clock set back
    ],
)
def test_all_is_refunded_within_five_minutes_and_nothing_later(
    seconds: int, eligible: bool
) -> None:
    decision = cancelled(timedelta(seconds=seconds))
    assert decision.eligible is eligible
    assert decision.amount == (PAID if eligible else Money.zero("INR"))


@pytest.mark.parametrize("seconds", [0, 300, 301])
def test_nothing_is_refunded_after_entry(seconds: int) -> None:
    decision = cancelled(timedelta(seconds=seconds), entered=True, schedule=SCHEDULE)
    assert (decision.eligible, decision.amount) == (False, Money.zero("INR"))
    assert decision.reason == "The stay has begun, so nothing is refunded."


def test_who_has_paid_nothing_yet_is_eligible_for_nothing() -> None:
    decision = cancelled(timedelta(0), paid=Money.zero("INR"))
    assert (decision.eligible, decision.amount) == (True, Money.zero("INR"))


@pytest.mark.parametrize(
    ("before_start", "minor"),
    [
        (timedelta(hours=25), 2500),
        (timedelta(hours=24), 2500),  # that instant still counts
        (timedelta(hours=24) - timedelta(seconds=1), 1275),
        (timedelta(hours=6), 1275),
        (timedelta(hours=6) - timedelta(seconds=1), 0),
        (timedelta(0), 0),
        (timedelta(hours=-48), 0),  # two days after the start is not two days before it
    ],
)
def test_a_schedule_pays_back_by_the_time_left(before_start: timedelta, minor: int) -> None:
    decision = cancelled(START - BOOKED_AT - before_start, schedule=SCHEDULE)
    assert decision.amount.minor == minor
    assert decision.eligible is bool(minor)


def test_the_free_window_counts_more_than_the_schedule() -> None:
    assert cancelled(FIVE_MINUTES, schedule=SCHEDULE).amount == PAID


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (
            cancelled(timedelta(0)),
            "Cancelled within 5 minutes of booking: everything paid is refunded.",
        ),
        (
            cancelled(timedelta(0), free_window=timedelta(minutes=1)),
            "Cancelled within 1 minute of booking: everything paid is refunded.",
        ),
        (
            cancelled(timedelta(hours=1)),
            "Cancelled more than 5 minutes after booking, so nothing is refunded.",
        ),
        (
            cancelled(timedelta(hours=1), free_window=timedelta(0)),
            "Bookings here are not refunded.",
        ),
        (
            cancelled(timedelta(hours=1), schedule=SCHEDULE),
            "Cancelled early enough for 50 % of what was paid to be refunded.",
        ),
        (
            cancelled(timedelta(hours=30), schedule=SCHEDULE),
            "Cancelled early enough for 25.5 % of what was paid to be refunded.",
        ),
        (
            cancelled(timedelta(hours=47), schedule=SCHEDULE),
            "Cancelled too close to the start, so nothing is refunded.",
        ),
    ],
)
def test_a_guest_is_told_why(decision: RefundDecision, reason: str) -> None:
    assert decision.reason == reason


@pytest.mark.parametrize(("hours", "share"), [(1, -1), (1, 10001), (-1, 5000)])
def test_a_tier_outside_reason_is_refused(hours: int, share: int) -> None:
    with pytest.raises(ValueError, match="basis points"):
        RefundTier(timedelta(hours=hours), share)


@given(
    st.integers(0, 10**9),
    st.integers(-3600, 10**6),
    st.booleans(),
    st.lists(
        st.builds(
            RefundTier,
            st.integers(0, 10**6).map(lambda s: timedelta(seconds=s)),
            st.integers(0, 10000),
        ),
        max_size=4,
    ).map(tuple),
)
def test_never_more_is_refunded_than_was_paid(
    minor: int, seconds: int, entered: bool, schedule: tuple[RefundTier, ...]
) -> None:
    paid = Money(minor, "INR")
    decision = cancelled(timedelta(seconds=seconds), entered=entered, paid=paid, schedule=schedule)
    assert Money.zero("INR") <= decision.amount <= paid
    assert decision.eligible or not decision.amount
