"""A car park whose customers pay online: early, late, twice or never; what goes back to them; and
cash beside it."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import amounts
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import RefundState
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import advance, asking, orders, refunds
from tests import builders
from tests.model.car_park_life import CarParkLife
from tests.model.customers import AHEAD, LENGTH, NUMBER, SOMEONE, ZONE, Asked
from tests.model.invariants import Stored
from tests.model.life import LATELY, PICK, steps
from tests.model.reference import FREE_OF_CHARGE, MINUTE, NUMBERS, ZONES, Known
from tests.payments.gateway import MemoryGateway

SMALL_FEE = Tariff("hourly", "INR", 5000, booking_fee=1000)
"""A stay costs more than its fee, so something is due at every exit."""

OFTEN = st.sampled_from([True, True, True, False])
NEXT = st.sampled_from(["waits", "pays", "pays", "pays unheard"])
PART = st.sampled_from([None, "4.00", "10.00", "70.00"])


class PayingLife(CarParkLife):
    """A life of a car park with a payment gateway. Nobody hears of a payment before the gateway is
    asked."""

    book_behind = renew = terminate = waive = staff_check_out = look = None  # type: ignore[assignment]
    passing: ClassVar[tuple[int, ...]] = (1, 5, 10, 15, 20, 30, 55, 90)
    sweeping: ClassVar[tuple[str | None, ...]] = (None, None, "reconcile", "expire-bookings")

    def __init__(self) -> None:
        self.gateway = MemoryGateway(self.harness.clock.now)
        self.online: dict[str, Known] = {}
        super().__init__()

    def _deps(self) -> Deps:
        gateways = Gateways(razorpay=lambda: self.gateway)
        return dataclasses.replace(super()._deps(), gateways=gateways)

    def _add_zone(self, zone: str) -> None:
        tariff = builders.FREE if zone in FREE_OF_CHARGE else SMALL_FEE
        self.world.add_zone(zone, ZONES[zone], spaces=len(NUMBERS), tariff=tariff)

    @rule(
        other=SOMEONE, zone=ZONE, number=NUMBER, ahead=AHEAD, minutes=LENGTH, then=NEXT
    )  # fmt: skip
    def book_online(
        self, other: bool, zone: str, number: str | None, ahead: int, minutes: int, then: str
    ) -> None:
        """A booking whose fee is paid at once, later or never."""
        who, start = self.world.other if other else self.world.user, self._settled()
        start += ahead * MINUTE
        numbers = frozenset([number] if number else self.reference.numbers[zone])
        asked = Asked(zone, numbers, Interval(start, start + minutes * MINUTE))
        order = Order(
            zone, number, start=start, minutes=minutes, payment_method=PaymentMethod.ONLINE
        )
        orders_before = len(self.gateway.orders)
        self._booked(who, asked, False, lambda deps: advance.book(deps, who, order))
        self._note_online()
        if then != "waits" and len(self.gateway.orders) > orders_before:
            self.pay(0, succeeds=True, times=1, heard=then == "pays")

    @precondition(lambda self: self.online)
    @rule(pick=PICK, succeeds=OFTEN, times=st.sampled_from([1, 1, 1, 2]), heard=st.booleans())
    def pay(self, pick: int, succeeds: bool, times: int, heard: bool) -> None:
        """A customer pays, once or twice, or tries to; Berth hears of it at once, or not yet."""
        known = self._paying(pick)
        order_id = self._order(known)
        for _ in range(times):
            self.gateway.attempt(order_id, "captured" if succeeds else "failed", fee=20)
        steps["pay: " + ("brings money" if succeeds else "fails")] += 1
        if heard:
            self._hear(known)

    @precondition(lambda self: self.online)
    @rule(pick=PICK)
    def succeed_late(self, pick: int) -> None:
        """An attempt that has failed brings its money after all."""
        order_id = self._order(self._paying(pick))
        if attempts := self.gateway.orders[order_id].attempts:
            self.gateway.become(order_id, attempts[-1].attempt_id, "captured")

    @precondition(lambda self: self.online)
    @rule(pick=PICK)
    def hear(self, pick: int) -> None:
        """A message comes, or the customer asks."""
        self._hear(self._paying(pick))

    @precondition(lambda self: self.online)
    @rule(pick=PICK, minutes=st.sampled_from([16, 20, 40]))
    def pay_and_hear_too_late(self, pick: int, minutes: int) -> None:
        """Who holds a space pays for it, and Berth hears of it when the hold has lapsed."""
        held = [each for each in self.online.values() if each.status is Status.PENDING]
        known = held[-1 - pick % len(held)] if held else self._paying(pick)
        self.gateway.attempt(self._order(known), fee=20)
        self.clock.move(minutes=minutes)
        self._hear(known)

    def _hear(self, known: Known) -> None:
        now, before = self._settled(), self._stored(known)
        lapsed = known.status is Status.EXPIRED and before.timeline[-1].what == Step.LAPSE
        can_have = self._can_have_again(known, now) if lapsed else set()
        asking.ask(self.world.deps, before.payments[-1].reference)
        after = self._stored(known)
        if lapsed and after.is_live:
            assert after.number in can_have, (known, after)
            steps["paid late: booked again"] += 1
        elif lapsed and after.paid > before.paid:
            who = self.owner[known.booking_id]
            assert not can_have or self._is_rationed(who, known.zone), (known, can_have)
            assert after.kept == before.kept, after
            steps["paid late: paid back"] += 1
        self._learn(known, after)

    def _can_have_again(self, known: Known, now: datetime) -> set[str]:
        """The spaces in which a hold that has lapsed can be booked again for the rest of its
        time."""
        start = max(known.booked.start, now)
        if start >= known.booked.end:
            return set()
        numbers = self.reference.numbers[known.zone] if known.provisional else {known.number}
        return self.reference.obtainable(known.zone, numbers, known.booked.starting(start), now)

    def _learn(self, known: Known, after: Booking) -> None:
        """What money changes: a hold is booked, what was owed is paid."""
        if known.status in (Status.PENDING, Status.EXPIRED) and after.status is Status.BOOKED:
            known.status, known.number, known.booked = Status.BOOKED, after.number, after.booked
        known.owed = known.owed and after.payment_status == "due"
        self._agree(known, self._stored(known))

    @precondition(lambda self: self.owner)
    @rule(pick=PICK)
    def open_order(self, pick: int) -> None:
        """The customer asks for the order once more, or wants to pay what is due."""
        known, _ = self._pick(pick), self._settled()
        who = self.owner[known.booking_id]
        refusal, opened = self._try(
            "open order", lambda: orders.open_order(self.world.deps, who, known.booking_id)
        )
        wanted = known.status is Status.PENDING or known.owed
        assert (opened is not None) == wanted, (known, refusal)
        self._note_online()

    @precondition(lambda self: self.online)
    @rule(pick=PICK, amount=PART)
    def refund(self, pick: int, amount: str | None) -> None:
        """An owner pays back a part, or all."""
        self._settled()
        known, deps = self._paying(pick), self.world.deps
        kept = [each for each in self.online.values() if self._stored(each).kept]
        if kept and pick % 4:
            known = kept[-1 - pick % len(kept)]
        before = self._stored(known)
        refusal, back = self._try(
            "refund",
            lambda: refunds.refund(
                deps, self.world.owner, known.booking_id, amount, reason="goodwill"
            ),
        )
        wanted = before.kept if amount is None else amounts.read(amount, "INR").minor
        assert (back is None) == (not 0 < wanted <= before.kept), (before, refusal)
        if back is not None:
            assert back.kept == before.kept - wanted, back

    @precondition(lambda self: self.online)
    @rule(pick=PICK)
    def refund_in_panel(self, pick: int) -> None:
        """A person pays back a part at the gateway."""
        order_id = self._order(self._paying(pick))
        for attempt in self.gateway.orders[order_id].captured:
            if self.gateway.left(order_id, attempt.attempt_id) >= 300:
                self.gateway.refund_in_panel(order_id, attempt.attempt_id, 300)

    @rule(state=st.sampled_from(["processed", "processed", "failed"]), later=st.booleans())
    def decide_refunds(self, state: RefundState, later: bool) -> None:
        """The bank decides on the refunds that wait, and on those to come later or at once."""
        self.gateway.decide_refunds(state)
        self.gateway.refunds_are = "pending" if later else "processed"

    def _sweep(self, name: str) -> None:
        """Also hear of what the sweep `reconcile` has learned."""
        super()._sweep(name)
        for known in self.reference.bookings.values():
            self._learn(known, self._stored(known))

    def _look_at_everything(self) -> Stored:
        """Everything stored agrees; once all was heard, also with the gateway."""
        for known in list(self.reference.bookings.values()):
            for _ in range(2):
                for payment in self._stored(known).payments:
                    asking.ask(self.world.deps, payment.reference)
            self._learn(known, self._stored(known))
        stored = super()._look_at_everything()
        paid = [each for booking in stored.bookings.values() for each in booking.payments]
        assert sum(each.kept for each in paid) == self.gateway.balance
        return stored

    def _note_online(self) -> None:
        """Note the bookings with an order at the gateway."""
        for order in self.gateway.orders.values():
            booking_id = payments.booking_of(order.reference)
            self.online[booking_id] = self.reference.bookings[booking_id]

    # -- which -----------------------------------------------------------------------------------

    def _paying(self, pick: int) -> Known:
        """One of the latest bookings that were to be paid online."""
        among = list(self.online.values())
        return among[-1 - pick % min(len(among), LATELY)]

    def _order(self, known: Known) -> str:
        """The order of the last payment of a booking."""
        order_id = self._stored(known).payments[-1].order_id
        assert order_id is not None
        return order_id

    def _stored(self, known: Known) -> Booking:
        """The booking as stored, settled."""
        return bookings.get(self.world.deps, self.world.admin, known.booking_id)
