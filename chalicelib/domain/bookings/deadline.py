"""Deadlines: the one next step that time takes with a booking or a waitlist entry, and its instant
(docs/rules/lifecycle.md, One deadline)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.policy import METERED_LIMIT, Policy
from chalicelib.domain.sites.site import ZoneKind


class DeadlineKind(StrEnum):
    """The kind of a deadline. Exactly one sweep applies each kind."""

    REMINDER = "reminder"
    AUTO_CANCEL = "auto-cancel"
    AUTO_START = "auto-start"
    AUTO_CHECKOUT = "auto-checkout"
    NO_SHOW = "no-show"
    OFFER_LAPSE = "offer-lapse"
    WISH_OVER = "wish-over"
    HOLD_LAPSE = "hold-lapse"


SWEEP_OF: dict[DeadlineKind, str] = {
    DeadlineKind.REMINDER: "reminders",
    DeadlineKind.AUTO_CANCEL: "auto-cancel",
    DeadlineKind.AUTO_START: "auto-checkout",
    DeadlineKind.AUTO_CHECKOUT: "auto-checkout",
    DeadlineKind.NO_SHOW: "expire-bookings",
    DeadlineKind.OFFER_LAPSE: "waitlist-expiry",
    DeadlineKind.WISH_OVER: "waitlist-expiry",
    DeadlineKind.HOLD_LAPSE: "expire-bookings",
}
"""The sweep that applies each kind (docs/operate/sweeps.md)."""


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
    booked: Interval, actual_start: datetime, *, kind: ZoneKind, policy: Policy
) -> Deadline:
    """The auto-checkout of an active stay (docs/rules/lifecycle.md, The timer): in parking
    `auto_checkout_after` minutes after its actual start, metered at the safety limit; elsewhere at
    the booked end and `overstay_grace`; in a zone without check-in at the booked end."""
    return Deadline(
        DeadlineKind.AUTO_CHECKOUT, _end_of_stay(booked, actual_start, kind=kind, policy=policy)
    )


def longest_overstay(*, kind: ZoneKind, policy: Policy) -> timedelta:
    """The longest time after its booked end for which a stay can still occupy a space."""
    if policy.check_in == "none":
        return timedelta(0)
    if kind != "parking":
        return timedelta(minutes=policy.overstay_grace)
    if policy.auto_checkout_after is None:
        return METERED_LIMIT
    return timedelta(minutes=policy.auto_checkout_after)


def may_end_early(*, kind: ZoneKind, policy: Policy) -> bool:
    """Whether a deadline can end a booking of a zone before its booked end."""
    if policy.check_in == "none":
        return False
    return policy.no_show_after is not None or (
        kind == "parking" and policy.auto_checkout_after is not None
    )


def _end_of_stay(
    booked: Interval, actual_start: datetime, *, kind: ZoneKind, policy: Policy
) -> datetime:
    if policy.check_in == "none":
        return booked.end
    if kind != "parking":
        return booked.end + timedelta(minutes=policy.overstay_grace)
    if policy.auto_checkout_after is None:
        return max(actual_start + METERED_LIMIT, booked.end)
    return actual_start + timedelta(minutes=policy.auto_checkout_after)
