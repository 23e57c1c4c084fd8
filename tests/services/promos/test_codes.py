"""Bookings with a promo code: counted with the booking, given back when it is cancelled before its
stay (docs/rules/promos.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.promos.promo import Promo, UseLimits
from chalicelib.services.bookings import book_group, bookings, quotes, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.promos import codes, promos
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def add(world: World, code: str = "SUMMER20", **fields: Any) -> Promo:
    ordinary: dict[str, Any] = {
        "site": "central", "uid": f"PR{code}", "created_at": NOON, "percent": 20,
    }  # fmt: skip
    promo = Promo(code=code, **ordinary | fields)
    world.deps.commit(saving(promo))
    return promo


def book(world: World, actor: Actor | None = None, **wishes: Any) -> Booking:
    ordinary: dict[str, Any] = {"start": NOON + DAY, "minutes": 120, "promo_code": "summer20"}
    return world.book(actor, **ordinary | wishes)


def cancel(world: World, booking: Booking) -> None:
    bookings.cancel(world.deps, world.user, booking.booking_id)


def used(world: World, promo: Promo) -> int:
    return promos.with_uses(world.deps, promo).used


def test_a_booking_with_a_code_costs_less_to_its_end(world: World, clock: Clock) -> None:
    promo = add(world)
    stay = world.enter(book(world, start=NOON))
    world.deps.commit(Change().deleting(promo))
    edit = BookingEdit(minutes=180)
    reschedule.modify(world.deps, world.user, stay.booking_id, edit)
    clock.move(hours=3)
    over = world.leave(stay)
    assert [(x.text, x.amount.text()) for x in over.bill.lines] == [
        ("3 hours", "150.00"),
        ("Promo code SUMMER20", "-30.00"),
    ]
    assert world.read(stay).bill == over.bill
    invariants.check(clock.now())


def test_a_use_is_counted_once_and_given_back_by_a_cancellation(world: World, clock: Clock) -> None:
    promo = add(world, limits=UseLimits(total=1))
    booking = book(world)
    assert used(world, promo) == 1
    with pytest.raises(errors.PromoUsedUp) as refused:
        book(world, world.other)
    assert list(refused.value.fields) == ["promo_code"]
    cancel(world, booking)
    with pytest.raises(errors.AlreadyEnded):
        cancel(world, booking)
    assert used(world, promo) == 0
    assert book(world, world.other).is_live
    invariants.check(clock.now())


@pytest.mark.parametrize(
    ("limits", "moves", "again"),
    [
        ({"per_person": 1}, {}, False),
        ({"per_person": 2}, {}, True),
        ({"per_site": 1}, {"days": 400}, False),
        ({"per_day": 1}, {"hours": 2}, False),
        ({"per_day": 1}, {"days": 1}, True),
        ({"per_week": 1}, {"days": 1}, False),  # NOON is a Saturday
        ({"per_week": 1}, {"days": 2}, True),
        ({"per_month": 1}, {"days": 2}, False),
        ({"per_month": 1}, {"days": 10}, True),
    ],
)
def test_a_limit_counts_what_it_says(
    world: World, clock: Clock, limits: dict[str, int], moves: dict[str, float], again: bool
) -> None:
    add(world, limits=UseLimits(**limits))
    book(world, number="A-001", start=NOON + HOUR)
    clock.move(**moves)
    later: dict[str, Any] = {"number": "A-002", "start": clock.now() + HOUR}
    if again:
        assert book(world, **later).is_live
    else:
        with pytest.raises(errors.PromoUsedUp):
            book(world, **later)
    invariants.check(clock.now())


def test_another_person_may_use_what_one_has_used_up(world: World) -> None:
    add(world, limits=UseLimits(per_person=1))
    book(world)
    assert book(world, world.other).is_live


def test_a_use_goes_back_to_the_day_on_which_it_was_counted(world: World, clock: Clock) -> None:
    add(world, limits=UseLimits(per_day=1))
    first = book(world, start=NOON + 3 * DAY)
    clock.move(days=1)
    book(world, start=NOON + 3 * DAY)
    cancel(world, first)
    with pytest.raises(errors.PromoUsedUp):
        book(world, start=NOON + 3 * DAY)
    invariants.check(clock.now())


def test_a_no_show_has_used_its_code(world: World, clock: Clock) -> None:
    promo = add(world)
    book(world, start=NOON, minutes=60)
    clock.move(minutes=61)
    sweeps.run(world.deps, "expire-bookings")
    assert used(world, promo) == 1
    invariants.check(clock.now())


def test_a_code_for_everything_leaves_nothing_to_pay(world: World, clock: Clock) -> None:
    add(world, percent=100)
    stay = world.enter(book(world, start=NOON))
    clock.move(hours=1)
    over = world.leave(stay)
    assert (over.bill.charged.minor, over.bill.amount_due.minor) == (0, 0)


def test_a_wrong_code_another_sites_and_one_switched_off_are_alike(world: World) -> None:
    world.add_site("north")
    add(world, "NORTH10", site="north")
    add(world, "CLOSED10", active=False)
    texts = set()
    for code in ("WRONG10", "NORTH10", "CLOSED10", "no code at all"):
        with pytest.raises(errors.PromoNotFound) as refused:
            book(world, promo_code=code)
        texts.add((refused.value.wording, *refused.value.fields.items()))
    assert len(texts) == 1


def test_a_sites_own_code_comes_before_one_of_all_sites(world: World) -> None:
    add(world, site=None, percent=50, uid="PRALL")
    assert terms_of(book(world)) == 50
    add(world)
    assert terms_of(book(world)) == 20


def terms_of(booking: Booking) -> int:
    promo = booking.tariff.agreed.promo
    assert promo is not None
    return promo.percent


def test_after_ten_wrong_codes_even_the_right_one_is_refused_for_a_while(
    world: World, clock: Clock
) -> None:
    add(world)
    most = codes.MOST_WRONG * world.deps.settings.limits_factor
    order = Order("zone-a", start=NOON + DAY, minutes=60, promo_code="GUESS-1")
    for _ in range(most):
        with pytest.raises(errors.PromoNotFound):
            quotes.quote(world.deps, world.user, order)
    with pytest.raises(errors.TooMany) as refused:
        book(world)
    assert 0 < (refused.value.retry_after or 0) <= codes.WINDOW
    assert book(world, world.other).is_live
    assert book(world, promo_code=None).is_live
    clock.move(seconds=refused.value.retry_after or 0)
    assert book(world, number="A-003", start=NOON + 2 * DAY).is_live


def test_groups_series_and_offers_take_no_code(world: World, clock: Clock) -> None:
    promo = add(world)
    start = NOON + DAY
    for more in ({"quantity": 2}, {"repeat": Repeat("day", times=2)}):
        order = Order("zone-a", start=start, minutes=60, promo_code="SUMMER20", **more)
        with pytest.raises(errors.Invalid) as refused:
            book_group.book(world.deps, world.user, order)
        assert list(refused.value.fields) == ["promo_code"]
    world.add_zone("one", replace(builders.METERED, waitlist=True), spaces=1)
    taken = world.book(zone="one", start=start, minutes=60)
    wish = WaitlistRequest("one", start=start, minutes=60)
    entries.join(world.deps, world.other, wish)
    cancel(world, taken)
    with pytest.raises(errors.PromoNotValid):
        book(world, world.other, zone="one", start=start, minutes=60)
    assert used(world, promo) == 0
    invariants.check(clock.now())


def test_staff_use_a_code_for_a_guest(world: World, clock: Clock) -> None:
    promo = add(world)
    details = BookingDetails(guests=(Guest("Ravi Kumar", None, None),))
    order = Order(
        "zone-a", start=NOON + DAY, minutes=60, promo_code="SUMMER20", details=details
    )  # fmt: skip
    assert bookings.book(world.deps, world.staff, order).user_id is None
    assert used(world, promo) == 1
    world.deps.commit(saving(promo.edited({"limits": UseLimits(per_person=1)})))
    with pytest.raises(errors.PromoNotValid):
        bookings.book(world.deps, world.staff, order)
    invariants.check(clock.now())


def test_a_code_is_for_bookings_made_on_its_dates_of_the_site(world: World, clock: Clock) -> None:
    """At 18:30 in UTC the next day begins in Kolkata."""
    add(world, last=date(2026, 11, 21))
    clock.set(NOON.replace(hour=18, minute=29, second=59))
    assert book(world, start=NOON + 5 * DAY).is_live
    clock.move(seconds=1)
    with pytest.raises(errors.PromoNotValid):
        book(world, start=NOON + 5 * DAY)


def test_a_quote_with_a_code_is_the_price_of_the_booking_and_uses_nothing(world: World) -> None:
    promo = add(world)
    order = Order("zone-a", start=NOON + DAY, minutes=120, promo_code="Summer20")
    quoted = quotes.quote(world.deps, world.user, order)
    assert (quoted.bill.charged.text(), used(world, promo)) == ("80.00", 0)
    booked = bookings.book(world.deps, world.user, replace(order, max_total="80.00"))
    assert booked.tariff == quoted.tariff
    with pytest.raises(errors.PriceChanged):
        bookings.book(world.deps, world.user, replace(order, max_total="79.99"))


def test_a_booking_without_a_code_costs_as_before_and_one_with_a_code_a_read_more(
    world: World, meter: Meter
) -> None:
    add(world, limits=UseLimits(total=9, per_person=9))
    book(world, promo_code=None)
    meter.reset()
    book(world, promo_code=None, number="A-002")
    plain = meter.snapshot()
    meter.reset()
    made = book(world, number="A-003")
    with_code = meter.snapshot()
    assert dict(plain.requests) == {"Query": 1, "TransactWriteItems": 1}
    assert dict(with_code.requests) == {
        "Query": 1, "BatchGetItem": 1, "TransactWriteItems": 1,
    }  # fmt: skip
    assert len(made.redeemed) == 2
    assert with_code.write_units - plain.write_units == 4  # two items in a transaction


def test_a_booking_that_was_read_back_knows_its_code(world: World) -> None:
    add(world)
    made = book(world)
    assert world.read(made).tariff == made.tariff
    assert world.read(made).redeemed == made.redeemed != ()
    assert made.status is Status.BOOKED
