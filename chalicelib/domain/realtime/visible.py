"""What a listener can see of a record: whether its next version shows anything new
(docs/realtime.md). A record without a version before it is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space, Zone

_OF_EVERY_RECORD: Final = frozenset({"version", "before"})

_UNSEEN_OF_BOOKING: Final = _OF_EVERY_RECORD | {
    "updated_at", "counted", "counts", "redeemed", "deadline", "listed_through", "news",
    "quoted_at", "renewals",
}  # fmt: skip
"""The fields of a booking that no answer shows, and those that change with every version."""

_UNSEEN_RULES: Final = frozenset({
    "early_check_in", "prepay", "payment_hold", "free_cancel_window", "confirmation",
    "reminder_lead", "auto_cancel_lead", "min_confirm_window", "waitlist", "claim_window",
    "auto_renew_most", "max_entries_per_day", "quota_per_user", "max_bookings_per_day",
    "max_hours_per_week",
})  # fmt: skip
"""The rules of a zone that change neither what is free nor what its public answers show."""

_SEEN_OF_SITE: Final = frozenset({"timezone", "opening_hours", "blackouts", "active", "closed_at"})
"""The fields of a site that change what is free in its zones."""


def in_booking(booking: Booking) -> bool:
    """Whether the API shows anything of this version that it did not show before."""
    return booking.before is None or any(
        name not in _UNSEEN_OF_BOOKING for name in _changed(booking.before, booking)
    )


def is_check_out(booking: Booking) -> bool:
    """Whether this version ends the stay: not one that changes a stay that has ended, and not one
    brought over from another system."""
    if booking.status is not Status.COMPLETED:
        return False
    last, before = booking.timeline[-1], booking.before
    ended_now = before is None or before.status is not Status.COMPLETED
    return ended_now and last.what == "checked_out" and last.source != "import"


def in_zone(zone: Zone) -> bool:
    """Whether this version shows another name, price or rule of the zone. A new zone has no spaces
    yet."""
    if zone.before is None:
        return zone.version > 1
    changed = set(_changed(zone.before, zone)) - _OF_EVERY_RECORD
    rules = set(_changed(zone.before.policy, zone.policy)) - _UNSEEN_RULES
    return bool(changed - {"policy"} or rules)


def in_space(space: Space) -> bool:
    """Whether a space is in use that was not, or the reverse."""
    if space.before is None:
        return space.active or space.version > 1
    return space.active is not space.before.active


def in_site(site: Site) -> bool:
    """Whether this version of a site changes what is free in its zones."""
    if site.before is None:
        return site.version > 1
    return not _SEEN_OF_SITE.isdisjoint(_changed(site.before, site))


def _changed(before: Any, after: Booking | Zone | Space | Site | Policy) -> Iterator[str]:
    """The names of the fields in which two versions of a record differ."""
    return (
        each.name
        for each in fields(after)
        if getattr(before, each.name) != getattr(after, each.name)
    )
