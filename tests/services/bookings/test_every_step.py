"""Every step that the code can take is taken here, and one that changes the time, the space, the
length or the end of a booking has a mail.

The steps are read from the code: a new word of a timeline fails the first test until a scene takes
it, and the second one if it then mails nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.details import DetailsEdit
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.payments.gateway import RefundState
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.services.bookings import bookings, confirmations, qr_pass, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import assign_room, swap_rooms
from chalicelib.services.payments import deposits
from chalicelib.services.stays import check_out, online_exits
from tests import batches, builders, scenarios
from tests.clock import NOON, Clock
from tests.hotel import Hotel
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import PLANS, SeasonCarPark
from tests.services.bookings import timeline_words
from tests.world import World

HOUR: Final = timedelta(hours=1)

Take = Callable[[], object]
Scene = Callable[[World, Clock], tuple[Booking, Take]]
"""Arranges a booking, and returns it with the step to take."""


def _ahead(world: World) -> Booking:
    return world.book(number="A-001", start=NOON + 2 * HOUR)


def _edit(world: World, booking: Booking, **changes: Any) -> None:
    reschedule.modify(world.deps, world.staff, booking.booking_id, BookingEdit(**changes))


def _settle(world: World, booking: Booking) -> None:
    bookings.get(world.deps, world.admin, booking.booking_id)


def _moved(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = _ahead(world)
    return booking, lambda: _edit(world, booking, start=NOON + 5 * HOUR)


def _modified(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = _ahead(world)
    return booking, lambda: _edit(world, booking, details=DetailsEdit(purpose="Choir"))


def _room_assigned(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = _ahead(world)
    return booking, lambda: assign_room.assign(world.deps, world.staff, booking.booking_id, "A-003")


def _room_swapped(world: World, clock: Clock) -> tuple[Booking, Take]:
    hotel = Hotel(world, clock)
    first, second = (hotel.book_room(number, start=NOON + 30 * HOUR) for number in ("101", "102"))
    return first, lambda: swap_rooms.swap(
        world.deps, hotel.staff, first.booking_id, second.booking_id, number="102", slug="hotel"
    )


def _relocated(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = scenarios.a_bay_that_is_still_in_use(world, clock)
    return booking, lambda: world.enter(booking)


def _checked_in(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = world.book()
    return booking, lambda: world.enter(booking)


def _checked_out(world: World, clock: Clock) -> tuple[Booking, Take]:
    stay = scenarios.a_stay(world, clock, minutes=30)
    return stay, lambda: world.leave(stay)


def _unpaid(world: World, clock: Clock) -> Booking:
    stay = scenarios.a_stay(world, clock, minutes=30)
    return check_out.check_out(world.deps, world.staff, stay.booking_id, tender=None).booking


def _paid(world: World, clock: Clock) -> tuple[Booking, Take]:
    stay = _unpaid(world, clock)
    return (
        stay,
        lambda: (
            check_out.check_out(
                world.deps, world.staff, stay.booking_id, tender=builders.cash("500")
            ).booking
        ),
    )


def _waived(world: World, clock: Clock) -> tuple[Booking, Take]:
    stay = _unpaid(world, clock)
    return stay, lambda: bookings.waive(
        world.deps, world.owner, stay.booking_id, reason="a complaint"
    )


def _cancelled(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = _ahead(world)
    return booking, lambda: bookings.cancel(world.deps, world.user, booking.booking_id)


def _expired(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = _ahead(world)
    clock.move(hours=9)
    return booking, lambda: _settle(world, booking)


def _terminated(world: World, clock: Clock) -> tuple[Booking, Take]:
    stay = scenarios.a_stay(world, clock)
    return stay, lambda: bookings.terminate(
        world.deps, world.admin, stay.booking_id, reason="A pipe has burst."
    )


def _lapsed(world: World, clock: Clock) -> tuple[Booking, Take]:
    """A hold, which no customer has been promised."""
    held = replace(
        builders.a_booking(number="A-002", user_id=world.user.account_id,
                           booking_id=f"BK{world.user.locator}1NG1QR00005"),
        status=Status.PENDING,
        deadline=Deadline(DeadlineKind.HOLD_LAPSE, NOON + HOUR),
    )  # fmt: skip
    world.deps.commit(saving(held).with_sheets(occupancy.take(held.holding, sheets=())))
    clock.move(hours=2)
    return held, lambda: _settle(world, held)


def _reminded(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = scenarios.an_unconfirmed_booking(world, clock)
    return booking, lambda: sweeps.run(world.deps, "reminders")


def _reminder_failed(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = scenarios.a_reminded_booking(world, clock)
    return booking, lambda: confirmations.reminder_failed(world.deps, booking.booking_id, "refused")


def _not_reminded(world: World, clock: Clock) -> tuple[Booking, Take]:
    """The zone asks for no confirmation any more."""
    booking = scenarios.an_unconfirmed_booking(world, clock)
    _ask_no_more(world)
    return booking, lambda: sweeps.run(world.deps, "reminders")


def _kept(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = scenarios.a_reminded_booking(world, clock)
    _ask_no_more(world)
    clock.move(hours=23)
    return booking, lambda: sweeps.run(world.deps, "auto-cancel")


def _ask_no_more(world: World) -> None:
    policy = replace(builders.VENUE, confirmation=False)
    world.change_zone(world.deps.catalogue.zone("halls"), policy=policy)


def _auto_cancelled(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = scenarios.a_reminded_booking(world, clock)
    clock.move(hours=23)
    return booking, lambda: sweeps.run(world.deps, "auto-cancel")


def _confirmed(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = scenarios.a_reminded_booking(world, clock)
    return booking, lambda: confirmations.confirm(world.deps, world.user, booking.booking_id)


def _pass_replaced(world: World, clock: Clock) -> tuple[Booking, Take]:
    booking = _ahead(world)
    return booking, lambda: qr_pass.make_anew(world.deps, world.staff, booking.booking_id)


def _overstayed(world: World, clock: Clock) -> tuple[Booking, Take]:
    hotel = Hotel(world, clock)
    stay = hotel.stay()
    clock.move(days=2)
    return stay, lambda: bookings.get(world.deps, hotel.staff, stay.booking_id)


def _renewed(world: World, clock: Clock) -> tuple[Booking, Take]:
    stay = scenarios.a_stay(world, clock, minutes=40, auto_renew=True)
    return stay, lambda: _settle(world, stay)


def _not_renewed(world: World, clock: Clock) -> tuple[Booking, Take]:
    stay = scenarios.a_stay(world, clock, minutes=40, auto_renew=True, number="A-001")
    world.book(world.other, number="A-001", start=stay.booked.end)
    return stay, lambda: _settle(world, stay)


def _rearranged(world: World, clock: Clock) -> tuple[Booking, Take]:
    """Its space is provisional, and nobody has promised it."""
    start, end = NOON + 2 * HOUR, NOON + 3 * HOUR
    booking = world.book_by_lot("A-001", "zone-a", start=start, end=end)
    return booking, lambda: world.book(number="A-001", start=start, end=end)


def _fee_paid(world: World, clock: Clock) -> tuple[Booking, Take]:
    gateway = MemoryGateway(clock.now)
    paying = PayingCarPark.of(world, gateway)
    booking = paying.book_online()
    gateway.attempt("order_1")
    return booking, lambda: paying.hear(booking)


def _covered(world: World, clock: Clock) -> tuple[Booking, Take]:
    """Its vehicle has a season pass."""
    park = SeasonCarPark.of(world, MemoryGateway(clock.now))
    park.change_site(season_plans=PLANS)
    park.buy_pass()
    booking = park.book()
    return booking, lambda: park.enter(booking)


def _refund(world: World, clock: Clock, state: RefundState) -> tuple[Booking, Take]:
    """A fee goes back after a cancellation, and the gateway decides on it later."""
    gateway = MemoryGateway(clock.now, refunds_are="pending")
    paying = PayingCarPark.of(world, gateway)
    booking = paying.book_and_pay()
    bookings.cancel(paying.deps, paying.user, booking.booking_id)
    booking = paying.hear(booking)
    gateway.decide_refunds(state)
    return booking, lambda: paying.hear(booking)


def _refunded(world: World, clock: Clock) -> tuple[Booking, Take]:
    return _refund(world, clock, "processed")


def _refund_failed(world: World, clock: Clock) -> tuple[Booking, Take]:
    return _refund(world, clock, "failed")


def _deposit_asked(world: World, clock: Clock) -> PayingCarPark:
    """The car park asks for a deposit."""
    paying = PayingCarPark.of(world, MemoryGateway(clock.now))
    paying.change_zone(paying.zone_a, tariff=replace(builders.HOURLY, deposit=10_000))
    return paying


def _deposit_taken(world: World, clock: Clock) -> tuple[Booking, Take]:
    paying = _deposit_asked(world, clock)
    booking = paying.book()
    cash = TenderRequest(PaymentMethod.CASH)
    return booking, lambda: deposits.take(paying.deps, paying.staff, booking.booking_id, cash)


def _deposit_settled(world: World, clock: Clock, keep: str | None) -> tuple[Booking, Take]:
    """The stay has ended, and nothing is left to pay."""
    paying = _deposit_asked(world, clock)
    stay = paying.enter(paying.book_and_pay())
    clock.move(minutes=30)
    paying.leave(stay)
    reason = "broken gate" if keep else None
    return stay, lambda: deposits.settle(
        paying.deps, paying.staff, stay.booking_id, keep=keep, reason=reason
    )


def _deposit_returned(world: World, clock: Clock) -> tuple[Booking, Take]:
    return _deposit_settled(world, clock, None)


def _deposit_kept(world: World, clock: Clock) -> tuple[Booking, Take]:
    return _deposit_settled(world, clock, "100.00")


def _at_exit(world: World, clock: Clock) -> tuple[PayingCarPark, Booking, Take]:
    """A stay of 66 minutes, and the scan at the exit, to be paid online."""
    paying = PayingCarPark.of(world, MemoryGateway(clock.now))
    stay = paying.enter(paying.book())
    clock.move(minutes=66)
    code, online = paying.deps.tokens.qr(stay), TenderRequest(PaymentMethod.ONLINE)
    return (
        paying,
        stay,
        lambda: online_exits.scan_exit(paying.deps, paying.staff, code, tender=online),
    )


def _payment_asked(world: World, clock: Clock) -> tuple[Booking, Take]:
    _, stay, scan = _at_exit(world, clock)
    return stay, scan


def _exit_scanned(world: World, clock: Clock) -> tuple[Booking, Take]:
    paying, stay, scan = _at_exit(world, clock)
    scan()
    paying.pay(stay)
    return stay, scan


def _part_paid(world: World, clock: Clock) -> tuple[Booking, Take]:
    """The order of an older, smaller bill is paid."""
    paying, stay, scan = _at_exit(world, clock)
    scan()
    clock.move(minutes=60)
    scan()
    paying.gateway.attempt("order_1")
    return stay, lambda: paying.hear(stay)


def _let_out(world: World, clock: Clock) -> tuple[Booking, Take]:
    paying, stay, _ = _at_exit(world, clock)
    code = paying.deps.tokens.qr(stay)
    return stay, lambda: online_exits.let_out(paying.deps, paying.staff, code, reason="no network")


SCENES: Final[dict[str, Scene]] = {
    "moved": _moved,
    "modified": _modified,
    "room_assigned": _room_assigned,
    "room_swapped": _room_swapped,
    "rearranged": _rearranged,
    "relocated": _relocated,
    "checked_in": _checked_in,
    "covered": _covered,
    "checked_out": _checked_out,
    "paid": _paid,
    "fee_paid": _fee_paid,
    "refunded": _refunded,
    "refund_failed": _refund_failed,
    "deposit_taken": _deposit_taken,
    "deposit_returned": _deposit_returned,
    "deposit_kept": _deposit_kept,
    "payment_asked": _payment_asked,
    "exit_scanned": _exit_scanned,
    "part_paid": _part_paid,
    "let_out": _let_out,
    "waived": _waived,
    "cancelled": _cancelled,
    "expired": _expired,
    "terminated": _terminated,
    "lapsed": _lapsed,
    "reminded": _reminded,
    "reminder_failed": _reminder_failed,
    "not_reminded": _not_reminded,
    "kept": _kept,
    "auto_cancelled": _auto_cancelled,
    "confirmed": _confirmed,
    "pass_replaced": _pass_replaced,
    "overstayed": _overstayed,
    "renewed": _renewed,
    "not_renewed": _not_renewed,
}

NOT_A_CHANGE: Final = {"created": "a new booking: it has no earlier promise"}


def test_every_step_in_the_code_has_a_scene() -> None:
    assert timeline_words.every() == SCENES.keys() | NOT_A_CHANGE.keys()


@pytest.mark.parametrize("word", SCENES)
def test_a_step_that_changes_what_a_guest_counts_on_has_a_mail(
    world: World, clock: Clock, word: str
) -> None:
    booking, take = SCENES[word](world, clock)
    before = world.read(booking)
    batches.clear()
    take()
    after = world.read(booking)
    assert word in [entry.what for entry in after.timeline[len(before.timeline) :]]
    mails = [
        effect["name"]
        for item in batches.stored()
        for effect in item.effects
        if effect["kind"] == "mail" and effect["subject_id"].startswith(booking.booking_id)
    ]
    assert bool(mails) or not _changes(before, after)


def _changes(before: Booking, after: Booking) -> bool:
    """Whether the time, the space, the length or the end has changed, of a promise that a guest
    has: none of a hold, and no space while it is provisional."""
    if before.status is Status.PENDING:
        return False
    ended = before.is_live != after.is_live or before.actual_end != after.actual_end
    moved = before.number != after.number and not after.is_space_provisional
    return ended or moved or before.booked != after.booked


def test_the_scenes_change_what_a_guest_counts_on_in_every_way(world: World, clock: Clock) -> None:
    """Otherwise the test above could not fail."""
    booking, take = _moved(world, clock)
    before = world.read(booking)
    take()
    assert _changes(before, world.read(booking))
