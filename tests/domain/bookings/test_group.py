"""What one transaction takes of a group, and what is held before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import create, group
from chalicelib.domain.bookings.booking import BookingChange
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import ids
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Zone
from tests import builders
from tests.clock import NOON

GROUP = "GR7Q2M9X4T1NG1QR00020"
QUOTA = builders.a_zone(policy=Policy(quota_per_user=60))


def made(count: int, *, days: int = 1, zone: Zone = QUOTA) -> tuple[BookingChange, ...]:
    """So many bookings, each on the sheets of so many days."""
    week = timedelta(weeks=5)
    return tuple(
        create.book(
            booking_id=ids.member_id(GROUP, nth),
            user_id=builders.CUSTOMER.account_id,
            zone=zone,
            number="A-001",
            interval=builders.an_interval(NOON + nth * week, days * 1440),
            sheets=(),
            by=builders.CUSTOMER,
            source="api",
            tz=builders.IST,
            now=NOON,
            details=NO_DETAILS,
            group_id=GROUP,
        )
        for nth in range(count)
    )


def test_what_fits_needs_no_hold() -> None:
    assert group.overflow(made(32, days=1), 0) == 0


@given(st.integers(1, 52), st.integers(0, 30))
def test_whatever_is_ordered_is_booked_in_transactions_that_dynamodb_takes(
    count: int, days: int
) -> None:
    left, later, holds = made(count, days=days or 1), 0, 0
    while last := group.overflow(left, later):
        assert group.writes(left[-last:]) <= 100
        left, later, holds = left[:-last], later + last, holds + 1
    assert group.writes(left) + later + 2 <= 100
    assert holds <= 20


def test_what_is_held_has_a_lapse_and_counts_for_nothing_yet() -> None:
    held = group.hold(made(2), now=NOON)
    for booking in held.bookings:
        assert (booking.status, booking.counted) == (Status.PENDING, False)
        assert booking.deadline is not None
        assert booking.deadline.at == NOON + group.HOLD
    assert (held.effects, held.tallies, len(held.sheets)) == ((), (), 4)


def test_the_last_transaction_books_what_was_held_with_one_mail_and_one_count() -> None:
    first, second, third = made(3)
    change = group.book(GROUP, (first,), (second, third))
    assert [(b.status, b.version, b.counted) for b in change.bookings] == [
        (Status.BOOKED, 1, True), (Status.BOOKED, 2, True), (Status.BOOKED, 2, True),
    ]  # fmt: skip
    assert change.sheets == first.sheets
    assert [(effect.name, effect.subject_id) for effect in change.effects] == [
        ("group_confirmed", GROUP)
    ]
    assert [(tally.by, tally.limit) for tally in change.tallies] == [(3, 60)]


def test_a_deleted_hold_leaves_nothing() -> None:
    (booking,) = group.hold(made(1), now=NOON).bookings
    change = group.deleted(booking)
    assert (change.saves, change.deletes, change.tallies) == ((), (booking,), ())
    assert len(change.sheets) == 2


def test_who_shares_a_sheet_with_what_was_just_held_expects_it_one_version_on() -> None:
    evening, morning = made(2)
    morning = replace(morning, sheets=evening.sheets)
    hold = group.hold((evening,), now=NOON)
    (behind,) = group.with_raised_versions(hold, (morning,))
    assert [edit.expected for edit in morning.sheets] == [0, 0]
    assert [edit.expected for edit in behind.sheets] == [1, 1]


@pytest.mark.parametrize(("scope", "expected"), [("rest", [2, 3]), ("all", [0, 1, 2, 3])])
def test_the_rest_of_a_group_is_what_does_not_begin_before(
    scope: group.Scope, expected: list[int]
) -> None:
    members = [change.booking for change in made(4)]
    chosen = group.in_scope(members[2], scope, members)
    assert [members.index(booking) for booking in chosen] == expected


def test_parts_keep_their_order_and_their_size() -> None:
    changes = made(10, days=9)  # a booking and ten sheets each
    parts = group.parts(changes, 40)
    assert [len(part) for part in parts] == [3, 3, 3, 1]
    assert sum(parts, ()) == changes
