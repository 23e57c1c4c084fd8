"""Refund rules of a cancellation (docs/rules/refunds.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core.money import WHOLE, Money
from chalicelib.domain.pricing.cancellation import CancellationTerms

PERCENT: Final = WHOLE // 100
"""Basis points of one percent."""


@dataclass(frozen=True, slots=True)
class RefundDecision:
    """Whether a cancellation is refunded, the amount, and the reason in words for the guest.
    `until` is the last instant of this refund; None where it does not end, or there is none."""

    eligible: bool
    amount: Money
    reason: str
    until: datetime | None = None


def decide(
    *,
    created_at: datetime,
    entered: bool,
    paid: Money,
    free_window: timedelta,
    terms: CancellationTerms | None,
    start: datetime,
    tz: ZoneInfo,
    now: datetime,
) -> RefundDecision:
    """Decide what a cancellation at `now` pays back of `paid`.

    After entry: nothing. Under cancellation `terms`: the percentage of their current deadline, less
    the amount kept. Without terms: up to `free_window` after booking, that instant included,
    everything; later nothing.
    """
    if entered:
        return _nothing(paid, "The stay has begun, so nothing is refunded.")
    if terms is not None:
        return _by_terms(terms, paid, start, tz, now)
    if not free_window:
        return _nothing(paid, "Bookings here are not refunded.")
    minutes = _minutes(free_window)
    if now - created_at > free_window:
        reason = f"Cancelled more than {minutes} after booking, so nothing is refunded."
        return _nothing(paid, reason)
    reason = f"Cancelled within {minutes} of booking: everything paid is refunded."
    return RefundDecision(True, paid, reason, created_at + free_window)


def by_site(paid: Money) -> RefundDecision:
    """The refund of a booking that the site itself cancels before its stay: all of `paid`."""
    return RefundDecision(True, paid, "Cancelled by the site: everything paid is refunded.")


def share(paid: Money, percent: int, kept: Money) -> Money:
    """The part of `paid` that comes back at `percent`, less `kept`; never below zero.

    >>> [share(Money(10001, "INR"), p, Money(500, "INR")).minor for p in (100, 50, 4)]
    [9501, 4501, 0]
    """
    return max(paid.share(percent * PERCENT) - kept, Money.zero(paid.currency))


def _by_terms(
    terms: CancellationTerms, paid: Money, start: datetime, tz: ZoneInfo, now: datetime
) -> RefundDecision:
    deadline = terms.current(start, tz, now=now)
    if deadline is None:
        return _nothing(paid, "Cancelled too close to the start, so nothing is refunded.")
    kept = Money(terms.kept, paid.currency)
    reason = f"Cancelled early enough for {deadline.percent} % of what was paid to be refunded"
    reason += f", less {kept.text()} {kept.currency}." if kept else "."
    amount = share(paid, deadline.percent, kept)
    return RefundDecision(True, amount, reason, deadline.at(start, tz))


def _nothing(paid: Money, reason: str) -> RefundDecision:
    return RefundDecision(False, Money.zero(paid.currency), reason)


def _minutes(window: timedelta) -> str:
    minutes = window // timedelta(minutes=1)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
