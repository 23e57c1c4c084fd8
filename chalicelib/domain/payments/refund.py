"""Refund rules of a cancellation (docs/rules/billing.md, Refunds)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.core.money import WHOLE, Money


@dataclass(frozen=True, slots=True)
class RefundTier:
    """One tier of a refund schedule: a cancellation at least `before_start` ahead pays back
    `share_bp` of the amount paid, in basis points (5000 is half)."""

    before_start: timedelta
    share_bp: int

    def __post_init__(self) -> None:
        if not 0 <= self.share_bp <= WHOLE or self.before_start < timedelta(0):
            raise ValueError("a tier pays 0 to 10000 basis points before the start")


@dataclass(frozen=True, slots=True)
class RefundDecision:
    """Whether a cancellation is refunded, the amount, and the reason in words for the guest."""

    eligible: bool
    amount: Money
    reason: str


def decide(
    *,
    created_at: datetime,
    entered: bool,
    paid: Money,
    free_window: timedelta,
    schedule: Sequence[RefundTier] = (),
    start: datetime,
    now: datetime,
) -> RefundDecision:
    """Decide what a cancellation at `now` pays back of `paid`.

    After entry: nothing. Up to `free_window` after booking, that instant included: everything.
    Later: the best tier of `schedule` that the time left before `start` still reaches, or nothing.
    """
    nothing = Money.zero(paid.currency)
    if entered:
        return RefundDecision(False, nothing, "The stay has begun, so nothing is refunded.")
    if now - created_at <= free_window:
        return RefundDecision(True, paid, _in_time(free_window))
    share_bp = _share(schedule, start - now)
    if share_bp == 0:
        return RefundDecision(False, nothing, _too_late(free_window, bool(schedule)))
    return RefundDecision(True, paid.share(share_bp), _by_schedule(share_bp))


def by_site(paid: Money) -> RefundDecision:
    """The refund of a booking that the site itself cancels before its stay: all of `paid`."""
    return RefundDecision(True, paid, "Cancelled by the site: everything paid is refunded.")


def _share(schedule: Sequence[RefundTier], left: timedelta) -> int:
    return max((tier.share_bp for tier in schedule if left >= tier.before_start), default=0)


def _in_time(free_window: timedelta) -> str:
    return f"Cancelled within {_minutes(free_window)} of booking: everything paid is refunded."


def _too_late(free_window: timedelta, scheduled: bool) -> str:
    if scheduled:
        return "Cancelled too close to the start, so nothing is refunded."
    if not free_window:
        return "Bookings here are not refunded."
    return f"Cancelled more than {_minutes(free_window)} after booking, so nothing is refunded."


def _by_schedule(share_bp: int) -> str:
    percent = f"{share_bp / 100:.2f}".rstrip("0").rstrip(".")
    return f"Cancelled early enough for {percent} % of what was paid to be refunded."


def _minutes(window: timedelta) -> str:
    minutes = window // timedelta(minutes=1)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
