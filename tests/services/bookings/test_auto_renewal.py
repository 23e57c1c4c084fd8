"""A stay whose customer has opted in renews by itself before its end (docs/rules/auto-renewal.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.details import DetailsEdit
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings import bookings, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.mail import compose
from chalicelib.services.stays import check_out
from tests import batches, builders, scenarios
from tests.clock import NOON, Clock
from tests.hall import START, Hall
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import PLANS, SeasonCarPark
from tests.world import World

HOUR: Final = timedelta(hours=1)
END: Final = NOON + HOUR
DUE: Final = 40
"""Minutes after the start of an hour at which it renews."""


def _stay(world: World, zone: str = "zone-a", **wishes: Any) -> Booking:
    wanted: dict[str, Any] = {"auto_renew": True, "number": "A-001"} | wishes
    return world.enter(world.book(zone=zone, **wanted))


def _settled(world: World, stay: Booking) -> Booking:
    return bookings.get(world.deps, world.user, stay.booking_id)


def _words(booking: Booking) -> list[str]:
    return [entry.what for entry in booking.timeline]


def _turn(world: World, stay: Booking, *, on: bool) -> Booking:
    edit = BookingEdit(DetailsEdit(auto_renew=on))
    return reschedule.modify(world.deps, world.user, stay.booking_id, edit)


def _policy(world: World, **rules: Any) -> None:
    zone = world.deps.catalogue.zone("zone-a")
    world.change_zone(zone, policy=replace(zone.policy, **rules))


def _mails(booking: Booking) -> list[str]:
    """The mails in the outbox about a booking."""
    return [
        each["name"]
        for item in batches.stored()
        for each in item.effects
        if each["kind"] == "mail" and each["subject_id"].startswith(booking.booking_id)
    ]


def test_a_stay_renews_twenty_minutes_before_its_end_and_not_before(
    world: World, clock: Clock
) -> None:
    stay = _stay(world)
    clock.move(minutes=DUE, seconds=-1)
    assert _settled(world, stay).booked.end == END
    clock.move(seconds=1)
    renewed = _settled(world, stay)
    assert (renewed.booked.end, renewed.renewals) == (END + HOUR, 1)
    assert _words(renewed)[-1] == "renewed"
    assert renewed.deadline is not None
    assert renewed.deadline.at == END + timedelta(minutes=DUE)


def test_nobody_can_book_the_space_of_a_renewed_stay(world: World, clock: Clock) -> None:
    stay = _stay(world)
    clock.move(minutes=DUE)
    _settled(world, stay)
    with pytest.raises(errors.SpaceTaken):
        world.book(world.other, number="A-001", start=END)
    later = world.book(world.other, number="A-001", start=END + HOUR)
    assert later.booked.start == END + HOUR


def test_a_stay_that_has_not_opted_in_does_not_renew(world: World, clock: Clock) -> None:
    stay = _stay(world, auto_renew=False)
    clock.move(minutes=DUE)
    assert _settled(world, stay) == stay


def test_a_booking_before_its_stay_does_not_renew(world: World, clock: Clock) -> None:
    booking = world.book(auto_renew=True)
    clock.move(hours=2)
    assert _settled(world, booking).status is Status.EXPIRED


def test_the_limit_of_a_car_park_moves_with_the_renewal(world: World, clock: Clock) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = _stay(world, "timed")
    clock.move(minutes=DUE)
    assert _settled(world, stay).is_live
    clock.set(END + timedelta(minutes=30))
    assert _settled(world, stay).status is Status.ACTIVE
    off = _turn(world, stay, on=False)
    assert off.deadline is not None
    assert (off.deadline.kind, off.deadline.at) == (DeadlineKind.AUTO_CHECKOUT, END + HOUR)
    clock.set(END + HOUR)
    over = _settled(world, stay)
    assert (over.status, over.actual_end) == (Status.COMPLETED, END + HOUR)


def test_a_limit_before_the_booked_end_moves_to_that(world: World, clock: Clock) -> None:
    """The time is booked already: nothing more is taken."""
    world.add_zone("timed", builders.TIMED)
    stay = _stay(world, "timed", minutes=180)
    clock.move(minutes=DUE)
    renewed = _settled(world, stay)
    assert (renewed.booked, renewed.renewals) == (stay.booked, 1)
    clock.set(NOON + 2 * HOUR)
    assert _settled(world, stay).is_live
    assert "stay_renewed" in _mails(stay)


def test_a_timer_without_check_in_renews_before_it_runs_out(world: World, clock: Clock) -> None:
    world.add_zone("timer", builders.TIMER)
    stay = world.book(zone="timer", auto_renew=True)
    clock.move(minutes=DUE)
    assert _settled(world, stay).booked.end == END + HOUR


def test_a_room_does_not_renew_by_itself(world: World, clock: Clock) -> None:
    from tests.hotel import Hotel

    hotel = Hotel(world, clock)
    stay = hotel.stay()
    edited = reschedule.modify(
        world.deps, hotel.staff, stay.booking_id, BookingEdit(DetailsEdit(auto_renew=True))
    )
    assert edited.details.auto_renew
    assert edited.deadline == stay.deadline


def test_the_guest_is_told_once_by_mail(world: World, clock: Clock) -> None:
    stay = _stay(world)
    batches.clear()
    clock.move(minutes=DUE)
    for _ in range(3):
        _settled(world, stay)
        sweeps.run(world.deps, "auto-checkout")
    assert _mails(stay) == ["stay_renewed"]
    mail = compose.message(world.deps, effect.mail("stay_renewed", f"{stay.booking_id}/1"))
    assert mail is not None
    assert mail.subject.startswith("Renewed: ")
    assert [each.filename for each in mail.attachments] == [f"{stay.booking_id}.ics"]


def test_the_mail_of_an_earlier_renewal_is_outdated_by_the_next(world: World, clock: Clock) -> None:
    stay = _stay(world)
    clock.move(minutes=DUE)
    _settled(world, stay)
    clock.move(hours=1)
    _settled(world, stay)
    first, second = (f"{stay.booking_id}/{nth}" for nth in (1, 2))
    assert compose.message(world.deps, effect.mail("stay_renewed", first)) is None
    assert compose.message(world.deps, effect.mail("stay_renewed", second)) is not None


def test_the_sweep_renews_what_nobody_reads(world: World, clock: Clock) -> None:
    stay = _stay(world)
    report = sweeps.run(world.deps, "auto-checkout")
    assert report.due == 0
    clock.move(minutes=DUE)
    report = sweeps.run(world.deps, "auto-checkout")
    assert (report.due, report.done) == (1, 1)
    assert world.read(stay).renewals == 1
    assert sweeps.run(world.deps, "auto-checkout").due == 0


def test_a_renewal_after_the_end_is_made_while_the_space_is_still_free(
    world: World, clock: Clock
) -> None:
    stay = _stay(world)
    clock.set(END + timedelta(minutes=10))
    assert _settled(world, stay).booked.end == END + HOUR


def test_a_read_hours_later_finds_the_stay_as_if_the_sweeps_had_run(
    world: World, clock: Clock
) -> None:
    stay = _stay(world)
    clock.set(END + timedelta(hours=2, minutes=50))
    renewed = _settled(world, stay)
    assert (renewed.booked.end, renewed.renewals) == (END + 4 * HOUR, 4)


# -- when it does not renew ------------------------------------------------------------------------


def _refused(world: World, stay: Booking, because: str) -> Booking:
    """The stay after it was not renewed."""
    batches.clear()
    refused = _settled(world, stay)
    entry = refused.timeline[-1]
    assert (entry.what, entry.note) == ("not_renewed", because)
    assert (refused.booked, refused.details.auto_renew) == (stay.booked, False)
    assert _mails(stay) == ["renewal_refused"]
    mail = compose.message(world.deps, effect.mail("renewal_refused", stay.booking_id))
    assert mail is not None
    assert mail.subject.startswith("Not renewed: ")
    return refused


def test_a_stay_ends_as_booked_where_its_space_is_taken(world: World, clock: Clock) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = _stay(world, "timed")
    world.book(world.other, zone="timed", number="A-001", start=END)
    clock.move(minutes=DUE)
    refused = _refused(world, stay, "space taken")
    assert refused.deadline is not None
    assert (refused.deadline.kind, refused.deadline.at) == (DeadlineKind.AUTO_CHECKOUT, END)
    clock.set(END)
    assert _settled(world, stay).actual_end == END


def test_a_booking_that_named_no_space_moves_for_the_renewal(world: World, clock: Clock) -> None:
    stay = _stay(world)
    other = world.book_by_lot("A-001", "zone-a", start=END, end=END + HOUR, actor=world.other)
    clock.move(minutes=DUE)
    assert _settled(world, stay).booked.end == END + HOUR
    assert world.read(other).number != "A-001"


def test_a_booking_that_nobody_has_entered_in_time_is_not_in_the_way(
    world: World, clock: Clock
) -> None:
    """No sweep has run: the read at which the stay renews settles what follows first."""
    _policy(world, no_show_after=5)
    stay = _stay(world)
    other = world.book(world.other, number="A-001", start=END)
    clock.set(END + timedelta(minutes=10))
    assert _settled(world, stay).renewals == 1
    assert world.read(other).status is Status.EXPIRED


def test_no_renewal_into_closed_hours(world: World, clock: Clock) -> None:
    stay = _stay(world)
    hours = OpeningHours.from_json({day: ["06:00-13:30"] for day in
                                    ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})  # fmt: skip
    _policy(world, opening_hours=hours)
    clock.move(minutes=DUE)
    _refused(world, stay, "closed")


def test_no_renewal_in_a_zone_that_takes_no_bookings(world: World, clock: Clock) -> None:
    stay = _stay(world)
    world.change_zone(world.zone_a, active=False)
    clock.move(minutes=DUE)
    _refused(world, stay, "closed")


def test_no_renewal_into_a_blackout(world: World, clock: Clock) -> None:
    stay = _stay(world)
    blackout = Blackout(END, END + HOUR, "repairs")
    _policy(world, blackouts=(blackout,))
    clock.move(minutes=DUE)
    _refused(world, stay, "blackout")


def test_a_customer_who_owes_something_stays_for_the_booked_time(
    world: World, clock: Clock
) -> None:
    debt = scenarios.a_stay(world, clock, minutes=5, number="A-002")
    check_out.check_out(world.deps, world.staff, debt.booking_id, tender=None)
    with pytest.raises(errors.PaymentDue):
        world.book()
    stay = world.enter(world.book(world.other, number="A-001", auto_renew=True))
    clock.move(minutes=DUE)
    assert bookings.get(world.deps, world.other, stay.booking_id).renewals == 1


def test_one_who_owes_something_since_does_not_renew(world: World, clock: Clock) -> None:
    stay, debt = _stay(world), world.enter(world.book(number="A-002"))
    clock.move(minutes=5)
    check_out.check_out(world.deps, world.staff, debt.booking_id, tender=None)
    clock.move(minutes=DUE)
    _refused(world, stay, "amount due")


def test_a_stay_renews_as_often_as_the_zone_says(world: World, clock: Clock) -> None:
    _policy(world, auto_renew_most=2)
    stay = _stay(world)
    clock.set(END + timedelta(hours=1, minutes=DUE))
    last = _settled(world, stay)
    assert (last.renewals, last.booked.end) == (2, END + 2 * HOUR)
    assert last.timeline[-1].note == "limit reached"
    assert not last.details.auto_renew


def test_a_zone_may_renew_nothing(world: World, clock: Clock) -> None:
    _policy(world, auto_renew_most=0)
    stay = _stay(world)
    assert stay.deadline is not None
    assert stay.deadline.kind is not DeadlineKind.AUTO_RENEW


def test_the_allowance_of_hours_holds(world: World, clock: Clock) -> None:
    _policy(world, max_hours_per_week=2)
    stay = _stay(world)
    clock.move(minutes=DUE)
    first = _settled(world, stay)
    assert first.booked.end == END + HOUR
    clock.move(hours=1)
    second = _settled(world, stay)
    assert (second.booked.end, second.timeline[-1].note) == (END + HOUR, "limit reached")


def test_the_longest_booking_holds(world: World, clock: Clock) -> None:
    _policy(world, default_duration=40, max_duration=30)
    stay = _stay(world, minutes=30)
    clock.move(minutes=29)
    _refused(world, stay, "limit reached")


# -- turned on and off -----------------------------------------------------------------------------


def test_the_customer_turns_it_off_at_any_time(world: World, clock: Clock) -> None:
    stay = _stay(world)
    clock.move(minutes=DUE)
    _settled(world, stay)
    off = _turn(world, stay, on=False)
    assert (off.booked.end, off.details.auto_renew) == (END + HOUR, False)
    clock.set(END + timedelta(minutes=50))
    assert _settled(world, stay).booked.end == END + HOUR


def test_the_customer_turns_it_on_during_the_stay(world: World, clock: Clock) -> None:
    stay = _stay(world, auto_renew=False)
    clock.move(minutes=10)
    on = _turn(world, stay, on=True)
    assert on.deadline is not None
    assert (on.deadline.kind, on.deadline.at) == (
        DeadlineKind.AUTO_RENEW,
        NOON + timedelta(minutes=DUE),
    )
    clock.move(minutes=DUE)
    assert _settled(world, stay).renewals == 1


def test_turned_on_in_the_last_minutes_it_renews_at_once(world: World, clock: Clock) -> None:
    stay = _stay(world, auto_renew=False)
    clock.move(minutes=55)
    _turn(world, stay, on=True)
    assert _settled(world, stay).booked.end == END + HOUR


def test_turned_on_again_after_a_refusal_it_tries_again(world: World, clock: Clock) -> None:
    stay = _stay(world)
    other = world.book(world.other, number="A-001", start=END)
    clock.move(minutes=DUE)
    _refused(world, stay, "space taken")
    bookings.cancel(world.deps, world.other, other.booking_id)
    _turn(world, stay, on=True)
    assert _settled(world, stay).renewals == 1
    assert compose.message(world.deps, effect.mail("renewal_refused", stay.booking_id)) is None


def test_a_shorter_end_moves_the_renewal(world: World, clock: Clock) -> None:
    stay = _stay(world, minutes=120)
    edit = BookingEdit(end=END)
    moved = reschedule.modify(world.deps, world.user, stay.booking_id, edit)
    assert moved.deadline is not None
    assert moved.deadline.at == NOON + timedelta(minutes=DUE)


def test_the_timer_shows_the_end_and_not_the_renewal(world: World, clock: Clock) -> None:
    from chalicelib.domain.bookings import timer

    world.add_zone("timed", builders.TIMED)
    clock.move(minutes=10)
    stay = _stay(world, "timed")
    policy = world.deps.catalogue.zone("timed").policy
    assert timer.of(stay, policy, clock.now()).remaining == 60 * 60
    assert timer.planned_end(stay, policy) == clock.now() + HOUR


# -- the bill --------------------------------------------------------------------------------------


def test_the_renewed_time_is_billed_at_the_exit_at_the_price_agreed(
    world: World, clock: Clock
) -> None:
    stays = [_stay(world), world.enter(world.book(minutes=120))]
    clock.move(minutes=DUE)
    _settled(world, stays[0])
    zone = world.deps.catalogue.zone("zone-a")
    world.change_zone(zone, tariff=replace(zone.tariff, rate=zone.tariff.rate * 3))
    clock.set(NOON + timedelta(minutes=110))
    bills = [world.leave(stay, "5000").booking.bill for stay in stays]
    assert bills[0] is not None
    assert bills[1] is not None
    assert bills[0].total == bills[1].total


def test_a_new_stay_by_hand_still_follows_a_renewed_one(world: World, clock: Clock) -> None:
    stay = _stay(world)
    clock.move(minutes=DUE)
    _settled(world, stay)
    _turn(world, stay, on=False)
    clock.set(END + timedelta(minutes=56))
    again = renewal.renew(world.deps, world.user, stay.booking_id)
    assert again.booked.start == END + HOUR


def test_a_policy_of_an_earlier_version_renews_twelve_times() -> None:
    assert Policy().auto_renew_most == 12


def test_a_stay_stored_before_has_not_renewed(world: World) -> None:
    stay = _stay(world)
    world.deps.commit(saving(replace(stay, version=stay.version + 1)))
    assert world.read(stay).renewals == 0


# -- beside passes, payments and the waitlist ------------------------------------------------------


def test_a_stay_under_a_season_pass_renews_and_stays_covered(world: World, clock: Clock) -> None:
    park = SeasonCarPark.of(world, MemoryGateway(clock.now))
    park.change_site(season_plans=PLANS)
    park.buy_pass()
    stay = park.enter(park.book(auto_renew=True))
    assert stay.cover is not None
    clock.move(minutes=DUE)
    renewed = bookings.get(park.deps, park.user, stay.booking_id)
    assert (renewed.renewals, renewed.cover) == (1, stay.cover)
    clock.set(END + timedelta(minutes=50))
    bill = park.leave(renewed).booking.bill
    assert bill is not None
    assert bill.total.minor == 0


def test_a_stay_whose_fee_was_paid_online_renews_and_owes_the_rest(
    world: World, clock: Clock
) -> None:
    paying = PayingCarPark.of(world, MemoryGateway(clock.now))
    stay = paying.enter(paying.book_and_pay(auto_renew=True))
    clock.move(minutes=DUE)
    renewed = bookings.get(paying.deps, paying.user, stay.booking_id)
    assert (renewed.renewals, renewed.payments) == (1, stay.payments)
    clock.set(END + timedelta(minutes=50))
    over = paying.leave(renewed, "500").booking
    assert (over.status, over.payment_status) == (Status.COMPLETED, "paid")


def test_time_that_is_offered_to_the_waitlist_is_not_taken_by_a_renewal(
    world: World, clock: Clock
) -> None:
    hall = Hall(world, clock)
    stay = world.book(zone="halls", number="A-001", start=START, auto_renew=True)
    after = hall.book(1, 2, hall.third)
    entry = hall.join(world.other, 1, 2)
    clock.set(START + timedelta(minutes=35))
    hall.cancel(after, hall.third)
    assert hall.status(entry) == [EntryStatus.OFFERED]
    clock.set(START + timedelta(minutes=DUE))
    kept = _settled(world, stay)
    assert (kept.booked, kept.timeline[-1].note) == (stay.booked, "space taken")
    assert hall.claim(entry, world.other).booked.start == START + HOUR
