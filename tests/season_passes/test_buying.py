"""A season pass is bought: online, and for cash at the desk (docs/rules/passes.md)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.core import errors
from chalicelib.domain.payments import ledger
from chalicelib.domain.pricing import gst
from chalicelib.services.payments import asking, webhooks
from chalicelib.services.season_passes import lists, orders
from tests.clock import Clock
from tests.season_passes.car_park import PLATE, TODAY, SeasonCarPark

pytestmark = pytest.mark.engine2


def test_a_pass_is_valid_once_its_payment_is_captured(park: SeasonCarPark) -> None:
    ordered = park.order_pass()
    assert ordered.state(park.deps.now()) == "pending"
    held = park.pay_pass(ordered)
    assert held.state(park.deps.now()) == "valid"
    assert (held.first, held.last) == (TODAY, date(2026, 12, 20))
    assert held.paid == 500_000
    assert ("season_pass_sold", held.pass_id) in park.mails()
    assert park.faults(held) == ()


def test_a_message_of_the_gateway_makes_it_valid(park: SeasonCarPark, clock: Clock) -> None:
    ordered = park.order_pass()
    order_id = ordered.payments[0].order_id
    assert order_id is not None
    park.gateway.attempt(order_id)
    for _ in range(2):
        message = park.gateway.message("order.paid", order_id)
        webhooks.receive(park.deps, "razorpay", message.headers, message.body)
        clock.move(minutes=3)
        park.deliver()
    held = park.read_pass(ordered)
    assert [term.days.first for term in held.terms] == [TODAY]
    assert park.faults(held) == ()


def test_the_sweep_finds_a_payment_of_which_no_message_came(
    park: SeasonCarPark, clock: Clock
) -> None:
    ordered = park.order_pass()
    order_id = ordered.payments[0].order_id
    assert order_id is not None
    park.gateway.attempt(order_id)
    clock.move(hours=1)
    sweeps.run(park.deps, "reconcile")
    assert park.read_pass(ordered).status == "active"


def test_the_ledger_posts_price_and_tax_of_a_sale(park: SeasonCarPark) -> None:
    park.tax_stays(rate_bp=1800)
    held = park.sell_pass()
    [entry] = park.ledger()
    lines = {line.account: line.minor for line in entry.lines}
    assert lines == {ledger.CASH: 500_000, ledger.REVENUE: -423_729, ledger.TAX: -76_271}
    assert (entry.kind, entry.actor, entry.booking_id) == (
        "cash", park.staff.account_id, held.pass_id,
    )  # fmt: skip
    assert park.faults(held) == ()


def test_a_pass_of_stays_with_a_code_of_gst_is_taxed_at_its_rate(park: SeasonCarPark) -> None:
    park.tax_stays(sac=gst.PARKING)
    held = park.sell_pass()
    assert [term.tax for term in held.terms] == [76_271]
    assert park.faults(held) == ()


def test_a_vehicle_has_one_pass_at_a_site(park: SeasonCarPark) -> None:
    park.buy_pass()
    with pytest.raises(errors.PlateHasPass):
        park.order_pass("weekly", actor=park.other)
    with pytest.raises(errors.PlateHasPass):
        park.sell_pass("weekly")


def test_a_vehicle_gets_another_pass_once_the_first_is_over(
    park: SeasonCarPark, clock: Clock
) -> None:
    first = park.buy_pass("weekly")
    clock.set(first.ends_at)
    second = park.buy_pass("weekly", actor=park.other)
    assert second.is_live(park.deps.now())
    assert park.park().cover is not None


def test_of_two_purchases_for_a_vehicle_the_first_that_is_paid_counts(
    park: SeasonCarPark, clock: Clock
) -> None:
    mine, theirs = park.order_pass(), park.order_pass(actor=park.other)
    theirs = park.pay_pass(theirs)
    mine = park.pay_pass(mine)
    assert theirs.status == "active"
    assert (mine.status, mine.kept) == ("pending", 0)
    assert ("season_pass_returned", f"{mine.pass_id}/1") in park.mails()
    clock.move(minutes=3)
    park.deliver()
    assert park.gateway.balance == theirs.kept
    assert park.faults(mine) == park.faults(theirs) == ()


def test_an_order_that_nobody_pays_lapses_and_is_closed(park: SeasonCarPark, clock: Clock) -> None:
    ordered = park.order_pass()
    clock.move(minutes=31)
    assert ordered.state(clock.now()) == "lapsed"
    sweeps.run(park.deps, "reconcile")
    park.deliver()
    lapsed = park.read_pass(ordered)
    assert (lapsed.status, lapsed.payments[0].state) == ("lapsed", "closed")
    assert lapsed.payments[0].order_id in park.gateway.closed


def test_a_payment_after_the_order_has_lapsed_still_buys_the_pass(
    park: SeasonCarPark, clock: Clock
) -> None:
    ordered = park.order_pass()
    clock.move(days=2)
    sweeps.run(park.deps, "reconcile")
    held = park.pay_pass(ordered)
    assert held.status == "active"
    assert held.first == TODAY + timedelta(days=2)
    assert park.faults(held) == ()


def test_an_order_that_is_paid_twice_goes_back_once(park: SeasonCarPark, clock: Clock) -> None:
    ordered = park.order_pass()
    held = park.pay_pass(ordered)
    park.gateway.attempt(held.payments[0].order_id or "")
    park.hear_pass(held)
    clock.move(minutes=3)
    park.deliver()
    twice = park.hear_pass(held)
    assert len(twice.terms) == 1
    assert (twice.paid, twice.kept) == (1_000_000, 500_000)
    assert park.faults(twice) == ()


def test_an_order_for_less_changes_nothing(park: SeasonCarPark) -> None:
    ordered = park.order_pass()
    order_id = ordered.payments[0].order_id
    assert order_id is not None
    park.gateway.attempt(order_id, amount=park.cheap)
    held = park.hear_pass(ordered)
    assert held.status == "pending"
    [case] = park.deps.reviews.of_site("central", limit=5, after=None).records
    assert (case.booking_id, case.reason) == (held.pass_id, "the amount is 1.00 INR")


def test_an_order_of_no_pass_is_kept_for_a_person(park: SeasonCarPark) -> None:
    assert asking.ask(park.deps, "razorpay/SP7Q2M9X4T1NG1QR00005_1") is None
    [case] = park.deps.reviews.of_site(None, limit=5, after=None).records
    assert case.order == "SP7Q2M9X4T1NG1QR00005_1"


def test_a_gateway_that_fails_leaves_the_order_to_the_next_request(park: SeasonCarPark) -> None:
    park.gateway.breaks.append(("create_order", "before"))
    ordered = park.order_pass()
    assert ordered.payments[0].state == "intended"
    opened = orders.open_order(park.deps, park.user, ordered.pass_id)
    assert opened.payment.order_id == "order_1"
    assert park.pay_pass(ordered).status == "active"


def test_an_order_whose_answer_was_lost_is_not_created_twice(park: SeasonCarPark) -> None:
    park.gateway.breaks.append(("create_order", "after"))
    ordered = park.order_pass()
    orders.open_order(park.deps, park.user, ordered.pass_id)
    assert list(park.gateway.orders) == ["order_1"]


def test_a_pass_begins_within_ninety_days(park: SeasonCarPark) -> None:
    assert park.buy_pass(start=TODAY + timedelta(days=90)).first == TODAY + timedelta(days=90)
    for wrong in (TODAY - timedelta(days=1), TODAY + timedelta(days=91)):
        with pytest.raises(errors.Invalid):
            park.order_pass(plate="KA02ZZ0001", start=wrong)


def test_a_plan_that_is_not_sold_is_not_found(park: SeasonCarPark) -> None:
    with pytest.raises(errors.SeasonPlanNotFound):
        park.order_pass("yearly")


def test_too_little_cash_buys_nothing(park: SeasonCarPark) -> None:
    with pytest.raises(errors.NotEnoughCash):
        park.sell_for("4999.00")
    assert park.ledger() == []


def test_a_pass_is_shown_to_its_holder_and_to_staff_only(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    for actor in (park.user, park.staff, park.admin):
        assert lists.get(park.deps, actor, held.pass_id) == held
    with pytest.raises(errors.SeasonPassNotFound):
        lists.get(park.deps, park.other, held.pass_id)


def test_the_passes_of_a_person_are_listed_newest_first(park: SeasonCarPark, clock: Clock) -> None:
    first = park.buy_pass()
    clock.move(seconds=1)
    second = park.buy_pass(plate="KA02ZZ0001")
    park.buy_pass(plate="KA03ZZ0001", actor=park.other)
    page = lists.of_holder(park.deps, park.user, limit=1, after=None)
    rest = lists.of_holder(park.deps, park.user, limit=1, after=page.after)
    assert (page.records, rest.records) == ((second,), (first,))


def test_a_site_without_plans_asks_for_no_plate(park: SeasonCarPark) -> None:
    park.buy_pass()
    park.change_site(season_plans=())
    assert park.park(PLATE).cover is None
