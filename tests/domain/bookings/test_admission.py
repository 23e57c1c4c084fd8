from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings import admission
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from tests.builders import a_blackout, a_site, a_zone, an_interval
from tests.clock import NOON
from tests.wording import english, faults_of

MINUTE = timedelta(minutes=1)


def test_without_a_start_it_is_now_for_the_default_duration() -> None:
    assert admission.requested_interval(Policy(default_duration=90), now=NOON) == an_interval(
        NOON, 90
    )


def test_a_start_up_to_sixty_seconds_in_the_past_counts_as_now() -> None:
    wanted = admission.requested_interval(
        Policy(), now=NOON, start=NOON - timedelta(seconds=60), minutes=30
    )
    assert wanted == an_interval(NOON, 30)


def test_a_start_further_in_the_past_is_refused_by_name() -> None:
    with pytest.raises(errors.Invalid) as refused:
        admission.requested_interval(Policy(), now=NOON, start=NOON - timedelta(seconds=61))
    assert faults_of(refused.value) == {"start": "must not be in the past"}


def test_a_reversed_interval_is_refused_by_name() -> None:
    with pytest.raises(errors.Invalid) as refused:
        admission.requested_interval(
            Policy(), now=NOON, start=NOON + 9 * MINUTE, end=NOON + 8 * MINUTE
        )
    assert faults_of(refused.value) == {"end": "must be after start"}


def test_an_end_given_twice_is_refused() -> None:
    with pytest.raises(errors.Invalid, match="validation_failed"):
        admission.requested_interval(Policy(), now=NOON, end=NOON + MINUTE, minutes=1)


@pytest.mark.parametrize(
    ("policy", "interval", "field"),
    [
        ({"min_duration": 15}, an_interval(NOON, 14), "minutes"),  # shorter than allowed
        ({"max_duration": 60}, an_interval(NOON, 61), "minutes"),  # longer than allowed
        ({}, an_interval(NOON, 31 * 24 * 60 + 1), "minutes"),  # longer than one transaction
        ({"granularity": 30}, an_interval(NOON, 45), "minutes"),  # not in whole half-hours
        ({"min_notice": 60}, an_interval(NOON + 59 * MINUTE), "start"),  # too short a notice
        ({"advance_window": 1}, an_interval(NOON + timedelta(hours=36)), "start"),  # midnight
    ],
)
def test_what_the_policy_does_not_allow_is_named(
    policy: dict[str, Any], interval: Interval, field: str
) -> None:
    zone = a_zone(policy=Policy(**policy))
    with pytest.raises(errors.Invalid) as refused:
        admission.check(interval, site=a_site(), zone=zone, now=NOON)
    assert list(refused.value.fields) == [field]


DUBLIN = a_site(timezone="Europe/Dublin")
DAY = 24 * 60


def faults(
    policy: dict[str, Any], start: str, end: str, *, now: str = "2026-10-20T08:00", **zone: Any
) -> dict[str, str]:
    """The faults of a booking by the wall clock in Dublin."""
    tz = DUBLIN.tz
    begin, finish, at = (
        localtime.resolve(datetime.fromisoformat(text), tz) for text in (start, end, now)
    )
    kind = a_zone(policy=Policy(**{"advance_window": 400} | policy), **zone)
    try:
        admission.check(Interval(begin, finish), site=DUBLIN, zone=kind, now=at)
    except errors.Invalid as invalid:
        return faults_of(invalid)
    return {}


@pytest.mark.parametrize(
    ("policy", "start", "end", "fault"),
    [
        # 25 October has 25 hours: a day all the same
        ({"max_duration": DAY}, "2026-10-25T00:00", "2026-10-26T00:00", None),
        ({"max_duration": DAY}, "2026-10-24T10:00", "2026-10-25T10:00", None),
        (
            {"max_duration": DAY},
            "2026-10-24T10:00",
            "2026-10-25T10:15",
            "must be at most 1440 in this zone",
        ),
        ({"max_duration": 2 * DAY}, "2026-10-24T00:00", "2026-10-26T00:00", None),
        ({}, "2026-10-10T00:00", "2026-11-10T00:00", None),  # the longest of all: 31 days
        # 28 March has 23
        ({"min_duration": DAY}, "2027-03-28T00:00", "2027-03-29T00:00", None),
        ({"max_duration": DAY}, "2027-03-27T10:00", "2027-03-28T11:00", None),  # 24 hours
        (
            {"max_duration": DAY},
            "2027-03-27T10:00",
            "2027-03-28T11:15",
            "must be at most 1440 in this zone",
        ),
        (
            {"min_duration": DAY},
            "2027-03-28T00:00",
            "2027-03-28T23:45",
            "must be at least 1440 in this zone",
        ),
        # whole days
        ({"granularity": DAY}, "2026-10-25T00:00", "2026-10-26T00:00", None),
        ({"granularity": DAY}, "2027-03-28T00:00", "2027-03-30T00:00", None),
        (
            {"granularity": DAY},
            "2026-10-25T00:00",
            "2026-10-26T01:00",
            "must be a multiple of 1440",
        ),
        # hours are hours
        (
            {"max_duration": 120},
            "2026-10-25T00:30",
            "2026-10-25T02:00",
            "must be at most 120 in this zone",
        ),
        ({"max_duration": 120}, "2027-03-28T00:30", "2027-03-28T03:30", None),
        (
            {"max_duration": 25 * 60},
            "2026-10-25T00:00",
            "2026-10-26T00:30",
            "must be at most 1500 in this zone",
        ),
        (
            {"min_duration": 60},
            "2027-03-28T00:30",
            "2027-03-28T02:15",
            "must be at least 60 in this zone",
        ),
    ],
)
def test_days_are_days_of_the_calendar_and_hours_are_hours(
    policy: dict[str, Any], start: str, end: str, fault: str | None
) -> None:
    now = "2027-03-20T08:00" if start.startswith("2027") else "2026-10-09T08:00"
    assert faults(policy, start, end, now=now) == ({} if fault is None else {"minutes": fault})


@pytest.mark.parametrize("now", ["00:00", "08:00", "14:59", "15:01", "23:59"])
def test_a_room_thirty_days_ahead_is_booked_at_any_hour_of_today(now: str) -> None:
    room = {"kind": "room", "now": f"2026-10-20T{now}"}
    policy = {"advance_window": 30}
    assert faults(policy, "2026-11-19T15:00", "2026-11-20T11:00", **room) == {}
    assert faults(policy, "2026-11-20T15:00", "2026-11-21T11:00", **room) == {
        "start": "must be at most 30 days ahead"
    }


def test_today_alone_is_today_until_midnight_of_the_site() -> None:
    policy = {"advance_window": 0}
    assert faults(policy, "2026-10-20T23:30", "2026-10-20T23:59") == {}
    assert "start" in faults(policy, "2026-10-21T00:00", "2026-10-21T00:30")


@pytest.mark.parametrize(
    ("site", "zone"), [(a_site(active=False), a_zone()), (a_site(), a_zone(active=False))]
)
def test_a_closed_site_or_zone_takes_no_bookings(site: Site, zone: Zone) -> None:
    with pytest.raises(errors.ZoneClosed):
        admission.check(an_interval(), site=site, zone=zone, now=NOON)


def test_opening_hours_are_those_of_the_zone_where_it_has_its_own() -> None:
    site = a_site(opening_hours=OpeningHours.from_json({"sat": ["06:00-12:30"]}))
    with pytest.raises(errors.OutsideOpeningHours):
        admission.check(an_interval(), site=site, zone=a_zone(), now=NOON)
    own = Policy(opening_hours=OpeningHours.from_json({"sat": ["06:00-22:00"]}))
    admission.check(an_interval(), site=site, zone=a_zone(policy=own), now=NOON)


@pytest.mark.parametrize(
    ("hours", "interval", "message"),
    [
        (  # too long: closes at five
            {"sat": ["09:00-17:00"]},
            an_interval(NOON, 360),
            "Open Sat 09:00-17:00 (Asia/Kolkata). It is closed at Sat 21 Nov 2026, 17:00.",
        ),
        (  # too early
            {"sat": ["12:30-17:00"]},
            an_interval(NOON),
            "Open Sat 12:30-17:00 (Asia/Kolkata). It is closed at Sat 21 Nov 2026, 12:00.",
        ),
        (  # across the break
            {"sat": ["09:00-12:30", "13:30-17:00"]},
            an_interval(NOON, 180),
            "Open Sat 09:00-12:30, 13:30-17:00 (Asia/Kolkata). "
            "It is closed at Sat 21 Nov 2026, 12:30.",
        ),
        (  # through the night of Saturday, too long
            {"sat": ["12:00-02:00"]},
            an_interval(NOON, 15 * 60),
            "Open Sat 12:00-02:00, closed Sun (Asia/Kolkata). "
            "It is closed at Sun 22 Nov 2026, 02:00.",
        ),
        (  # not on Saturdays at all
            {"mon": ["00:00-24:00"]},
            an_interval(NOON),
            "Closed Sat (Asia/Kolkata). It is closed at Sat 21 Nov 2026, 12:00.",
        ),
    ],
)
def test_whoever_comes_outside_opening_hours_is_told_which_they_are(
    hours: dict[str, list[str]], interval: Interval, message: str
) -> None:
    site = a_site(opening_hours=OpeningHours.from_json(hours))
    with pytest.raises(errors.OutsideOpeningHours) as refused:
        admission.check(interval, site=site, zone=a_zone(), now=NOON)
    assert english(refused.value) == message


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        (  # the zone's own
            (a_blackout(NOON, 90, reason="The floor is polished"),),
            (),
            "Closed from Sat 21 Nov 2026, 12:00 until Sat 21 Nov 2026, 13:30 (Asia/Kolkata): "
            "The floor is polished",
        ),
        (  # without a reason, of the whole site
            (),
            (a_blackout(NOON + 30 * MINUTE, 24 * 60),),
            "Closed from Sat 21 Nov 2026, 12:30 until Sun 22 Nov 2026, 12:30 (Asia/Kolkata)",
        ),
        (  # the first of those in the way; one that is over is not
            (a_blackout(NOON + 40 * MINUTE, 60, reason="second"),),
            (
                a_blackout(NOON - 60 * MINUTE, 60, reason="over"),
                a_blackout(NOON + 20 * MINUTE, 60, reason="first"),
            ),
            "Closed from Sat 21 Nov 2026, 12:20 until Sat 21 Nov 2026, 13:20 (Asia/Kolkata): first",
        ),
    ],
)
def test_whoever_meets_a_blackout_is_told_until_when_and_why(
    ours: tuple[Blackout, ...], theirs: tuple[Blackout, ...], message: str
) -> None:
    zone = a_zone(policy=Policy(blackouts=ours))
    with pytest.raises(errors.BlackedOut) as refused:
        admission.check(an_interval(), site=a_site(blackouts=theirs), zone=zone, now=NOON)
    assert english(refused.value) == message


def test_a_blackout_that_only_touches_the_interval_is_no_obstacle() -> None:
    before = Blackout(NOON - MINUTE, NOON)
    admission.check(
        an_interval(), site=a_site(), zone=a_zone(policy=Policy(blackouts=(before,))), now=NOON
    )
    across = Blackout(NOON + MINUTE, NOON + 2 * MINUTE)
    with pytest.raises(errors.BlackedOut):
        admission.check(
            an_interval(), site=a_site(), zone=a_zone(policy=Policy(blackouts=(across,))), now=NOON
        )
