from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Fault
from tests.wording import faults_of, refuses

KOLKATA = localtime.zone("Asia/Kolkata")
DUBLIN = localtime.zone("Europe/Dublin")
BACK = date(2026, 10, 25)  # Dublin: 02:00 becomes 01:00
AHEAD = date(2027, 3, 28)  # Dublin: 01:00 becomes 02:00
ZONES = [
    "Asia/Kolkata",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",  # moves its clocks by half an hour
    "Africa/Cairo",  # moves them at midnight
    "America/Havana",  # has midnight twice
    "Asia/Beirut",
    "Pacific/Chatham",
]


def utc(text: str) -> datetime:
    return localtime.parse_instant(text)


@pytest.mark.parametrize(
    "name", ["", "Nowhere/City", "Europe", "../etc/passwd", "/etc", "\0", "\ud800", "a" * 300]
)
def test_an_unknown_timezone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not known"):
        localtime.zone(name)


@pytest.mark.parametrize("name", [None, 5])
def test_a_timezone_is_named_by_text(name: object) -> None:
    with pytest.raises(ValueError, match="not known"):
        localtime.zone(name)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-21T04:19:24Z", "2026-11-21T04:19:24Z"),
        ("2026-11-21T09:49:24+05:30", "2026-11-21T04:19:24Z"),
        ("2026-11-21T04:19Z", "2026-11-21T04:19:00Z"),
        ("2026-11-21T04:19:24.999Z", "2026-11-21T04:19:24Z"),  # whole seconds
        ("2026-11-20T23:19:24-05:00", "2026-11-21T04:19:24Z"),
        ("2100-12-31T23:59:59Z", "2100-12-31T23:59:59Z"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"),
    ],
)
def test_an_instant_is_read_into_utc(text: str, instant: str) -> None:
    assert localtime.iso(utc(text)) == instant
    assert utc(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T04:19:24",  # whose clock?
        "2026-11-21",
        "2026-11-21 04:19:24Z",
        "2026-11-21T04:19:24 05:30",  # a plus sign lost in a URL
        "2026-11-21T24:00:00Z",
        "2026-11-21T04:60:00Z",
        "2026-11-21T04:19:60Z",
        "2026-11-21T04:19:24+24:00",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-W47-6T00:00:00Z",
        "20261121T041924Z",
        "1999-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "2000-01-01T00:00:00+05:30",  # still 1999 in UTC
        "2100-12-31T23:59:59-05:30",  # already 2101
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-21T04:19:24Z\n",
        "٢٠٢٦-11-21T04:19:24Z",
        "\ud800",
        "",
        1763698764,
        None,
    ],
)
def test_what_is_no_instant_of_our_century_is_refused(text: object) -> None:
    with refuses(Fault, "must"):
        localtime.parse_instant(text)


@pytest.mark.parametrize(
    ("on", "at", "tz", "instant"),
    [
        (date(2026, 11, 21), time(0, 0), KOLKATA, "2026-11-20T18:30:00Z"),
        (date(2026, 11, 21), time(9, 30), KOLKATA, "2026-11-21T04:00:00Z"),
        (date(2026, 7, 1), time(9), DUBLIN, "2026-07-01T08:00:00Z"),  # summer
        (date(2026, 12, 1), time(9), DUBLIN, "2026-12-01T09:00:00Z"),  # winter
        (BACK, time(1, 30), DUBLIN, "2026-10-25T00:30:00Z"),  # the first of the two
        (BACK, time(2), DUBLIN, "2026-10-25T02:00:00Z"),
        (AHEAD, time(0, 59), DUBLIN, "2027-03-28T00:59:00Z"),
        (AHEAD, time(2), DUBLIN, "2027-03-28T01:00:00Z"),
    ],
)
def test_a_wall_clock_time_is_an_instant(on: date, at: time, tz: ZoneInfo, instant: str) -> None:
    assert localtime.iso(localtime.at_wall(on, at, tz)) == instant


def test_a_time_the_clocks_leave_out_is_refused_by_the_name_of_its_field() -> None:
    with pytest.raises(errors.Invalid) as refused:
        localtime.at_wall(AHEAD, time(1, 30), DUBLIN, field="end")
    assert faults_of(refused.value) == {
        "end": "01:30 does not exist on 28 March 2027 in Europe/Dublin: "
        "clocks go from 01:00 to 02:00"
    }


@pytest.mark.parametrize(
    ("wall", "name", "gap"),
    [
        ("2027-03-28T01:00", "Europe/Dublin", "from 01:00 to 02:00"),  # the first minute of it
        ("2027-03-28T01:59:59", "Europe/Dublin", "from 01:00 to 02:00"),  # the last second
        ("2027-03-14T02:30", "America/New_York", "from 02:00 to 03:00"),
        ("2026-10-04T02:10", "Australia/Lord_Howe", "from 02:00 to 02:30"),  # half an hour
        ("2026-04-24T00:30", "Africa/Cairo", "from 00:00 to 01:00"),  # no midnight
    ],
)
def test_a_local_time_that_does_not_exist_names_the_gap(wall: str, name: str, gap: str) -> None:
    with refuses(localtime.NoSuchTime, f"does not exist .* {name}: clocks go {gap}"):
        localtime.resolve(localtime.parse_moment(wall), localtime.zone(name))


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-10-25T01:30", "2026-10-25T00:30:00Z"),  # comes twice: the first
        ("2026-10-25T02:00", "2026-10-25T02:00:00Z"),
        ("2027-03-28T02:00", "2027-03-28T01:00:00Z"),  # just behind the gap
        ("2027-03-28T00:59:59", "2027-03-28T00:59:59Z"),
    ],
)
def test_a_local_time_is_told_by_the_clocks_of_the_place(wall: str, instant: str) -> None:
    assert localtime.iso(localtime.resolve(localtime.parse_moment(wall), DUBLIN)) == instant


@given(st.datetimes(datetime(2015, 1, 1), datetime(2040, 12, 31)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_a_local_time_is_what_the_clocks_show_or_is_refused(wall: datetime, name: str) -> None:
    tz = localtime.zone(name)
    wall = wall.replace(microsecond=0)
    try:
        shown = localtime.local(localtime.resolve(wall, tz), tz)
    except localtime.NoSuchTime:
        before, after = (wall.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (1, 0))
        assert before < after
    else:
        assert shown.replace(tzinfo=None) == wall
        assert shown.fold == 0


def test_an_instant_stays_what_it_is_and_all_faulty_local_times_are_named_at_once() -> None:
    instant = utc("2026-11-21T04:19:24Z")
    told = localtime.instants(DUBLIN, start=instant, end=None)
    assert told == {"start": instant, "end": None}
    gap = localtime.parse_moment("2027-03-28T01:30")
    with pytest.raises(errors.Invalid) as refused:
        localtime.instants(DUBLIN, start=gap, end=gap)
    assert set(refused.value.fields) == {"start", "end"}


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-11-21 10:00", "2026-02-30T10:00", "1999-01-01T10:00", "", 5, None]
)
def test_what_is_neither_an_instant_nor_a_local_time_is_refused(text: object) -> None:
    with refuses(Fault, "must"):
        localtime.parse_moment(text)


@pytest.mark.parametrize(
    ("on", "minute", "tz", "instant"),
    [
        (AHEAD, 60, DUBLIN, "2027-03-28T01:00:00Z"),  # left out: the moment of the change
        (AHEAD, 119, DUBLIN, "2027-03-28T01:00:00Z"),
        (AHEAD, 120, DUBLIN, "2027-03-28T01:00:00Z"),
        (AHEAD, 121, DUBLIN, "2027-03-28T01:01:00Z"),
        (BACK, 90, DUBLIN, "2026-10-25T00:30:00Z"),  # twice: the first
        (BACK, 1440, DUBLIN, "2026-10-26T00:00:00Z"),  # the midnight that ends the day
        (
            date(2026, 4, 24),
            0,
            localtime.zone("Africa/Cairo"),
            "2026-04-23T22:00:00Z",
        ),  # no midnight
    ],
)
def test_a_minute_of_the_day_is_always_an_instant(
    on: date, minute: int, tz: ZoneInfo, instant: str
) -> None:
    assert localtime.iso(localtime.from_minute(on, minute, tz)) == instant


@pytest.mark.parametrize(
    ("on", "tz", "start", "hours"),
    [
        (date(2026, 11, 21), KOLKATA, "2026-11-20T18:30:00Z", 24),
        (BACK, DUBLIN, "2026-10-24T23:00:00Z", 25),
        (AHEAD, DUBLIN, "2027-03-28T00:00:00Z", 23),
        (date(2026, 4, 24), localtime.zone("Africa/Cairo"), "2026-04-23T22:00:00Z", 23),
    ],
)
def test_a_day_has_the_hours_its_clocks_give_it(
    on: date, tz: ZoneInfo, start: str, hours: int
) -> None:
    day = localtime.day(on, tz)
    assert localtime.iso(day.start) == start
    assert day.duration == timedelta(hours=hours)


def test_a_date_that_a_country_skipped_is_refused() -> None:
    with pytest.raises(errors.Invalid) as refused:
        localtime.day(date(2011, 12, 30), localtime.zone("Pacific/Apia"))
    assert list(refused.value.fields) == ["date"]


@pytest.mark.parametrize(
    ("start", "end", "tz", "nights"),
    [
        ("2026-11-21T09:00:00Z", "2026-11-21T17:00:00Z", KOLKATA, 0),  # a day's use
        ("2026-11-21T09:00:00Z", "2026-11-22T05:00:00Z", KOLKATA, 1),
        ("2026-11-21T18:29:00Z", "2026-11-21T18:31:00Z", KOLKATA, 1),  # midnight in Kolkata
        ("2026-11-21T18:31:00Z", "2026-11-22T00:10:00Z", KOLKATA, 0),  # midnight in UTC only
        ("2026-10-24T14:00:00Z", "2026-10-26T11:00:00Z", DUBLIN, 2),  # over the change
        ("2027-03-27T15:00:00Z", "2027-03-28T10:00:00Z", DUBLIN, 1),
    ],
)
def test_nights_are_the_local_midnights_spanned(
    start: str, end: str, tz: ZoneInfo, nights: int
) -> None:
    assert localtime.nights(Interval(utc(start), utc(end)), tz) == nights


def test_the_local_date_changes_at_midnight_in_kolkata() -> None:
    before, after = utc("2026-11-21T18:29:59Z"), utc("2026-11-21T18:30:00Z")
    assert localtime.local_date(before, KOLKATA) == date(2026, 11, 21)
    assert localtime.local_date(after, KOLKATA) == date(2026, 11, 22)
    assert localtime.minute_of_day(before, KOLKATA) == 1439
    assert localtime.minute_of_day(after, KOLKATA) == 0
    assert localtime.local(after, KOLKATA).isoformat() == "2026-11-22T00:00:00+05:30"


def test_dublin_has_half_past_one_twice_in_october() -> None:
    first, second = utc("2026-10-25T00:30:00Z"), utc("2026-10-25T01:30:00Z")
    assert localtime.minute_of_day(first, DUBLIN) == localtime.minute_of_day(second, DUBLIN) == 90


@pytest.mark.parametrize(
    "text", ["24:01", "7:00", "07:60", "0700", "07:00:00", "", "07:00 ", 7, None]
)
def test_what_is_no_time_of_day_is_refused(text: object) -> None:
    with refuses(Fault, "time of day"):
        localtime.parse_minute(text)


@given(st.integers(0, 1440))
def test_minutes_of_the_day_survive_their_text(minute: int) -> None:
    assert localtime.parse_minute(localtime.minute_text(minute)) == minute


@given(st.integers(946_684_800, 4_133_980_799))  # the first and the last second of the range
def test_an_instant_survives_its_text(seconds: int) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    assert utc(localtime.iso(instant)) == instant


@given(st.dates(date(2015, 1, 1), date(2040, 12, 31)), st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(on: date, name: str) -> None:
    tz = localtime.zone(name)
    today, tomorrow = localtime.day(on, tz), localtime.day(on + timedelta(days=1), tz)
    assert today.end == tomorrow.start
    assert localtime.local_date(today.start, tz) == on
    assert localtime.local_date(today.end - timedelta(seconds=1), tz) == on
    assert localtime.local_date(today.start - timedelta(seconds=1), tz) < on
