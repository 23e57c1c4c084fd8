"""The refund of a booking: of its cancellation now, or of the one that ended it
(docs/rules/refunds.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import STEPS, Step
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.payments import refund
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.domain.sites.policy import Policy


def decide(booking: Booking, policy: Policy, tz: ZoneInfo, *, at: datetime) -> RefundDecision:
    """The refund of a cancellation at `at`, with its reason: by the cancellation terms that the
    booking was made under, or else by the window that it was made under."""
    return refund.decide(
        created_at=booking.created_at,
        entered=booking.actual_start is not None,
        paid=booking.amount_paid,
        free_window=booking.free_to_cancel(policy),
        terms=booking.tariff.cancellation,
        start=booking.booked.start,
        tz=tz,
        now=at,
    )


def current(
    booking: Booking, policy: Policy, tz: ZoneInfo, *, now: datetime
) -> RefundDecision | None:
    """The refund of a cancellation now; of a cancelled booking the refund it brought. None for a
    booking that has begun, or has ended in another way."""
    if booking.status in STEPS[Step.CANCEL][0]:
        return decide(booking, policy, tz, at=now)
    ended = next((e for e in booking.timeline if e.what in (Step.CANCEL, Step.AUTO_CANCEL)), None)
    if ended is None:
        return None
    if booking.cancelled_by_site or _is_by_site(ended):
        return refund.by_site(booking.amount_paid)
    return replace(decide(booking, policy, tz, at=ended.at), until=None)


def deadlines(booking: Booking, tz: ZoneInfo) -> Iterator[tuple[datetime, Money]]:
    """The deadlines of its cancellation terms, each with the refund until then; none without
    terms."""
    terms, paid = booking.tariff.cancellation, booking.amount_paid
    if terms is None:
        return
    for each in terms.deadlines:
        amount = refund.share(paid, each.percent, Money(terms.kept, paid.currency))
        yield each.at(booking.booked.start, tz), amount


def _is_by_site(ended: TimelineEntry) -> bool:
    """Whether the site cancelled: for a blackout, or because no space was left at the arrival.
    Bookings cancelled by an earlier version of Berth say it by nothing else."""
    return ended.what == Step.CANCEL and (
        ended.source == "blackout" or ended.actor == SYSTEM.account_id
    )
