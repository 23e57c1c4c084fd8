from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.front_desk import day_lists
from chalicelib.domain.front_desk.day_lists import SiteDay
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import default_policy
from tests.builders import a_booking, a_zone

DUBLIN = localtime.zone("Europe/Dublin")
START = localtime.parse_instant("2026-12-24T15:00:00Z")
END = localtime.parse_instant("2026-12-26T11:00:00Z")
TARIFF = Tariff("nightly", "EUR", 12000, late_fee=3000)
ROOMS = a_zone(zone_id="rooms", kind="room", policy=default_policy("room"), tariff=TARIFF)


def a_stay(status: Status = Status.BOOKED, **fields: Any) -> Booking:
    """Christmas Eve to Boxing Day."""
    made = a_booking(ROOMS, number="101", interval=Interval(START, END), vehicle_number=None)
    return replace(made, status=status, **fields)


def on(day: int, now: int, hour: int = 12) -> SiteDay:
    """The day of December asked about, at that hour of another one."""
    instant = localtime.parse_instant(f"2026-12-{now}T{hour:02}:00:00Z")
    return SiteDay(date(2026, 12, day), DUBLIN, instant)


QUESTIONS: tuple[tuple[int, int, Status, set[str]], ...] = (
    # asked about, on, status, the lists it is in
    (24, 20, Status.BOOKED, {"arrivals", "in-house"}),
    (25, 20, Status.BOOKED, {"in-house"}),
    (26, 20, Status.BOOKED, {"departures"}),
    (24, 24, Status.BOOKED, {"arrivals"}),  # expected, but not in the house today
    (24, 24, Status.ACTIVE, {"arrivals", "in-house"}),
    (26, 26, Status.ACTIVE, {"departures", "in-house", "overstays"}),  # it is noon
    (25, 26, Status.ACTIVE, {"in-house"}),
    (25, 25, Status.BOOKED, {"arrivals"}),  # late by a day
    (26, 26, Status.BOOKED, {"arrivals"}),  # and still not here on the departure date
    (24, 25, Status.BOOKED, {"arrivals", "in-house"}),
    (24, 24, Status.CANCELLED, set()),
    (26, 26, Status.COMPLETED, set()),
)


@pytest.mark.parametrize(("day", "now", "status", "lists"), QUESTIONS)
def test_a_booking_is_in_the_lists_of_its_days(
    day: int, now: int, status: Status, lists: set[str]
) -> None:
    asked = on(day, now)
    assert {q for q in day_lists.LISTS if day_lists.belongs(a_stay(status), q, asked)} == lists


def test_whoever_came_before_midnight_of_the_booked_date_arrived_the_day_before() -> None:
    early = a_stay(Status.ACTIVE, actual_start=START - timedelta(hours=16))
    lists = {
        day: {q for q in day_lists.LISTS if day_lists.belongs(early, q, on(day, 23))}
        for day in (23, 24)
    }
    assert lists == {23: {"arrivals", "in-house"}, 24: {"in-house"}}


def test_what_is_to_pay_counts_the_night_the_room_was_kept() -> None:
    late = a_stay(Status.ACTIVE, actual_start=START + timedelta(hours=10))
    assert day_lists.payment_due(late, late.actual_start or START, DUBLIN).text() == "240.00"


def test_what_is_to_pay_is_told_ahead_and_grows_with_an_overstay() -> None:
    stay = a_stay(Status.ACTIVE, actual_start=START, paid=10000)
    assert day_lists.payment_due(stay, START, DUBLIN).text() == "140.00"
    late = END + timedelta(hours=1)
    assert day_lists.payment_due(stay, late, DUBLIN).text() == "170.00"
    assert (
        day_lists.payment_due(replace(stay, status=Status.COMPLETED), late, DUBLIN).text() == "0.00"
    )
