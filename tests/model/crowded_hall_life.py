"""Halls that more customers want than there are: the waitlist, blackouts, new spaces, groups."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.bookings import book_group
from chalicelib.services.sites import blackouts, spaces
from chalicelib.services.sites.blackouts import ClosureRequest
from tests.model.customers import AHEAD, LENGTH, SOMEONE, ZONE, Asked
from tests.model.hall_life import ADDRESS, HallLife
from tests.model.life import PICK
from tests.model.reference import MINUTE, Known
from tests.model.waitlist import BY, LONG, WHO, Waitlist

MOST_SPACES = 3

THEN = ("claims", "claims late", "declines", "gets no mail", "lets it lapse")


class CrowdedHallLife(Waitlist, HallLife):
    """A life in which more customers want halls than there are."""

    renew = override = forget = drive_in = terminate = None  # type: ignore[assignment]
    leads = (60, 120, 660, 1440, 1500, 2100, 2900, 4000)
    lengths = (60, 60, 60, 120, 1500)
    shifts = (-120, -60, -30, 30, 60, 1500)
    passing = (1, 5, 14, 15, 16, 30, 60, 600)
    sweeping = (
        None,
        None,
        "waitlist-expiry",
        "reminders",
        "auto-cancel",
        "auto-checkout",
        "expire-bookings",
    )

    def __init__(self) -> None:
        self.closures: list[str] = []
        super().__init__()

    def _pick(self, pick: int) -> Known:
        """Mostly a booking of a time that others wait for."""
        wanted = self._wanted()
        return wanted[-1 - pick % len(wanted)] if wanted and pick % 4 else super()._pick(pick)

    def _wanted(self) -> list[Known]:
        live = self._live()
        return [
            known
            for known in self.reference.bookings.values()
            if known.is_live and any(self._is_wanted(known, entry) for entry in live)
        ]

    def _is_wanted(self, known: Known, entry: Entry) -> bool:
        return (
            entry.zone_id == known.zone
            and entry.wish.number in (None, known.number)
            and entry.interval.overlaps(known.booked)
        )

    @rule(other=SOMEONE, zone=ZONE, ahead=AHEAD, minutes=LENGTH, who=WHO, by=BY, long=LONG)
    def rush(
        self, other: bool, zone: str, ahead: int, minutes: int, who: int, by: int, long: int
    ) -> None:
        """A customer books all spaces, and others join the waitlist a moment later."""
        self.book_all(other=other, zone=zone, ahead=ahead, minutes=minutes)
        if self.owner:
            for nth in range(2):
                self.clock.move(seconds=nth)
                self.join(
                    pick=nth, who=(who + nth) % 6, by=by * nth, minutes=long, named=bool(nth),
                    priority=0, key=False,
                )  # fmt: skip

    @rule(
        pick=PICK,
        zone=ZONE,
        ahead=AHEAD,
        then=st.sampled_from(THEN),
        again=st.booleans(),
    )
    def give_way(self, pick: int, zone: str, ahead: int, then: str, again: bool) -> None:
        """A customer cancels what others wait for, and the one who is offered it decides; the next
        one decides otherwise."""
        if not any(known.status is Status.BOOKED for known in self._wanted()):
            self.rush(
                other=bool(pick % 2), zone=zone, ahead=ahead, minutes=60, who=pick, by=0, long=60
            )
        if self.owner:
            self.cancel(pick=4 * (pick // 4) + 1, stranger=False)
        for nth in range(1 + again):
            if any(entry.lapses_at for entry in self._live()):
                self._made_up(THEN[(THEN.index(then) + nth) % len(THEN)], pick)

    def _made_up(self, then: str, pick: int) -> None:
        if then == "declines":
            self.step_back(pick=1, stranger=False, offered=True, link=bool(pick % 2))
        elif then == "gets no mail":
            self.mail_is_lost(pick=1)
        elif then == "lets it lapse":
            self.offer_lapses(pick=1, by=0, sweep=bool(pick % 2))
        else:
            self.claim(
                pick=1, late=then == "claims late", by=pick % 3 - 1, stranger=False,
                link=False, key=not pick,
            )  # fmt: skip

    def book_all(self, other: bool, zone: str, ahead: int, minutes: int) -> None:
        """Two spaces for one time, or none."""
        who, now = self.world.other if other else self.world.user, self._settled()
        order = Order(zone, start=now + ahead * MINUTE, minutes=minutes, quantity=2)
        interval = Interval(now + ahead * MINUTE, now + (ahead + minutes) * MINUTE)
        refusal, made = self._try("group", lambda: book_group.book(self.world.deps, who, order))
        free = self._free(Asked(zone, frozenset(self.waitlist.numbers[zone]), interval))
        if self.waitlist.is_closed(zone, interval):
            assert isinstance(refusal, errors.BlackedOut), refusal
        elif isinstance(refusal, errors.QuotaReached):
            assert self._is_rationed(who, zone, 2)
        elif made is None:
            assert isinstance(refusal, errors.ZoneFull), refusal
            assert not self.reference.fits(zone, interval, 2, now)
        else:
            assert {each.number for each in made.bookings} <= free
            for each in made.bookings:
                self.owner[each.booking_id] = who
                self._agree(self.reference.add(each, now), each)

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, hours=st.sampled_from([1, 3]), by=st.sampled_from([-30, 0, 60]))
    def close(self, pick: int, hours: int, by: int) -> None:
        """A blackout over a part of a booking: the booking stays, new ones are refused."""
        if self.closures:
            self.open_again(pick=pick, post=bool(pick % 2))
            return
        known, now = self._pick(pick), self._settled()
        start = known.booked.start + by * MINUTE
        closing = ClosureRequest(known.zone, None, start, start + hours * 60 * MINUTE)
        refusal, closure = self._try(
            "close",
            lambda: blackouts.create(self.world.deps, self.world.owner, closing, source_ip=ADDRESS),
        )
        if closure is not None:
            self.closures.append(closure.blackout_id)
        elif isinstance(refusal, errors.Invalid):
            assert closing.end <= now
        else:
            assert isinstance(refusal, errors.AlreadyExists), refusal

    @precondition(lambda self: self.closures)
    @rule(pick=PICK, post=st.booleans())
    def open_again(self, pick: int, post: bool) -> None:
        self._settled()
        blackout_id = self.closures.pop(pick % len(self.closures))
        lift = blackouts.lift
        _, _ = self._try(
            "open", lambda: lift(self.world.deps, self.world.owner, blackout_id, source_ip=ADDRESS)
        )
        if post:
            self._deliver()

    def _is_short(self, zone: str) -> bool:
        """Whether a zone has a waitlist and may still grow."""
        grows = len(self.waitlist.numbers[zone]) < MOST_SPACES
        return grows and bool(self.waitlist.waiting(zone, self.clock.now()))

    @rule(zone=ZONE, post=st.booleans())
    def add_space(self, zone: str, post: bool) -> None:
        """In the zone drawn, or in another with a waitlist."""
        self._settled()
        wanted = [each for each in (zone, *sorted(self.waitlist.numbers)) if self._is_short(each)]
        if wanted:
            zone, known = wanted[0], self.waitlist.numbers[wanted[0]]
            number = f"A-{len(known) + 1:03}"
            deps, boss = self.world.deps, self.world.owner
            self._try(
                "add space",
                lambda: spaces.create_spaces(
                    deps, boss, zone, [number], active=True, note=None, source_ip=ADDRESS
                ),
            )
            if post:
                self._deliver()
