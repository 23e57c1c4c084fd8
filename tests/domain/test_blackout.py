from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import blackout, errors
from tests.builders import a_blackout, an_interval
from tests.clock import NOON

HOUR = timedelta(hours=1)
TODAY = a_blackout(NOON, 60)
TOMORROW = a_blackout(NOON + 24 * HOUR, 60, reason="Stocktaking")


def test_a_reversed_blackout_is_refused_by_name() -> None:
    with pytest.raises(errors.Invalid) as refused:
        a_blackout(NOON, 0)
    assert refused.value.fields == {"end": "must be after start"}


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
    assert refused.value.fields == {"end": "must be in the future"}


def test_one_that_has_begun_counts_from_now() -> None:
    assert blackout.with_new((), TODAY, now=TODAY.end - HOUR / 60) == (TODAY,)


def test_the_same_time_is_closed_once() -> None:
    with pytest.raises(errors.AlreadyExists):
        blackout.with_new((TODAY,), replace(TODAY, key="7Q2M9X4T"), now=NOON)


def test_there_is_a_most() -> None:
    many = tuple(a_blackout(NOON + n * HOUR, 60) for n in range(blackout.MOST))
    with pytest.raises(errors.InUse, match="Lift one first"):
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
