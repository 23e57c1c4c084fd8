from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.core.interval import Interval
from chalicelib.texts import clocks

DUBLIN = ZoneInfo("Europe/Dublin")
KOLKATA = ZoneInfo("Asia/Kolkata")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "tz", "told"),
    [
        # within a day
        ("2026-11-21T04:45", "2026-11-21T05:45", KOLKATA, "Sat, 21 Nov 2026, 10:15–11:15"),
        # over midnight there, not in UTC
        (
            "2026-11-21T18:00", "2026-11-21T19:00", KOLKATA,
            "Sat, 21 Nov 2026, 23:30 – Sun, 22 Nov 2026, 00:30",
        ),
        # clocks go forward
        ("2027-03-28T00:30", "2027-03-28T01:30", DUBLIN, "Sun, 28 Mar 2027, 00:30 GMT – 02:30 IST"),
        # clocks go back
        ("2026-10-24T23:15", "2026-10-25T02:15", DUBLIN, "Sun, 25 Oct 2026, 00:15 IST – 02:15 GMT"),
        # the end comes twice that night, the offsets are the same
        ("2026-10-24T23:15", "2026-10-25T00:15", DUBLIN, "Sun, 25 Oct 2026, 00:15 IST – 01:15 IST"),
        # the hour after
        ("2026-10-25T02:00", "2026-10-25T03:00", DUBLIN, "Sun, 25 Oct 2026, 02:00–03:00"),
    ],
)  # fmt: skip
def test_a_span_is_told_by_the_clocks_of_the_site(
    start: str, end: str, tz: ZoneInfo, told: str
) -> None:
    assert clocks.span(Interval(at(start), at(end)), tz, "en") == told


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        ("2026-10-25T00:30", "Sun, 25 Oct 2026, 01:30 IST"),
        ("2026-10-25T01:30", "Sun, 25 Oct 2026, 01:30 GMT"),
        ("2026-10-25T02:30", "Sun, 25 Oct 2026, 02:30"),
        ("2027-03-28T01:00", "Sun, 28 Mar 2027, 02:00"),
    ],
)
def test_a_time_that_comes_twice_is_told_apart(instant: str, told: str) -> None:
    assert clocks.moment(at(instant), DUBLIN, "en") == told


def test_both_ends_of_a_stay_name_their_offsets_when_these_differ() -> None:
    stay = Interval(at("2026-10-25T00:30"), at("2026-10-25T01:30"))
    assert clocks.ends(stay, DUBLIN, "en") == (
        "Sun, 25 Oct 2026, 01:30 IST",
        "Sun, 25 Oct 2026, 01:30 GMT",
    )


def test_the_length_is_elapsed_time_whatever_the_clocks_say() -> None:
    start = at("2026-10-25T00:30")
    assert clocks.length(Interval(start, start + timedelta(hours=1)), "en") == "1 hour"
