from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from chalicelib.domain.bookings.details import DetailsEdit, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import zone_and_number
from chalicelib.services.bookings import bookings, renewal, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Replay
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)


def test_a_zone_chooses_a_free_space_until_it_is_full(world: World) -> None:
    numbers = {world.book().number for _ in range(3)}
    assert numbers == {"A-001", "A-002", "A-003"}
    with pytest.raises(errors.ZoneFull):
        world.book()


def test_a_named_space_is_had_or_refused_by_name(world: World) -> None:
    assert world.book(number="A-002").space_id == "zone-a.A-002"
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-002")
    with pytest.raises(errors.SpaceNotFound):
        world.book(number="A-999")


def test_what_is_booked_ahead_does_not_stand_in_the_way_now(world: World) -> None:
    world.book(number="A-001", start=NOON + 2 * HOUR)
    assert world.book(number="A-001").status is Status.BOOKED


def test_a_booking_may_begin_at_the_very_minute_another_ends(world: World) -> None:
    first = world.book(number="A-001")
    second = world.book(number="A-001", start=first.booked.end)
    assert second.booked.start == first.booked.end


def test_a_stored_booking_comes_back_as_it_was_made(world: World) -> None:
    booking = world.book(owner_name="Asha", purpose="market", auto_renew=True)
    assert world.read(booking) == booking


def test_a_no_show_frees_its_space_for_the_next_without_any_sweep(
    world: World, clock: Clock
) -> None:
    lapsed = world.book(number="A-001")
    clock.move(minutes=61)
    assert world.book(number="A-001").status is Status.BOOKED
    assert world.read(lapsed).status is Status.EXPIRED


def test_an_overstay_keeps_its_space(world: World, clock: Clock) -> None:
    inside = world.enter(world.book(number="A-001"))
    clock.move(minutes=90)
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-001")
    assert {world.book().number for _ in range(2)} == {"A-002", "A-003"}
    assert world.read(inside).status is Status.ACTIVE


def test_an_overstay_over_midnight_keeps_its_space(world: World, clock: Clock) -> None:
    clock.set(NOON.replace(hour=22, minute=30))
    world.enter(world.book(number="A-001"))
    clock.move(hours=4)
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-001")


def test_a_closed_space_is_not_offered(world: World) -> None:
    from chalicelib.domain.core.change import saving

    space = world.deps.catalogue.fresh_space("zone-a", "A-001")
    world.deps.commit(saving(space.evolve(active=False)))
    assert {world.book().number for _ in range(2)} == {"A-002", "A-003"}
    with pytest.raises(errors.ZoneFull):
        world.book()


def test_a_quota_counts_live_bookings_only(world: World) -> None:
    world.change_zone(world.zone_a, policy=Policy(quota_per_user=2))
    first, _ = world.book(), world.book()
    with pytest.raises(errors.QuotaReached, match=r"quota_of.*2"):
        world.book()
    bookings.cancel(world.deps, world.user, first.booking_id)
    assert world.book().status is Status.BOOKED
    assert world.book(world.other).status is Status.BOOKED


def test_staff_book_for_a_guest_who_has_no_account(world: World) -> None:
    booking = world.book(world.staff, guests=(Guest("Ravi", email="ravi@example.com"),))
    assert booking.user_id is None
    assert booking.locator != world.staff.locator


def test_a_customer_brings_guests_and_keeps_the_booking(world: World) -> None:
    booking = world.book(world.user, guests=(Guest("Ravi"),))
    assert booking.user_id == world.user.account_id


def test_online_payment_is_refused_by_name_until_there_is_a_gateway(world: World) -> None:
    with pytest.raises(errors.PaymentMethodUnavailable):
        world.book(payment_method=PaymentMethod.ONLINE)
    world.change_zone(world.zone_a, policy=Policy(prepay="required"))
    with pytest.raises(errors.PaymentMethodUnavailable):
        world.book()


def test_the_price_of_a_booking_is_the_one_it_was_made_at(world: World) -> None:
    booking = world.book()
    world.change_zone(world.zone_a, tariff=dataclasses.replace(builders.HOURLY, rate=99900))
    assert world.read(booking).tariff.rate == 5000


def test_an_order_names_a_zone_or_a_space_and_not_both() -> None:
    with pytest.raises(errors.Invalid):
        zone_and_number("zone-a", "zone-a.A-001")
    with pytest.raises(errors.Invalid):
        zone_and_number(None, None)


def test_a_repeated_request_makes_the_same_booking_and_not_another(
    world: World, clock: Clock
) -> None:
    repeatable = dataclasses.replace(world.deps, replay=Replay(NOON, b"key"))
    first = bookings.book(repeatable, world.user, Order("zone-a"))
    clock.move(seconds=20)
    again = bookings.book(repeatable, world.user, Order("zone-a"))
    assert again == first


def test_a_repeated_request_finds_its_booking_though_it_could_not_be_made_now(
    world: World, clock: Clock
) -> None:
    """Its own booking fills the zone, its start has passed, and another stay is unpaid by now."""
    world.add_zone("lot", builders.METERED, spaces=1)
    world.add_zone("zone-b", builders.TIMED)
    world.enter(stay := world.book(zone="zone-b"))
    repeatable = dataclasses.replace(world.deps, replay=Replay(NOON, b"key"))
    order = Order("lot", start=NOON, minutes=180)
    first = bookings.book(repeatable, world.user, order)
    clock.move(hours=2)
    bookings.get(world.deps, world.user, stay.booking_id)
    assert bookings.book(repeatable, world.user, order) == first
    with pytest.raises(errors.PaymentDue):
        world.book()


# -- cancel ------------------------------------------------------------------------------------


def test_a_cancelled_booking_frees_its_space_at_once(world: World) -> None:
    booking = world.book(number="A-001")
    outcome = bookings.cancel(world.deps, world.user, booking.booking_id, reason="rain")
    assert outcome.refund.eligible
    assert outcome.booking.timeline[-1].note == "rain"
    assert world.book(number="A-001").booking_id != booking.booking_id


def test_a_cancellation_is_not_for_others_and_not_for_twice(world: World) -> None:
    booking = world.book()
    with pytest.raises(errors.BookingNotFound):
        bookings.cancel(world.deps, world.other, booking.booking_id)
    bookings.cancel(world.deps, world.staff, booking.booking_id)
    with pytest.raises(errors.AlreadyEnded):
        bookings.cancel(world.deps, world.user, booking.booking_id)


def test_a_stay_is_not_cancelled(world: World) -> None:
    booking = world.enter(world.book())
    with pytest.raises(errors.IllegalTransition):
        bookings.cancel(world.deps, world.user, booking.booking_id)


# -- modify ------------------------------------------------------------------------------------


def test_details_change_without_touching_the_time(world: World) -> None:
    booking = world.book()
    changed = reschedule.modify(
        world.deps,
        world.user,
        booking.booking_id,
        BookingEdit(DetailsEdit(vehicle_number="KA05ZZ9999")),
    )
    assert (changed.details.vehicle_number, changed.booked) == ("KA05ZZ9999", booking.booked)
    assert world.read(booking) == changed


def test_a_moved_booking_frees_where_it_was_and_holds_where_it_is(world: World) -> None:
    booking = world.book(number="A-001", start=NOON + HOUR)
    moved = reschedule.modify(
        world.deps, world.user, booking.booking_id, BookingEdit(start=NOON + 20 * HOUR)
    )
    assert moved.booked == Interval(NOON + 20 * HOUR, NOON + 21 * HOUR)
    world.book(number="A-001", start=NOON + HOUR)
    with pytest.raises(errors.SpaceTaken):
        world.book(number="A-001", start=NOON + 20.5 * HOUR)


def test_a_booking_moved_to_where_it_is_has_not_moved(world: World) -> None:
    booking = world.book(start=NOON + 2 * HOUR, minutes=60)
    details = BookingEdit(end=NOON + 4 * HOUR)
    moved = reschedule.modify(world.deps, world.user, booking.booking_id, details)
    assert reschedule.modify(world.deps, world.user, booking.booking_id, details) == moved
    assert world.read(booking).timeline == moved.timeline


def test_a_booking_moved_to_this_very_moment_begins_where_nobody_checks_in(world: World) -> None:
    world.add_zone("zone-t", builders.TIMER)
    booking = world.book(zone="zone-t", start=NOON + HOUR)
    moved = reschedule.modify(world.deps, world.user, booking.booking_id, BookingEdit(start=NOON))
    assert (moved.status, moved.actual_start, moved.version) == (Status.ACTIVE, NOON, 2)
    assert world.read(booking) == moved


def test_an_extension_needs_room(world: World) -> None:
    booking = world.book(number="A-001")
    world.book(number="A-001", start=NOON + 2 * HOUR)
    extended = reschedule.modify(
        world.deps, world.user, booking.booking_id, BookingEdit(minutes=120)
    )
    assert extended.booked.minutes == 120
    with pytest.raises(errors.SpaceTaken):
        reschedule.modify(world.deps, world.user, booking.booking_id, BookingEdit(minutes=121))


def test_a_stay_is_extended_by_its_end(world: World, clock: Clock) -> None:
    booking = world.enter(world.book())
    clock.move(minutes=30)
    extended = reschedule.modify(
        world.deps, world.user, booking.booking_id, BookingEdit(minutes=90)
    )
    assert extended.booked == Interval(NOON, NOON + 1.5 * HOUR)
    with pytest.raises(errors.Invalid):
        reschedule.modify(world.deps, world.user, booking.booking_id, BookingEdit(minutes=20))


# -- renew -------------------------------------------------------------------------------------


@pytest.fixture
def timed(world: World) -> World:
    world.add_zone("zone-t", builders.TIMER, tariff=builders.FREE)
    return world


def test_a_stay_is_renewed_in_its_last_five_minutes_from_its_end(
    timed: World, clock: Clock
) -> None:
    booking = timed.book(zone="zone-t")
    clock.move(minutes=54, seconds=59)
    with pytest.raises(errors.RenewTooEarly):
        renewal.renew(timed.deps, timed.user, booking.booking_id)
    clock.move(seconds=1)
    renewed = renewal.renew(timed.deps, timed.user, booking.booking_id)
    assert renewed.booked == Interval(NOON + HOUR, NOON + 2 * HOUR)
    assert renewed.number == booking.number


def test_a_stay_that_has_ended_is_renewed_from_now(timed: World, clock: Clock) -> None:
    booking = timed.book(zone="zone-t")
    clock.move(minutes=75)
    renewed = renewal.renew(timed.deps, timed.user, booking.booking_id)
    assert renewed.booked.start == NOON + timedelta(minutes=75)
    assert renewed.status is Status.ACTIVE


def test_a_stay_is_renewed_by_its_owner_only_and_only_where_the_space_is_free(
    timed: World, clock: Clock
) -> None:
    booking = timed.book(zone="zone-t", number="A-001")
    clock.move(minutes=61)
    timed.book(timed.other, zone="zone-t", number="A-001")
    with pytest.raises(errors.BookingNotFound):
        renewal.renew(timed.deps, timed.other, booking.booking_id)
    with pytest.raises(errors.SpaceTaken):
        renewal.renew(timed.deps, timed.user, booking.booking_id)


@pytest.mark.parametrize("minutes", [57, 75])
def test_a_renewal_pressed_twice_is_one_booking(timed: World, clock: Clock, minutes: int) -> None:
    booking = timed.book(zone="zone-t", number="A-001")
    clock.move(minutes=minutes)
    first = renewal.renew(timed.deps, timed.user, booking.booking_id)
    clock.move(seconds=40)
    again = renewal.renew(timed.deps, timed.user, booking.booking_id)
    assert (again.booking_id, again.booked) == (first.booking_id, first.booked)
    assert len(timed.deps.bookings.of_owner(timed.user.account_id, limit=9).records) == 2


def test_a_renewal_that_was_cancelled_can_be_made_again(timed: World, clock: Clock) -> None:
    booking = timed.book(zone="zone-t", number="A-001")
    clock.move(minutes=57)
    first = renewal.renew(timed.deps, timed.user, booking.booking_id)
    bookings.cancel(timed.deps, timed.user, first.booking_id)
    again = renewal.renew(timed.deps, timed.user, booking.booking_id)
    assert again.booking_id != first.booking_id
    assert again.booked == first.booked


def test_staff_do_not_renew_for_a_customer(timed: World, clock: Clock) -> None:
    booking = timed.book(zone="zone-t")
    clock.move(minutes=57)
    for actor in (timed.staff, timed.owner, timed.admin):
        with pytest.raises(errors.Forbidden):
            renewal.renew(timed.deps, actor, booking.booking_id)


def test_a_stay_that_began_late_is_renewed_from_its_real_end(world: World, clock: Clock) -> None:
    world.add_zone("zone-c", builders.TIMED, spaces=1)
    booking = world.book(zone="zone-c", minutes=60)
    clock.move(minutes=20)
    world.enter(booking)
    clock.move(minutes=50)  # ten minutes after the booked end, ten before the real one
    with pytest.raises(errors.RenewTooEarly):
        renewal.renew(world.deps, world.user, booking.booking_id)
    clock.move(minutes=6)
    renewed = renewal.renew(world.deps, world.user, booking.booking_id)
    assert renewed.booked == Interval(NOON + timedelta(minutes=80), NOON + timedelta(minutes=140))


def test_a_stay_that_time_ended_before_its_booked_end_frees_its_space_without_any_sweep(
    world: World, clock: Clock
) -> None:
    world.add_zone("zone-b", builders.TIMED, spaces=1)
    world.enter(world.book(zone="zone-b", minutes=180))
    clock.move(minutes=59)
    with pytest.raises(errors.ZoneFull):
        world.book(world.other, zone="zone-b", minutes=30)
    clock.move(minutes=1)
    assert world.book(world.other, zone="zone-b", minutes=30).status is Status.BOOKED


def test_a_no_show_that_lapsed_before_its_end_frees_its_space_without_any_sweep(
    world: World, clock: Clock
) -> None:
    world.add_zone("zone-b", Policy(auto_checkout_after=None, no_show_after=20), spaces=1)
    world.book(zone="zone-b", minutes=180)
    clock.move(minutes=20)
    assert world.book(world.other, zone="zone-b", number="A-001").status is Status.BOOKED


def test_an_extension_is_not_refused_for_somebody_whose_time_is_over(
    world: World, clock: Clock
) -> None:
    world.add_zone("zone-t", builders.TIMER, tariff=builders.FREE, spaces=1)
    world.book(zone="zone-t", minutes=60)
    second = world.book(zone="zone-t", start=NOON + HOUR, minutes=60)
    clock.move(minutes=70)
    longer = reschedule.modify(
        world.deps, world.user, second.booking_id, BookingEdit(end=NOON + 3 * HOUR)
    )
    assert longer.booked.end == NOON + 3 * HOUR


# -- what is done to bookings of others --------------------------------------------------------


def _trail(world: World) -> list[tuple[str, str, str]]:
    page = world.deps.audit.list_day("central", NOON.date(), 50)
    return [(e.action, e.actor, e.detail) for e in page.events]


def test_a_cancellation_for_somebody_else_is_audited_and_ones_own_is_not(world: World) -> None:
    mine, theirs = world.book(), world.book()
    bookings.cancel(world.deps, world.user, mine.booking_id)
    bookings.cancel(world.deps, world.staff, theirs.booking_id, reason="flooded")
    assert _trail(world) == [("cancel_booking", world.staff.account_id, "flooded")]


def test_a_termination_is_audited_with_its_reason(world: World) -> None:
    world.enter(booking := world.book())
    bookings.terminate(world.deps, world.admin, booking.booking_id, reason="fire")
    assert _trail(world) == [("terminate", world.admin.account_id, "fire")]


def test_an_edit_that_changes_nothing_is_none(world: World) -> None:
    booking = world.book()
    same = BookingEdit(DetailsEdit(vehicle_number=booking.details.vehicle_number))
    assert reschedule.modify(world.deps, world.user, booking.booking_id, same) == booking
    assert world.read(booking).version == 1
