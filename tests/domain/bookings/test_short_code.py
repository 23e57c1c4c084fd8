from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import short_code
from chalicelib.domain.core import ids
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.sites.policy import FURTHEST_AHEAD
from tests import builders
from tests.clock import NOON

DAY = timedelta(days=1)
CODES = st.text(ids.ALPHABET, min_size=6, max_size=6).map(lambda text: f"{text[:2]}-{text[2:]}")
SECONDS = st.integers(700_000_000, 7_000_000_000)
INSTANTS = SECONDS.map(lambda second: datetime.fromtimestamp(second, UTC))


def test_a_code_is_the_day_and_the_end_of_the_id() -> None:
    booking = builders.a_booking(booking_id="BKCVSTMR011NG1QR07M3R")
    days = (NOON.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    assert booking.code == f"{ids.encode(days % 1024, 2)}-7M3R"


def test_a_day_is_one_of_utc() -> None:
    last, first = NOON.replace(hour=23, minute=59), NOON.replace(hour=0, minute=0)
    codes = [
        builders.a_booking(interval=builders.an_interval(at), now=first).code[:2]
        for at in (first, last, last + timedelta(minutes=1))
    ]
    assert codes[0] == codes[1] != codes[2]


@given(CODES)
def test_what_is_shown_is_read_as_it_is(code: str) -> None:
    assert short_code.read(code) == code


@given(CODES, st.sampled_from(["", " ", "-", "\u2013", "\u00a0", "  - "]), st.data())
def test_a_code_is_read_in_any_case_with_any_breaks_and_with_look_alikes(
    code: str, between: str, data: st.DataObject
) -> None:
    alike = {"0": "0Oo", "1": "1IiLl"}
    marks = [
        data.draw(st.sampled_from(alike.get(mark, mark + mark.lower())))
        for mark in code
        if mark != "-"
    ]
    assert short_code.read(between.join(marks)) == code


@pytest.mark.parametrize(
    "text", ["", "9A-7M3", "9A-7M3RR", "9A-7U3R", "9A-7M3!", "BK7Q2M9X4T1NG1QR07M3R", "9A.7M3R"]
)
def test_nothing_else_is_a_code(text: str) -> None:
    with pytest.raises(Fault) as refused:
        short_code.read(text)
    assert refused.value.wording == say("must_be_short_code")


@given(INSTANTS, st.integers(-short_code.DAYS + 1, FURTHEST_AHEAD))
def test_the_day_of_a_booking_is_among_the_days_of_its_code(now: datetime, offset: int) -> None:
    start = now + offset * DAY
    code = short_code.of(short_code.day_of(start), "BKCVSTMR011NG1QR07M3R")
    spans = short_code.days(code, now)
    assert any(span.start <= start < span.end for span in spans)
    assert 1 <= len(spans) <= 2


def test_the_record_of_a_moved_code_is_kept_until_codes_of_its_day_come_again() -> None:
    today = short_code.day_of(NOON)
    record = short_code.moved("BKCVSTMR011NG1QR07M3R", "central", today)
    again = short_code.days(record.code, record.until)[0]
    assert again.start == record.until
    before = short_code.days(record.code, record.until - timedelta(seconds=1))[0]
    assert before.start <= NOON < before.end


def test_a_booking_of_an_earlier_version_has_the_code_of_its_day() -> None:
    booking = builders.a_booking()
    assert booking.first_day is None
    assert replace(booking, first_day=short_code.day_of(NOON)).code == booking.code
