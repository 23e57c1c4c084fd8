"""The small world of the tests, which sells season passes online and at the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.domain.pricing.tariff import Tax
from chalicelib.domain.season_passes import money
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.sites.season_plan import DEFAULT_PRICES, SeasonPlan
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking
from chalicelib.services.season_passes import orders, selling
from chalicelib.services.season_passes.selling import PassRequest
from tests import batches
from tests.clock import NOON
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway

PLATE = "KA01AB1234"
TODAY = date(2026, 11, 21)
PLANS = tuple(
    SeasonPlan(period, period.title(), period, price, pause_days=7)
    for period, price in DEFAULT_PRICES.items()
)


class SeasonCarPark(PayingCarPark):
    """The small world with the plans of a parking site."""

    cheap = Money(100, "INR")

    def __init__(self, deps: Deps, gateway: MemoryGateway) -> None:
        super().__init__(deps, gateway)
        self.change_site(season_plans=PLANS)

    def change_site(self, **fields: Any) -> None:
        site = self.deps.catalogue.fresh_site("central").evolve(**fields)
        self.deps.commit(saving(site))

    def order_pass(
        self,
        plan: str = "monthly",
        *,
        actor: Actor | None = None,
        plate: str = PLATE,
        start: date | None = None,
        auto_renew: bool = False,
    ) -> SeasonPass:
        """Order a pass online, not paid so far."""
        request = PassRequest(
            site="central", plan_id=plan, plate=plate, start=start, auto_renew=auto_renew
        )
        return selling.buy(self.deps, actor or self.user, request)

    def pay_pass(self, held: SeasonPass) -> SeasonPass:
        """Pay the open order of a pass, and let Berth hear of it."""
        order_id = self.read_pass(held).payments[-1].order_id
        assert order_id is not None
        self.gateway.attempt(order_id)
        return self.hear_pass(held)

    def hear_pass(self, held: SeasonPass) -> SeasonPass:
        """Ask the gateway about each payment of a pass."""
        for payment in self.read_pass(held).payments:
            asking.ask(self.deps, payment.reference)
        return self.read_pass(held)

    def buy_pass(self, plan: str = "monthly", **wishes: Any) -> SeasonPass:
        """A pass that is ordered and paid."""
        return self.pay_pass(self.order_pass(plan, **wishes))

    def sell_pass(self, plan: str = "monthly", plate: str = PLATE, **wishes: Any) -> SeasonPass:
        """A pass that is sold for cash at the desk."""
        request = PassRequest(site="central", plan_id=plan, plate=plate, **wishes)
        return selling.sell(self.deps, self.staff, request, CASH).season_pass

    def sell_for(self, received: str) -> SeasonPass:
        """A monthly pass that is sold for counted cash."""
        request = PassRequest(site="central", plan_id="monthly", plate=PLATE)
        tender = TenderRequest(PaymentMethod.CASH, received)
        return selling.sell(self.deps, self.staff, request, tender).season_pass

    def tax_stays(self, rate_bp: int = 0, *, sac: str | None = None) -> None:
        """Stays in zone A, and so the passes of the site, are taxed."""
        tariff = replace(self.zone_a.tariff, tax=Tax(rate_bp, sac=sac))
        self.change_zone(self.zone_a, tariff=tariff)

    def renew_online(self, held: SeasonPass) -> SeasonPass:
        """Renew a pass by an order that is paid."""
        orders.open_order(self.deps, self.user, held.pass_id)
        return self.pay_pass(held)

    def read_pass(self, held: SeasonPass) -> SeasonPass:
        return self.deps.season_passes.get(held.pass_id)

    def park(self, plate: str = PLATE, **wishes: Any) -> Booking:
        """The vehicle is inside from now on, on a booking of an hour."""
        return self.enter(self.book(vehicle_number=plate, **wishes))

    def faults(self, held: SeasonPass) -> tuple[str, ...]:
        """What of the books does not agree with a pass."""
        own = [entry for entry in self.ledger() if entry.booking_id == held.pass_id]
        return money.faults_of(self.read_pass(held), own)

    def mails(self) -> list[tuple[str, str]]:
        """The mails that wait to be sent."""
        effects = [Effect(**row) for item in batches.stored() for row in item.effects]
        return [(each.name, each.subject_id) for each in effects if each.kind == "mail"]


CASH = TenderRequest(PaymentMethod.CASH)
assert NOON.date() == TODAY
