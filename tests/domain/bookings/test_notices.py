"""Which mail follows from the difference between the stored booking and the one to save."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import notices
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.promise import News, Promise
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.timeline import TimelineEntry
from tests.builders import ATTENDANT, CUSTOMER, FREE, a_booking, a_zone, an_active_booking
from tests.builders import an_interval as hour
from tests.clock import NOON

MINUTE = timedelta(minutes=1)
STORED = a_booking().as_stored()
INSIDE = an_active_booking().as_stored()
AL = BookingDetails(guests=(Guest("Al", "al@example.com"),))
BO = BookingDetails(guests=(Guest("Al", "bo@example.com"),))
WALKED_IN = replace(a_booking(), user_id=None, details=AL).as_stored()


def step(
    booking: Booking, word: str = "a step of tomorrow", *, own: bool = False, **changes: Any
) -> Booking:
    """The next version of a booking by a step called `word`."""
    by = CUSTOMER if own else ATTENDANT
    at = changes.pop("at", NOON + 10 * MINUTE)
    return booking.after(word, at=at, by=by, source="api", **changes)


def mails(*bookings: Booking) -> list[str]:
    return [each.name for each in notices.with_mails(saving(*bookings)).effects]


@pytest.mark.parametrize(
    ("before", "changes", "expected"),
    [
        # a change of the promise, of a booking or of a stay
        (STORED, {"booked": hour(NOON + 60 * MINUTE)}, ["booking_changed"]),
        (STORED, {"booked": hour(NOON, 90)}, ["booking_changed"]),
        (STORED, {"booked": hour(NOON, 30)}, ["booking_changed"]),
        (STORED, {"number": "A-002"}, ["booking_changed"]),
        (INSIDE, {"booked": hour(NOON, 90)}, ["booking_changed"]),
        (INSIDE, {"number": "A-002"}, ["booking_changed"]),
        # the end
        (STORED, {"status": Status.CANCELLED}, ["booking_cancelled"]),
        (STORED, {"status": Status.EXPIRED}, ["booking_expired"]),
        (INSIDE, {"status": Status.COMPLETED, "actual_end": NOON}, ["stay_over"]),
        (INSIDE, {"status": Status.CANCELLED, "actual_end": NOON}, ["booking_cancelled"]),
        # what is behind the guest, or does not concern the time
        (STORED, {"details": replace(STORED.details, purpose="Choir")}, []),
        (STORED, {"status": Status.ACTIVE, "actual_start": NOON}, []),
        (STORED, {"paid": 5000}, []),
        # who may read and enter
        (WALKED_IN, {"details": BO}, ["address_corrected"]),
        (WALKED_IN, {"details": BO, "booked": hour(NOON, 90)}, ["address_corrected"]),
        (WALKED_IN, {"details": BookingDetails()}, []),
        (STORED, {"details": BO}, []),  # the customer's own address counts
        (STORED, {"pass_issue": 1}, ["pass_replaced"]),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_the_mail_follows_from_the_values_and_from_no_name_of_a_step(
    before: Booking, changes: dict[str, Any], expected: list[str], own: bool
) -> None:
    assert mails(step(before, own=own, **changes)) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (Step.CANCEL, "booking_cancelled"),
        (Step.AUTO_CANCEL, "auto_cancelled"),
        (Step.TERMINATE, "stay_terminated"),
    ],
)
def test_a_cancellation_has_the_mail_of_its_step(word: Step, expected: str) -> None:
    assert mails(step(STORED, word, status=Status.CANCELLED)) == [expected]


def test_a_lapsed_hold_was_no_promise() -> None:
    held = replace(a_booking(), status=Status.PENDING).as_stored()
    assert mails(step(held, Step.LAPSE, status=Status.EXPIRED)) == []
    assert mails(step(held, number="A-002")) == []


def test_a_new_end_of_an_ended_stay_has_a_new_bill() -> None:
    over = replace(INSIDE, status=Status.COMPLETED, actual_end=NOON + 30 * MINUTE).as_stored()
    assert mails(step(over, actual_end=NOON + 20 * MINUTE)) == ["stay_over"]
    assert mails(step(over, payment_status="paid")) == []


def test_nobody_is_written_to_where_there_is_no_address() -> None:
    nobody = replace(a_booking(), user_id=None, details=BookingDetails()).as_stored()
    assert mails(step(nobody, number="A-002")) == []
    assert mails(step(nobody, status=Status.CANCELLED)) == []


def test_a_new_booking_has_no_earlier_promise() -> None:
    assert mails(a_booking()) == []


def test_a_change_before_the_step_is_seen_like_one_in_it() -> None:
    """The comparison is with the stored record, so a step cannot hide a change from it."""
    moved = step(replace(STORED, number="A-002"))
    assert mails(moved) == ["booking_changed"]


def test_several_cancellations_of_a_group_are_one_mail_and_others_are_their_own() -> None:
    members = [
        replace(a_booking(booking_id=f"BKCVSTMR011NG1QR0000{n}"), group_id="GR1").as_stored()
        for n in range(3)
    ]
    over = [step(each, Step.CANCEL, status=Status.CANCELLED) for each in members]
    sent = notices.with_mails(saving(*over, step(STORED, status=Status.EXPIRED))).effects
    assert [(each.name, each.subject_id) for each in sent] == [
        ("group_cancelled", "GR1"),
        ("booking_expired", STORED.booking_id),
    ]
    assert mails(over[0]) == ["booking_cancelled"]


# -- several changes within a minute are one


def saved(booking: Booking) -> Booking:
    """The booking as it is stored after its change."""
    record = notices.with_mails(saving(booking)).saves[0]
    assert isinstance(record, Booking)
    return record.as_stored()


def test_the_mail_compares_with_what_was_promised_before_the_first_change() -> None:
    first = saved(step(STORED, number="A-002", at=NOON))
    second = saved(step(first, number="A-003", at=NOON + timedelta(seconds=59)))
    assert second.news == News(3, NOON + timedelta(seconds=59), STORED.promise)
    third = saved(step(second, number="A-001", at=NOON + timedelta(seconds=119)))
    assert third.news is not None
    assert third.news.before == Promise(STORED.booked, "A-003")


@pytest.mark.parametrize(
    ("first", "second", "own"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_the_change_is_the_customers_own_where_all_of_it_is(
    first: bool, second: bool, own: bool
) -> None:
    once = saved(step(STORED, number="A-002", own=first, at=NOON))
    twice = saved(step(once, number="A-003", own=second, at=NOON))
    assert twice.news is not None
    assert twice.news.own is own


def test_the_mail_of_a_change_names_its_version_and_carries_its_news() -> None:
    change = notices.with_mails(saving(step(STORED, number="A-002")))
    [mail] = change.effects
    assert mail.subject_id.startswith(f"{STORED.booking_id}/2/")
    moved = change.saves[0]
    assert isinstance(moved, Booking)
    assert News.named(mail.subject_id.partition("/")[2]) == moved.news


def test_a_corrected_address_makes_older_news_void() -> None:
    moved = saved(step(WALKED_IN, number="A-002", at=NOON))
    assert moved.news is not None
    assert saved(step(moved, details=BO, at=NOON)).news is None


@given(st.lists(st.sampled_from(["A-001", "A-002", "A-003"]), max_size=6))
def test_news_always_compares_with_the_promise_at_the_start_of_its_minute(
    numbers: list[str],
) -> None:
    booking = STORED
    for number in numbers:
        booking = saved(step(booking, number=number, at=NOON))
    assert booking.news is None or booking.news.before == STORED.promise


# -- once more


def test_staff_send_the_confirmation_or_the_bill_again() -> None:
    over = replace(INSIDE, status=Status.COMPLETED)
    assert notices.again(STORED) == "booking_confirmed"
    assert notices.again(INSIDE) == "booking_confirmed"
    assert notices.again(over) == "stay_over"


@pytest.mark.parametrize(
    ("booking", "refusal"),
    [
        (replace(STORED, status=Status.CANCELLED), errors.AlreadyEnded),
        (replace(STORED, status=Status.EXPIRED), errors.AlreadyEnded),
        (replace(STORED, status=Status.PENDING), errors.IllegalTransition),
        (replace(STORED, user_id=None, details=BookingDetails()), errors.IllegalTransition),
    ],
)
def test_nothing_is_sent_again_about_what_is_over_or_to_nobody(
    booking: Booking, refusal: type[errors.Refusal]
) -> None:
    with pytest.raises(refusal):
        notices.again(booking)


def test_a_free_stay_ends_with_a_mail_that_can_be_left_out() -> None:
    free = an_active_booking(a_zone(tariff=FREE)).as_stored()
    assert mails(step(free, Step.CHECK_OUT, status=Status.COMPLETED, actual_end=NOON)) == [
        "stay_over"
    ]


def test_the_timeline_alone_makes_no_mail() -> None:
    entry = TimelineEntry(NOON, "noted", "USSTAFF001", "staff_api")
    assert mails(replace(STORED, timeline=(*STORED.timeline, entry), version=2)) == []
