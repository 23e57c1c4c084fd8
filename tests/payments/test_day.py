"""A day of a car park with three hundred payments of all kinds: cash with change, two gateways,
refunds, failures, late money, dues, no-shows, two shifts. The books close to the paisa."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.operations import day_books
from chalicelib.domain.operations.shift import Report, Shift
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import bookings
from chalicelib.services.operations import shifts
from chalicelib.services.payments import asking, orders, refunds
from chalicelib.services.stays import check_in, check_out
from tests import builders
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import World

PAYMENTS: Final = 300
BAYS: Final = 60
TARIFF: Final = Tariff("hourly", "INR", 4250, booking_fee=2575, no_show_fee=5000)
"""42.50 an hour, 25.75 in advance: amounts that leave paise over."""


class Day:
    """The car park, its two gateways, and what each drawer must hold by our own count."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.clock, self.random = clock, random.Random(2611)
        self.phonepe = MemoryGateway(clock.now, "phonepe", page="https://pay.example.com/1")
        self.paying = PayingCarPark.of(world, MemoryGateway(clock.now))
        razorpay = self.paying.gateway
        both = Gateways(razorpay=lambda: razorpay, phonepe=lambda: self.phonepe)
        self.paying.deps = replace(self.paying.deps, gateways=both)
        self.paying.add_zone("lot", builders.METERED, spaces=BAYS, tariff=TARIFF)
        self.second = self.paying.add_account("evening", self.paying.staff.role, "central")
        self.at_the_gate = self.paying.staff
        self.drawers: Counter[str] = Counter()
        self.payments = 0
        self.made: list[str] = []

    # -- steps -----------------------------------------------------------------------------------

    def customer(self) -> Actor:
        """A customer who owes nothing yet."""
        return self.paying.add_account(f"guest{len(self.made)}")

    def book(self, gateway: GatewayName | None, **wishes: object) -> Booking:
        """A booking, to be paid through a gateway or in cash."""
        who = self.customer()
        if gateway is None:
            made = self.paying.book(who, zone="lot", **wishes)
        else:
            made = self.paying.book_online(who, zone="lot", **wishes)
        self.made.append(made.booking_id)
        if gateway == "phonepe":
            orders.open_order(self.paying.deps, who, made.booking_id, gateway="phonepe")
        return self.paying.read(made)

    def pay(self, booking: Booking, *, heard: bool = True, fee: int = 59, tax: int = 11) -> None:
        """The customer pays the last order of a booking."""
        payment = self.paying.payment(booking)
        assert payment.order_id is not None
        self.gateway(payment.gateway).attempt(payment.order_id, fee=fee, tax=tax)
        self.payments += 1
        if heard:
            self.hear(booking)

    def hear(self, booking: Booking) -> None:
        for payment in self.paying.read(booking).payments:
            asking.ask(self.paying.deps, payment.reference)

    def gateway(self, name: GatewayName) -> MemoryGateway:
        return self.phonepe if name == "phonepe" else self.paying.gateway

    def enter(self, booking: Booking) -> None:
        code = self.paying.deps.tokens.qr(booking)
        check_in.scan_entry(self.paying.deps, self.at_the_gate, code, plate=None)

    def leave(self, booking: Booking) -> None:
        """Out at the gate: what is due is paid in cash, often with a note too large."""
        deps, code = self.paying.deps, self.paying.deps.tokens.qr(booking)
        note = self.random.choice([None, None, "500.00", "2000.00"])
        gone = check_out.scan_exit(deps, self.at_the_gate, code, tender=builders.cash(note))
        due = gone.bill.amount_due.minor
        self.drawers[self.at_the_gate.account_id] += due
        self.payments += due > 0

    def stay(self, booking: Booking) -> None:
        self.enter(booking)
        self.clock.move(minutes=self.random.randint(1, 9))
        self.leave(booking)

    # -- what happens to a customer --------------------------------------------------------------

    def pays_in_cash(self) -> None:
        self.stay(self.book(None))

    def pays_ahead(self) -> None:
        booking = self.book(self.random.choice(["razorpay", "phonepe"]))
        self.pay(booking)
        self.stay(booking)

    def fails_first(self) -> None:
        booking = self.book("razorpay")
        order_id = self.paying.payment(booking).order_id
        assert order_id is not None
        self.paying.gateway.attempt(order_id, "failed")
        self.hear(booking)
        self.pay(booking)
        self.stay(booking)

    def cancels_in_time(self) -> None:
        booking = self.book("phonepe")
        self.pay(booking)
        assert booking.user_id is not None
        bookings.cancel(self.paying.deps, self.paying.admin, booking.booking_id)
        self.payments += 1
        self.hear(booking)

    def pays_twice(self) -> None:
        booking = self.book("razorpay")
        self.pay(booking, heard=False)
        self.pay(booking)
        self.payments += 1
        self.hear(booking)
        self.stay(booking)

    def is_heard_of_late(self) -> None:
        booking = self.book("razorpay", minutes=180)
        self.pay(booking, heard=False)
        self.clock.move(minutes=16)
        bookings.get(self.paying.deps, self.paying.admin, booking.booking_id)
        self.hear(booking)
        self.stay(booking)

    def stays_away(self) -> None:
        """A no-show, whose fee is due beyond what was paid; it is paid online."""
        booking = self.book(self.random.choice([None, "razorpay"]), minutes=5)
        if booking.payments:
            self.pay(booking)
        self.clock.move(minutes=6)
        over = bookings.get(self.paying.deps, self.paying.admin, booking.booking_id)
        assert over.payment_status == "due"
        orders.open_order(self.paying.deps, self.paying.admin, booking.booking_id)
        self.pay(booking)

    def gets_a_part_back(self) -> None:
        """An owner pays back more than came through the gateway: the rest is cash of a drawer."""
        booking = self.book("razorpay")
        self.pay(booking)
        self.stay(booking)
        kept = self.paying.read(booking).kept
        back = Money(kept - self.random.randint(0, 999), "INR")
        refunds.refund(
            self.paying.deps, self.paying.owner, booking.booking_id, back.text(), reason="noise"
        )
        by_hand = self.paying.read(booking).by_hand
        self.drawers[self.paying.owner.account_id] -= by_hand
        self.payments += 1 + (by_hand > 0)
        self.hear(booking)


CASES: Final[tuple[Callable[[Day], None], ...]] = (
    Day.pays_in_cash, Day.pays_in_cash, Day.pays_ahead, Day.pays_ahead, Day.fails_first,
    Day.cancels_in_time, Day.pays_twice, Day.is_heard_of_late, Day.stays_away,
    Day.gets_a_part_back,
)  # fmt: skip


def opened(day: Day, who: Actor, cash_float: str) -> Shift:
    return shifts.open_shift(day.paying.deps, who, "central", cash_float, source_ip="-")


def closed(day: Day, shift: Shift) -> Report:
    """The shift, closed with the cash that our own count expects."""
    cash = shift.cash_float + Money(day.drawers[shift.account_id], "INR")
    shifts.close(
        day.paying.deps, day.paying.owner, shift.shift_id, cash.text(), note="", source_ip="-"
    )
    return shifts.report(day.paying.deps, day.paying.owner, shift.shift_id)


@pytest.fixture
def day(world: World, clock: Clock) -> Day:
    return Day(world, clock)


def test_the_books_of_a_day_of_three_hundred_payments_close_to_the_paisa(day: Day) -> None:
    till = opened(day, day.paying.owner, "1000.00")
    morning = opened(day, day.paying.staff, "500.00")
    reports: list[Report] = []
    number = 0
    while day.payments < PAYMENTS:
        CASES[number % len(CASES)](day)
        number += 1
        if day.payments >= PAYMENTS // 2 and not reports:
            reports.append(closed(day, morning))
            day.at_the_gate = day.second
            evening = opened(day, day.second, "250.50")
    reports += [closed(day, evening), closed(day, till)]

    stored = [day.paying.deps.bookings.get(each) for each in day.made]
    entries = day.paying.ledger()
    assert day_books.faults_of_site("central", stored, entries, reports) == ()
    assert [report.difference for report in reports] == [Money.zero("INR")] * 3
    assert sum(report.cash_taken.minor for report in reports) == day.drawers.total()
    held = books.sums(entries)
    assert held.total() == 0
    assert held[ledger.CASH] == day.drawers.total()
    fees = dict.fromkeys(("razorpay", "phonepe"), 0)
    for payment in (each for booking in stored for each in booking.payments):
        fees[payment.gateway] += payment.fees
    assert held["razorpay"] + fees["razorpay"] == day.paying.gateway.balance
    assert held["phonepe"] + fees["phonepe"] == day.phonepe.balance
    assert held[ledger.GATEWAY_FEES] == sum(fees.values()) > 0
    assert held[ledger.RECEIVABLE] == held[ledger.PREPAID] == 0


def test_the_sweep_of_the_next_night_finds_nothing(day: Day) -> None:
    for case in CASES:
        case(day)
    day.clock.move(hours=24)
    sweeps.run(day.paying.deps, "books")
    site = day.paying.deps.catalogue.site("central")
    proved = day.paying.deps.day_books.last("central")

    assert proved is not None
    assert proved.on == (day.clock.now() - timedelta(hours=24)).astimezone(site.tz).date()
    assert proved.differences == 0
    assert proved.entries >= len(CASES)
