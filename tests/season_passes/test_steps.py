"""Pause, transfer, handing over and cancellation of a season pass (docs/rules/passes.md)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.domain.bookings import books
from chalicelib.domain.core import errors
from chalicelib.services.season_passes import lists, steps
from tests.clock import Clock
from tests.season_passes.car_park import CASH, PLATE, TODAY, SeasonCarPark

pytestmark = pytest.mark.engine2

TOMORROW = TODAY + timedelta(days=1)
OTHER_CAR = "KA02ZZ0001"


def test_each_paused_day_moves_the_end(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    paused = steps.pause(park.deps, park.user, held.pass_id, first=TOMORROW, days=3)
    assert paused.last == date(2026, 12, 23)
    stay = park.park()
    assert stay.cover is not None
    park.leave(stay)
    clock.move(days=1)
    assert paused.state(clock.now()) == "paused"
    stay = park.park()
    assert stay.cover is None
    park.leave(stay)
    clock.move(days=3)
    assert park.park().cover is not None


def test_a_pass_is_resumed_before_the_pause_is_over(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    steps.pause(park.deps, park.user, held.pass_id, first=TOMORROW, days=5)
    clock.move(days=3)
    resumed = steps.resume(park.deps, park.user, held.pass_id)
    assert resumed.last == date(2026, 12, 22)
    assert sum(pause.count for pause in resumed.pauses) == 2
    assert park.park().cover is not None


def test_a_pause_that_has_not_begun_is_taken_back(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.pause(park.deps, park.user, held.pass_id, first=TOMORROW, days=5)
    resumed = steps.resume(park.deps, park.user, held.pass_id)
    assert (resumed.last, resumed.pauses) == (held.last, ())


def test_more_days_than_the_plan_allows_are_not_paused(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.pause(park.deps, park.user, held.pass_id, first=TOMORROW, days=5)
    later = TOMORROW + timedelta(days=10)
    with pytest.raises(errors.SeasonPassLimit):
        steps.pause(park.deps, park.user, held.pass_id, first=later, days=3)


@pytest.mark.parametrize("first", [TODAY, date(2026, 12, 21)])
def test_a_pause_begins_tomorrow_or_later_and_before_the_end(
    park: SeasonCarPark, first: date
) -> None:
    held = park.buy_pass()
    with pytest.raises(errors.Invalid):
        steps.pause(park.deps, park.user, held.pass_id, first=first, days=1)


def test_no_days_are_taken_away_while_the_vehicle_is_inside(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    stay = park.park()
    with pytest.raises(errors.VehicleInside):
        steps.pause(park.deps, park.user, held.pass_id, first=TOMORROW, days=3)
    with pytest.raises(errors.VehicleInside):
        steps.transfer(park.deps, park.user, held.pass_id, OTHER_CAR)
    with pytest.raises(errors.VehicleInside):
        steps.cancel(park.deps, park.user, held.pass_id, reason="")
    assert park.read_pass(held) == held
    park.leave(stay)
    assert steps.pause(park.deps, park.user, held.pass_id, first=TOMORROW, days=3).pauses


def test_a_transfer_moves_the_cover_to_the_other_vehicle(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    moved = steps.transfer(park.deps, park.user, held.pass_id, OTHER_CAR)
    assert (moved.plate, moved.transfers, moved.last) == (OTHER_CAR, 1, held.last)
    assert park.park(PLATE).cover is None
    assert park.park(OTHER_CAR).cover is not None


def test_the_plan_limits_transfers(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.transfer(park.deps, park.user, held.pass_id, OTHER_CAR)
    with pytest.raises(errors.SeasonPassLimit):
        steps.transfer(park.deps, park.user, held.pass_id, PLATE)


def test_a_pass_is_not_transferred_to_a_vehicle_that_has_one(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    park.buy_pass(plate=OTHER_CAR, actor=park.other)
    with pytest.raises(errors.PlateHasPass):
        steps.transfer(park.deps, park.user, held.pass_id, OTHER_CAR)
    assert park.park().cover is not None


def test_the_same_plate_in_other_letters_is_no_other_vehicle(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    with pytest.raises(errors.Invalid):
        steps.transfer(park.deps, park.user, held.pass_id, "KA-01-AB-1234")


def test_a_step_of_staff_is_audited(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.transfer(park.deps, park.staff, held.pass_id, OTHER_CAR)
    events = park.deps.audit.list_day("central", TODAY, limit=20).events
    assert ("transfer_season_pass", held.pass_id) in [(e.action, e.subject) for e in events]


def test_a_pass_is_handed_over_to_another_person(park: SeasonCarPark) -> None:
    held = park.buy_pass(auto_renew=True)
    theirs = steps.hand_over(park.deps, park.user, held.pass_id, park.other.account_id)
    assert (theirs.user_id, theirs.auto_renew) == (park.other.account_id, False)
    assert lists.of_holder(park.deps, park.user, limit=5, after=None).records == ()
    assert lists.of_holder(park.deps, park.other, limit=5, after=None).records == (theirs,)
    with pytest.raises(errors.SeasonPassNotFound):
        lists.get(park.deps, park.user, held.pass_id)
    assert park.park().cover is not None


def test_a_cancellation_pays_back_the_days_that_are_left(park: SeasonCarPark, clock: Clock) -> None:
    """Of thirty days the first ten are used, the tenth included."""
    held = park.buy_pass()
    clock.move(days=9)
    over = steps.cancel(park.deps, park.user, held.pass_id, reason="moved away")
    assert (over.status, over.returned) == ("cancelled", 333_333)
    clock.move(minutes=3)
    park.deliver()
    over = park.hear_pass(over)
    assert park.gateway.balance == over.kept == 166_667
    assert park.faults(over) == ()
    assert park.park().cover is None


def test_a_pass_that_has_not_begun_is_paid_back_in_full(park: SeasonCarPark) -> None:
    held = park.buy_pass(start=TOMORROW)
    over = steps.cancel(park.deps, park.user, held.pass_id, reason="")
    assert over.kept == 0


def test_a_pass_that_was_paid_in_cash_is_paid_back_from_the_drawer(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.sell_pass(start=TOMORROW)
    clock.move(minutes=1)
    over = steps.cancel(park.deps, park.staff, held.pass_id, reason="a mistake")
    assert (over.by_hand, over.kept) == (500_000, 0)
    assert [entry.kind for entry in park.ledger()] == ["cash", "refunded"]
    assert park.ledger()[-1].actor == park.staff.account_id
    assert park.faults(over) == ()


def test_what_was_paid_in_cash_is_paid_back_at_the_desk_only(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.renew(park.deps, park.staff, held.pass_id, CASH)
    with pytest.raises(errors.Forbidden):
        steps.cancel(park.deps, park.user, held.pass_id, reason="")
    over = steps.cancel(park.deps, park.staff, held.pass_id, reason="")
    assert over.by_hand > 0
    assert park.faults(over) == ()


def test_a_renewed_pass_pays_back_the_later_term_first(park: SeasonCarPark, clock: Clock) -> None:
    held = park.renew_online(park.buy_pass())
    clock.move(days=9)
    over = steps.cancel(park.deps, park.user, held.pass_id, reason="")
    assert over.returned == 500_000 + 333_333
    assert park.faults(over) == ()


def test_an_order_that_is_not_paid_is_cancelled_and_a_late_payment_goes_back(
    park: SeasonCarPark, clock: Clock
) -> None:
    ordered = park.order_pass()
    steps.cancel(park.deps, park.user, ordered.pass_id, reason="")
    over = park.pay_pass(ordered)
    clock.move(minutes=3)
    park.deliver()
    over = park.hear_pass(over)
    assert (over.status, over.kept, park.gateway.balance) == ("cancelled", 0, 0)
    assert park.faults(over) == ()


def test_a_vehicle_of_a_cancelled_pass_may_have_another_one(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.cancel(park.deps, park.user, held.pass_id, reason="")
    assert park.buy_pass("weekly").status == "active"


def test_a_cancelled_pass_takes_no_further_step(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.cancel(park.deps, park.user, held.pass_id, reason="")
    named = (park.deps, park.user, held.pass_id)
    with pytest.raises(errors.SeasonPassNotActive):
        steps.cancel(*named, reason="")
    with pytest.raises(errors.SeasonPassNotActive):
        steps.transfer(*named, OTHER_CAR)
    with pytest.raises(errors.SeasonPassNotActive):
        steps.pause(*named, first=TOMORROW, days=1)
    with pytest.raises(errors.SeasonPassNotActive):
        steps.resume(*named)


def test_a_refund_gives_back_its_share_of_the_tax(park: SeasonCarPark, clock: Clock) -> None:
    park.tax_stays(rate_bp=1800)
    held = park.buy_pass()
    clock.move(days=9)
    over = steps.cancel(park.deps, park.user, held.pass_id, reason="")
    held_by = books.sums(park.ledger())
    assert (held_by["tax"], held_by["refunded"]) == (-25_424, 282_486)
    assert park.faults(over) == ()


def test_a_refund_that_fails_waits_for_a_person_and_is_made_in_the_panel(
    park: SeasonCarPark,
) -> None:
    held = park.buy_pass()
    park.gateway.refunds_are = "pending"
    steps.cancel(park.deps, park.user, held.pass_id, reason="moved away")
    back = park.hear_pass(held).returned
    park.gateway.decide_refunds("failed")
    failed = park.hear_pass(held)
    assert (failed.kept, park.hear_pass(held)) == (500_000, failed)
    [case] = park.deps.reviews.of_site("central", limit=9, after=None).records
    assert (case.booking_id, case.reason) == (
        held.pass_id, f"refund {held.pass_id}_1_r1 of a season pass has failed",
    )  # fmt: skip
    park.gateway.refunds_are = "processed"
    park.gateway.refund_in_panel("order_1", failed.payments[0].captures[0].attempt_id, back)
    assert park.hear_pass(held).returned == back
    assert park.faults(held) == ()


def test_a_refund_that_the_gateway_refuses_is_one_case(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    park.gateway.refuses = {"refund"}
    steps.cancel(park.deps, park.user, held.pass_id, reason="moved away")
    clock.move(minutes=3)
    park.deliver()
    refunds = park.read_pass(held).payments[0].refunds
    assert [refund.state for refund in refunds] == ["failed"]
    assert len(park.deps.reviews.of_site("central", limit=9, after=None).records) == 1
