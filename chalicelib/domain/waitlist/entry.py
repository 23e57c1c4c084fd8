"""The waitlist entry and its steps: values in, a Change out (docs/rules/waitlist.md).

An entry waits, is offered its interval, and ends: claimed, left or expired. An offer is a hold on
the sheets under the id of the entry, so it blocks the space like a booking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.effect import MailName
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Holding, Sheets
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist import queue
from chalicelib.domain.waitlist.queue import Wish, WishEdit


class EntryStatus(StrEnum):
    """The status of an entry; the last three are final."""

    WAITING = "waiting"
    OFFERED = "offered"
    CLAIMED = "claimed"
    LEFT = "left"
    EXPIRED = "expired"


LIVE = frozenset({EntryStatus.WAITING, EntryStatus.OFFERED})
BY_SITE: Final = "The site has ended it."
"""The reason of an entry that staff have ended."""


@dataclass(frozen=True)
class Entry:
    """The wish of a customer for an interval that is taken. `day` is the local date of its start,
    `ticket` orders entries of the same second, `held` is the offered space, `ended_at` when it was
    claimed, left or expired, `reason` why it expired where the offer did not lapse, and `paging`
    that of the sheets it waits for. `favour` says which account gave it a priority, or put the
    customer in line, and why."""

    entry_id: str
    user_id: str
    site: str
    zone_id: str
    wish: Wish
    day: str
    status: EntryStatus
    created_at: datetime
    updated_at: datetime
    priority: int = 0
    ticket: int = 0
    offered_at: datetime | None = None
    held: str | None = None
    ended_at: datetime | None = None
    booking_id: str | None = None
    reason: str = ""
    deadline: Deadline | None = None
    paging: Paging = Paging.DAY
    favour: str = ""
    version: int = 1

    @property
    def locator(self) -> str:
        """The partition of the owner."""
        return self.entry_id[2:10]

    @property
    def holder(self) -> str:
        """Its name on the sheets, where its offer is a hold."""
        return self.entry_id

    @property
    def key(self) -> str:
        """The wish with its zone; a customer has one live entry for it at most."""
        return wish_key(self.zone_id, self.wish)

    @property
    def interval(self) -> Interval:
        return self.wish.interval

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def turn(self) -> str:
        """Its turn in the queue, as text that sorts."""
        order = queue.turn(priority=self.priority, created_at=self.created_at, ticket=self.ticket)
        return f"{order}.{self.entry_id}"

    @property
    def leaves_queue(self) -> bool:
        """Whether this version is the first one that no longer waits."""
        if self.status is EntryStatus.WAITING:
            return False
        return self.status is EntryStatus.OFFERED or self.offered_at is None

    @property
    def lapses_at(self) -> datetime | None:
        """The instant at which the offer lapses; at that instant it can no longer be claimed."""
        return self.deadline.at if self.status is EntryStatus.OFFERED and self.deadline else None

    @property
    def claimed_at(self) -> datetime | None:
        return self.ended_at if self.status is EntryStatus.CLAIMED else None

    def offer(self, number: str, *, policy: Policy, sheets: Sheets, now: datetime) -> Change:
        """Hold the interval in the space `number` for the customer, with a mail. The offer lapses
        at the start at the latest."""
        until = min(now + timedelta(minutes=policy.claim_window), self.interval.start)
        offered = self._next(
            EntryStatus.OFFERED,
            now,
            offered_at=now,
            held=number,
            deadline=Deadline(DeadlineKind.OFFER_LAPSE, until),
        )
        held = occupancy.take(self._holding(number), sheets=sheets, lapses=until)
        mail = effect.mail("offer", self.entry_id)
        return saving(offered).with_sheets(held).sending(mail)

    def rearrange(self, number: str, *, sheets: Sheets, now: datetime) -> Change:
        """Hold another space for the same offer, which named none."""
        assert self.held is not None
        moved = self._next(self.status, now, held=number)
        freed = occupancy.release(self._holding(self.held), now=now)
        taken = occupancy.take(self._holding(number), sheets=sheets, lapses=self.lapses_at)
        return saving(moved).with_sheets((*freed, *taken))

    @property
    def is_space_provisional(self) -> bool:
        """Whether its offer may still get another space of the zone: it has named none."""
        return self.status is EntryStatus.OFFERED and self.wish.number is None

    def claim(self, booking_id: str, *, now: datetime) -> Change:
        """End as claimed by a booking. Raises as `require_offer` does."""
        self.require_offer()
        return self._over(EntryStatus.CLAIMED, now, booking_id=booking_id)

    def require_offer(self) -> None:
        """Require a running offer. Raises NotOffered, AlreadyClaimed, OfferExpired."""
        if self.status is EntryStatus.CLAIMED:
            raise errors.AlreadyClaimed()
        if self.status is EntryStatus.LEFT:
            raise errors.NotOffered(say("left_waitlist"))
        if self.status is EntryStatus.EXPIRED:
            raise self._expired()
        if self.status is EntryStatus.WAITING:
            raise errors.NotOffered()

    def _expired(self) -> errors.OfferExpired:
        """Why it can no longer be claimed; of an offer that has lapsed also after how long."""
        over = errors.OfferExpired(None if self.offered_at else say("waited_time_begun"))
        if self.offered_at is None or self.ended_at is None or self.reason:
            return over
        return over.after((self.ended_at - self.offered_at) // timedelta(minutes=1))

    def leave(self, *, now: datetime) -> Change:
        """Leave the queue or decline the offer. Raises AlreadyClaimed, OfferExpired."""
        if self.status is EntryStatus.CLAIMED:
            raise errors.AlreadyClaimed(say("cancel_claimed"))
        if self.status is EntryStatus.EXPIRED:
            raise errors.OfferExpired(say("entry_expired"))
        return self._giving_up(self._over(EntryStatus.LEFT, now), now)

    def end(self, *, at: datetime) -> Change:
        """End as expired because the site ends it, with a mail."""
        over = self._giving_up(self._over(EntryStatus.EXPIRED, at, reason=BY_SITE), at)
        return over.sending(effect.mail("wait_ended", self.entry_id))

    def expire(self, *, at: datetime, reason: str = "") -> Change:
        """End as expired, with a mail: the offer lapsed, or the interval has begun. No mail if that
        of the offer bounced (`reason`)."""
        over = self._giving_up(self._over(EntryStatus.EXPIRED, at, reason=reason), at)
        if reason:
            return over
        name: MailName = "wait_ended" if self.held is None else "offer_lapsed"
        return over.sending(effect.mail(name, self.entry_id))

    def _giving_up(self, change: Change, at: datetime) -> Change:
        if self.held is None:
            return change
        return change.with_sheets(occupancy.release(self._holding(self.held), now=at))

    def _holding(self, number: str) -> Holding:
        provisional = self.wish.number is None
        return Holding(
            self.zone_id,
            number,
            self.interval,
            self.entry_id,
            self.paging,
            provisional=provisional,
        )

    def _over(self, status: EntryStatus, at: datetime, **changes: object) -> Change:
        over = self._next(status, at, ended_at=at, deadline=None, **changes)
        return saving(over).wishing(WishEdit(self.locator, self.day, self.key, None, self.entry_id))

    def _next(self, status: EntryStatus, at: datetime, **changes: object) -> Self:
        return replace(
            self,
            version=self.version + 1,
            status=status,
            updated_at=at,
            **changes,  # type: ignore[arg-type]
        )


def join(
    *,
    entry_id: str,
    user_id: str,
    site: str,
    zone_id: str,
    wish: Wish,
    day: str,
    paging: Paging,
    priority: int,
    favour: str,
    policy: Policy,
    sheets: Sheets,
    wishes: frozenset[str],
    now: datetime,
) -> Change:
    """A new entry, last in the queue of its priority. `wishes` are the customer's live wishes of
    that day. Raises AlreadyWaiting, TooManyEntries."""
    key, most = wish_key(zone_id, wish), policy.max_entries_per_day
    if key in wishes:
        raise errors.AlreadyWaiting()
    if len(wishes) >= most:
        full = errors.TooManyEntries(say("entries_a_day", count=most))
        raise full.beyond(most)
    first = paging.page_of(wish.interval.start)
    known = queue.queues(sheets).get(first)
    entry = Entry(
        entry_id=entry_id,
        user_id=user_id,
        site=site,
        zone_id=zone_id,
        wish=wish,
        day=day,
        status=EntryStatus.WAITING,
        created_at=now,
        updated_at=now,
        priority=priority,
        favour=favour,
        ticket=known.joined if known else 0,
        deadline=Deadline(DeadlineKind.WISH_OVER, wish.interval.start),
        paging=paging,
    )
    one_more = WishEdit(entry.locator, day, key, most, entry_id)
    return saving(entry).queueing(*queue.joining(zone_id, wish, sheets, paging)).wishing(one_more)


def wish_key(zone_id: str, wish: Wish) -> str:
    """The name of a wish with its zone."""
    return f"{zone_id}/{wish.name}"
