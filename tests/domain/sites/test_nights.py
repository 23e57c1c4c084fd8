from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import localtime
from chalicelib.domain.core.errors import Invalid
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import iso
from chalicelib.domain.sites import nights
from chalicelib.domain.sites.policy import Policy
from tests.clock import NOON
from tests.hotel import day

DUBLIN = localtime.zone("Europe/Dublin")
HOURS = Policy()

STAYS = (
    # arrival, departure, from, until, nights, hours
    ("2026-12-24", "2026-12-26", "2026-12-24T15:00:00Z", "2026-12-26T11:00:00Z", 2, 44),
    ("2027-07-01", "2027-07-02", "2027-07-01T14:00:00Z", "2027-07-02T10:00:00Z", 1, 20),  # summer
    ("2027-03-27", "2027-03-28", "2027-03-27T15:00:00Z", "2027-03-28T10:00:00Z", 1, 19),  # forward
    ("2027-10-30", "2027-10-31", "2027-10-30T14:00:00Z", "2027-10-31T11:00:00Z", 1, 21),  # back
    ("2026-11-30", "2026-12-01", "2026-11-30T15:00:00Z", "2026-12-01T11:00:00Z", 1, 20),  # month
    ("2026-12-31", "2027-01-01", "2026-12-31T15:00:00Z", "2027-01-01T11:00:00Z", 1, 20),  # year
    ("2028-02-28", "2028-03-01", "2028-02-28T15:00:00Z", "2028-03-01T11:00:00Z", 2, 44),  # leap day
)


@pytest.mark.parametrize(("arrival", "departure", "start", "end", "count", "hours"), STAYS)
def test_a_stay_lasts_from_the_check_in_hour_to_the_check_out_hour_of_its_dates(
    arrival: str, departure: str, start: str, end: str, count: int, hours: int
) -> None:
    told = nights.instants(
        HOURS, DUBLIN, now=NOON, since=None, start=day(arrival), end=day(departure), nights=None
    )
    booked = Interval(told["start"] or NOON, told["end"] or NOON)
    assert (iso(booked.start), iso(booked.end)) == (start, end)
    assert (nights.count(booked, DUBLIN), booked.duration) == (count, timedelta(hours=hours))


@pytest.mark.parametrize(("arrival", "departure", "start", "end", "count", "hours"), STAYS)
def test_so_many_nights_are_as_good_as_a_departure_date(
    arrival: str, departure: str, start: str, end: str, count: int, hours: int
) -> None:
    told = nights.instants(
        HOURS, DUBLIN, now=NOON, since=None, start=day(arrival), end=None, nights=count
    )
    assert (told["start"], told["end"]) == (
        localtime.parse_instant(start),
        localtime.parse_instant(end),
    )


def test_the_date_of_arrival_that_a_booking_has_leaves_its_start_as_it_is() -> None:
    evening = localtime.parse_instant("2026-12-24T19:30:00Z")
    for since in ("2026-12-24T15:00:00Z", "2026-12-24T18:10:00Z"):
        resolved = nights.instants(
            HOURS, DUBLIN, now=evening, since=localtime.parse_instant(since),
            start=day("2026-12-24"), end=None, nights=2,
        )  # fmt: skip
        assert resolved["start"] == localtime.parse_instant(since)
        assert resolved["end"] == localtime.parse_instant("2026-12-26T11:00:00Z")


def test_whoever_arrives_today_after_the_check_in_hour_has_the_room_from_now_on() -> None:
    evening = localtime.parse_instant("2026-12-24T19:30:00Z")
    today, tomorrow = date(2026, 12, 24), date(2026, 12, 25)
    assert nights.arrival(today, HOURS, DUBLIN, now=evening) == evening
    assert iso(nights.arrival(tomorrow, HOURS, DUBLIN, now=evening)) == "2026-12-25T15:00:00Z"


def test_an_hour_that_clocks_leap_over_is_the_moment_of_the_change() -> None:
    odd = Policy(check_in_hour="01:30", check_out_hour="01:30")
    assert iso(nights.arrival(date(2027, 3, 28), odd, DUBLIN, now=NOON)) == "2027-03-28T01:00:00Z"


@pytest.mark.parametrize(("minutes", "count"), [(60, 1), (1440, 1), (2880, 2)])
def test_the_default_duration_says_how_many_nights_are_usual(minutes: int, count: int) -> None:
    assert nights.usual(Policy(default_duration=minutes)) == count


def test_nights_mean_nothing_where_nobody_sleeps() -> None:
    nights.refuse(None)
    with pytest.raises(Invalid) as refusal:
        nights.refuse(2)
    assert set(refusal.value.fields) == {"nights"}


@given(st.integers(0, 3000), st.integers(1, 60), st.integers(1, 60))
def test_guests_who_leave_and_arrive_on_one_day_share_the_room_all_year_round(
    first: int, length: int, next_length: int
) -> None:
    arrival = date(2026, 1, 1) + timedelta(days=first)
    change = arrival + timedelta(days=length)
    long_ago = localtime.parse_instant("2025-01-01T00:00:00Z")
    one, other = (
        Interval(
            nights.arrival(begins, HOURS, DUBLIN, now=long_ago),
            nights.departure(begins + timedelta(days=count), HOURS, DUBLIN),
        )
        for begins, count in ((arrival, length), (change, next_length))
    )
    assert not one.overlaps(other)
    assert (nights.count(one, DUBLIN), nights.count(other, DUBLIN)) == (length, next_length)


def wall(told: str, zone: str) -> datetime:
    """The instant at which the clocks there show it."""
    return localtime.resolve(datetime.fromisoformat(told), localtime.zone(zone))


BILLED = (
    # booked from, until; came, left; nights
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-24T15:20", "2026-12-27T10:50", 3),
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-25T01:00", "2026-12-27T10:50", 3),  # late
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-26T09:00", "2026-12-27T10:50", 3),  # later
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-24T15:20", "2026-12-26T10:50", 2),  # left
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-24T15:20", "2026-12-24T18:00", 1),  # at once
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-23T23:30", "2026-12-27T10:50", 4),  # before
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-24T00:00", "2026-12-27T10:50", 3),  # midnight
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-24T15:20", "2026-12-27T23:59", 3),  # the fee
    ("2026-12-24T15:00", "2026-12-27T11:00", "2026-12-24T15:20", "2026-12-28T00:00", 4),  # a night
    ("2026-12-25T02:00", "2026-12-26T11:00", "2026-12-25T02:00", "2026-12-26T10:00", 1),  # walk-in
    ("2026-12-25T02:00", "2026-12-25T11:00", "2026-12-25T02:00", "2026-12-25T10:00", 1),  # to sleep
    ("2027-03-27T15:00", "2027-03-28T11:00", "2027-03-28T03:00", "2027-03-28T11:00", 1),  # clocks
    ("2027-10-30T15:00", "2027-10-31T11:00", "2027-10-31T00:30", "2027-10-31T11:00", 1),
)


@pytest.mark.parametrize("zone", ["Europe/Dublin", "Asia/Kolkata"])
@pytest.mark.parametrize(("start", "end", "came", "left", "count"), BILLED)
def test_nights_are_billed_from_the_booked_arrival_until_the_guest_has_left(
    zone: str, start: str, end: str, came: str, left: str, count: int
) -> None:
    booked, stay = (
        Interval(wall(first, zone), wall(last, zone))
        for first, last in ((start, end), (came, left))
    )
    assert nights.count(nights.billed(booked, stay), localtime.zone(zone)) == count


@given(
    st.integers(0, 3000),
    st.integers(1, 60),
    st.integers(0, 48 * 60),
    st.sampled_from(["Europe/Dublin", "Asia/Kolkata"]),
)
def test_whoever_leaves_on_the_booked_date_pays_the_booked_nights_however_late_they_came(
    first: int, length: int, late: int, zone: str
) -> None:
    tz, arrival = localtime.zone(zone), date(2026, 1, 1) + timedelta(days=first)
    long_ago = localtime.parse_instant("2025-01-01T00:00:00Z")
    booked = Interval(
        nights.arrival(arrival, HOURS, tz, now=long_ago),
        nights.departure(arrival + timedelta(days=length), HOURS, tz),
    )
    came = min(booked.start + timedelta(minutes=late), booked.end - timedelta(minutes=1))
    assert nights.count(nights.billed(booked, booked.starting(came)), tz) == length
