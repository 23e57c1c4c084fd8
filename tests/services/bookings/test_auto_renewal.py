"""A stay whose customer has opted in renews by itself before its end (docs/rules/auto-renewal.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.details import DetailsEdit
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings import bookings, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.mail import compose
from chalicelib.services.stays import check_out
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.hall import START, Hall
from tests.model import invariants
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import PLANS, SeasonCarPark
from tests.services.bookings.renewing import (
    DUE,
    END,
    HOUR,
    a_stay,
    assert_refused,
    mails,
    settled,
    turn,
    words,
)
from tests.world import World


def test_a_stay_renews_twenty_minutes_before_its_end_and_not_before(
    world: World, clock: Clock
) -> None:
    stay = a_stay(world)
    clock.move(minutes=DUE, seconds=-1)
    assert settled(world, stay).booked.end == END
    clock.move(seconds=1)
    renewed = settled(world, stay)
    assert (renewed.booked.end, renewed.renewals) == (END + HOUR, 1)
    assert words(renewed)[-1] == "renewed"
    assert renewed.deadline is not None
    assert renewed.deadline.at == END + timedelta(minutes=DUE)


def test_nobody_can_book_the_space_of_a_renewed_stay(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    clock.move(minutes=DUE)
    settled(world, stay)
    with pytest.raises(errors.SpaceTaken):
        world.book(world.other, number="A-001", start=END)
    later = world.book(world.other, number="A-001", start=END + HOUR)
    assert later.booked.start == END + HOUR


def test_a_stay_that_has_not_opted_in_does_not_renew(world: World, clock: Clock) -> None:
    stay = a_stay(world, auto_renew=False)
    clock.move(minutes=DUE)
    assert settled(world, stay) == stay


def test_a_booking_before_its_stay_does_not_renew(world: World, clock: Clock) -> None:
    booking = world.book(auto_renew=True)
    clock.move(hours=2)
    assert settled(world, booking).status is Status.EXPIRED


def test_the_limit_of_a_car_park_moves_with_the_renewal(world: World, clock: Clock) -> None:
    world.add_zone("timed", builders.TIMED)
    stay = a_stay(world, "timed")
    clock.move(minutes=DUE)
    assert settled(world, stay).is_live
    clock.set(END + timedelta(minutes=30))
    assert settled(world, stay).status is Status.ACTIVE
    off = turn(world, stay, on=False)
    assert off.deadline is not None
    assert (off.deadline.kind, off.deadline.at) == (DeadlineKind.AUTO_CHECKOUT, END + HOUR)
    clock.set(END + HOUR)
    over = settled(world, stay)
    assert (over.status, over.actual_end) == (Status.COMPLETED, END + HOUR)


def test_a_limit_before_the_booked_end_moves_to_that(world: World, clock: Clock) -> None:
    """The time is booked already: nothing more is taken."""
    world.add_zone("timed", builders.TIMED)
    stay = a_stay(world, "timed", minutes=180)
    clock.move(minutes=DUE)
    renewed = settled(world, stay)
    assert (renewed.booked, renewed.renewals) == (stay.booked, 1)
    clock.set(NOON + 2 * HOUR)
    assert settled(world, stay).is_live
    assert "stay_renewed" in mails(stay)


def test_a_stay_that_began_early_the_day_before_renews(world: World, clock: Clock) -> None:
    """Its time is on the sheets of two days (UTC), and stays there."""
    midnight = NOON.replace(hour=0) + timedelta(days=1)
    clock.set(midnight - timedelta(hours=1))
    policy = replace(builders.VENUE, check_in="gate", auto_checkout_after=1, confirmation=False)
    world.add_zone("studio", policy, kind="venue", tariff=builders.FREE)
    booking = world.book(zone="studio", number="A-001", start=midnight, auto_renew=True)
    clock.set(midnight - timedelta(minutes=10))
    stay = world.enter(booking)
    clock.set(midnight + timedelta(minutes=DUE))
    assert settled(world, stay).booked.end == midnight + 2 * HOUR
    invariants.check(world.deps.now())


def test_a_timer_without_check_in_renews_before_it_runs_out(world: World, clock: Clock) -> None:
    world.add_zone("timer", builders.TIMER)
    stay = world.book(zone="timer", auto_renew=True)
    clock.move(minutes=DUE)
    assert settled(world, stay).booked.end == END + HOUR


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
    stay = a_stay(world)
    batches.clear()
    clock.move(minutes=DUE)
    for _ in range(3):
        settled(world, stay)
        sweeps.run(world.deps, "auto-checkout")
    assert mails(stay) == ["stay_renewed"]
    mail = compose.message(world.deps, effect.mail("stay_renewed", f"{stay.booking_id}/1"))
    assert mail is not None
    assert mail.subject.startswith("Renewed: ")
    assert [each.filename for each in mail.attachments] == [f"{stay.booking_id}.ics"]


def test_the_mail_of_an_earlier_renewal_is_outdated_by_the_next(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    clock.move(minutes=DUE)
    settled(world, stay)
    clock.move(hours=1)
    settled(world, stay)
    first, second = (f"{stay.booking_id}/{nth}" for nth in (1, 2))
    assert compose.message(world.deps, effect.mail("stay_renewed", first)) is None
    assert compose.message(world.deps, effect.mail("stay_renewed", second)) is not None


def test_the_sweep_renews_what_nobody_reads(world: World, clock: Clock) -> None:
    stay = a_stay(world)
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
    stay = a_stay(world)
    clock.set(END + timedelta(minutes=10))
    assert settled(world, stay).booked.end == END + HOUR


def test_a_read_hours_later_finds_the_stay_as_if_the_sweeps_had_run(
    world: World, clock: Clock
) -> None:
    stay = a_stay(world)
    clock.set(END + timedelta(hours=2, minutes=50))
    renewed = settled(world, stay)
    assert (renewed.booked.end, renewed.renewals) == (END + 4 * HOUR, 4)


# -- turned on and off -----------------------------------------------------------------------------


def test_the_customer_turns_it_off_at_any_time(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    clock.move(minutes=DUE)
    settled(world, stay)
    off = turn(world, stay, on=False)
    assert (off.booked.end, off.details.auto_renew) == (END + HOUR, False)
    clock.set(END + timedelta(minutes=50))
    assert settled(world, stay).booked.end == END + HOUR


def test_the_customer_turns_it_on_during_the_stay(world: World, clock: Clock) -> None:
    stay = a_stay(world, auto_renew=False)
    clock.move(minutes=10)
    on = turn(world, stay, on=True)
    assert on.deadline is not None
    assert (on.deadline.kind, on.deadline.at) == (
        DeadlineKind.AUTO_RENEW,
        NOON + timedelta(minutes=DUE),
    )
    clock.move(minutes=DUE)
    assert settled(world, stay).renewals == 1


def test_turned_on_in_the_last_minutes_it_renews_at_once(world: World, clock: Clock) -> None:
    stay = a_stay(world, auto_renew=False)
    clock.move(minutes=55)
    turn(world, stay, on=True)
    assert settled(world, stay).booked.end == END + HOUR


def test_turned_on_again_after_a_refusal_it_tries_again(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    other = world.book(world.other, number="A-001", start=END)
    clock.move(minutes=DUE)
    assert_refused(world, stay, "space taken")
    bookings.cancel(world.deps, world.other, other.booking_id)
    turn(world, stay, on=True)
    assert settled(world, stay).renewals == 1
    assert compose.message(world.deps, effect.mail("renewal_refused", stay.booking_id)) is None


def test_a_shorter_end_moves_the_renewal(world: World, clock: Clock) -> None:
    stay = a_stay(world, minutes=120)
    edit = BookingEdit(end=END)
    moved = reschedule.modify(world.deps, world.user, stay.booking_id, edit)
    assert moved.deadline is not None
    assert moved.deadline.at == NOON + timedelta(minutes=DUE)


def test_the_timer_shows_the_end_and_not_the_renewal(world: World, clock: Clock) -> None:
    from chalicelib.domain.bookings import timer

    world.add_zone("timed", builders.TIMED)
    clock.move(minutes=10)
    stay = a_stay(world, "timed")
    policy = world.deps.catalogue.zone("timed").policy
    assert timer.of(stay, policy, clock.now()).remaining == 60 * 60
    assert timer.planned_end(stay, policy) == clock.now() + HOUR


# -- the bill --------------------------------------------------------------------------------------


def test_the_renewed_time_is_billed_at_the_exit_at_the_price_agreed(
    world: World, clock: Clock
) -> None:
    stays = [a_stay(world), world.enter(world.book(minutes=120))]
    clock.move(minutes=DUE)
    settled(world, stays[0])
    zone = world.deps.catalogue.zone("zone-a")
    world.change_zone(zone, tariff=replace(zone.tariff, rate=zone.tariff.rate * 3))
    clock.set(NOON + timedelta(minutes=110))
    bills = [world.leave(stay, "5000").booking.bill for stay in stays]
    assert bills[0] is not None
    assert bills[1] is not None
    assert bills[0].total == bills[1].total


def test_a_new_stay_by_hand_still_follows_a_renewed_one(world: World, clock: Clock) -> None:
    stay = a_stay(world)
    clock.move(minutes=DUE)
    settled(world, stay)
    turn(world, stay, on=False)
    clock.set(END + timedelta(minutes=56))
    again = renewal.renew(world.deps, world.user, stay.booking_id)
    assert again.booked.start == END + HOUR


def test_a_policy_of_an_earlier_version_renews_twelve_times() -> None:
    assert Policy().auto_renew_most == 12


def test_a_stay_stored_before_has_not_renewed(world: World) -> None:
    stay = a_stay(world)
    world.deps.commit(saving(replace(stay, version=stay.version + 1)))
    assert world.read(stay).renewals == 0


@pytest.mark.parametrize("by_scan", [True, False])
def test_a_guest_who_leaves_before_the_end_does_not_renew_first(
    world: World, clock: Clock, by_scan: bool
) -> None:
    stay = a_stay(world)
    clock.move(minutes=DUE + 10)
    batches.clear()
    if by_scan:
        world.leave(stay, "500")
    else:
        tender = builders.cash("500")
        check_out.check_out(world.deps, world.staff, stay.booking_id, tender=tender)
    over = world.read(stay)
    assert (over.status, over.renewals, over.booked) == (Status.COMPLETED, 0, stay.booked)
    assert mails(stay) == ["stay_ended"]


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
    kept = settled(world, stay)
    assert (kept.booked, kept.timeline[-1].note) == (stay.booked, "space taken")
    assert hall.claim(entry, world.other).booked.start == START + HOUR
