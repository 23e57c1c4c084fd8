"""What each operation costs in DynamoDB, warm: requests and capacity units, counted, not timed.

Every operation runs in a world of its own whose caches are filled, for that is how nearly every
request finds them. `python -m tests.figures.table` prints the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.operations.incident import IncidentKind
from chalicelib.domain.operations.shift import Shift
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.bookings import (
    book_group,
    bookings,
    cancel_group,
    confirmations,
    lists,
    reschedule,
    settle,
)
from chalicelib.services.bookings.lists import Filters
from chalicelib.services.delivery import outbox
from chalicelib.services.front_desk import assign_room as rooms
from chalicelib.services.front_desk import bulk, day_lists, search
from chalicelib.services.housekeeping import housekeeping
from chalicelib.services.mail import bounces
from chalicelib.services.operations import incidents, shifts
from chalicelib.services.operations.incidents import NewIncident
from chalicelib.services.stays import check_out
from chalicelib.store.outbox import OutboxItem
from local.metering import Meter, Reading
from local.units import TABLE
from tests import builders, ses
from tests.builders import cash
from tests.clock import NOON, Clock
from tests.desk import Desk
from tests.hall import Hall
from tests.hotel import Hotel
from tests.world import World

HOUR = timedelta(hours=1)
EARLY = timedelta(minutes=10)
MANY = 100
"""Stays or reminders that a sweep finds due at once."""

Step = Callable[[], object]


@dataclass(frozen=True)
class Ground:
    """A world with warm caches, its clock, and the meter that counts."""

    world: World
    clock: Clock
    meter: Meter

    def measure(self, step: Step) -> Reading:
        """What `step` costs."""
        self.meter.reset()
        step()
        return self.meter.snapshot()


@dataclass(frozen=True)
class Operation:
    """`arrange` prepares what is measured. `share` is among how many the cost is divided."""

    name: str
    arrange: Callable[[Ground], Step]
    share: int = 1


def _warm(ground: Ground) -> World:
    """Everything an instance keeps has been read once."""
    world = ground.world
    for actor in (world.user, world.other, world.staff):
        world.deps.accounts.known(actor.account_id)
    bookings.cancel(world.deps, world.user, world.book(zone="lot").booking_id)
    return world


def _book(ground: Ground) -> Step:
    world = _warm(ground)
    return lambda: world.book(zone="lot")


def _book_ahead(ground: Ground) -> Step:
    world = _warm(ground)
    return lambda: world.book(zone="lot", number="A-002", start=NOON + 3 * HOUR)


AOIFE = Guest("Aoife Byrne", email="aoife@example.com", phone="+353 1 555 0100")


def _book_over_midnight(ground: Ground) -> Step:
    world = _warm(ground)
    return lambda: world.book(zone="lot", start=NOON + 17 * HOUR, minutes=60)


def _hotel(ground: Ground) -> Hotel:
    hotel = Hotel(_warm(ground), ground.clock, rooms=10)
    bookings.cancel(hotel.deps, ground.world.user, hotel.book("2026-12-01", None).booking_id)
    return hotel


def _book_thirty_nights(ground: Ground) -> Step:
    hotel = _hotel(ground)
    return lambda: hotel.book("2026-12-10", "2027-01-09")


def _assign_a_room(ground: Ground) -> Step:
    hotel = _hotel(ground)
    booking = hotel.book("2026-12-10", "2026-12-12", number="A-001")
    return lambda: rooms.assign(hotel.deps, hotel.staff, booking.booking_id, "A-002")


def _list_arrivals(ground: Ground) -> Step:
    hotel = _hotel(ground)
    for _ in range(5):
        hotel.book("2026-12-10", "2026-12-12")
    tenth = date(2026, 12, 10)
    hotel.deps.catalogue.zones_of("hotel")
    return lambda: day_lists.of_day(hotel.deps, hotel.staff, "hotel", "arrivals", tenth)


def _book_for_a_guest(ground: Ground) -> Step:
    hotel = _hotel(ground)
    dates = "2026-12-10", "2026-12-12", hotel.staff
    return lambda: hotel.book(*dates, guests=(AOIFE,))


def _find_by_name(ground: Ground) -> Step:
    hotel = _hotel(ground)
    hotel.book("2027-02-10", None, hotel.staff, guests=(AOIFE,))
    hotel.deps.catalogue.zones_of("hotel")
    return lambda: search.search(hotel.deps, hotel.staff, "hotel", "byrne")


def _book_a_group(ground: Ground) -> Step:
    world = _warm(ground)
    order = Order("lot", start=NOON + HOUR, minutes=60, quantity=10)
    return lambda: book_group.book(world.deps, world.user, order)


def _book_a_year_of_weeks(ground: Ground) -> Step:
    world = _warm(ground)
    policy = replace(builders.VENUE, advance_window=400)
    world.add_zone("hall", policy, kind="venue", tariff=builders.FREE)
    world.deps.catalogue.zone("hall")
    world.deps.catalogue.site("central")
    world.deps.catalogue.numbers("hall")
    order = Order("hall", start=NOON + HOUR, minutes=60, repeat=Repeat("week", times=52))
    return lambda: book_group.book(world.deps, world.user, order)


def _cancel_a_group(ground: Ground) -> Step:
    world, made = ground.world, _book_a_group(ground)()
    assert isinstance(made, book_group.Group)
    first = made.bookings[0].booking_id
    return lambda: cancel_group.cancel(world.deps, world.user, first, "all", reason="rain")


def _get(ground: Ground) -> Step:
    booking = _warm(ground).book(zone="lot")
    return lambda: bookings.get(ground.world.deps, ground.world.user, booking.booking_id)


def _list(ground: Ground) -> Step:
    world = _warm(ground)
    for _ in range(25):
        world.book(zone="lot", start=NOON + HOUR)
    return lambda: lists.own(world.deps, world.user, Filters(), limit=25, after=None)


def _move(ground: Ground) -> Step:
    booking = _warm(ground).book(zone="lot", start=NOON + HOUR)
    later = reschedule.BookingEdit(start=NOON + 5 * HOUR)
    return lambda: reschedule.modify(
        ground.world.deps, ground.world.user, booking.booking_id, later
    )


def _cancel(ground: Ground) -> Step:
    booking = _warm(ground).book(zone="lot")
    return lambda: bookings.cancel(ground.world.deps, ground.world.user, booking.booking_id)


def _hall(ground: Ground) -> Booking:
    """A hall in two days; whatever waited in the outbox is gone."""
    world = _warm(ground)
    booking = world.book_hall()
    for item in _batches():
        item.delete()
    return booking


def _confirm(ground: Ground) -> Step:
    world, booking = ground.world, _hall(ground)
    return lambda: confirmations.confirm(world.deps, world.user, booking.booking_id)


def _reminder(ground: Ground) -> Step:
    world = ground.world
    _hall(ground)
    ground.clock.move(hours=24)
    return lambda: sweeps.run(world.deps, "reminders")


def _reminder_mail(ground: Ground) -> Step:
    _reminder(ground)()
    (batch,) = [item.sk for item in _batches()]
    return lambda: outbox.from_stream(ground.world.deps, batch)


def _bounce(ground: Ground) -> Step:
    booking = ground.world.read(_hall(ground))
    ground.clock.move(hours=24)
    sweeps.run(ground.world.deps, "reminders")
    word = ses.bounce(id_in("EF1", mail("reminder", booking.booking_id)))
    return lambda: bounces.receive(ground.world.deps, word)


def _reminders(ground: Ground) -> Step:
    world = _warm(ground)
    world.add_zone("halls", builders.VENUE, spaces=MANY, kind="venue", tariff=builders.FREE)
    for _ in range(MANY):
        world.book_hall()
    for item in _batches():
        item.delete()
    ground.clock.move(hours=24)
    return lambda: sweeps.run(world.deps, "reminders")


def _reminder_mails(ground: Ground) -> Step:
    _reminders(ground)()
    ground.clock.move(minutes=2)
    return lambda: sweeps.run(ground.world.deps, "outbox")


def _auto_cancel(ground: Ground) -> Step:
    _reminder_mail(ground)()
    ground.clock.move(hours=22)
    return lambda: sweeps.run(ground.world.deps, "auto-cancel")


def _line(ground: Ground) -> tuple[Hall, Booking, Entry]:
    """A hall that is booked, and two who wait for it; the second shall be measured."""
    hall = Hall(_warm(ground), ground.clock)
    for actor in (hall.third, hall.fourth):
        hall.deps.accounts.known(actor.account_id)
    booking = hall.book()
    return hall, booking, hall.join(hall.world.other)


def _join(ground: Ground) -> Step:
    hall, _, _ = _line(ground)
    return lambda: hall.join(hall.third)


def _cancel_for_others(ground: Ground) -> Step:
    hall, booking, _ = _line(ground)
    return lambda: hall.cancel(booking)


def _claim(ground: Ground) -> Step:
    hall, booking, entry = _line(ground)
    hall.cancel(booking)
    return lambda: hall.claim(entry, hall.world.other)


def _lapse(ground: Ground) -> Step:
    hall, booking, _ = _line(ground)
    hall.join(hall.third)
    hall.cancel(booking)
    ground.clock.move(minutes=15)
    return lambda: sweeps.run(hall.deps, "waitlist-expiry")


def _entry(ground: Ground) -> Step:
    booking = _warm(ground).book(zone="lot")
    return lambda: ground.world.enter(booking)


def _entry_on_time(ground: Ground) -> Step:
    booking = _warm(ground).book(zone="lot", start=NOON + HOUR)
    ground.clock.move(hours=1)
    return lambda: ground.world.enter(booking)


def _entry_early(ground: Ground) -> Step:
    booking = _warm(ground).book(zone="lot", start=NOON + EARLY)
    return lambda: ground.world.enter(booking)


def _entry_after_another_stay(ground: Ground) -> Step:
    """The bay was used and left on the same day."""
    _warm(ground)
    first = ground.world.enter(ground.world.book(zone="lot", number="A-001"))
    ground.clock.move(minutes=30)
    ground.world.leave(first)
    booking = ground.world.book(zone="lot", number="A-001")
    return lambda: ground.world.enter(booking)


def _stay(ground: Ground) -> Booking:
    stay = ground.world.enter(_warm(ground).book(zone="lot"))
    ground.clock.move(minutes=50)
    return stay


def _exit(ground: Ground) -> Step:
    stay = _stay(ground)
    return lambda: ground.world.leave(stay)


def _check_out(ground: Ground) -> Step:
    stay, world = _stay(ground), ground.world
    return lambda: check_out.check_out(world.deps, world.staff, stay.booking_id, tender=cash("50"))


def _ended_late(ground: Ground) -> Step:
    stay = _stay(ground)
    ground.clock.move(hours=30)
    return lambda: settle.read(ground.world.deps, stay.booking_id)


def _auto_checkout(ground: Ground) -> Step:
    world = _warm(ground)
    world.add_zone("wide", builders.METERED, spaces=MANY)
    for _ in range(MANY):
        world.enter(world.book(zone="wide"))
    ground.clock.move(hours=30)
    return lambda: sweeps.run(world.deps, "auto-checkout")


def _idle(ground: Ground) -> Step:
    _stay(ground)
    return lambda: sweeps.run(ground.world.deps, "auto-checkout")


def _mail(ground: Ground) -> Step:
    world = _warm(ground)
    for item in _batches():
        item.delete()
    world.book(zone="lot")
    (batch,) = [item.sk for item in _batches()]
    return lambda: outbox.from_stream(world.deps, batch)


def _batches() -> Iterator[OutboxItem]:
    return iter(OutboxItem.scan(OutboxItem.pk.startswith("waiting.")))


def _life(ground: Ground) -> Step:
    world = _warm(ground)

    def live() -> None:
        stay = world.enter(world.book(zone="lot"))
        ground.clock.move(minutes=50)
        world.leave(stay)

    return live


def _desk(ground: Ground, rooms: int = 3) -> Desk:
    """A hotel with everything read that an instance keeps."""
    hotel = Desk(ground.world, ground.clock, rooms=rooms)
    housekeeping.board(hotel.deps, hotel.desk, "hotel")
    hotel.deps.catalogue.zone("rooms")
    hotel.deps.catalogue.site("hotel")
    hotel.deps.accounts.known(hotel.desk.account_id)
    return hotel


def _check_in_to_a_room(ground: Ground) -> Step:
    hotel = _desk(ground)
    booking = hotel.book()
    return lambda: hotel.check_in(booking)


def _check_out_of_a_room(ground: Ground) -> Step:
    hotel = _desk(ground)
    stay = hotel.stay()
    return lambda: hotel.check_out(stay)


def _many_rooms(hotel: Desk) -> list[str]:
    return [f"rooms.{number}" for number in hotel.deps.catalogue.numbers("rooms")]


def _check_in_to_many_rooms(ground: Ground) -> Step:
    hotel = _desk(ground, rooms=MANY)
    for number in hotel.deps.catalogue.numbers("rooms"):
        hotel.book(number)
    rooms = _many_rooms(hotel)
    return lambda: bulk.check_in(hotel.deps, hotel.desk, "hotel", rooms, out_of_time=lambda: False)


def _check_out_of_many_rooms(ground: Ground) -> Step:
    hotel = _desk(ground, rooms=MANY)
    for number in hotel.deps.catalogue.numbers("rooms"):
        hotel.stay(number)
    rooms = _many_rooms(hotel)
    return lambda: bulk.check_out(hotel.deps, hotel.desk, "hotel", rooms, out_of_time=lambda: False)


def _clean(ground: Ground) -> Step:
    hotel = _desk(ground)
    hotel.check_out(hotel.stay())
    return lambda: hotel.turn(Condition.CLEANING_IN_PROGRESS)


def _board(ground: Ground) -> Step:
    hotel = _desk(ground, rooms=500)
    for number in hotel.deps.catalogue.numbers("rooms"):
        hotel.turn(Condition.OUT_OF_SERVICE, number=number, note="closed for the winter")
    return lambda: housekeeping.board(hotel.deps, hotel.desk, "hotel")


def _shift(ground: Ground) -> Shift:
    """A shift in which somebody has paid."""
    world = _warm(ground)
    world.deps.catalogue.site("central")
    shift = shifts.open_shift(world.deps, world.staff, "central", "500", source_ip="-")
    _exit(ground)()
    return shift


def _open_a_shift(ground: Ground) -> Step:
    shift, world = _shift(ground), ground.world
    _close(world, shift)
    return lambda: shifts.open_shift(world.deps, world.staff, "central", "500", source_ip="-")


def _close(world: World, shift: Shift) -> Shift:
    return shifts.close(world.deps, world.staff, shift.shift_id, "550", note="Keys.", source_ip="-")


def _close_a_shift(ground: Ground) -> Step:
    shift = _shift(ground)
    return lambda: _close(ground.world, shift)


def _shift_report(ground: Ground) -> Step:
    shift = _shift(ground)
    _close(ground.world, shift)
    return lambda: shifts.report(ground.world.deps, ground.world.staff, shift.shift_id)


def _list_shifts(ground: Ground) -> Step:
    _close(ground.world, _shift(ground))
    world = ground.world
    return lambda: shifts.list_of(world.deps, world.staff, "central", limit=20, after=None)


def _report_an_incident(ground: Ground) -> Step:
    booking, world = _stay(ground), ground.world
    new = NewIncident(IncidentKind.DAMAGE, "The barrier is bent.", booking_id=booking.booking_id)
    return lambda: incidents.report(world.deps, world.staff, new)


OPERATIONS = (
    Operation("book a space now", _book),
    Operation("book a named space ahead", _book_ahead),
    Operation("book over midnight (UTC)", _book_over_midnight),
    Operation("book 10 spaces together", _book_a_group),
    Operation("book a space on 52 dates", _book_a_year_of_weeks),
    Operation("cancel 10 bookings together", _cancel_a_group),
    Operation("book a room for 30 nights", _book_thirty_nights),
    Operation("book a room for a guest by name, phone and mail", _book_for_a_guest),
    Operation("find a guest by name", _find_by_name),
    Operation("assign a room", _assign_a_room),
    Operation("who arrives on a day", _list_arrivals),
    Operation("look at a booking", _get),
    Operation("list 25 bookings", _list),
    Operation("move a booking", _move),
    Operation("cancel", _cancel),
    Operation("confirm", _confirm),
    Operation("reminder falls due, by sweep", _reminder),
    Operation("deliver a reminder", _reminder_mail),
    Operation("a reminder bounces", _bounce),
    Operation(f"reminders, each of {MANY} due", _reminders, share=MANY),
    Operation(f"their mails by sweep, each of {MANY}", _reminder_mails, share=MANY),
    Operation("auto-cancel, by sweep", _auto_cancel),
    Operation("join a waitlist", _join),
    Operation("cancel a booking that an entry waits for", _cancel_for_others),
    Operation("claim an offer", _claim),
    Operation("an offer lapses and is passed on, by sweep", _lapse),
    Operation("entry scan", _entry),
    Operation("entry scan, booked ahead, on time", _entry_on_time),
    Operation("entry scan, 10 minutes early", _entry_early),
    Operation("entry scan, after another stay", _entry_after_another_stay),
    Operation("exit scan, cash", _exit),
    Operation("check-out by staff, cash", _check_out),
    Operation("look at a stay that time has ended", _ended_late),
    Operation(f"auto-checkout, each of {MANY} due", _auto_checkout, share=MANY),
    Operation("check in to a room", _check_in_to_a_room),
    Operation("check out of a room", _check_out_of_a_room),
    Operation(f"check in to {MANY} rooms, each", _check_in_to_many_rooms, share=MANY),
    Operation(f"check out of {MANY} rooms, each", _check_out_of_many_rooms, share=MANY),
    Operation("a step of housekeeping", _clean),
    Operation("board of 500 rooms", _board),
    Operation("open a shift", _open_a_shift),
    Operation("close a shift", _close_a_shift),
    Operation("report of a shift of one day (UTC)", _shift_report),
    Operation("shifts of a site", _list_shifts),
    Operation("report an incident about a booking", _report_an_incident),
    Operation("sweep with nothing due, a shard", _idle),
    Operation("deliver a mail", _mail),
    Operation("a whole life: book, entry, exit", _life),
)


def units(reading: Reading, *, mail: bool = True) -> tuple[float, float]:
    """Write units in tables and in indexes; without what waits in the outbox, if so wished."""
    in_tables = in_indexes = 0.0
    for name, table in reading.tables.items():
        if mail or not name.endswith("outbox"):
            in_tables += table.writes.get(TABLE, 0.0)
            in_indexes += sum(n for part, n in table.writes.items() if part != TABLE)
    return in_tables, in_indexes


def ground(world: World, clock: Clock, meter: Meter) -> Ground:
    """The car park in which everything is measured: metered, 30 bays."""
    world.add_zone("lot", builders.METERED, spaces=30)
    return Ground(world, clock, meter)
