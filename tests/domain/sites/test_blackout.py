from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites import blackout
from tests.builders import a_blackout, an_interval
from tests.clock import NOON
from tests.wording import faults_of, refuses

HOUR = timedelta(hours=1)
TODAY = a_blackout(NOON, 60)
TOMORROW = a_blackout(NOON + 24 * HOUR, 60, reason="Stocktaking")


def test_a_reversed_blackout_is_refused_by_name() -> None:
    with pytest.raises(errors.Invalid) as refused:
        a_blackout(NOON, 0)
    assert faults_of(refused.value) == {"end": "must be after start"}


def test_one_without_a_key_is_called_after_its_times() -> None:
    assert a_blackout(NOON, 60, reason="why").key == TODAY.key != TOMORROW.key
    assert a_blackout(NOON, 60, key="7Q2M9X4T").key == "7Q2M9X4T"
    assert replace(TODAY, end=TODAY.end + HOUR).key == TODAY.key


@pytest.mark.parametrize(
    ("start", "minutes", "hit"),
    [
        (-60, 60, ()),  # ends as it begins
        (60, 60, ()),  # begins as it ends
        (-60, 61, (TODAY,)),
        (59, 60, (TODAY,)),
        (0, 48 * 60, (TODAY, TOMORROW)),  # both, the earlier first
        (120, 48 * 60, (TOMORROW,)),
    ],
)
def test_the_blackouts_in_the_way_are_found(
    start: int, minutes: int, hit: tuple[blackout.Blackout, ...]
) -> None:
    interval = an_interval(NOON + timedelta(minutes=start), minutes)
    assert blackout.within((TOMORROW, TODAY), interval) == hit


@pytest.mark.parametrize(
    ("day", "start", "minutes", "is_hit"),
    [
        ("2026-11-21", 30, 60, True),
        ("2026-11-21", 60, 60, False),  # begins as the blackout ends
        ("2026-11-21", -60, 60, False),  # ends as it begins
        ("2026-11-21", -24 * 60, 48 * 60, True),  # since yesterday: on the first closed day
        ("2026-11-22", -24 * 60, 72 * 60, False),  # on the next day it was met before
    ],
)
def test_a_booking_is_hit_once_on_the_first_of_its_days(
    day: str, start: int, minutes: int, is_hit: bool
) -> None:
    booking = "BK7Q2M9X4T1NG1QR00005"
    taken = {booking: an_interval(NOON + timedelta(minutes=start), minutes)}
    sheet = Sheet("zone-a", "A-001", day, taken, 1)
    assert blackout.hit_first_on(sheet, TODAY.interval) == ((booking,) if is_hit else ())


def test_what_is_held_without_a_booking_is_not_hit() -> None:
    sheet = Sheet("zone-a", "A-001", "2026-11-21", {"WL123": TODAY.interval}, 1)
    assert blackout.hit_first_on(sheet, TODAY.interval) == ()


def test_a_blackout_is_found_by_its_key() -> None:
    assert blackout.find((TODAY, TOMORROW), TOMORROW.key) is TOMORROW
    with pytest.raises(errors.BlackoutNotFound):
        blackout.find((TODAY,), TOMORROW.key)


def test_a_new_one_joins_the_others_and_those_long_over_make_way() -> None:
    over = a_blackout(NOON - 2 * HOUR, 60)
    assert blackout.with_new((over, TODAY), TOMORROW, now=NOON) == (over, TODAY, TOMORROW)
    later = over.end + blackout.KEPT
    ahead = a_blackout(later, 60)
    assert blackout.with_new((over, TODAY), ahead, now=later) == (TODAY, ahead)


def test_a_new_one_must_not_be_over() -> None:
    with pytest.raises(errors.Invalid) as refused:
        blackout.with_new((), TODAY, now=TODAY.end)
    assert faults_of(refused.value) == {"end": "must be in the future"}


def test_one_that_has_begun_counts_from_now() -> None:
    assert blackout.with_new((), TODAY, now=TODAY.end - HOUR / 60) == (TODAY,)


def test_the_same_time_is_closed_once() -> None:
    with pytest.raises(errors.AlreadyExists):
        blackout.with_new((TODAY,), replace(TODAY, key="7Q2M9X4T"), now=NOON)


def test_there_is_a_most() -> None:
    many = tuple(a_blackout(NOON + n * HOUR, 60) for n in range(blackout.MOST))
    with refuses(errors.InUse, "Lift one first"):
        blackout.with_new(many, a_blackout(NOON, 30), now=NOON)
    assert len(blackout.with_new(many[1:], a_blackout(NOON, 30), now=NOON)) == blackout.MOST


def test_a_changed_one_replaces_itself() -> None:
    longer = replace(TODAY, end=TODAY.end + HOUR, reason="It takes longer")
    assert blackout.with_changed((TODAY, TOMORROW), longer, now=NOON) == (TOMORROW, longer)
    same = replace(TOMORROW, start=TODAY.start, end=TODAY.end)
    with pytest.raises(errors.AlreadyExists):
        blackout.with_changed((TODAY, TOMORROW), same, now=NOON)
    with pytest.raises(errors.Invalid):
        blackout.with_changed((TODAY,), longer, now=longer.end)


def test_without_one_the_others_stay() -> None:
    assert blackout.without((TODAY, TOMORROW), TODAY.key) == (TOMORROW,)
    assert blackout.without((TOMORROW,), TODAY.key) == (TOMORROW,)


@pytest.mark.parametrize(
    ("first", "last", "hit"),
    [
        (0, 24 * 20, ["2026-11"]),  # begins in November, and is met there alone
        (24 * 15, 24 * 16, ["2026-12"]),
    ],
)
def test_a_stay_over_the_end_of_a_month_is_hit_once(first: int, last: int, hit: list[str]) -> None:
    stay = Interval(NOON + first * HOUR, NOON + last * HOUR)
    closed = Interval(NOON, NOON + 24 * 30 * HOUR)
    sheets = [
        Sheet("rooms", "101", month, {"BK7Q2M9X4T1NG1QR00005": stay})
        for month in Paging.MONTH.pages(stay)
    ]
    assert [s.day for s in sheets if blackout.hit_first_on(s, closed)] == hit
