from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.texts import sentences

KOLKATA = localtime.zone("Asia/Kolkata")
DUBLIN = localtime.zone("Europe/Dublin")

WEEK = OpeningHours.from_json(
    {
        "mon": ["06:00-22:00"],
        "tue": ["06:00-12:00", "12:00-22:00"],  # joined at noon
        "wed": ["06:00-12:00", "13:00-22:00"],  # with a break
        "fri": ["18:00-24:00"],
        "sat": ["00:00-02:00", "20:00-04:00"],  # on from Friday; into Sunday
    }
)
ALL_DAY = OpeningHours.from_json({day: ["00:00-24:00"] for day in ("sat", "sun", "mon")})


def between(on: str, start: str, end: str, tz: ZoneInfo = KOLKATA, nights: int = 0) -> Interval:
    first = date.fromisoformat(on)
    return Interval(
        localtime.at_wall(first, time.fromisoformat(start), tz),
        localtime.at_wall(first + timedelta(days=nights), time.fromisoformat(end), tz),
    )


@pytest.mark.parametrize(
    ("interval", "covered"),
    [
        # 2026-11-23 is a Monday
        (between("2026-11-23", "06:00", "22:00"), True),  # from opening to closing
        (between("2026-11-23", "05:59", "07:00"), False),  # a minute too early
        (between("2026-11-23", "21:00", "22:01"), False),  # a minute too late
        (between("2026-11-23", "21:00", "07:00", nights=1), False),  # closed at night
        (between("2026-11-24", "11:00", "13:00"), True),  # across two spans that touch
        (between("2026-11-25", "11:00", "14:00"), False),  # across the break
        (between("2026-11-25", "13:00", "14:00"), True),  # after it
        (between("2026-11-26", "10:00", "11:00"), False),  # no Thursday
        (between("2026-11-27", "23:00", "01:30", nights=1), True),  # over midnight, two spans
        (between("2026-11-27", "23:00", "02:01", nights=1), False),
        (between("2026-11-28", "23:00", "04:00", nights=1), True),  # over midnight, one span
        (between("2026-11-29", "00:30", "03:59"), True),  # Saturday's night, on Sunday
        (between("2026-11-29", "03:00", "04:01"), False),
        (between("2026-11-29", "20:00", "21:00"), False),  # no Sunday of its own
    ],
)
def test_a_booking_must_lie_wholly_inside_opening_hours(interval: Interval, covered: bool) -> None:
    assert WEEK.covers(interval, KOLKATA) is covered


def test_without_any_hours_it_is_always_open() -> None:
    week = between("2026-11-23", "00:00", "00:00", nights=7)
    for hours in (OpeningHours(), OpeningHours.from_json({})):
        assert hours.covers(week, KOLKATA)
        assert hours.open_within(week, KOLKATA) == (week,)


def test_a_day_without_spans_is_closed() -> None:
    closed = OpeningHours.from_json({"mon": []})
    assert not closed.covers(between("2026-11-23", "10:00", "11:00"), KOLKATA)
    assert not closed.covers(between("2026-11-24", "10:00", "11:00"), KOLKATA)


@pytest.mark.parametrize(
    ("at", "is_open"), [("05:59", False), ("06:00", True), ("21:59", True), ("22:00", False)]
)
def test_doors_open_at_the_minute_and_close_at_the_minute(at: str, is_open: bool) -> None:
    instant = localtime.at_wall(date(2026, 11, 23), time.fromisoformat(at), KOLKATA)
    assert WEEK.open_at(instant, KOLKATA) is is_open


@pytest.mark.parametrize(
    ("start", "end", "nights"),
    [("23:00", "12:00", 1), ("00:30", "23:00", 1), ("12:00", "00:00", 2)],
)
@pytest.mark.parametrize("saturday", ["2026-10-24", "2027-03-27"])
def test_open_around_the_clock_is_open_through_clock_changes(
    saturday: str, start: str, end: str, nights: int
) -> None:
    assert ALL_DAY.covers(between(saturday, start, end, DUBLIN, nights), DUBLIN)


@pytest.mark.parametrize(
    ("span", "opens", "closes"),
    [
        ("00:30-06:00", "2027-03-28T00:30:00Z", "2027-03-28T05:00:00Z"),  # an hour less
        ("01:30-06:00", "2027-03-28T01:00:00Z", "2027-03-28T05:00:00Z"),  # opens at the leap
        ("00:00-01:30", "2027-03-28T00:00:00Z", "2027-03-28T01:00:00Z"),  # closes at the leap
    ],
)
def test_hours_keep_the_wall_clock_when_an_hour_is_left_out(
    span: str, opens: str, closes: str
) -> None:
    sunday = localtime.day(date(2027, 3, 28), DUBLIN)
    found = OpeningHours.from_json({"sun": [span]}).open_within(sunday, DUBLIN)
    assert [(localtime.iso(i.start), localtime.iso(i.end)) for i in found] == [(opens, closes)]


def test_a_span_that_the_clocks_leap_over_does_not_open() -> None:
    sunday = localtime.day(date(2027, 3, 28), DUBLIN)
    assert OpeningHours.from_json({"sun": ["01:10-01:50"]}).open_within(sunday, DUBLIN) == ()


def test_hours_keep_the_wall_clock_when_an_hour_comes_twice() -> None:
    sunday = localtime.day(date(2026, 10, 25), DUBLIN)
    night = OpeningHours.from_json({"sat": ["22:00-01:30"], "sun": ["06:00-22:00"]})
    found = night.open_within(sunday, DUBLIN)
    assert [(localtime.iso(i.start), localtime.iso(i.end)) for i in found] == [
        ("2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z"),  # closes at the first half past one
        ("2026-10-25T06:00:00Z", "2026-10-25T22:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("2026-11-23", "Open Mon 06:00-22:00"),
        ("2026-11-25", "Open Wed 06:00-12:00, 13:00-22:00"),  # with a break
        ("2026-11-26", "Closed Thu"),
        ("2026-11-27", "Open Fri 18:00-24:00"),
        ("2026-11-28", "Open Sat 00:00-02:00, 20:00-04:00"),
        ("2026-11-29", "Open Sat 00:00-02:00, 20:00-04:00, closed Sun"),  # the night before
    ],
)
def test_the_hours_of_a_day_are_told_in_words(on: str, words: str) -> None:
    assert sentences.shown(WEEK.describe(date.fromisoformat(on)), "en") == words


def test_hours_survive_their_json() -> None:
    raw = {"mon": ["06:00-22:00"], "wed": ["06:00-12:00", "13:00-22:00"], "sun": []}
    assert OpeningHours.from_json(raw).to_json() == raw
    assert OpeningHours.from_json({}).to_json() == {}
    assert OpeningHours.from_json({"sat": ["20:00-24:00"]}).to_json() == {"sat": ["20:00-24:00"]}


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        (None, ["opening_hours"]),
        ([], ["opening_hours"]),
        ("06:00-22:00", ["opening_hours"]),
        ({"monday": ["06:00-22:00"]}, ["opening_hours.monday"]),
        ({"mon": "06:00-22:00"}, ["opening_hours.mon"]),
        ({"mon": None}, ["opening_hours.mon"]),
        ({"mon": ["06:00-22:00"] * 13}, ["opening_hours.mon"]),
        (
            {"mon": ["6-22", "06:00-22:00", 5, "06:00", "24:00-06:00", "06:00-06:00"]},
            [f"opening_hours.mon[{n}]" for n in (0, 2, 3, 4, 5)],
        ),
        ({"mon": ["06:00-25:00"], "tues": []}, ["opening_hours.mon[0]", "opening_hours.tues"]),
    ],
)
def test_all_faulty_hours_are_named_at_once(raw: object, fields: list[str]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        OpeningHours.from_json(raw)
    assert sorted(refused.value.fields) == fields


MINUTES = st.integers(0, 1439)
HOURS = st.dictionaries(
    st.integers(0, 6),
    st.lists(st.tuples(MINUTES, MINUTES).filter(lambda s: s[0] != s[1]), max_size=3).map(tuple),
    max_size=7,
).map(OpeningHours)
STARTS = st.sampled_from(["2026-10-24T12:00:00Z", "2027-03-27T12:00:00Z", "2026-11-21T00:00:00Z"])


@given(
    HOURS, STARTS, st.integers(0, 3000), st.integers(1, 3000), st.sampled_from([KOLKATA, DUBLIN])
)
def test_an_interval_is_covered_when_it_is_open_all_through(
    hours: OpeningHours, base: str, offset: int, minutes: int, tz: ZoneInfo
) -> None:
    start = localtime.parse_instant(base) + timedelta(minutes=offset)
    interval = Interval(start, start + timedelta(minutes=minutes))
    parts = hours.open_within(interval, tz)
    assert hours.covers(interval, tz) is (parts == (interval,))
    assert all(hours.covers(part, tz) for part in parts)
    assert hours.open_at(start, tz) is any(part.contains(start) for part in parts)
