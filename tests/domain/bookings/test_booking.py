from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.bookings import create, reschedule
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.status import LIVE, STEPS, Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.effect import mail
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.stays import check_in
from tests.builders import (
    ATTENDANT,
    CUSTOMER,
    FREE,
    METERED,
    TIMER,
    a_booking,
    a_zone,
    an_active_booking,
    an_interval,
    with_details,
)
from tests.clock import NOON

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def cancel(booking: Booking) -> BookingChange:
    return booking.cancel(by=CUSTOMER, source="api", reason="", now=NOON)


def enter(booking: Booking, *, sheets: tuple[Sheet, ...] = (), now: object = NOON) -> BookingChange:
    return check_in.enter(
        booking, by=ATTENDANT, source="gate_entry", policy=METERED, sheets=sheets, now=now
    )


def expire(booking: Booking) -> BookingChange:
    return booking.expire(by=CUSTOMER, source="sweep", at=NOON + HOUR)


def terminate(booking: Booking) -> BookingChange:
    return booking.terminate(by=CUSTOMER, policy=METERED, reason="fire", now=NOON)


def in_state(status: Status) -> Booking:
    active = an_active_booking()
    return {
        Status.BOOKED: a_booking(),
        Status.ACTIVE: active,
        Status.CANCELLED: cancel(a_booking()).booking,
        Status.EXPIRED: expire(a_booking()).booking,
        Status.COMPLETED: active.after(
            "checked_out", at=NOON, by=ATTENDANT, source="gate_exit", status=Status.COMPLETED
        ),
    }[status]


VERBS: dict[Callable[[Booking], BookingChange], Status] = {
    cancel: Status.CANCELLED,
    enter: Status.ACTIVE,
    expire: Status.EXPIRED,
    terminate: Status.CANCELLED,
}
ALLOWED = {
    (cancel, Status.BOOKED),
    (enter, Status.BOOKED),
    (expire, Status.BOOKED),
    (terminate, Status.ACTIVE),
}
STATES = [s for s in Status if s is not Status.PENDING]


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_every_step_from_every_state_is_taken_or_refused_by_name(
    verb: Callable[[Booking], BookingChange], status: Status
) -> None:
    if (verb, status) in ALLOWED:
        after = verb(in_state(status)).booking.status
        assert after is VERBS[verb]
        assert after in STEPS[status]
    else:
        with pytest.raises((errors.IllegalTransition, errors.AlreadyEnded, errors.AlreadyEntered)):
            verb(in_state(status))


def test_final_states_lead_nowhere() -> None:
    assert {status for status, steps in STEPS.items() if not steps} == set(Status) - LIVE


def test_a_new_booking_waits_for_its_no_show_and_sends_its_confirmation() -> None:
    zone = a_zone()
    change = _booked(zone)
    booking = change.booking
    assert booking.status is Status.BOOKED
    assert booking.deadline == Deadline(DeadlineKind.NO_SHOW, NOON + HOUR)
    assert change.effects == (mail("booking_confirmed", booking.booking_id),)
    assert [[*e.puts.values()] for e in change.sheets] == [[an_interval()]]
    assert [e.what for e in booking.timeline] == ["created"]


def _booked(zone: object, **fields: object) -> BookingChange:
    ordinary = {
        "booking_id": "BKCVSTMR011NG1QR00005", "user_id": CUSTOMER.account_id, "zone": zone,
        "number": "A-001", "interval": an_interval(), "sheets": (), "by": CUSTOMER,
        "source": "api", "now": NOON,
    }  # fmt: skip
    return create.book(**with_details(ordinary | fields))


def test_where_nobody_checks_in_a_booking_for_now_has_begun() -> None:
    booking = _booked(a_zone(policy=TIMER)).booking
    assert (booking.status, booking.actual_start) == (Status.ACTIVE, NOON)
    assert booking.deadline == Deadline(DeadlineKind.AUTO_CHECKOUT, NOON + HOUR)
    assert booking.version == 1


def test_where_nobody_checks_in_a_booking_ahead_starts_by_itself_at_its_start() -> None:
    later = an_interval(NOON + HOUR)
    booking = _booked(a_zone(policy=TIMER), interval=later).booking
    assert booking.deadline == Deadline(DeadlineKind.AUTO_START, later.start)
    started = booking.start(by=CUSTOMER, policy=TIMER, source="sweep").booking
    assert started.actual_start == later.start


def test_what_costs_nothing_counts_as_paid() -> None:
    assert _booked(a_zone(tariff=FREE)).booking.payment_status == "paid"
    assert _booked(a_zone()).booking.payment_status == "pending"


def test_a_guest_without_a_mailbox_gets_no_mail() -> None:
    assert _booked(a_zone(), user_id=None).effects == ()


def test_a_quota_is_counted_up_when_booked_and_down_when_it_ends() -> None:
    change = _booked(a_zone(policy=Policy(quota_per_user=2)))
    assert change.tallies == (Tally(CUSTOMER.locator, "quota.zone-a", 1, 2),)
    assert cancel(change.booking).tallies == (Tally(CUSTOMER.locator, "quota.zone-a", -1),)


def test_entering_on_time_touches_no_sheet() -> None:
    change = enter(a_booking())
    assert change.sheets == ()
    assert change.booking.deadline == Deadline(DeadlineKind.AUTO_CHECKOUT, NOON + 24 * HOUR)


def test_the_gate_opens_exactly_the_early_minutes_before_the_start() -> None:
    booking = a_booking(interval=an_interval(NOON + HOUR))
    with pytest.raises(errors.TooEarly, match="15 minutes"):
        enter(booking, now=NOON + 45 * MINUTE - timedelta(seconds=1))
    assert enter(booking, now=NOON + 45 * MINUTE).booking.actual_start == NOON + 45 * MINUTE


def test_an_early_arrival_takes_the_wait_on_the_sheet_too() -> None:
    booking = a_booking(interval=an_interval(NOON + HOUR))
    (edit,) = enter(booking, now=NOON + 50 * MINUTE).sheets
    assert [*edit.puts.values()] == [Interval(NOON + 50 * MINUTE, NOON + 2 * HOUR)]
    assert edit.expected == 0


def test_an_early_arrival_waits_while_somebody_else_has_the_space() -> None:
    booking = a_booking(interval=an_interval(NOON + HOUR))
    before = Sheet("zone-a", "A-001", "2026-11-21", {"BKOTHER": an_interval()}, 1)
    with pytest.raises(errors.TooEarly, match="still in use"):
        enter(booking, sheets=(before,), now=NOON + 50 * MINUTE)


def test_what_an_early_arrival_took_is_all_given_back() -> None:
    booking = enter(a_booking(interval=an_interval(NOON + HOUR)), now=NOON + 50 * MINUTE).booking
    assert booking.occupied == Interval(NOON + 50 * MINUTE, NOON + 2 * HOUR)


def test_a_cancelled_booking_gives_its_time_back_and_waits_for_nothing() -> None:
    change = cancel(a_booking())
    assert change.booking.deadline is None
    assert [[*edit.puts] for edit in change.sheets] == [[]]


def test_a_no_show_is_over_at_the_instant_its_deadline_fell_due() -> None:
    booking = expire(a_booking()).booking
    assert (booking.timeline[-1].what, booking.timeline[-1].at) == ("expired", NOON + HOUR)


@pytest.mark.parametrize(
    ("later", "eligible"),
    [(timedelta(), True), (5 * MINUTE, True), (5 * MINUTE + timedelta(seconds=1), False)],
)
def test_a_cancellation_is_free_inside_five_minutes(later: timedelta, eligible: bool) -> None:
    assert a_booking().refund_now(METERED, NOON + later).eligible is eligible


def test_nothing_is_paid_back_after_entry() -> None:
    assert an_active_booking().refund_now(METERED, NOON).eligible is False


def test_a_booking_moves_where_there_is_room() -> None:
    booking = a_booking()
    target = an_interval(NOON + 2 * HOUR)
    change = reschedule.move(
        booking, target, by=CUSTOMER, source="api", policy=METERED, sheets=(), now=NOON
    )
    assert change.booking.booked == target
    assert change.booking.deadline == Deadline(DeadlineKind.NO_SHOW, target.end)
    assert [[*edit.puts.values()] for edit in change.sheets] == [[target]]


def test_a_booking_does_not_stand_in_its_own_way() -> None:
    booking = a_booking()
    own = Sheet("zone-a", "A-001", "2026-11-21", {booking.holder: booking.booked}, 1)
    change = reschedule.move(
        booking,
        an_interval(minutes=90),
        by=CUSTOMER,
        source="api",
        policy=METERED,
        sheets=(own,),
        now=NOON,
    )
    assert change.booking.booked.minutes == 90


def test_a_booking_does_not_move_onto_somebody_else() -> None:
    other = Sheet("zone-a", "A-001", "2026-11-21", {"BKOTHER": an_interval(NOON + HOUR)}, 1)
    with pytest.raises(errors.SpaceTaken):
        reschedule.move(
            a_booking(),
            an_interval(minutes=61),
            by=CUSTOMER,
            source="api",
            policy=METERED,
            sheets=(other,),
            now=NOON,
        )


def test_a_stay_that_has_begun_keeps_its_start() -> None:
    with pytest.raises(errors.IllegalTransition):
        reschedule.move(
            an_active_booking(),
            an_interval(NOON + HOUR),
            by=CUSTOMER,
            source="api",
            policy=METERED,
            sheets=(),
            now=NOON,
        )


def test_a_relocated_guest_has_another_space_and_a_word_about_it() -> None:
    change = reschedule.relocate(
        a_booking(),
        Room("zone-a", "A-002"),
        by=ATTENDANT,
        source="gate_entry",
        policy=METERED,
        sheets=(),
        now=NOON,
    )
    assert (change.booking.number, change.booking.status) == ("A-002", Status.ACTIVE)
    assert [e.what for e in change.booking.timeline] == ["created", "relocated", "checked_in"]
    assert {(e.number, not e.puts) for e in change.sheets} == {
        ("A-001", True),
        ("A-002", False),
    }
