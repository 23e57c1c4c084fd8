"""Deadlines: the one next step that time takes with a booking or a waitlist entry, and its instant
(docs/rules/lifecycle.md, One deadline)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.policy import METERED_LIMIT, Policy
from chalicelib.domain.sites.site import ZoneKind


class DeadlineKind(StrEnum):
    """The kind of a deadline. Exactly one sweep applies each kind."""

    REMINDER = "reminder"
    AUTO_CANCEL = "auto-cancel"
    AUTO_START = "auto-start"
    AUTO_RENEW = "auto-renew"
    OVERSTAY = "overstay"
    AUTO_CHECKOUT = "auto-checkout"
    NO_SHOW = "no-show"
    OFFER_LAPSE = "offer-lapse"
    WISH_OVER = "wish-over"
    HOLD_LAPSE = "hold-lapse"
    DEPOSIT_RETURN = "deposit-return"


SWEEP_OF: dict[DeadlineKind, str] = {
    DeadlineKind.REMINDER: "reminders",
    DeadlineKind.AUTO_CANCEL: "auto-cancel",
    DeadlineKind.AUTO_START: "auto-checkout",
    DeadlineKind.AUTO_RENEW: "auto-checkout",
    DeadlineKind.OVERSTAY: "auto-checkout",
    DeadlineKind.AUTO_CHECKOUT: "auto-checkout",
    DeadlineKind.NO_SHOW: "expire-bookings",
    DeadlineKind.OFFER_LAPSE: "waitlist-expiry",
    DeadlineKind.WISH_OVER: "waitlist-expiry",
    DeadlineKind.HOLD_LAPSE: "expire-bookings",
    DeadlineKind.DEPOSIT_RETURN: "expire-bookings",
}
"""The sweep that applies each kind (docs/operate/sweeps.md)."""

UNNOTICED: Final = timedelta(days=2)
"""How far back the sheets are read for stays that outlast their booked end. One that a sweep or a
read has noticed is on the present sheets (docs/decisions/overstays.md)."""

RENEWAL_LEAD: Final = timedelta(minutes=20)
"""How long before its end a stay renews by itself: longer than the time between two sweeps."""


@dataclass(frozen=True)
class Deadline:
    """A kind of step and its instant. It is due when `now >= at`."""

    kind: DeadlineKind
    at: datetime

    def is_due(self, now: datetime) -> bool:
        return now >= self.at


def before_entry(booked: Interval, policy: Policy) -> Deadline:
    """The deadline of a booking before entry: the automatic start in a zone without check-in,
    otherwise the no-show, at the booked end or `no_show_after` minutes after the start."""
    if policy.check_in == "none":
        return Deadline(DeadlineKind.AUTO_START, booked.start)
    if policy.no_show_after is None:
        return Deadline(DeadlineKind.NO_SHOW, booked.end)
    late = booked.start + timedelta(minutes=policy.no_show_after)
    return Deadline(DeadlineKind.NO_SHOW, min(late, booked.end))


def of_stay(
    booked: Interval,
    actual_start: datetime,
    *,
    kind: ZoneKind,
    policy: Policy,
    listed_through: datetime | None = None,
    renewed: bool = False,
    renews: bool = False,
) -> Deadline:
    """The next deadline of an active stay: the instant at which it becomes an overstay, or at which
    the sheets have to list an overstay further (`listed_through`); or its auto-checkout, if that is
    not later (docs/rules/lifecycle.md, The timer). One that `renews` by itself does so before; one
    that has `renewed` is not ended before its booked end."""
    end = _end_of_stay(booked, actual_start, kind=kind, policy=policy)
    if end is not None and renewed:
        end = max(end, booked.end)
    if renews and listed_through is None:
        first = booked.end if end is None else min(end, booked.end)
        return Deadline(DeadlineKind.AUTO_RENEW, _renewal_at(first, actual_start, policy))
    stays_on = listed_through or booked.end
    if end is not None and (kind == "parking" or end <= stays_on):
        return Deadline(DeadlineKind.AUTO_CHECKOUT, end)
    return Deadline(DeadlineKind.OVERSTAY, stays_on)


def _renewal_at(end: datetime, actual_start: datetime, policy: Policy) -> datetime:
    """The instant at which a stay that ends at `end` renews by itself: `RENEWAL_LEAD` before, but
    not before half of the stay, or of a short renewal, is over."""
    unit = timedelta(minutes=policy.default_duration)
    lead = min(RENEWAL_LEAD, unit / 2, max(end - actual_start, timedelta(0)) / 2)
    return end - timedelta(seconds=int(lead.total_seconds()))


def lookback(*, kind: ZoneKind, policy: Policy) -> timedelta:
    """The longest time after its booked end for which a stay can still occupy a space without being
    on the sheets of the present."""
    longest = _longest_overstay(kind=kind, policy=policy)
    if kind == "parking" or policy.check_in == "none":
        return longest
    return min(longest, UNNOTICED)


def may_end_early(*, kind: ZoneKind, policy: Policy) -> bool:
    """Whether a deadline can end a booking of a zone before its booked end."""
    if policy.check_in == "none":
        return False
    return policy.no_show_after is not None or (
        kind == "parking" and policy.auto_checkout_after is not None
    )


def _longest_overstay(*, kind: ZoneKind, policy: Policy) -> timedelta:
    if policy.check_in == "none":
        return timedelta(0)
    after = policy.auto_checkout_after
    if kind == "parking":
        return METERED_LIMIT if after is None else timedelta(minutes=after)
    if after is None:
        return timedelta.max
    return timedelta(minutes=max(after, policy.overstay_grace))


def _end_of_stay(
    booked: Interval, actual_start: datetime, *, kind: ZoneKind, policy: Policy
) -> datetime | None:
    """The instant at which time ends a stay; None if it does not."""
    if policy.check_in == "none":
        return booked.end
    if policy.auto_checkout_after is None:
        metered = kind == "parking"
        return max(actual_start + METERED_LIMIT, booked.end) if metered else None
    limit = actual_start + timedelta(minutes=policy.auto_checkout_after)
    if kind == "parking":
        return limit
    return max(limit, booked.end + timedelta(minutes=policy.overstay_grace))
