"""A forgotten stay ends at an earlier instant as if it had been checked out then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.payments import ledger
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.stays import check_out, overstay
from chalicelib.domain.stays.earlier_end import EarlierEnd
from tests.builders import ATTENDANT, HOURLY, IST, METERED, a_booking, an_active_booking
from tests.clock import NOON
from tests.hotel import NIGHTLY

MINUTE = timedelta(minutes=1)
WEEK = 7 * 24 * 60
TARIFFS = (HOURLY, NIGHTLY, replace(NIGHTLY, late_fee=2500), Tariff("flat", "INR", 9000))


def end(booking: Booking, *, after: int, earlier: int | None = None) -> BookingChange:
    """Check out so many minutes after noon, with an end that is `earlier`."""
    ended = None if earlier is None else EarlierEnd(NOON + earlier * MINUTE, "forgot to scan")
    return check_out.check_out(
        booking, by=ATTENDANT, source="staff_api", at=NOON + after * MINUTE, tz=IST,
        policy=METERED, entry_id="LE1", tender=None, earlier=ended,
    )  # fmt: skip


@given(
    tariff=st.sampled_from(TARIFFS),
    booked=st.integers(1, WEEK),
    end_after=st.integers(0, WEEK),
    noticed=st.integers(0, WEEK),
    quoted=st.none() | st.integers(0, WEEK),
    is_overstay=st.booleans(),
)
def test_the_bill_is_that_of_a_check_out_that_happened_then(
    tariff: Tariff, booked: int, end_after: int, noticed: int, quoted: int | None, is_overstay: bool
) -> None:
    now = end_after + noticed
    stay = replace(
        an_active_booking(),
        tariff=tariff,
        booked=Interval(NOON, NOON + booked * MINUTE),
        quoted_at=None if quoted is None else NOON + min(quoted, now) * MINUTE,
    )
    if is_overstay:
        stay = overstay.listed(stay, NOON + now * MINUTE)
    by_hand = end(stay, after=now, earlier=end_after)
    then = end(stay, after=end_after)
    assert by_hand.booking.bill == then.booking.bill
    assert by_hand.booking.actual_end == then.booking.actual_end
    assert by_hand.booking.payment_status == then.booking.payment_status
    assert [(e.lines) for e in by_hand.ledger] == [(e.lines) for e in then.ledger]


def test_all_else_happens_now() -> None:
    """The space is free from now on, the money is moved now, and the timeline says both times."""
    change = end(an_active_booking(), after=300, earlier=66)
    now = NOON + 300 * MINUTE
    booking = change.booking
    assert booking.actual_end == NOON + 66 * MINUTE
    assert booking.bill is not None
    assert booking.bill.total.minor == 10000
    assert (booking.updated_at, booking.auto_checkout) == (now, False)
    assert [entry.at for entry in change.ledger] == [now]
    assert ledger.balance(change.ledger, ledger.RECEIVABLE)["INR"].minor == 10000
    last = booking.timeline[-1]
    assert (last.at, last.what, last.actor) == (now, "checked_out", ATTENDANT.account_id)
    assert last.note == "ended at 2026-11-21T07:36:00Z: forgot to scan"
    assert not any(edit.frees for edit in change.sheets)  # its hours are over


def test_time_that_is_still_booked_is_freed_for_others_from_now_on() -> None:
    stay = replace(an_active_booking(), booked=Interval(NOON, NOON + 600 * MINUTE))
    assert all(edit.frees for edit in end(stay, after=300, earlier=66).sheets)


@pytest.mark.parametrize(
    ("minutes", "why"),
    [(-1, "not_before_stay"), (31, "must_not_be_future"), (9999, "must_not_be_future")],
)
def test_an_end_outside_the_stay_so_far_is_refused(minutes: int, why: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        end(an_active_booking(), after=30, earlier=minutes)
    assert refused.value.fields["ended_at"].name == why


@pytest.mark.parametrize("minutes", [0, 30])
def test_its_first_and_its_present_second_are_possible_ends(minutes: int) -> None:
    ended = end(an_active_booking(), after=30, earlier=minutes).booking
    assert ended.actual_end == NOON + minutes * MINUTE


def test_a_stay_that_has_not_begun_has_no_end() -> None:
    with pytest.raises(errors.NotCheckedIn):
        end(a_booking(), after=30, earlier=10)
