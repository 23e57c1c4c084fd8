"""A season pass at the gate: which stays it covers, and what they cost (docs/rules/passes.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.stays.earlier_end import EarlierEnd
from chalicelib.services.bookings import bookings
from chalicelib.services.season_passes import lists
from chalicelib.services.stays import check_out
from tests import builders
from tests.clock import Clock
from tests.season_passes.car_park import CASH, PLATE, SeasonCarPark

pytestmark = pytest.mark.engine2

LONG = Policy(auto_checkout_after=None)


def test_a_stay_of_a_vehicle_with_a_pass_costs_nothing_and_ends_at_once(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass()
    stay = park.park()
    clock.move(minutes=50)
    left = check_out.scan_exit(park.deps, park.staff, park.deps.tokens.qr(stay), tender=None)
    assert left.bill.charged.minor == 0
    assert left.booking.payment_status == "paid"
    assert left.booking.cover is not None
    assert left.booking.cover.pass_id == held.pass_id
    assert [line.amount.minor for line in left.bill.all_lines] == [5000, -5000]
    assert [entry for entry in park.ledger() if entry.booking_id == stay.booking_id] == []


def test_a_plate_is_known_however_it_is_written(park: SeasonCarPark) -> None:
    park.buy_pass(plate="ka-01 ab 1234")
    assert park.park("KA01AB1234").cover is not None


def test_another_vehicle_pays(park: SeasonCarPark, clock: Clock) -> None:
    park.buy_pass()
    stay = park.park("KA02ZZ0001")
    clock.move(minutes=50)
    assert park.leave(stay).bill.charged.minor == 5000


def test_of_two_stays_of_one_plate_one_is_covered_at_a_time(
    park: SeasonCarPark, clock: Clock
) -> None:
    park.buy_pass()
    first, second = park.park(), park.park(actor=park.other)
    assert first.cover is not None
    assert second.cover is None
    park.leave(first)
    park.leave(second)
    assert park.park().cover is not None


def test_a_stay_that_ends_by_itself_frees_the_pass(park: SeasonCarPark, clock: Clock) -> None:
    park.buy_pass()
    stay = park.park()
    clock.move(hours=25)
    over = bookings.get(park.deps, park.user, stay.booking_id)
    assert (over.auto_checkout, over.payment_status) == (True, "paid")
    assert park.park().cover is not None


def test_a_stay_that_is_terminated_frees_the_pass(park: SeasonCarPark) -> None:
    park.buy_pass()
    bookings.terminate(park.deps, park.admin, park.park().booking_id, reason="fire")
    assert park.park().cover is not None


def test_a_pass_covers_the_zones_of_its_plan_only(park: SeasonCarPark) -> None:
    plan = park.deps.catalogue.site("central").season_plans[1]
    park.add_zone("zone-b", builders.METERED)
    park.change_site(season_plans=(replace(plan, zones=("zone-b",)),))
    park.buy_pass()
    assert park.park().cover is None
    assert park.park(zone="zone-b").cover is not None


def test_a_pass_that_begins_tomorrow_does_not_cover_today(
    park: SeasonCarPark, clock: Clock
) -> None:
    tomorrow = clock.now().date() + timedelta(days=1)
    park.buy_pass(start=tomorrow)
    stay = park.park()
    assert stay.cover is None
    park.leave(stay)
    clock.move(days=1)
    assert park.park().cover is not None


def test_a_stay_beyond_the_last_day_pays_for_the_units_that_begin_after_it(
    park: SeasonCarPark, clock: Clock
) -> None:
    """In Kolkata the day ends at 18:30 UTC: of a stay from 18:00 the units that begin at 19:00 and
    20:00 are outside."""
    park.add_zone("long", LONG)
    held = park.buy_pass("weekly")
    clock.set(held.ends_at - timedelta(minutes=30))
    stay = park.enter(park.book(zone="long", minutes=180))
    clock.move(minutes=170)
    bill = park.leave(stay).bill
    assert [line.amount.minor for line in bill.lines] == [15000, -5000]
    assert bill.charged.minor == 10000


def test_a_stay_beyond_the_old_end_of_a_renewed_pass_is_covered(
    park: SeasonCarPark, clock: Clock
) -> None:
    park.add_zone("long", LONG)
    held = park.buy_pass("weekly")
    clock.set(held.ends_at - timedelta(minutes=30))
    stay = park.enter(park.book(zone="long", minutes=180))
    park.renew_online(held)
    clock.move(minutes=170)
    assert park.leave(stay).bill.charged.minor == 0


def test_staff_who_end_a_covered_stay_earlier_take_nothing_for_days_that_were_renewed(
    park: SeasonCarPark, clock: Clock
) -> None:
    park.add_zone("long", LONG)
    held = park.buy_pass("weekly")
    clock.set(held.ends_at - timedelta(minutes=30))
    stay = park.enter(park.book(zone="long", minutes=180))
    park.renew_online(held)
    clock.move(minutes=170)
    earlier = EarlierEnd(clock.now() - timedelta(minutes=10), "forgot to scan")
    done = check_out.check_out(park.deps, park.staff, stay.booking_id, tender=CASH, earlier=earlier)
    assert done.tender is not None
    assert done.change is not None
    assert (done.tender.amount.minor, done.change.minor) == (0, 0)


def test_a_booking_of_a_vehicle_with_a_pass_asks_for_no_fee(park: SeasonCarPark) -> None:
    park.buy_pass()
    booked = park.book_online(vehicle_number=PLATE)
    assert booked.payments == ()
    assert booked.status == "booked"


def test_a_booking_of_another_vehicle_still_asks_for_its_fee(park: SeasonCarPark) -> None:
    park.buy_pass()
    booked = park.book_online(vehicle_number="KA02ZZ0001")
    assert booked.payment_method is PaymentMethod.ONLINE
    assert [payment.purpose for payment in booked.payments] == ["fee"]


def test_a_fee_that_was_paid_before_the_pass_was_bought_is_kept(
    park: SeasonCarPark, clock: Clock
) -> None:
    booked = park.book_and_pay(vehicle_number=PLATE)
    park.buy_pass()
    stay = park.enter(booked)
    clock.move(minutes=50)
    bill = park.leave(stay).bill
    assert bill.charged == bill.amount_paid
    assert bill.amount_due.minor == 0


def test_an_unpaid_pass_covers_nothing(park: SeasonCarPark) -> None:
    park.order_pass()
    assert park.park().cover is None


def test_the_exit_of_a_covered_stay_shows_the_pass_to_staff(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    entry = park.park().timeline[-1]
    assert (entry.what, entry.note) == ("covered", held.pass_id)


def test_staff_find_the_pass_by_the_plate(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    assert lists.of_plate(park.deps, park.staff, "central", "ka 01 ab 1234") == held
    with pytest.raises(errors.Forbidden):
        lists.of_plate(park.deps, park.user, "central", PLATE)
