"""Refund rules of a cancellation (docs/rules/refunds.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core.money import WHOLE, Money
from chalicelib.domain.core.sentence import Sentence, Wording, say
from chalicelib.domain.pricing.cancellation import CancellationTerms

PERCENT: Final = WHOLE // 100
"""Basis points of one percent."""


@dataclass(frozen=True, slots=True)
class RefundDecision:
    """Whether a cancellation is refunded, the amount, and the reason in words for the guest.
    `until` is the last instant of this refund; None where it does not end, or there is none."""

    eligible: bool
    amount: Money
    reason: Wording
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
        return _nothing(paid, say("refund_entered"))
    if terms is not None:
        return _by_terms(terms, paid, start, tz, now)
    if not free_window:
        return _nothing(paid, say("refund_never"))
    minutes = free_window // timedelta(minutes=1)
    if now - created_at > free_window:
        return _nothing(paid, say("refund_too_late", count=minutes))
    reason = say("refund_within", count=minutes)
    return RefundDecision(True, paid, reason, created_at + free_window)


def by_site(paid: Money) -> RefundDecision:
    """The refund of a booking that the site itself cancels before its stay: all of `paid`."""
    return RefundDecision(True, paid, say("refund_by_site"))


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
        return _nothing(paid, say("refund_too_close"))
    kept = Money(terms.kept, paid.currency)
    reason = say("refund_share", percent=deadline.percent)
    if kept:
        reason = say("refund_share_less", percent=deadline.percent, kept=kept)
    amount = share(paid, deadline.percent, kept)
    return RefundDecision(True, amount, reason, deadline.at(start, tz))


def _nothing(paid: Money, reason: Sentence) -> RefundDecision:
    return RefundDecision(False, Money.zero(paid.currency), reason)
