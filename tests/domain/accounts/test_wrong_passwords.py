from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.accounts.wrong_passwords import (
    FADE,
    LONGEST_LOCK,
    MOST_KNOWN,
    SIGNED_IN,
    TRIES,
    Failures,
    UnknownName,
    WrongPasswords,
    place_of,
)
from chalicelib.domain.core import errors
from tests.clock import NOON

HOME, OFFICE, ELSEWHERE = "home", "office", "elsewhere"


def after(hours: Sequence[float]) -> Failures:
    """The failures after a wrong password at each of these hours from NOON, locked or not."""
    failures = Failures()
    for hour in hours:
        failures = failures.failed(NOON + timedelta(hours=hour))
    return failures


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        (0, None),
        (4, None),
        (5, 15),  # the fifth
        (6, 30),  # and twice as long with the next one
        (7, 60),
        (8, 60),  # an hour at most
        (200, 60),
    ],
)
def test_wrong_passwords_lock_ever_longer_up_to_an_hour(failures: int, minutes: int | None) -> None:
    expected = None if minutes is None else NOON + timedelta(minutes=minutes)
    assert after([0] * failures).locked_until == expected


def test_a_lock_says_how_long_to_wait() -> None:
    with pytest.raises(errors.LockedOut) as refusal:
        after([0] * 5).require_unlocked(NOON + timedelta(minutes=5))
    assert refusal.value.retry_after == 600


def test_the_lock_opens_at_its_very_end() -> None:
    failures, end = after([0] * 5), NOON + timedelta(minutes=15)
    with pytest.raises(errors.LockedOut):
        failures.require_unlocked(end - timedelta(seconds=1))
    failures.require_unlocked(end)


@pytest.mark.parametrize(
    ("hours", "count"),
    [
        ([0, 0, 0], 3),
        ([0, 0, 0, 0.9], 4),  # nothing has faded yet
        ([0, 0, 0, 1], 3),  # one has
        ([0, 0, 0, 0.5, 1, 1.5, 2], 5),  # a later failure does not keep an earlier one alive
        ([0, 0, 0, 48], 1),
        ([24 * day for day in range(365)], 1),  # one a day locks nobody out
    ],
)
def test_an_hour_takes_one_wrong_password_away(hours: list[float], count: int) -> None:
    assert after(hours).count == count


def test_one_wrong_password_an_hour_never_locks() -> None:
    assert after(range(1000)).locked_until is None


@given(st.lists(st.integers(0, 7200), max_size=40))
def test_no_guesses_lead_to_a_lock_of_more_than_an_hour(gaps: list[int]) -> None:
    failures, now = Failures(), NOON
    for gap in gaps:
        now += timedelta(seconds=gap)
        if not failures.is_locked(now):
            failures = failures.failed(now)
    assert not failures.is_locked(now + LONGEST_LOCK)


@given(st.integers(1, 60))
def test_whoever_guesses_whenever_they_may_gets_one_guess_an_hour(hours: int) -> None:
    failures, checked = Failures(), 0
    for minute in range(60 * hours):
        now = NOON + timedelta(minutes=minute)
        while not failures.is_locked(now):
            failures, checked = failures.failed(now), checked + 1
    assert checked <= TRIES + 2 + hours


def test_a_stranger_locks_strangers_and_not_a_known_place() -> None:
    wrong = WrongPasswords().proved(HOME)
    for _ in range(TRIES):
        wrong = wrong.failed(ELSEWHERE, NOON)
    assert wrong.of(ELSEWHERE).is_locked(NOON)
    assert wrong.of(OFFICE).is_locked(NOON)  # all strangers are one
    for place in (HOME, SIGNED_IN):
        wrong.of(place).require_unlocked(NOON)


@pytest.mark.parametrize("place", [HOME, SIGNED_IN])
def test_a_known_place_and_those_who_are_signed_in_are_locked_by_themselves(place: str) -> None:
    wrong = WrongPasswords().proved(OFFICE).proved(HOME)
    for _ in range(TRIES):
        wrong = wrong.failed(place, NOON)
    assert [p for p in (HOME, OFFICE, SIGNED_IN, ELSEWHERE) if wrong.of(p).is_locked(NOON)] == [
        place
    ]
    assert not wrong.proved(place).of(place).is_locked(NOON)


def test_a_sign_in_shows_strangers_nothing() -> None:
    wrong = WrongPasswords()
    for _ in range(TRIES - 1):
        wrong = wrong.failed(ELSEWHERE, NOON)
    wrong = wrong.proved(HOME)
    assert wrong.failed(ELSEWHERE, NOON).of(ELSEWHERE).is_locked(NOON)


def test_the_places_of_the_last_sign_ins_are_known() -> None:
    wrong = WrongPasswords()
    for number in range(MOST_KNOWN + 1):
        wrong = wrong.proved(f"place {number}").proved(HOME)
    known = [each.place for each in wrong.known]
    assert known == [HOME, *(f"place {n}" for n in range(MOST_KNOWN, 1, -1))]


def test_after_a_new_password_only_the_place_where_it_was_chosen_is_known() -> None:
    wrong = WrongPasswords().proved(HOME).proved(OFFICE).failed(SIGNED_IN, NOON).known_only(HOME)
    assert [each.place for each in wrong.known] == [HOME]
    assert wrong.signed_in == Failures()


def test_a_name_without_an_account_is_counted_as_a_stranger_at_an_account() -> None:
    name, wrong = UnknownName("digest"), WrongPasswords()
    for minute in (0, 0, 3, 70, 70, 70, 71):
        now = NOON + timedelta(minutes=minute)
        name, wrong = name.failed(now), wrong.failed(ELSEWHERE, now)
        assert name.failures == wrong.strangers
    assert name.version == 7


def test_failures_are_forgotten_when_the_last_one_has_faded() -> None:
    assert Failures().gone_at() is None
    assert after([0, 0, 0]).gone_at() == NOON + 3 * FADE


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.90", False),
        ("2001:db8:0:1::7", "2001:DB8::1:a:b:c:d", True),  # one home
        ("2001:db8:0:1::7", "2001:db8:0:2::7", False),
        ("::1", "::2", True),
        ("-", "-", True),
    ],
)
def test_a_place_is_an_address_or_the_network_of_a_home(one: str, other: str, same: bool) -> None:
    assert (place_of("US1", one) == place_of("US1", other)) is same


def test_the_same_address_is_another_place_for_another_account() -> None:
    assert place_of("US1", "203.0.113.9") != place_of("US2", "203.0.113.9")
