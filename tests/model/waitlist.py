"""The waitlist of a life: customers join, claim, decline, leave, or never get the mail."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.mail.message import Message
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.core.deps import Replay
from chalicelib.services.waitlist import entries, links, offers
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests.model import waitlist_invariants
from tests.model.customers import Asked, Customers
from tests.model.hall_life import A_SECOND
from tests.model.invariants import Stored
from tests.model.life import LATELY, PICK, steps
from tests.model.mails import Mails
from tests.model.reference import MINUTE, ZONES, Known
from tests.model.waitlist_reference import WaitlistReference

WHO = st.integers(0, 5)
BY = st.sampled_from([-60, -30, 0, 0, 0, 0, 30])
LONG = st.sampled_from([30, 60, 60, 60, 120])
URGENT = st.sampled_from([0, 0, 0, 0, -1, 1])
SELDOM = st.sampled_from([False, False, False, False, True])
OFTEN = st.sampled_from([True, True, True, False])
OVER: dict[EntryStatus, type[errors.Refusal]] = {
    EntryStatus.WAITING: errors.NotOffered,
    EntryStatus.CLAIMED: errors.AlreadyClaimed,
    EntryStatus.LEFT: errors.NotOffered,
    EntryStatus.EXPIRED: errors.OfferExpired,
}
"""The refusal of a claim by the status of its entry."""


class Waitlist(Mails, Customers):
    """A life in which six customers wait for what others have booked."""

    def __init__(self) -> None:
        self.waitlist = WaitlistReference()
        self.offer_links: dict[str, list[str]] = {}
        self.own_offers: set[str] = set()
        super().__init__()
        more = [self.world.add_account(name) for name in ("third", "fourth", "fifth", "sixth")]
        self.people = [self.world.user, self.world.other, *more]
        self.reference.held, self.reference.is_closed = self.waitlist.held, self.waitlist.is_closed
        self.reference.loose = self.waitlist.loose
        self.reference.numbers = self.waitlist.numbers

    def _written(self, change: Change) -> None:
        super()._written(change)
        try:
            self.waitlist.committed(change, self.clock.now())
        except AssertionError as broken:  # a sweep goes on with the next: say it afterwards
            self.wrong.append(broken)
            raise

    # -- joining ---------------------------------------------------------------------------------

    @precondition(lambda self: self.owner)
    @rule(pick=PICK, who=WHO, by=BY, minutes=LONG, named=OFTEN, priority=URGENT, key=SELDOM)
    def join(
        self, pick: int, who: int, by: int, minutes: int, named: bool, priority: int, key: bool
    ) -> None:
        """Wait for about the time of a booking, in its space or in any."""
        known = self._pick(pick)
        start = known.booked.start + by * MINUTE
        number, end = known.number if named else None, start + minutes * MINUTE
        self._joins(
            self.people[who], WaitlistRequest(known.zone, number, start, end), priority, key=key
        )

    def _joins(
        self, waiter: Actor, wanted: WaitlistRequest, priority: int = 0, *, key: bool
    ) -> None:
        actor = waiter
        if priority:
            favour = {"priority": priority, "user_id": waiter.account_id, "reason": "regular"}
            wanted = dataclasses.replace(wanted, **favour)  # type: ignore[arg-type]
            actor = self.world.staff
        deps = self.world.deps
        if key:
            deps = self._repeating(deps)
        self._settled()
        live = [e for e in self._live() if e.user_id == waiter.account_id]
        is_known = self._has_been_here(waiter)
        refusal, entry = self._try("join", lambda: entries.join(deps, actor, wanted))
        if priority and not is_known:
            assert isinstance(refusal, errors.AccountNotFound), refusal
            return
        self._joined(waiter, wanted, live, refusal, entry)
        assert entry is None or not key or entries.join(deps, actor, wanted) == entry

    def _has_been_here(self, who: Actor) -> bool:
        deps = self.world.deps
        booked = deps.bookings.of_owner(who.account_id, limit=100).records
        return bool(booked or deps.waitlist.of_owner(who.account_id, limit=100).records)

    def _repeating(self, deps: Any) -> Any:
        seed = f"{self.beat}".encode()
        return dataclasses.replace(deps, replay=Replay(self.clock.now(), seed))

    def _joined(
        self,
        who: Actor,
        wanted: WaitlistRequest,
        live: list[Entry],
        refusal: Any,
        entry: Entry | None,
    ) -> None:
        assert wanted.start is not None
        assert wanted.end is not None
        interval = Interval(wanted.start, wanted.end)
        day = self._day(interval.start)
        wish = (wanted.zone_id, wanted.number, interval)
        numbers = {wanted.number} if wanted.number else self.waitlist.numbers[wanted.zone_id]
        free = self._obtainable(Asked(wanted.zone_id, frozenset(numbers), interval))
        if interval.start <= self.clock.now():
            assert isinstance(refusal, errors.Invalid), refusal
        elif self.waitlist.is_closed(wanted.zone_id, interval):
            assert isinstance(refusal, errors.BlackedOut), refusal
        elif any((e.zone_id, e.wish.number, e.interval) == wish for e in live):
            assert isinstance(refusal, errors.AlreadyWaiting), refusal
        elif sum(e.day == day for e in live) >= ZONES[wanted.zone_id].max_entries_per_day:
            assert isinstance(refusal, errors.TooManyEntries), refusal
        elif self._has_booked(who, wanted.zone_id, numbers, interval):
            assert isinstance(refusal, errors.AlreadyBooked), refusal
        elif free:
            assert isinstance(refusal, errors.StillFree), (refusal, free)
        else:
            assert entry is not None, refusal
            assert (entry.status, entry.interval) == (EntryStatus.WAITING, interval), entry
            assert (entry.user_id, entry.priority) == (who.account_id, wanted.priority), entry

    def _day(self, at: datetime) -> str:
        return at.astimezone(self.world.site.tz).date().isoformat()

    def _has_booked(self, who: Actor, zone: str, numbers: Any, interval: Interval) -> bool:
        return any(
            known.is_live
            and (known.zone, self.owner[known.booking_id]) == (zone, who)
            and known.number in numbers
            and known.booked.overlaps(interval)
            for known in self.reference.bookings.values()
        )

    # -- claiming and leaving --------------------------------------------------------------------

    def _stands(self, entry: Entry) -> EntryStatus:
        """The status of an entry at the present instant."""
        assert entry.deadline is None or entry.is_live
        if entry.deadline is not None and entry.deadline.at <= self.clock.now():
            return EntryStatus.EXPIRED
        return entry.status

    def _live(self) -> list[Entry]:
        live = (EntryStatus.WAITING, EntryStatus.OFFERED)
        return [e for e in self.waitlist.entries.values() if self._stands(e) in live]

    def _entry(self, pick: int, among: EntryStatus) -> Entry:
        """One of the latest entries, and mostly one that is not over."""
        everybody = list(self.waitlist.entries.values())
        open_ = [e for e in everybody if e.status is among] or [e for e in everybody if e.is_live]
        some = open_ if open_ and pick % 4 else everybody
        return some[-1 - pick % min(len(some), LATELY)]

    def _who(self, entry: Entry, *, stranger: bool) -> Actor:
        (owner,) = (each for each in self.people if each.account_id == entry.user_id)
        return next(each for each in self.people if each != owner) if stranger else owner

    @precondition(lambda self: self.waitlist.entries)
    @rule(pick=PICK, late=SELDOM, by=A_SECOND, stranger=SELDOM, link=SELDOM, key=SELDOM)
    def claim(self, pick: int, late: bool, by: int, stranger: bool, link: bool, key: bool) -> None:
        """Claim in time, about the second of the lapse, or at another time; by link or not."""
        entry = self._entry(pick, EntryStatus.OFFERED)
        if late and entry.lapses_at is not None:
            at = entry.lapses_at + timedelta(seconds=by)
            self.clock.set(max(at, self.clock.now()))
        self._settled()
        stands, who = self._stands(entry), self._who(entry, stranger=stranger)
        if link and entry.entry_id in self.offer_links:
            self._clicks(entry, stands)
            return
        deps = self._repeating(self.world.deps) if key else self.world.deps

        def act() -> Booking:
            return entries.claim(deps, who, entry.entry_id, NO_DETAILS)

        refusal, made = self._try("claim", act)
        if stranger:
            assert isinstance(refusal, errors.Forbidden), refusal
            return
        self._claimed(entry, stands, refusal, made)
        if made is not None and key:
            assert act() == made
        elif made is not None:
            self._refused("claim twice", errors.AlreadyClaimed, act)

    def _clicks(self, entry: Entry, stands: EntryStatus) -> None:
        token = self.offer_links[entry.entry_id][0]
        refusal, made = self._try("click claim", lambda: links.claim(self.world.deps, token))
        if self.clock.now() >= entry.interval.start:
            assert isinstance(refusal, errors.LinkExpired), refusal
        else:
            self._claimed(entry, stands, refusal, made)

    def _claimed(
        self, entry: Entry, stands: EntryStatus, refusal: Any, made: Booking | None
    ) -> None:
        who = self._who(entry, stranger=False)
        if stands in OVER:
            assert isinstance(refusal, OVER[stands]), (refusal, stands)
        elif self.waitlist.is_closed(entry.zone_id, entry.interval):
            assert isinstance(refusal, errors.BlackedOut), refusal
        elif isinstance(refusal, errors.PaymentDue):
            assert self._owes(who)
        elif isinstance(refusal, errors.QuotaReached):
            assert self._is_rationed(who, entry.zone_id)
        elif isinstance(refusal, errors.RoomNotReady | errors.SpaceTaken):
            self._cannot_be_let_in(self.waitlist.entries[entry.entry_id])
        else:
            assert made is not None, refusal
            held = self.waitlist.entries[entry.entry_id].held
            assert (made.number, made.booked) == (held, entry.interval), (made, entry)
            assert made.provisional == (entry.wish.number is None), made
            assert made.confirmed_at == self.clock.now(), made
            self._takes(who, made)

    def _cannot_be_let_in(self, entry: Entry) -> None:
        """The offered room is out of service or still occupied, and there is no other."""
        shut = self.reference.shut(entry.zone_id, entry.interval.start)
        assert entry.held in shut, entry
        assert entry.wish.number or not self.waitlist.can_have(entry, self.clock.now()), entry

    def _booked(self, who: Actor, asked: Asked, key: bool, act: Callable[[Any], Booking]) -> None:
        """Who has an offer of that time gets it, also by booking like any other."""
        now = self.clock.now()
        self.own_offers = {
            str(entry.held)
            for entry in self._live()
            if entry.status is EntryStatus.OFFERED and entry.user_id == who.account_id
            and (entry.zone_id, entry.interval) == (asked.zone, asked.interval)
            and entry.held in asked.numbers
            and entry.lapses_at is not None and entry.lapses_at > now
        }  # fmt: skip
        super()._booked(who, asked, key, act)
        self.own_offers = set()

    def _given(self, asked: Asked, free: set[str]) -> set[str]:
        return free & self.own_offers or super()._given(asked, free)

    def _agree(self, known: Known, found: Booking | None) -> None:
        if known.promise == 1 and self._claim_of(known.booking_id) is not None:
            known.unanswered = False
        super()._agree(known, found)

    def _claim_of(self, booking_id: str) -> Entry | None:
        """The entry whose offer became the booking."""
        return next((e for e in self.waitlist.entries.values() if e.booking_id == booking_id), None)

    def _names_none(self, asked: Asked, made: Booking) -> bool:
        claim = self._claim_of(made.booking_id)
        return super()._names_none(asked, made) if claim is None else claim.wish.number is None

    def _takes(self, who: Actor, made: Booking) -> Known:
        self.owner[made.booking_id] = who
        known = self.reference.add(made, self.clock.now())
        known.unanswered = False
        self._agree(known, made)
        return known

    @precondition(lambda self: self.waitlist.entries)
    @rule(pick=PICK, stranger=SELDOM, offered=st.booleans(), link=SELDOM)
    def step_back(self, pick: int, stranger: bool, offered: bool, link: bool) -> None:
        """Decline an offer, or leave the waitlist."""
        entry = self._entry(pick, EntryStatus.OFFERED if offered else EntryStatus.WAITING)
        self._settled()
        stands, who, deps = (
            self._stands(entry),
            self._who(entry, stranger=stranger),
            self.world.deps,
        )
        by_link = link and entry.entry_id in self.offer_links
        what = f"leave when {stands}"
        if by_link:
            token = self.offer_links[entry.entry_id][1]
            refusal, left = self._try(what, lambda: links.decline(deps, token))
        else:
            refusal, left = self._try(what, lambda: entries.leave(deps, who, entry.entry_id))
        if by_link and self.clock.now() >= entry.interval.start:
            assert isinstance(refusal, errors.LinkExpired), refusal
        elif stranger and not by_link:
            assert isinstance(refusal, errors.Forbidden), refusal
        elif stands is EntryStatus.CLAIMED:
            assert isinstance(refusal, errors.AlreadyClaimed), refusal
        elif stands is EntryStatus.EXPIRED:
            assert isinstance(refusal, errors.OfferExpired), refusal
        else:
            assert left is not None, refusal
            assert left.status is EntryStatus.LEFT, left

    @precondition(lambda self: self.waitlist.entries)
    @rule(pick=PICK)
    def mail_is_lost(self, pick: int) -> None:
        """The mail of an offer has bounced, in any state of the entry."""
        entry = self._entry(pick, EntryStatus.OFFERED)
        self._settled()
        stands = self._stands(entry)
        offers.mail_failed(self.world.deps, entry.entry_id, "bounced")
        steps[f"mail lost when {stands}"] += 1
        after = self.waitlist.entries[entry.entry_id]
        if stands is EntryStatus.OFFERED:
            assert (after.status, after.reason) == (EntryStatus.EXPIRED, "bounced"), after
        else:
            assert after.status is stands, after

    @precondition(lambda self: any(e.deadline for e in self.waitlist.entries.values()))
    @rule(pick=PICK, by=A_SECOND, sweep=st.booleans())
    def offer_lapses(self, pick: int, by: int, sweep: bool) -> None:
        """The exact second of a lapse or of the wished start, and a sweep, or a read, or
        neither."""
        entry = self._entry(pick, EntryStatus.OFFERED)
        if entry.deadline is not None:
            self.clock.set(max(entry.deadline.at + timedelta(seconds=by), self.clock.now()))
        self._settled()
        steps["time to lapse"] += 1
        if sweep:
            self._sweep("waitlist-expiry")
            self._none_is_overdue()
        stands = self._stands(entry)
        if pick % 2:
            seen = entries.get(self.world.deps, self.world.staff, entry.entry_id)
            assert seen.status is stands, (seen, stands)

    # -- checks ----------------------------------------------------------------------------------

    def _offer_leaves(self, entry_id: str, message: Message) -> None:
        entry, now = self.waitlist.entries[entry_id], self.clock.now()
        assert entry.lapses_at is not None, entry
        assert now < entry.lapses_at, entry
        self._leaves(("offer", entry_id, 0), message)
        assert message.to == self.world.deps.accounts.get(entry.user_id).email
        self.offer_links[entry_id] = [
            word.rpartition("/l/")[2] for word in message.text.split() if "/l/" in word
        ]

    def _offer_lapsed_leaves(self, entry_id: str, message: Message) -> None:
        self._wait_over("offer_lapsed", entry_id, message, was_offered=True)

    def _wait_ended_leaves(self, entry_id: str, message: Message) -> None:
        self._wait_over("wait_ended", entry_id, message, was_offered=False)

    def _wait_over(self, name: str, entry_id: str, message: Message, *, was_offered: bool) -> None:
        entry = self.waitlist.entries[entry_id]
        assert entry.status is EntryStatus.EXPIRED, entry
        assert (entry.offered_at is not None) == was_offered, entry
        self._leaves((name, entry_id, 0), message)
        assert message.to == self.world.deps.accounts.get(entry.user_id).email

    def _deliver(self) -> None:
        """Time that became free without a cancellation has been offered by then."""
        super()._deliver()
        now = self.clock.now()
        batches = self.world.deps.outbox.due(now + timedelta(days=9), limit=100)
        tasks = (e for batch in batches for e in batch.effects if e.name == "offer_time")
        self.waitlist.unnoticed = {effect.subject_id for effect in tasks}
        for zone in self.waitlist.numbers.keys() - self.waitlist.unnoticed:
            for entry in self.waitlist.waiting(zone, now):
                assert not self.waitlist.must_have(entry, now), entry

    def _none_is_overdue(self) -> None:
        now = self.clock.now()
        for entry in self.waitlist.entries.values():
            assert entry.deadline is None or now < entry.deadline.at, entry

    def _look_at_everything(self) -> Stored:
        if self.waitlist.unnoticed:
            self._deliver()
        stored = super()._look_at_everything()
        entries = waitlist_invariants.check(self.world.deps, stored.sheets)
        assert {e.entry_id: e for e in entries} == self.waitlist.entries
        return stored

    def teardown(self) -> None:
        """At the end no entry waits for a time that has begun."""
        if self.owner:
            self._sweep("waitlist-expiry")
            self._none_is_overdue()
        super().teardown()
        if self.waitlist.unnoticed:
            self._deliver()
        assert self.wrong == []
