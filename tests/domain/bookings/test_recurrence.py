"""Dates that come again keep their times by the clocks of the site."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import group_dates, recurrence
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.texts import sentences
from tests.wording import english

Every = Literal["day", "week", "month"]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DUBLIN = localtime.zone("Europe/Dublin")
PLACES = ("Europe/Dublin", "America/New_York", "Asia/Kolkata", "Pacific/Apia")


def utc(text: str) -> datetime:
    return localtime.parse_instant(text)


def dublin(start: str, end: str) -> Interval:
    """From one local time to another, in Dublin."""
    return Interval(*(localtime.only(datetime.fromisoformat(at), DUBLIN) for at in (start, end)))


def shown(interval: Interval) -> tuple[str, str]:
    """What the clocks in Dublin show at both ends."""
    start, end = (localtime.local(at, DUBLIN) for at in (interval.start, interval.end))
    return f"{start:%d %b %H:%M}", f"{end:%d %b %H:%M}"


MORNING = dublin("2026-10-20T09:00", "2026-10-20T17:00")


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        (Repeat("day", times=3), ["2026-10-20", "2026-10-21", "2026-10-22"]),
        (Repeat("week", times=2), ["2026-10-20", "2026-10-27"]),
        # the last date counts, whether it is met or not
        (Repeat("week", until=date(2026, 11, 3)), ["2026-10-20", "2026-10-27", "2026-11-03"]),
        (Repeat("week", until=date(2026, 11, 2)), ["2026-10-20", "2026-10-27"]),
        (Repeat("month", times=4), ["2026-10-20", "2026-11-20", "2026-12-20", "2027-01-20"]),
        (Repeat("month", until=date(2026, 12, 20)), ["2026-10-20", "2026-11-20", "2026-12-20"]),
        (Repeat("month", until=date(2026, 12, 19)), ["2026-10-20", "2026-11-20"]),
    ],
)
def test_dates_follow_each_other(repeat: Repeat, expected: list[str]) -> None:
    assert [str(on) for on in recurrence.dates(MORNING, repeat, DUBLIN)] == expected


@pytest.mark.parametrize(
    ("start", "times", "kept", "missing"),
    [
        ("2026-12-15", 4, ["12-15", "01-15", "02-15", "03-15"], []),
        ("2026-12-31", 4, ["12-31", "01-31", "03-31"], ["02-28"]),
        ("2026-11-30", 4, ["11-30", "12-30", "01-30"], ["02-28"]),
        ("2027-12-29", 3, ["12-29", "01-29", "02-29"], []),  # 2028 has a 29th of February
        ("2026-08-31", 5, ["08-31", "10-31", "12-31"], ["09-30", "11-30"]),
    ],
)
def test_a_month_without_the_day_is_skipped_and_named(
    start: str, times: int, kept: list[str], missing: list[str]
) -> None:
    first = dublin(f"{start}T09:00", f"{start}T17:00")
    series = group_dates.of(first, Repeat("month", times=times), DUBLIN)
    assert [f"{each.on:%m-%d}" for each in series if not each.refusal] == kept
    assert [f"{each.on:%m-%d}" for each in series if each.is_missing] == missing
    assert {each.refusal.code for each in series if each.refusal} <= {"NO_SUCH_DATE"}


def test_a_skipped_month_names_the_day_that_it_lacks() -> None:
    first = dublin("2027-01-31T09:00", "2027-01-31T17:00")
    _, february = group_dates.of(first, Repeat("month", times=2), DUBLIN)
    assert sentences.worded(february.as_json, "en") == {
        "date": "2027-02-28",
        "code": "NO_SUCH_DATE",
        "message": "There is no 31 February 2027. That month is skipped.",
    }


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(2, 52), st.sampled_from(PLACES))
def test_a_monthly_series_has_one_date_in_every_month(start: date, times: int, place: str) -> None:
    tz = localtime.zone(place)
    noon = localtime.at_wall(start, time(12), tz)
    days = recurrence.dates(Interval(noon, noon + HOUR), Repeat("month", times=times), tz)
    months = [each.year * 12 + each.month for each in days]
    assert months == list(range(months[0], months[0] + times))
    for each in days:
        is_last = (each + DAY).month != each.month
        assert each.day == start.day or (is_last and each.day < start.day)


@pytest.mark.parametrize(
    ("repeat", "field"),
    [
        (Repeat("day"), "repeat.times"),
        (Repeat("day", times=2, until=date(2026, 12, 1)), "repeat.times"),
        (Repeat("day", until=date(2026, 10, 20)), "repeat.until"),  # but one date
        (Repeat("day", until=date(2026, 10, 1)), "repeat.until"),  # in the past
        (Repeat("day", until=date(2026, 12, 11)), "repeat.until"),  # 53 dates
        (Repeat("month", until=date(2026, 11, 19)), "repeat.until"),  # but one
        (Repeat("month", until=date(2031, 2, 20)), "repeat.until"),  # 53
    ],
)
def test_what_makes_no_series_is_refused(repeat: Repeat, field: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        recurrence.dates(MORNING, repeat, DUBLIN)
    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize(
    ("every", "length", "fits"),
    [
        ("day", 24 * HOUR, True),
        ("day", 24 * HOUR + timedelta(minutes=1), False),
        ("week", 7 * DAY, True),
        ("week", 7 * DAY + timedelta(minutes=1), False),
        ("month", 30 * DAY, True),  # November has 30 days
        ("month", 30 * DAY + timedelta(minutes=1), False),
    ],
)
def test_a_booking_must_not_run_into_the_next(every: Every, length: timedelta, fits: bool) -> None:
    first = Interval(utc("2026-11-21T09:00:00Z"), utc("2026-11-21T09:00:00Z") + length)
    repeat = Repeat(every, times=2)
    if fits:
        assert len(recurrence.dates(first, repeat, DUBLIN)) == 2
        return
    with pytest.raises(errors.Invalid) as refusal:
        recurrence.dates(first, repeat, DUBLIN)
    assert set(refusal.value.fields) == {"repeat.every"}


def test_what_ends_before_it_begins_by_the_clock_cannot_come_again() -> None:
    """From 01:45 summer time to 01:15 winter time, half an hour later."""
    first = Interval(utc("2026-10-25T00:45:00Z"), utc("2026-10-25T01:15:00Z"))
    with pytest.raises(errors.Invalid) as refusal:
        recurrence.dates(first, Repeat("day", times=2), DUBLIN)
    assert set(refusal.value.fields) == {"end"}


@pytest.mark.parametrize(
    ("first", "day", "start", "end"),
    [
        # summer to winter and back: the same times, an hour apart in UTC
        (MORNING, "2026-10-27", "2026-10-27T09:00:00Z", "2026-10-27T17:00:00Z"),
        (MORNING, "2027-03-27", "2027-03-27T09:00:00Z", "2027-03-27T17:00:00Z"),
        (MORNING, "2027-03-28", "2027-03-28T08:00:00Z", "2027-03-28T16:00:00Z"),
        # a night in which clocks change is an hour longer, or shorter
        (dublin("2026-10-17T22:00", "2026-10-18T06:00"), "2026-10-24", "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"),
        (dublin("2026-10-17T22:00", "2026-10-18T06:00"), "2027-03-27", "2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z"),
    ],
)  # fmt: skip
def test_the_wall_clock_is_kept(first: Interval, day: str, start: str, end: str) -> None:
    interval = recurrence.on(first, date.fromisoformat(day), DUBLIN)
    assert (localtime.iso(interval.start), localtime.iso(interval.end)) == (start, end)


@pytest.mark.parametrize(
    ("start", "end", "day", "code", "told"),
    [
        ("01:30", "03:00", "2027-03-28", "LOCAL_TIME_SKIPPED", "01:30 does not exist on 2027-03-28"),
        ("00:30", "01:30", "2027-03-28", "LOCAL_TIME_SKIPPED", "01:30 does not exist on 2027-03-28"),
        ("01:30", "03:00", "2026-10-25", "LOCAL_TIME_TWICE", "01:30 comes twice on 2026-10-25"),
        ("00:30", "01:30", "2026-10-25", "LOCAL_TIME_TWICE", "01:30 comes twice on 2026-10-25"),
    ],
)  # fmt: skip
def test_a_time_that_is_not_there_once_is_refused_by_name(
    start: str, end: str, day: str, code: str, told: str
) -> None:
    first = dublin(f"2026-10-20T{start}", f"2026-10-20T{end}")
    with pytest.raises(errors.Conflict) as refusal:
        recurrence.on(first, date.fromisoformat(day), DUBLIN)
    assert refusal.value.code == code
    assert told in english(refusal.value)


def test_the_first_date_may_lie_in_an_hour_that_comes_twice_for_its_instant_says_which() -> None:
    second = Interval(utc("2026-10-25T01:15:00Z"), utc("2026-10-25T03:00:00Z"))
    assert recurrence.on(second, date(2026, 10, 25), DUBLIN) == second
    assert shown(recurrence.on(second, date(2026, 10, 26), DUBLIN)) == (
        "26 Oct 01:15",
        "26 Oct 03:00",
    )


@given(
    st.sampled_from(PLACES),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.timedeltas(timedelta(minutes=1), timedelta(hours=24)),
    st.sampled_from(("day", "week")),
    st.integers(2, 52),
)
def test_every_date_shows_the_times_of_the_first_or_says_why_it_cannot(
    place: str, on: date, at: time, length: timedelta, every: Every, times: int
) -> None:
    tz = localtime.zone(place)
    wall = datetime.combine(on, at)
    ends = wall + timedelta(seconds=length // timedelta(seconds=1))
    try:
        first = Interval(localtime.only(wall, tz), localtime.only(ends, tz))
    except errors.Conflict:
        return
    last: Interval | None = None
    for day in recurrence.dates(first, Repeat(every, times=times), tz):
        try:
            interval = recurrence.on(first, day, tz)
        except (errors.LocalTimeSkipped, errors.LocalTimeTwice):
            assert localtime.day(day, tz).duration != DAY or _changes(day + DAY, tz)
            continue
        local = [localtime.local(each, tz) for each in (interval.start, interval.end)]
        assert [each.replace(tzinfo=None) - (day - on) for each in local] == [wall, ends]
        assert last is None or last.end <= interval.start
        last = interval


def _changes(day: date, tz: ZoneInfo) -> bool:
    return localtime.day(day, tz).duration != DAY


def test_utc_is_what_comes_out() -> None:
    assert recurrence.on(MORNING, date(2026, 10, 27), DUBLIN).start.tzinfo is UTC
