"""Housekeeping of a hotel, and its board and lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.front_desk.day_lists import DayList
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.front_desk import day_lists
from chalicelib.services.front_desk.day_lists import DayBookings
from chalicelib.services.housekeeping import housekeeping
from tests.model import hotel_calendar as calendar
from tests.model.departures import Departures
from tests.model.invariants import Stored
from tests.model.life import steps
from tests.model.reference import Known
from tests.model.room_bookings import ROOMS_EACH, SITE
from tests.model.room_reference import MADE_UP, OCCUPIED, OUT, READY, WAYS, Place, Room
from tests.model.waitlist import OFTEN

WHICH = st.integers(0, sum(ROOMS_EACH.values()) - 1)
SOON = timedelta(hours=36)
DAY_LISTS: tuple[DayList, ...] = ("arrivals", "departures", "in-house", "overstays")


class Housekeeping(Departures):
    """A life in which rooms are cleaned, inspected, and closed for a time."""

    @rule(which=WHICH, step=st.integers(0, len(WAYS) - 1), legal=OFTEN)
    def turn(self, which: int, step: int, legal: bool) -> None:
        """A step, mostly a legal one."""
        self._settled()
        (place,) = self._places([which])
        ways = WAYS[self.rooms.by_place[place].condition] if legal else ()
        among = sorted(ways or WAYS)
        self._turn(place, among[step % len(among)])

    @rule(which=WHICH, from_=st.integers(0, 1))
    def make_up(self, which: int, from_: int) -> None:
        """All the steps until a room is ready, or all but the inspection."""
        self._settled()
        (place,) = self._places([which])
        room = self.rooms.by_place[place]
        if room.condition == OUT:
            self._turn(place, MADE_UP[0])
        if room.condition in MADE_UP:
            for to in MADE_UP[MADE_UP.index(room.condition) + 1 : len(MADE_UP) - from_]:
                self._turn(place, to)

    def _turn(self, place: Place, to: str) -> None:
        room, now = self.rooms.by_place[place], self.clock.now()
        deps, staff, room_id = self.world.deps, self.world.staff, ".".join(place)
        refusal, turned = self._try(
            f"turn to {to}",
            lambda: housekeeping.step(deps, staff, SITE, room_id, Condition(to), note="seen to"),
        )
        if to in WAYS[room.condition]:
            room.becomes(to, now)
        elif to != room.condition or to == OCCUPIED:
            assert isinstance(refusal, errors.IllegalTransition), (refusal, room, to)
            return
        assert refusal is None, (refusal, room, to)
        assert turned is None or turned.condition == to, turned

    # -- the board and the lists -----------------------------------------------------------------

    @invariant()
    def the_board_shows_the_rooms(self) -> None:
        """After every step, to the second."""
        self._settled()
        board = housekeeping.board(self.world.deps, self.world.staff, SITE)
        shown = {(each.zone_id, each.number): each for each in board}
        assert shown.keys() == self.rooms.by_place.keys()
        for place, room in self.rooms.by_place.items():
            seen = shown[place]
            late = seen.overstay_since(self.clock.now())
            row = (seen.condition.value, seen.booking_id, seen.since, late)
            right = row == (room.condition, room.guest, room.since, self._late_since(room))
            assert right or self._is_unnoticed(room, seen.booking_id), (place, row, room)

    def _late_since(self, room: Room) -> datetime | None:
        guest = self.reference.bookings.get(room.guest or "")
        return guest.booked.end if guest and guest.overstays(self.clock.now()) else None

    def _is_unnoticed(self, room: Room, guest: str | None) -> bool:
        """Whether a stay has reached its limit and neither a sweep nor a reader has ended it
        yet."""
        if guest is None or room.guest is not None:
            return False
        ended = self.reference.bookings[guest].left == room.since
        return ended and self.world.deps.bookings.get(guest).status is Status.ACTIVE

    @rule(days=st.sampled_from([None, None, -1, 0, 0, 1]))
    def look_around(self, days: int | None) -> None:
        """The list of housekeeping, or the lists of the desk for a day."""
        if days is None:
            self._ask_what_to_clean()
        else:
            self._ask_at_the_desk(calendar.date_of(self.clock.now()) + days * calendar.A_DAY)

    def _ask_at_the_desk(self, on: date) -> None:
        """Arrivals, departures, in-house, overstays."""
        self._settled()
        steps["desk asked"] += 1
        for question in DAY_LISTS:
            found = day_lists.of_day(self.world.deps, self.world.staff, SITE, question, on)
            shown = [(b.zone_id, b.number, b.booked) for b in found.bookings]
            wanted = [k for k in self.reference.bookings.values() if self._answers(k, question, on)]
            assert shown == sorted(shown)
            named = {each.booking_id for each in found.bookings}
            due = {known.booking_id for known in wanted}
            wrong = [self.reference.bookings[each] for each in named ^ due]
            assert not wrong, (question, on, wrong)
            assert question != "arrivals" or self._names_who_is_late(found), (on, found)

    def _names_who_is_late(self, found: DayBookings) -> bool:
        """Whether each expected guest's row says who is still in the room."""
        now, live = self.clock.now(), self.reference.bookings.values()
        late = {(k.zone, k.number): k.booking_id for k in live if k.overstays(now)}
        seen = ((b, found.late_guest_of(b)) for b in found.bookings if b.status is Status.BOOKED)
        return all(
            (other and other.booking_id) == late.get((b.zone_id, b.number)) for b, other in seen
        )

    def _answers(self, known: Known, question: DayList, on: date) -> bool:
        """As the table of docs/rules/rooms.md has it."""
        now, booked = self.clock.now(), known.booked
        came = known.came or booked.start
        comes, leaves = calendar.date_of(min(came, booked.start)), calendar.date_of(booked.end)
        inside, today = known.status is Status.ACTIVE, on == calendar.date_of(now)
        late = today and not inside and comes < on
        answers: dict[DayList, bool] = {
            "arrivals": comes == on or late,
            "departures": leaves == on and not late,
            "in-house": inside if today else comes <= on < leaves,
            "overstays": inside and booked.end <= now and leaves <= on,
        }
        return known.is_live and answers[question]

    def _ask_what_to_clean(self) -> None:
        """Rooms to work on: the next arrival first, then the longest wait."""
        now = self._settled()
        for name in ("expire-bookings", "waitlist-expiry"):
            self._sweep(name)
        steps["chores asked"] += 1
        chores = housekeeping.list_chores(self.world.deps, self.world.staff, SITE)
        shown = [((each.room.zone_id, each.room.number), each.arrival) for each in chores]
        wanted = {
            place: arrival
            for place, room in self.rooms.by_place.items()
            for arrival in [self._next_arrival(place, now)]
            if room.condition not in (READY, OCCUPIED, OUT) or (room.condition == OUT and arrival)
        }
        assert dict(shown) == wanted, (shown, wanted)
        assert [self._urgency(*each) for each in shown] == sorted(
            self._urgency(*each) for each in shown
        )

    def _urgency(self, place: Place, arrival: datetime | None) -> tuple[bool, datetime, datetime]:
        since = self.rooms.by_place[place].since
        assert since is not None
        return arrival is None, arrival or since, since

    def _next_arrival(self, place: Place, now: datetime) -> datetime | None:
        return min((at for at in self._arrivals(place, now) if at < now + SOON), default=None)

    def _arrivals(self, place: Place, now: datetime) -> Iterable[datetime]:
        """The starts of the bookings and of the offers that hold the room."""
        for known in self.reference.bookings.values():
            booked = known.status is Status.BOOKED and now < known.booked.end
            if booked and (known.zone, known.number) == place:
                yield known.booked.start
        for interval in self.waitlist.held(place[0], now).get(place[1], ()):
            yield interval.start

    def _look_at_everything(self) -> Stored:
        stored = super()._look_at_everything()
        self._histories_agree()
        return stored

    def _histories_agree(self) -> None:
        """Every step of a room is in its history once, at its time, with its booking."""
        seen = self.world.deps.rooms
        for (zone, number), room in self.rooms.by_place.items():
            if self._is_unnoticed(room, seen.get(zone, number).booking_id):
                continue
            found = seen.history(zone, number, limit=1000)
            steps_ = [step for _, step in found.records]
            stored = [(s.at, s.was.value, s.to.value, s.booking_id) for s in steps_]
            assert sorted(stored, key=str) == sorted(room.history.elements(), key=str), number
