"""A season pass: the period ticket of one vehicle at one site (docs/rules/passes.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, Self
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.cover import PlatePass
from chalicelib.domain.core import errors, localtime, plates
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.payment import Payment, Payments
from chalicelib.domain.season_passes import periods
from chalicelib.domain.season_passes.periods import DAY, Days
from chalicelib.domain.sites.season_plan import SeasonPlan

SeasonPassStatus = Literal["pending", "active", "lapsed", "cancelled"]

SeasonPassState = Literal["pending", "upcoming", "valid", "paused", "over", "lapsed", "cancelled"]
"""What a pass is on a day."""

ORDER_OPEN: Final = timedelta(minutes=30)
"""How long a purchase waits for its payment."""

LEAD: Final = {"weekly": 2 * DAY, "monthly": 7 * DAY, "quarterly": 7 * DAY}
"""How long before its end the holder of a pass is reminded."""


@dataclass(frozen=True, slots=True)
class Term:
    """Days that were sold, for `minor` of which `tax` is tax. `payment` is the reference of the
    payment; None for cash."""

    days: Days
    minor: int
    tax: int
    payment: str | None = None


@dataclass(frozen=True)
class SeasonPass:
    """A season pass. `plate` is as it is shown. `plan` is what was sold last; a later edit of the
    plan changes it with the next renewal. `wanted` is the first day that the customer has chosen.
    `terms` are the days that were sold, `pauses` those in which it is not valid. Each paused day
    moves its end, `last`, but for the `gap_days` before a renewal that came late. While a renewal
    waits for its payment, `renewing` is its plan, by which it is sold until the pass ends. The
    sweep handles it at `due_at`. `tz` is that of its site when it was sold. `paid` is the money
    received, in minor units, `by_hand` what of it went back from a drawer, `payments` are those
    through a gateway. `name` and `email` are those of a holder without account."""

    pass_id: str
    user_id: str | None
    site: str
    plate: str
    plan: SeasonPlan
    currency: str
    tz: ZoneInfo
    status: SeasonPassStatus
    wanted: date
    created_at: datetime
    updated_at: datetime
    last: date | None = None
    terms: tuple[Term, ...] = ()
    pauses: tuple[Days, ...] = ()
    gap_days: int = 0
    transfers: int = 0
    auto_renew: bool = False
    renewing: SeasonPlan | None = None
    due_at: datetime | None = None
    paid: int = 0
    by_hand: int = 0
    payments: Payments = ()
    name: str | None = None
    email: str | None = None
    timeline: tuple[TimelineEntry, ...] = ()
    version: int = 1

    @property
    def first(self) -> date:
        """Its first day."""
        return self.terms[0].days.first if self.terms else self.wanted

    @property
    def compared_plate(self) -> str:
        """Its plate as gates compare it."""
        return plates.compared(self.plate)

    @property
    def returned(self) -> int:
        """The money paid back, or on its way back, in minor units."""
        return self.by_hand + sum(each.returned for each in self.payments)

    @property
    def kept(self) -> int:
        """The money received and not paid back, in minor units."""
        return self.paid - self.returned

    @property
    def amount_kept(self) -> Money:
        return Money(self.kept, self.currency)

    @property
    def price(self) -> Money:
        """The price of its plan."""
        return Money(self.plan.price, self.currency)

    @property
    def valid_days(self) -> tuple[Days, ...]:
        """The days on which it is valid, without a break each."""
        if self.status != "active" or self.last is None:
            return ()
        return periods.valid_days(self.first, self.last, self.pauses)

    @property
    def at_gate(self) -> PlatePass:
        """What a gate needs of it."""
        spans = tuple(periods.span(days, self.tz) for days in self.valid_days)
        return PlatePass(
            self.site, self.compared_plate, self.pass_id, self.version, self.plan.zones, spans
        )

    @property
    def ends_at(self) -> datetime:
        """The instant at which its last day ends."""
        return periods.starts_at((self.last or self.wanted) + DAY, self.tz)

    @property
    def awaited(self) -> Payment | None:
        """The payment that is being waited for: of the purchase, or of a renewal."""
        return next((each for each in self.payments if each.is_awaited), None)

    @property
    def has_mailbox(self) -> bool:
        """Whether there is a mailbox to write to."""
        return self.user_id is not None or self.email is not None

    @property
    def price_awaited(self) -> Money:
        """The price of what it waits for: of the renewal, otherwise of the purchase."""
        return self.price if self.renewing is None else Money(self.renewing.price, self.currency)

    def pay_until(self, now: datetime) -> datetime | None:
        """Until when it can be paid, or renewed by the renewal that is prepared; None where nothing
        is to be paid."""
        if self.state(now) == "pending":
            return self.due_at
        return self.ends_at if self.renewing is not None and self.is_live(now) else None

    def due(self, now: datetime) -> Money:
        """What can be paid for it online now."""
        if self.pay_until(now) is None:
            return Money.zero(self.currency)
        return self.price_awaited

    def find(self, name: str) -> Payment | None:
        """The payment with our reference, or the gateway's order id, `name`."""
        return next((p for p in self.payments if name in (p.reference, p.order_id)), None)

    def today(self, now: datetime) -> date:
        """The local day at its site."""
        return localtime.local_date(now, self.tz)

    def is_live(self, now: datetime) -> bool:
        """Whether it is valid, or will be."""
        return self.status == "active" and now < self.ends_at

    def state(self, now: datetime) -> SeasonPassState:
        """What it is at `now`."""
        if self.status == "pending":
            return "pending" if self.due_at is not None and now < self.due_at else "lapsed"
        if self.status != "active":
            return self.status
        today = self.today(now)
        if today > (self.last or self.wanted):
            return "over"
        if today < self.first:
            return "upcoming"
        return "paused" if self.pause_on(today) else "valid"

    def pause_on(self, day: date) -> Days | None:
        """The pause that a day lies in."""
        return next((p for p in self.pauses if p.first <= day <= p.last), None)

    def require_live(self, now: datetime) -> None:
        """Require a pass that is valid, or will be. Raises SeasonPassNotActive."""
        if not self.is_live(now):
            raise errors.SeasonPassNotActive()

    def with_step(
        self, what: str, *, at: datetime, by: Actor, source: Source, note: str = "",
        **changes: object,
    ) -> Self:  # fmt: skip
        """The next version, with `what` on its timeline."""
        entry = TimelineEntry(at, what, by.account_id, source, note or by.device)
        return replace(
            self.noted(at),
            timeline=(*self.timeline, entry),
            **changes,  # type: ignore[arg-type]
        )

    def noted(self, at: datetime) -> Self:
        """The next version."""
        return replace(self, version=self.version + 1, updated_at=at)

    def awaiting(self, payment: Payment) -> Self:
        """The pass with a new payment in place of those not paid so far."""
        return replace(self, payments=(*payments.closed(self.payments), payment))

    def unused(self, now: datetime) -> Iterator[tuple[Term, int]]:
        """Its terms, the latest first, with the days of each that are not used: today counts as
        used, a paused day does not."""
        left = sum(
            Days(max(days.first, self.today(now) + DAY), days.last).count
            for days in self.valid_days
            if days.last > self.today(now)
        )
        for term in reversed(self.terms):
            yield term, min(left, term.days.count)
            left -= min(left, term.days.count)
