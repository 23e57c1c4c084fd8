"""A season pass is renewed: at the desk, by an order, by itself through a payment link
(docs/rules/passes.md, Renewal)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.core import effect, errors
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.mail import compose
from chalicelib.services.season_passes import orders, steps
from tests.clock import Clock
from tests.season_passes.car_park import CASH, SeasonCarPark

pytestmark = pytest.mark.engine2

END = date(2026, 12, 20)
NEW_END = date(2027, 1, 20)


def before_end(held: SeasonPass, clock: Clock, days: int) -> None:
    """So many days before the pass ends, at noon."""
    clock.set(held.ends_at - timedelta(days=days) + timedelta(hours=12))


def test_a_renewal_goes_on_from_the_old_end(park: SeasonCarPark) -> None:
    held = park.renew_online(park.buy_pass())
    assert (held.last, len(held.terms), held.renewing) == (NEW_END, 2, None)
    assert held.paid == 1_000_000
    assert park.faults(held) == ()


def test_a_renewal_in_cash_goes_on_from_the_old_end(park: SeasonCarPark) -> None:
    held = park.sell_pass()
    renewed = steps.renew(park.deps, park.staff, held.pass_id, CASH).season_pass
    assert renewed.last == NEW_END
    assert park.faults(renewed) == ()


def test_a_renewal_that_is_captured_twice_counts_once(park: SeasonCarPark, clock: Clock) -> None:
    held = park.renew_online(park.buy_pass())
    order_id = held.payments[-1].order_id
    assert order_id is not None
    park.gateway.attempt(order_id)
    park.hear_pass(held)
    clock.move(minutes=3)
    park.deliver()
    held = park.hear_pass(held)
    assert (held.last, held.kept) == (NEW_END, 1_000_000)
    assert park.faults(held) == ()


def test_a_renewal_in_cash_and_online_counts_once(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    orders.open_order(park.deps, park.user, held.pass_id)
    steps.renew(park.deps, park.staff, held.pass_id, CASH)
    held = park.pay_pass(held)
    clock.move(minutes=3)
    park.deliver()
    held = park.hear_pass(held)
    assert (held.last, held.kept) == (NEW_END, 1_000_000)
    assert ("season_pass_returned", f"{held.pass_id}/2") in park.mails() or held.returned
    assert park.faults(held) == ()


def test_the_holder_is_reminded_seven_days_before_the_end(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass()
    before_end(held, clock, 8)
    sweeps.run(park.deps, "reconcile")
    assert ("season_pass_ends", held.pass_id) not in park.mails()
    before_end(held, clock, 7)
    for _ in range(2):
        sweeps.run(park.deps, "reconcile")
    assert park.mails().count(("season_pass_ends", held.pass_id)) == 1
    assert park.read_pass(held).renewing is None


def test_one_who_has_chosen_it_gets_a_prepared_renewal(park: SeasonCarPark, clock: Clock) -> None:
    """The order is opened when the link is used: it would be over before the mail is read."""
    held = park.buy_pass(auto_renew=True)
    before_end(held, clock, 7)
    for _ in range(2):
        sweeps.run(park.deps, "reconcile")
    waiting = park.read_pass(held)
    assert (len(waiting.payments), waiting.due(clock.now())) == (1, waiting.price)
    mail = compose.message(park.deps, effect.mail("season_pass_ends", held.pass_id))
    assert mail is not None
    assert "https://berth.example.com/pay/" in mail.text
    renewed = park.renew_online(waiting)
    assert (renewed.last, renewed.awaited) == (NEW_END, None)
    assert park.faults(renewed) == ()


def test_a_renewal_that_nobody_pays_ends_with_the_pass(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass(auto_renew=True)
    before_end(held, clock, 7)
    sweeps.run(park.deps, "reconcile")
    clock.set(held.ends_at)
    sweeps.run(park.deps, "reconcile")
    over = park.read_pass(held)
    assert (over.state(clock.now()), over.awaited) == ("over", None)
    assert park.park().cover is None


def test_a_renewal_is_sold_by_the_plan_as_it_is_now(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    plans = park.deps.catalogue.site("central").season_plans
    park.change_site(season_plans=tuple(replace(plan, price=600_000) for plan in plans))
    assert park.read_pass(held).price.minor == 500_000
    renewed = park.renew_online(held)
    assert [term.minor for term in renewed.terms] == [500_000, 600_000]
    assert park.faults(renewed) == ()


def test_a_renewal_that_was_prepared_keeps_its_price_until_the_pass_ends(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass(auto_renew=True)
    before_end(held, clock, 7)
    sweeps.run(park.deps, "reconcile")
    plans = park.deps.catalogue.site("central").season_plans
    park.change_site(season_plans=tuple(replace(plan, price=600_000) for plan in plans))
    orders.open_order(park.deps, park.user, held.pass_id)
    clock.move(hours=40)  # that order has lapsed: the next one asks for the same
    renewed = park.renew_online(held)
    assert [payment.amount.minor for payment in renewed.payments] == [500_000] * 3
    assert (renewed.last, renewed.terms[-1].minor) == (NEW_END, 500_000)
    assert park.faults(renewed) == ()


def test_the_money_of_an_order_with_a_former_price_goes_back(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass(auto_renew=True)
    former = orders.open_order(park.deps, park.user, held.pass_id).payment
    steps.renew(park.deps, park.staff, held.pass_id, CASH)
    plans = park.deps.catalogue.site("central").season_plans
    park.change_site(season_plans=tuple(replace(plan, price=600_000) for plan in plans))
    before_end(park.read_pass(held), clock, 7)
    sweeps.run(park.deps, "reconcile")
    assert former.order_id is not None
    park.gateway.attempt(former.order_id)
    after = park.hear_pass(held)
    assert (after.last, after.kept) == (NEW_END, 1_000_000)
    assert park.faults(after) == ()


def test_one_who_began_a_renewal_and_did_not_pay_is_still_reminded(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass()
    orders.open_order(park.deps, park.user, held.pass_id)
    before_end(held, clock, 7)
    for _ in range(2):
        sweeps.run(park.deps, "reconcile")
    assert park.mails().count(("season_pass_ends", held.pass_id)) == 1
    mail = compose.message(park.deps, effect.mail("season_pass_ends", held.pass_id))
    assert mail is not None
    assert "https://berth.example.com/pay/" in mail.text
    clock.set(held.ends_at)
    sweeps.run(park.deps, "reconcile")
    assert (park.read_pass(held).awaited, park.read_pass(held).due_at) == (None, None)


def test_a_plan_that_is_withdrawn_renews_no_pass(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass(auto_renew=True)
    plans = park.deps.catalogue.site("central").season_plans
    park.change_site(season_plans=tuple(replace(plan, sold=False) for plan in plans))
    with pytest.raises(errors.SeasonPlanNotFound):
        orders.open_order(park.deps, park.user, held.pass_id)
    before_end(held, clock, 7)
    sweeps.run(park.deps, "reconcile")
    assert len(park.read_pass(held).payments) == 1
    assert park.park().cover is not None


def test_a_pass_that_is_over_is_not_renewed(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    clock.set(held.ends_at)
    with pytest.raises(errors.SeasonPassNotActive):
        orders.open_order(park.deps, park.user, held.pass_id)


def test_a_choice_to_renew_is_taken_back(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass(auto_renew=True)
    steps.choose_renewal(park.deps, park.user, held.pass_id, auto_renew=False)
    before_end(held, clock, 7)
    sweeps.run(park.deps, "reconcile")
    assert len(park.read_pass(held).payments) == 1


def test_a_dry_run_names_the_passes_that_are_due(park: SeasonCarPark, clock: Clock) -> None:
    held = park.buy_pass()
    before_end(held, clock, 7)
    summary = sweeps.run(park.deps, "reconcile", dry_run=True)
    named = [each.subject for each in summary.affected if each.step == "season-pass"]
    assert named == [held.pass_id]
    assert park.read_pass(held) == held


def test_a_renewal_that_is_paid_after_the_end_begins_on_that_day(
    park: SeasonCarPark, clock: Clock
) -> None:
    """The days between are no pause of the holder: all days that the plan allows are left."""
    held = park.buy_pass("weekly")
    orders.open_order(park.deps, park.user, held.pass_id)
    clock.set(held.ends_at + timedelta(days=4))
    sweeps.run(park.deps, "reconcile")
    assert park.park().cover is None
    renewed = park.pay_pass(held)
    assert renewed.terms[-1].days.first == date(2026, 12, 2)
    assert renewed.last == date(2026, 12, 8)
    paused = steps.pause(park.deps, park.user, held.pass_id, first=date(2026, 12, 3), days=6)
    assert paused.last == date(2026, 12, 14)
    assert park.faults(paused) == ()


def test_money_for_the_price_of_an_earlier_order_does_not_renew_at_the_present_one(
    park: SeasonCarPark,
) -> None:
    held = park.buy_pass()
    orders.open_order(park.deps, park.user, held.pass_id)
    steps.hand_over(park.deps, park.user, held.pass_id, park.other.account_id)
    plans = park.deps.catalogue.site("central").season_plans
    park.change_site(season_plans=tuple(replace(plan, price=600_000) for plan in plans))
    orders.open_order(park.deps, park.other, held.pass_id)
    earlier = park.read_pass(held).payments[1].order_id
    assert earlier is not None
    park.gateway.attempt(earlier)
    heard = park.hear_pass(held)
    assert (len(heard.terms), heard.kept) == (1, 500_000)
    assert heard.awaited is not None
    assert park.faults(heard) == ()
    assert park.pay_pass(held).terms[-1].minor == 600_000


def test_the_order_of_a_renewal_is_closed_when_it_is_paid_in_cash_or_the_pass_handed_over(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass()
    orders.open_order(park.deps, park.user, held.pass_id)
    steps.renew(park.deps, park.staff, held.pass_id, CASH)
    orders.open_order(park.deps, park.user, held.pass_id)
    steps.hand_over(park.deps, park.user, held.pass_id, park.other.account_id)
    clock.move(minutes=3)
    park.deliver()
    assert park.gateway.closed == {"order_2", "order_3"}


def test_a_pass_is_not_renewed_in_another_currency_than_it_was_sold_in(
    park: SeasonCarPark, clock: Clock
) -> None:
    held = park.buy_pass(auto_renew=True)
    park.change_site(currency="EUR")
    with pytest.raises(errors.SeasonPlanNotFound):
        orders.open_order(park.deps, park.user, held.pass_id)
    with pytest.raises(errors.SeasonPlanNotFound):
        steps.renew(park.deps, park.staff, held.pass_id, CASH)
    before_end(held, clock, 7)
    sweeps.run(park.deps, "reconcile")
    assert len(park.read_pass(held).payments) == 1
