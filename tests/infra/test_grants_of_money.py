"""What season passes, promo codes and late payments ask of DynamoDB is allowed to the functions that
ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.domain.payments.tender import TenderRequest
from chalicelib.domain.promos.promo import Promo, UseLimits
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.promos import promos
from chalicelib.services.season_passes import orders, steps
from chalicelib.services.stays import online_exits
from tests import builders
from tests.clock import NOON, Clock
from tests.infra.test_grants import Recorder, allowed
from tests.payments.car_park import ONLINE
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import PLANS, SeasonCarPark
from tests.world import World

HOUR = timedelta(hours=1)
CODE = Promo("central", "HALF", "PR1", NOON, percent=50, limits=UseLimits(5, 5, 5, 5, 5, 5))


@pytest.fixture
def recorder(deps: Deps) -> Recorder:
    return Recorder(deps)


@pytest.fixture
def park(world: World, clock: Clock) -> SeasonCarPark:
    """The small world, which sells season passes and has a promo code."""
    park = SeasonCarPark.of(world, MemoryGateway(clock.now))
    park.change_site(season_plans=PLANS)
    park.deps.commit(saving(CODE))
    return park


def _life_of_a_pass(park: SeasonCarPark) -> None:
    held = park.buy_pass()
    steps.pause(park.deps, park.user, held.pass_id, first=held.first + timedelta(days=1), days=2)
    steps.resume(park.deps, park.user, held.pass_id)
    steps.transfer(park.deps, park.user, held.pass_id, "KA02ZZ0002")
    park.leave(park.park("KA02ZZ0002"))
    park.renew_online(held)
    steps.cancel(park.deps, park.user, held.pass_id, reason="moved away")


def _life_of_a_code(park: SeasonCarPark) -> None:
    booking = park.book(start=NOON + HOUR, promo_code="half")
    promos.list_of(park.deps, park.owner, "central", limit=20, after=None)
    promos.edit(park.deps, park.owner, "central.HALF", {"active": True}, source_ip="-")
    bookings.cancel(park.deps, park.user, booking.booking_id)
    promos.delete(park.deps, park.owner, "central.HALF", source_ip="-")


@pytest.mark.parametrize("lives", [_life_of_a_pass, _life_of_a_code])
def test_what_passes_and_codes_ask_is_allowed_to_the_api(
    park: SeasonCarPark, recorder: Recorder, lives: Callable[[SeasonCarPark], None]
) -> None:
    with recorder.watching() as asked:
        lives(park)

    assert asked - allowed("api_handler") == set()


def test_the_end_of_a_covered_stay_is_allowed_to_the_sweep_that_ends_it(
    park: SeasonCarPark, recorder: Recorder, clock: Clock
) -> None:
    park.add_zone("zone-b", builders.TIMED)
    park.buy_pass()
    stay = park.park(zone="zone-b", minutes=60)
    assert stay.cover is not None
    clock.move(hours=2)

    with recorder.watching() as asked:
        sweeps.run(park.deps, "auto-checkout")

    assert park.read(stay).status is Status.COMPLETED
    assert asked - allowed("auto_checkout") == set()


def test_the_use_of_a_code_that_a_no_show_or_a_hold_gives_back_is_allowed_to_the_sweep(
    park: SeasonCarPark, recorder: Recorder, clock: Clock
) -> None:
    park.book_online(start=NOON + HOUR, promo_code="half")
    park.book(start=NOON + HOUR, promo_code="half")
    clock.move(hours=3)

    with recorder.watching() as asked:
        assert sweeps.run(park.deps, "expire-bookings").done == 2

    assert asked - allowed("expire_bookings") == set()


@pytest.mark.parametrize("function", ["outbox", "reconcile"])
def test_what_late_money_for_a_code_or_a_pass_asks_is_allowed(
    park: SeasonCarPark, recorder: Recorder, clock: Clock, function: str
) -> None:
    lapsed = park.book_online(start=NOON + 3 * HOUR, promo_code="half", number="A-001")
    held = park.order_pass()
    clock.move(minutes=41)
    bookings.get(park.deps, park.user, lapsed.booking_id)
    park.gateway.attempt("order_1")
    park.gateway.attempt("order_2")

    with recorder.watching() as asked:
        sweeps.run(park.deps, function)

    assert park.read(lapsed).status is Status.BOOKED
    assert park.read_pass(held).status == "active"
    assert asked - allowed(function) == set()


@pytest.mark.parametrize("function", ["outbox", "reconcile"])
def test_the_money_that_ends_a_covered_stay_is_allowed_to_end_it(
    park: SeasonCarPark, recorder: Recorder, clock: Clock, function: str
) -> None:
    held = park.buy_pass("weekly")
    clock.set(held.ends_at - HOUR)
    stay = park.park()
    clock.move(hours=5)
    code, tender = park.deps.tokens.qr(stay), TenderRequest(ONLINE)
    online_exits.scan_exit(park.deps, park.staff, code, tender=tender)
    park.gateway.attempt("order_2")
    clock.move(minutes=26)

    with recorder.watching() as asked:
        sweeps.run(park.deps, function)

    assert park.read(stay).status is Status.COMPLETED
    assert asked - allowed(function) == set()


def test_the_renewal_that_is_prepared_is_allowed_to_the_sweep(
    park: SeasonCarPark, recorder: Recorder, clock: Clock
) -> None:
    held = park.buy_pass(auto_renew=True)
    clock.set(held.ends_at - timedelta(days=6))

    with recorder.watching() as asked:
        sweeps.run(park.deps, "reconcile")

    assert park.read_pass(held).renewing is not None
    orders.open_order(park.deps, park.user, held.pass_id)
    assert asked - allowed("reconcile") == set()


def test_a_deposit_that_comes_back_by_itself_is_allowed_to_the_sweep(
    park: SeasonCarPark, recorder: Recorder, clock: Clock
) -> None:
    park.change_zone(park.zone_a, tariff=replace(builders.HOURLY, deposit=10_000))
    stay = park.enter(park.book_and_pay())
    clock.move(minutes=60)
    park.leave(stay)
    clock.move(days=3)

    with recorder.watching() as asked:
        assert sweeps.run(park.deps, "expire-bookings").done == 1

    assert park.read(stay).deposit_held == 0
    assert asked - allowed("expire_bookings") == set()
