from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings import confirmation_steps, create, ends, group, reschedule
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.status import Status, Step, require_step
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.effect import mail
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_in, check_out
from tests.builders import (
    ATTENDANT,
    CUSTOMER,
    FREE,
    IST,
    METERED,
    TIMER,
    VENUE,
    a_booking,
    a_site,
    a_zone,
    an_active_booking,
    an_interval,
    with_details,
)
from tests.clock import NOON
from tests.wording import refuses

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def cancel(booking: Booking) -> BookingChange:
    return ends.cancel(booking, by=CUSTOMER, source="api", reason="", now=NOON)


def enter(
    booking: Booking, *, sheets: tuple[Sheet, ...] = (), now: datetime = NOON
) -> BookingChange:
    return check_in.check_in(
        booking, by=ATTENDANT, source="gate_entry", policy=METERED, sheets=sheets, now=now
    )


def expire(booking: Booking) -> BookingChange:
    return ends.expire(booking, by=CUSTOMER, source="sweep", at=NOON + HOUR)


def terminate(booking: Booking) -> BookingChange:
    return ends.terminate(booking, by=CUSTOMER, policy=METERED, reason="fire", now=NOON)


def leave(booking: Booking) -> BookingChange:
    return check_out.check_out(
        booking, by=ATTENDANT, source="gate_exit", at=NOON + HOUR, tz=a_site().tz, policy=METERED,
        entry_id="LE1", tender=None,
    )  # fmt: skip


def auto_cancel(booking: Booking) -> BookingChange:
    return confirmation_steps.auto_cancel(booking, policy=VENUE, source="sweep", at=NOON)


VERBS: dict[Step, Callable[[Booking], BookingChange]] = {
    Step.CHECK_IN: enter,
    Step.CHECK_OUT: leave,
    Step.CANCEL: cancel,
    Step.AUTO_CANCEL: auto_cancel,
    Step.EXPIRE: expire,
    Step.TERMINATE: terminate,
}


def in_status(status: Status) -> Booking:
    """A booking in that status; one that is booked has been asked to confirm."""
    made: dict[Status, Callable[[], Booking]] = {
        Status.PENDING: lambda: group.hold([_booked(a_zone())], now=NOON).booking,
        Status.BOOKED: lambda: replace(a_booking(), confirmation=Confirmation(asked_at=NOON)),
        Status.ACTIVE: an_active_booking,
        Status.COMPLETED: lambda: leave(an_active_booking()).booking,
        Status.CANCELLED: lambda: cancel(a_booking()).booking,
        Status.EXPIRED: lambda: expire(a_booking()).booking,
    }
    return made[status]()


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", VERBS)
def test_a_booking_takes_or_refuses_each_step_as_the_table_of_steps_says(
    step: Step, status: Status
) -> None:
    booking = in_status(status)
    assert booking.status is status
    verb = VERBS[step]
    if verb is expire and status is Status.PENDING:
        step = Step.LAPSE  # of a hold it is called so
    try:
        after = require_step(step, status)
    except errors.Refusal as refusal:
        with pytest.raises(type(refusal), match=re.escape(str(refusal))):
            verb(booking)
    else:
        changed = verb(booking).booking
        assert (changed.status, changed.timeline[-1].what) == (after, step.value)


def test_a_new_booking_waits_for_its_no_show_and_sends_its_confirmation() -> None:
    zone = a_zone()
    change = _booked(zone)
    booking = change.booking
    assert booking.status is Status.BOOKED
    assert booking.deadline == Deadline(DeadlineKind.NO_SHOW, NOON + HOUR)
    assert change.effects == (mail("booking_confirmed", booking.booking_id),)
    assert [[*e.puts.values()] for e in change.sheets] == [[an_interval()]]
    assert [e.what for e in booking.timeline] == ["created"]


def _booked(zone: Zone, **fields: Any) -> BookingChange:
    ordinary = {
        "booking_id": "BKCVSTMR011NG1QR00005", "user_id": CUSTOMER.account_id, "zone": zone,
        "number": "A-001", "interval": an_interval(), "sheets": (), "by": CUSTOMER,
        "source": "api", "tz": IST, "now": NOON,
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
    with refuses(errors.TooEarly, "Come back at 2026-11-21T07:15:00Z"):
        enter(booking, now=NOON + 45 * MINUTE - timedelta(seconds=1))
    assert enter(booking, now=NOON + 45 * MINUTE).booking.actual_start == NOON + 45 * MINUTE


def test_an_early_arrival_takes_the_wait_on_the_sheet_too() -> None:
    booking = a_booking(interval=an_interval(NOON + HOUR))
    (edit,) = enter(booking, now=NOON + 50 * MINUTE).sheets
    assert [*edit.puts.values()] == [Interval(NOON + 50 * MINUTE, NOON + 2 * HOUR)]
    assert edit.expected == 0


def test_an_early_arrival_waits_while_another_guest_has_the_space() -> None:
    booking = a_booking(interval=an_interval(NOON + HOUR))
    before = Sheet("zone-a", "A-001", "2026-11-21", {"BKOTHER": an_interval()}, 1)
    with refuses(errors.TooEarly, "still in use"):
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


def test_a_booking_moves_where_there_is_room() -> None:
    booking = a_booking()
    target = an_interval(NOON + 2 * HOUR)
    change = reschedule.move(
        booking, target, by=CUSTOMER, source="api", policy=METERED, tz=IST, sheets=(), now=NOON
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
        tz=IST,
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
            tz=IST,
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
            tz=IST,
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
