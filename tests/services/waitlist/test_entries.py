"""Waiting in line: who may join, who is offered what, and what ends it (docs/rules/waitlist.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.bookings import bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Replay
from chalicelib.services.sites import blackouts, catalogue, spaces
from chalicelib.services.sites.blackouts import ClosureRequest
from chalicelib.services.stays import check_out
from chalicelib.services.waitlist import entries as waitlist
from chalicelib.services.waitlist import lists, offering, offers
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests.clock import NOON, Clock
from tests.hall import HOUR, START, Hall
from tests.world import World

MINUTE = timedelta(minutes=1)

WAITING, OFFERED = EntryStatus.WAITING, EntryStatus.OFFERED
CLAIMED, LEFT, EXPIRED = EntryStatus.CLAIMED, EntryStatus.LEFT, EntryStatus.EXPIRED


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


# -- joining -------------------------------------------------------------------------------------


def test_whoever_joins_waits_at_the_end_of_the_line(hall: Hall) -> None:
    hall.book()
    entries = [hall.join(who) for who in (hall.world.other, hall.third, hall.fourth)]
    assert [waitlist.position(hall.deps, entry) for entry in entries] == [1, 2, 3]
    assert hall.status(*entries) == [WAITING] * 3


def test_a_repeated_request_is_answered_with_the_first_entry_or_with_its_refusal(
    hall: Hall,
) -> None:
    again = replace(hall.deps, replay=Replay(NOON, b"key"))
    wanted = WaitlistRequest("halls", None, START, START + HOUR)
    with pytest.raises(errors.StillFree):
        waitlist.join(again, hall.world.other, wanted)
    hall.book()
    entry = waitlist.join(again, hall.world.other, wanted)
    assert waitlist.join(again, hall.world.other, wanted) == entry


def test_what_is_still_free_is_to_be_booked_instead(hall: Hall) -> None:
    hall.book()
    with pytest.raises(errors.StillFree):
        hall.join(hall.world.other, 1, 2)


def test_the_same_wish_is_refused_twice_but_another_one_is_not(hall: Hall) -> None:
    hall.book(0, 2)
    hall.join(hall.world.other)
    with pytest.raises(errors.AlreadyWaiting):
        hall.join(hall.world.other)
    hall.join(hall.world.other, 1, 2)


def test_nobody_waits_for_what_they_hold(hall: Hall) -> None:
    hall.book()
    with pytest.raises(errors.AlreadyBooked):
        hall.join(hall.world.user)


def test_a_booking_past_its_auto_cancel_is_no_longer_held_whether_or_not_a_sweep_came(
    world: World, clock: Clock
) -> None:
    from chalicelib.services.bookings import confirmations

    hall = Hall(world, clock, confirmation=True)
    booking = hall.book()
    clock.move(hours=24)
    sweeps.run(hall.deps, "reminders")
    confirmations.reminder_left(hall.deps, booking.booking_id)
    clock.move(hours=22)
    with pytest.raises(errors.StillFree):
        hall.join(world.user)
    assert bookings.get(hall.deps, world.user, booking.booking_id).status is Status.CANCELLED


def test_one_may_wait_for_three_things_on_one_local_day_and_for_more_on_the_next(
    hall: Hall,
) -> None:
    hall.book(0, 24)
    for hour in range(3):
        hall.join(hall.world.other, hour, hour + 1)
    with pytest.raises(errors.TooManyEntries):
        hall.join(hall.world.other, 3, 4)
    hall.join(hall.world.other, 12, 13)  # 00:00 UTC, 05:30 in Kolkata: tomorrow there


def test_leaving_makes_room_for_another_wish(hall: Hall) -> None:
    hall.book(0, 4)
    first = hall.join(hall.world.other)
    for hour in (1, 2):
        hall.join(hall.world.other, hour, hour + 1)
    hall.leave(first, hall.world.other)
    assert hall.join(hall.world.other).status is EntryStatus.WAITING


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-49, 1, "start"), (1, 0, "end"), (-48, 1, "start")]
)
def test_an_interval_in_the_past_reversed_or_begun_names_the_field(
    hall: Hall, first: float, last: float, field: str
) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        hall.join(hall.world.other, first, last)
    assert field in refusal.value.fields


def test_a_zone_without_a_waitlist_says_so(world: World, clock: Clock) -> None:
    hall = Hall(world, clock, waitlist=False)
    hall.book()
    with pytest.raises(errors.WaitlistClosed):
        hall.join(world.other)


def test_only_staff_may_let_others_in_or_say_how_urgent_it_is(hall: Hall) -> None:
    hall.book()
    urgent = WaitlistRequest("halls", None, START, START + HOUR, priority=-1, reason="late")
    with pytest.raises(errors.Forbidden):
        waitlist.join(hall.deps, hall.world.other, urgent)
    entry = hall.join_for(hall.world.other, -1)
    assert (entry.user_id, entry.priority) == (hall.world.other.account_id, -1)


def _favours(hall: Hall) -> list[tuple[str, str, str]]:
    found = hall.deps.audit.list_day("central", NOON.date(), limit=100).events
    return [(e.actor, e.subject, e.detail) for e in found if e.action == "favour_in_line"]


def test_a_favour_in_line_leaves_who_whom_and_why(hall: Hall) -> None:
    booking = hall.book()
    hall.join(hall.third)
    entry = hall.join_for(hall.world.other, -1)
    staff, other = hall.world.staff.account_id, hall.world.other.account_id
    assert entry.favour == f"{staff}: regular"
    assert _favours(hall) == [(staff, entry.entry_id, f"priority -1 for {other}: regular")]
    hall.cancel(booking)
    claimed = hall.claim(entry, hall.world.other)
    assert (claimed.timeline[0].what, claimed.timeline[0].note) == ("created", entry.favour)


def test_joining_for_oneself_is_no_favour(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    assert (entry.favour, hall.claim(entry, hall.world.other).timeline[0].note) == ("", "")
    assert _favours(hall) == []


def test_a_favour_needs_a_reason(hall: Hall) -> None:
    hall.book()
    hall.world.make_known(hall.third)
    wish = WaitlistRequest("halls", None, START, START + HOUR)
    for favour in ({"priority": -1}, {"user_id": hall.third.account_id}):
        with pytest.raises(errors.Invalid) as refused:
            waitlist.join(hall.deps, hall.world.staff, replace(wish, **favour))
        assert set(refused.value.fields) == {"reason"}


def test_staff_put_only_customers_of_their_site_in_line(hall: Hall, clock: Clock) -> None:
    hall.book()
    wish = WaitlistRequest(
        "halls", None, START, START + HOUR, user_id=hall.third.account_id, reason="asked"
    )
    with pytest.raises(errors.AccountNotFound):
        waitlist.join(hall.deps, hall.world.staff, wish)
    with pytest.raises(errors.AccountNotFound):
        waitlist.join(hall.deps, hall.world.owner, wish)
    with pytest.raises(errors.AccountNotFound):
        waitlist.join(hall.deps, hall.world.staff, replace(wish, user_id="USNEVERWAS"))
    hall.leave(hall.join(hall.third), hall.third)  # once waited here
    assert waitlist.join(hall.deps, hall.world.staff, wish).user_id == hall.third.account_id
    admins = replace(wish, user_id=hall.fourth.account_id)
    assert waitlist.join(hall.deps, hall.world.admin, admins).user_id == hall.fourth.account_id


def test_a_space_that_does_not_exist_cannot_be_waited_for(hall: Hall) -> None:
    hall.book()
    with pytest.raises(errors.SpaceNotFound):
        hall.join(hall.world.other, number="Z-999")


# -- who is offered what -------------------------------------------------------------------------


def test_a_cancelled_booking_is_offered_to_the_first_in_line_and_to_nobody_else(
    hall: Hall,
) -> None:
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    assert hall.status(first, second) == [OFFERED, WAITING]
    offered = hall.deps.waitlist.get(first.entry_id)
    assert (offered.offered_at, offered.held) == (NOON, "A-001")
    assert offered.lapses_at == NOON + 15 * MINUTE


def test_a_lower_priority_number_goes_before_whoever_came_earlier(hall: Hall) -> None:
    booking = hall.book()
    early = hall.join(hall.world.other)
    urgent = hall.join_for(hall.third, -1)
    hall.cancel(booking)
    assert hall.status(early, urgent) == [WAITING, OFFERED]


def test_an_offer_keeps_everybody_else_out(hall: Hall) -> None:
    booking = hall.book()
    hall.join(hall.world.other)
    hall.cancel(booking)
    with pytest.raises(errors.SpaceTaken):
        hall.book(actor=hall.third)


def test_an_offer_never_outlives_the_start(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.clock.move(hours=47, minutes=50)
    hall.cancel(booking)
    assert hall.deps.waitlist.get(entry.entry_id).lapses_at == START


def test_one_long_gap_serves_two_short_wishes(hall: Hall) -> None:
    booking = hall.book(0, 4)
    entries = [
        hall.join(hall.world.other, 0, 2), hall.join(hall.third, 1, 3), hall.join(hall.fourth, 2, 4)
    ]  # fmt: skip
    hall.cancel(booking)
    assert hall.status(*entries) == [OFFERED, WAITING, OFFERED]


def test_who_needs_more_than_was_freed_goes_on_waiting_and_does_not_block_who_needs_less(
    hall: Hall,
) -> None:
    first_hour = hall.book(0, 1)
    second_hour = hall.book(1, 2, actor=hall.fourth)
    both, one = hall.join(hall.world.other, 0, 2), hall.join(hall.third, 0, 1)
    hall.cancel(first_hour)
    assert hall.status(both, one) == [WAITING, OFFERED]
    hall.leave(one, hall.third)
    hall.cancel(second_hour, hall.fourth)
    assert hall.status(both) == [OFFERED]


def test_a_wish_for_any_space_takes_whichever_is_freed(world: World, clock: Clock) -> None:
    hall = Hall(world, clock, spaces=2)
    hall.book(number="A-001")
    other = hall.book(number="A-002")
    anywhere = hall.join(world.other)
    picky = hall.join(hall.third, number="A-001")
    hall.cancel(other)
    assert hall.status(anywhere, picky) == [OFFERED, WAITING]
    assert hall.deps.waitlist.get(anywhere.entry_id).held == "A-002"


def test_a_wish_over_midnight_is_offered_when_the_last_of_its_parts_is_freed(hall: Hall) -> None:
    """Midnight UTC, where one day's sheets end: 17:30 after the start."""
    evening, morning = hall.book(15, 17.5), hall.book(17.5, 20, actor=hall.fourth)
    entry = hall.join(hall.world.other, 16, 19)
    hall.cancel(morning, hall.fourth)
    assert hall.status(entry) == [WAITING]
    hall.cancel(evening)
    assert hall.status(entry) == [OFFERED]


# -- every way of freeing time -------------------------------------------------------------------


def test_a_moved_booking_frees_its_old_time(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    details = BookingEdit(start=START + 5 * HOUR, end=START + 6 * HOUR)
    reschedule.modify(hall.deps, hall.world.user, booking.booking_id, details)
    assert hall.status(entry) == [OFFERED]


def test_a_shortened_booking_frees_the_rest(hall: Hall) -> None:
    booking = hall.book(0, 3)
    entry = hall.join(hall.world.other, 2, 3)
    details = BookingEdit(end=START + 2 * HOUR)
    reschedule.modify(hall.deps, hall.world.user, booking.booking_id, details)
    assert hall.status(entry) == [OFFERED]


def test_an_early_check_out_frees_the_rest(hall: Hall) -> None:
    booking = hall.book(0, 3)
    entry = hall.join(hall.world.other, 2, 3)
    hall.clock.move(hours=49)
    check_out.check_out(hall.deps, hall.world.staff, booking.booking_id, tender=None)
    assert hall.status(entry) == [OFFERED]


def test_a_no_show_frees_what_is_left_of_its_time(world: World, clock: Clock) -> None:
    hall = Hall(world, clock, check_in="staff", no_show_after=30)
    booking = hall.book(0, 3)
    entry = hall.join(world.other, 2, 3)
    clock.move(hours=48, minutes=30)
    assert bookings.get(hall.deps, world.user, booking.booking_id).status is Status.EXPIRED
    assert hall.status(entry) == [OFFERED]


def test_an_auto_cancel_offers_the_time_in_the_same_transaction(world: World, clock: Clock) -> None:
    from chalicelib.services.bookings import confirmations

    hall = Hall(world, clock, confirmation=True)
    booking = hall.book()
    entry = hall.join(world.other)
    clock.move(hours=24)
    sweeps.run(hall.deps, "reminders")
    confirmations.reminder_left(hall.deps, booking.booking_id)
    clock.move(hours=22)
    assert sweeps.run(hall.deps, "auto-cancel").done == 1
    assert hall.status(entry) == [OFFERED]
    claimed = hall.claim(entry, world.other)
    assert (claimed.confirmed_at, claimed.status) == (clock.now(), Status.BOOKED)


def test_a_termination_frees_the_rest(hall: Hall) -> None:
    booking = hall.book(0, 3)
    entry = hall.join(hall.world.other, 2, 3)
    hall.clock.move(hours=49)
    bookings.get(hall.deps, hall.world.user, booking.booking_id)
    bookings.terminate(hall.deps, hall.world.admin, booking.booking_id, reason="fire alarm")
    assert hall.status(entry) == [OFFERED]


# -- claiming ------------------------------------------------------------------------------------


def test_a_claim_makes_a_booking_of_the_hold(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    said = BookingDetails(purpose="Choir practice")
    mine = waitlist.claim(hall.deps, hall.world.other, entry.entry_id, said)
    assert (mine.number, mine.booked, mine.details.purpose) == (
        "A-001",
        entry.interval,
        said.purpose,
    )
    assert mine.user_id == hall.world.other.account_id
    claimed = hall.deps.waitlist.get(entry.entry_id)
    assert (claimed.status, claimed.booking_id) == (CLAIMED, mine.booking_id)
    assert claimed.claimed_at == NOON
    (sheet,) = (s for s in _sheets(hall) if s.taken)
    assert dict(sheet.taken) == {mine.booking_id: mine.booked}
    assert sheet.lapses == {}


def test_a_second_claim_is_told_that_it_is_claimed(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    hall.claim(entry, hall.world.other)
    with pytest.raises(errors.AlreadyClaimed):
        hall.claim(entry, hall.world.other)
    with pytest.raises(errors.AlreadyClaimed):
        hall.leave(entry, hall.world.other)


def test_who_is_not_first_has_nothing_to_claim(hall: Hall) -> None:
    booking = hall.book()
    hall.join(hall.world.other)
    second = hall.join(hall.third)
    hall.cancel(booking)
    with pytest.raises(errors.NotOffered):
        hall.claim(second, hall.third)


def test_nobody_claims_or_leaves_for_somebody_else(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    for act in (hall.claim, hall.leave):
        with pytest.raises(errors.Forbidden):
            act(entry, hall.third)


def test_in_the_last_second_an_offer_can_be_claimed_and_at_its_lapse_it_cannot(
    hall: Hall,
) -> None:
    booking = hall.book()
    entry, other = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    hall.clock.move(minutes=14, seconds=59)
    assert offers.read(hall.deps, entry.entry_id).status is OFFERED
    hall.clock.move(seconds=1)
    with pytest.raises(errors.OfferExpired):
        hall.claim(entry, hall.world.other)
    assert hall.status(entry, other) == [EXPIRED, OFFERED]


def test_a_claimed_booking_that_is_cancelled_goes_to_the_next_and_not_back(hall: Hall) -> None:
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    mine = hall.claim(first, hall.world.other)
    hall.cancel(mine, hall.world.other)
    assert hall.status(first, second) == [CLAIMED, OFFERED]


# -- lapse, leave, decline -----------------------------------------------------------------------


def test_a_lapsed_offer_goes_to_the_next_in_the_same_step(hall: Hall) -> None:
    booking = hall.book()
    entries = [hall.join(who) for who in (hall.world.other, hall.third, hall.fourth)]
    hall.cancel(booking)
    hall.clock.move(minutes=15)
    assert sweeps.run(hall.deps, "waitlist-expiry").done == 1
    assert hall.status(*entries) == [EXPIRED, OFFERED, WAITING]
    second = hall.deps.waitlist.get(entries[1].entry_id)
    assert second.lapses_at == hall.clock.now() + 15 * MINUTE


def test_a_lapse_carried_out_late_is_recorded_at_its_own_time(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    hall.cancel(booking)
    hall.clock.move(hours=3)
    sweeps.run(hall.deps, "waitlist-expiry")
    assert hall.deps.waitlist.get(entry.entry_id).ended_at == NOON + 15 * MINUTE


def test_when_the_last_offer_lapses_the_time_is_anybodys_without_any_sweep(hall: Hall) -> None:
    booking = hall.book()
    hall.join(hall.world.other)
    hall.cancel(booking)
    hall.clock.move(minutes=15)
    assert hall.book(actor=hall.third).status is Status.BOOKED


def test_a_declined_offer_goes_to_the_next_at_once(hall: Hall) -> None:
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    assert hall.leave(first, hall.world.other).status is LEFT
    assert hall.status(first, second) == [LEFT, OFFERED]


def test_leaving_twice_is_leaving_once(hall: Hall) -> None:
    hall.book()
    entry = hall.join(hall.world.other)
    left = hall.leave(entry, hall.world.other)
    assert hall.leave(entry, hall.world.other) == left


def test_whoever_left_is_passed_over(hall: Hall) -> None:
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    hall.leave(first, hall.world.other)
    hall.cancel(booking)
    assert hall.status(first, second) == [LEFT, OFFERED]


def test_whoever_leaves_between_the_look_at_the_line_and_at_them_is_not_called_back(
    hall: Hall,
) -> None:
    """Their place was read, then they left, then their entry was: it has ended for good."""
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    seen = hall.deps.waitlist.many

    def late(entry_ids: Any) -> Any:
        hall.leave(first, hall.world.other)
        return seen(entry_ids)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hall.deps.waitlist, "many", late)
        hall.cancel(booking)
    assert hall.status(first, second) == [LEFT, OFFERED]


def test_a_wish_whose_time_begins_is_over(hall: Hall) -> None:
    hall.book()
    entry = hall.join(hall.world.other)
    hall.clock.move(hours=48)
    assert sweeps.run(hall.deps, "waitlist-expiry").done == 1
    ended = hall.deps.waitlist.get(entry.entry_id)
    assert (ended.status, ended.ended_at, ended.offered_at) == (EXPIRED, START, None)


def test_an_offer_whose_mail_cannot_be_delivered_is_passed_on(hall: Hall) -> None:
    booking = hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    hall.cancel(booking)
    for _ in range(2):
        offers.mail_failed(hall.deps, first.entry_id, "the address does not exist")
    assert hall.status(first, second) == [EXPIRED, OFFERED]
    assert hall.deps.waitlist.get(first.entry_id).reason == "the address does not exist"


def test_nothing_is_offered_for_a_time_in_which_the_zone_is_closed(hall: Hall) -> None:
    booking = hall.book()
    entry = hall.join(hall.world.other)
    closing = ClosureRequest("halls", None, START - HOUR, START + 2 * HOUR)
    blackouts.create(hall.deps, hall.world.owner, closing, source_ip="-")
    hall.cancel(booking)
    assert hall.status(entry) == [WAITING]


def test_nobody_jumps_the_line_where_time_came_free_unnoticed(hall: Hall) -> None:
    """A space was added: before anybody looks, a passer-by tries to book it."""
    from chalicelib.domain.core.change import saving
    from chalicelib.domain.sites.site import Space

    hall.book()
    entry = hall.join(hall.world.other)
    hall.deps.commit(saving(Space("halls", "A-002")))
    with pytest.raises(errors.ZoneFull):
        hall.world.book(hall.third, "halls", start=START, end=START + HOUR)
    assert hall.status(entry) == [OFFERED]


def _adding(hall: Hall, *numbers: str) -> None:
    deps, owner = hall.deps, hall.world.owner
    spaces.create_spaces(deps, owner, "halls", numbers, active=True, note=None, source_ip="-")


def test_what_is_given_up_in_a_space_that_was_added_meanwhile_is_offered_too(hall: Hall) -> None:
    hall.book()
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    _adding(hall, "A-002")
    offering.offer_all(hall.deps, "halls")
    hall.cancel(hall.claim(first, hall.world.other), hall.world.other)
    assert hall.status(first, second) == [CLAIMED, OFFERED]


def test_what_reopens_goes_to_the_first_whatever_else_others_wish_for(hall: Hall) -> None:
    hall.book(0, 2)
    first = hall.join(hall.world.other, 0, 2)
    hall.clock.move(seconds=1)
    second = hall.join(hall.third, 0, 1)
    hall.clock.move(seconds=1)
    third = hall.join(hall.fourth, 0, 2)
    _adding(hall, "A-002", "A-003")
    offering.offer_all(hall.deps, "halls")
    assert hall.status(first, second, third) == [OFFERED, OFFERED, WAITING]


@pytest.mark.parametrize("way", ["space added", "space reactivated", "blackout lifted", "hours"])
def test_time_that_an_operator_makes_free_is_offered(
    hall: Hall, deliver: Callable[[], Any], way: str
) -> None:
    change = OPERATORS[way](hall)
    first, second = hall.join(hall.world.other), hall.join(hall.third)
    change()
    deliver()
    assert hall.status(first, second) == [OFFERED, WAITING]


def _add_a_space(hall: Hall) -> Callable[[], object]:
    hall.book()
    return partial(
        spaces.create_spaces, hall.deps, hall.world.owner, "halls", ["A-002"],
        active=True, note=None, source_ip="-",
    )  # fmt: skip


def _reactivate_a_space(hall: Hall) -> Callable[[], object]:
    _add_a_space(hall)()
    edit = partial(spaces.edit_space, hall.deps, hall.world.owner, "halls.A-002", source_ip="-")
    edit({"active": False})
    return partial(edit, {"active": True})


def _lift_a_blackout(hall: Hall) -> Callable[[], object]:
    """It came after people had joined, and the booking was cancelled under it."""
    booking = hall.book()
    closing = ClosureRequest("halls", None, START - HOUR, START + 2 * HOUR)

    def lift() -> None:
        made = blackouts.create(hall.deps, hall.world.owner, closing, source_ip="-")
        hall.cancel(booking)
        blackouts.lift(hall.deps, hall.world.owner, made.blackout_id, source_ip="-")

    return lift


def _open_longer(hall: Hall) -> Callable[[], object]:
    edit = partial(catalogue.edit_site, hall.deps, hall.world.owner, "central", source_ip="-")
    booking = hall.book()
    never = OpeningHours.from_json({"tue": ["06:00-07:00"]})

    def open_longer() -> None:
        edit({"opening_hours": never})
        hall.cancel(booking)
        edit({"opening_hours": OpeningHours()})

    return open_longer


OPERATORS = {
    "space added": _add_a_space,
    "space reactivated": _reactivate_a_space,
    "blackout lifted": _lift_a_blackout,
    "hours": _open_longer,
}


def test_own_entries_are_listed_newest_first_and_the_live_ones_apart(hall: Hall) -> None:
    hall.book(0, 4)
    first = hall.join(hall.world.other, 0, 1)
    hall.clock.move(minutes=1)
    second = hall.join(hall.world.other, 1, 2)
    hall.leave(first, hall.world.other)
    mine = lists.own(hall.deps, hall.world.other, limit=20, after=None)
    live = lists.own_live(hall.deps, hall.world.other, limit=20, after=None)
    assert [e.entry_id for e in mine.records] == [second.entry_id, first.entry_id]
    assert [e.entry_id for e in live.records] == [second.entry_id]


def test_staff_see_the_live_entries_of_their_site_and_nobody_else_does(hall: Hall) -> None:
    hall.book(0, 4)
    late, early = hall.join(hall.world.other, 2, 3), hall.join(hall.third, 0, 1)
    hall.leave(hall.join(hall.fourth, 1, 2), hall.fourth)
    listed = lists.at_site(hall.deps, hall.world.staff, "central", limit=20, after=None)
    assert [e.entry_id for e in listed.records] == [early.entry_id, late.entry_id]
    with pytest.raises(errors.Forbidden):
        lists.at_site(hall.deps, hall.world.other, "central", limit=20, after=None)


def test_entries_do_not_show_among_bookings(hall: Hall) -> None:
    from chalicelib.services.bookings import lists
    from chalicelib.services.bookings.lists import Filters

    hall.book()
    hall.join(hall.world.other)
    own = lists.own(hall.deps, hall.world.other, Filters(), limit=20, after=None)
    at_site = lists.at_site(hall.deps, hall.world.staff, "central", Filters(), limit=20, after=None)
    assert (own.records, len(at_site.records)) == ((), 1)


def _sheets(hall: Hall) -> Any:
    return hall.deps.sheets.of_zone("halls", "2026-11-23", "2026-11-23")


# -- what time has overtaken ---------------------------------------------------------------------


def _reopened(world: World, clock: Clock) -> tuple[Hall, Entry, Entry, Booking]:
    """Two halls and two entries: one waits for the first two of three hours, the next for the last
    two. One hall came free while the zone was closed; now the zone is open again, and the outbox
    has not offered the time yet. In the other hall the last half hour is taken."""
    hall = Hall(world, clock, spaces=2)
    whole = hall.book(0, 3)
    hall.book(0, 2.5, number="A-002")
    rest = hall.book(2.5, 3, number="A-002")
    first, second = hall.join(world.other, 0, 2), hall.join(hall.third, 1, 3)
    closing = ClosureRequest("halls", None, START, START + 3 * HOUR)
    closure = blackouts.create(hall.deps, world.admin, closing, source_ip="-")
    hall.cancel(whole)
    blackouts.lift(hall.deps, world.admin, closure.blackout_id, source_ip="-")
    assert hall.status(first, second) == [WAITING, WAITING]
    return hall, first, second, rest


def test_whoever_is_behind_is_not_served_first_because_a_blackout_was_lifted_just_now(
    world: World, clock: Clock
) -> None:
    """What comes free brings only the second nearer, but what they would be given is the first's
    turn."""
    hall, first, second, rest = _reopened(world, clock)
    hall.cancel(rest)
    assert hall.status(first, second) == [OFFERED, WAITING]


def test_nor_because_somebody_passes_by(world: World, clock: Clock) -> None:
    hall, first, second, _ = _reopened(world, clock)
    hall.book(2, 3, actor=hall.fourth)
    assert hall.status(first, second) == [OFFERED, WAITING]


def test_an_own_offer_that_has_lapsed_does_not_stand_for_a_wish(hall: Hall) -> None:
    booking = hall.book()
    hall.join(hall.world.other)
    hall.cancel(booking)
    hall.clock.move(minutes=15)
    with pytest.raises(errors.StillFree):
        hall.join(hall.world.other)


def test_nor_does_it_count_among_the_wishes_of_its_day(hall: Hall) -> None:
    booking = hall.book(0, 1)
    hall.book(1, 9, actor=hall.fourth)
    offered = hall.join(hall.world.other)
    for hour in (1, 2):
        hall.join(hall.world.other, hour, hour + 1)
    hall.cancel(booking)
    with pytest.raises(errors.TooManyEntries):
        hall.join(hall.world.other, 3, 4)
    hall.clock.move(minutes=15)
    hall.join(hall.world.other, 3, 4)
    assert hall.status(offered) == [EXPIRED]


def test_a_wish_whose_time_has_begun_counts_no_more(hall: Hall) -> None:
    hall.book(0, 9, actor=hall.fourth)
    for hour in range(3):
        hall.join(hall.world.other, hour, hour + 1)
    hall.clock.move(hours=48)
    assert hall.join(hall.world.other, 3, 4).status is EntryStatus.WAITING
