"""The view of a waitlist entry, with the fields of the venue system beside ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.web.values import Instant, LocalDay, MailAddress
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.domain.waitlist.estimate import Chance


@dataclass(frozen=True)
class WaitlistEntryView:
    """A waitlist entry: what it waits for, and what has come of it."""

    id: Annotated[str, Doc("Names the entry everywhere.", "WL7Q2M9X4T1NG1QR00005")]
    status: EntryStatus
    site: str
    zone_id: str
    zone_name: str
    space_id: Annotated[str | None, Doc("The space it waits for; null: any space of the zone.")]
    venue: Annotated[str, Doc("The space it waits for; without one the zone.", "hall-a.A-001")]
    venue_name: Annotated[str, Doc("The name of the zone, and the number of the space.")]
    offered_space_id: Annotated[str | None, Doc("The space of the offer, or of the last one.")]
    user_id: str
    user: Annotated[str, Doc("The same as user_id.")]
    user_email: Annotated[MailAddress | None, Doc("Null where the account is gone.")]
    date: Annotated[LocalDay, Doc("The date of the start, by the calendar of the site.")]
    start_time: Instant
    end_time: Instant
    priority: Annotated[int, Doc("0 is normal; lower comes first.", 0)]
    favour: Annotated[
        str | None,
        Doc("The account that gave the priority, or put the customer in line, and why."),
    ]
    position: Annotated[
        int | None,
        Doc(
            "Position among the entries with the same wish: 1 is next, 26 is 26 or further back. "
            "Null for an entry that does not wait, and in the list of a site.",
            1,
        ),
    ]
    chance: Annotated[
        Chance | None,
        Doc("An estimate of how likely an offer is; null where position is null or 26."),
    ]
    notified: Annotated[bool, Doc("It has been offered.")]
    notified_at: Instant | None
    expires_at: Annotated[
        Instant | None,
        Doc("When the offer lapses; null unless offered.", "2026-11-21T04:30:00Z"),
    ]
    time_remaining: Annotated[
        int, Doc("Seconds left to claim, by server_time; 0 unless offered.", 900)
    ]
    claimed: bool
    claimed_at: Instant | None
    booking_id: Annotated[str | None, Doc("The booking that the claim made.")]
    expired: Annotated[bool, Doc("The offer lapsed, or the start came without an offer.")]
    created_at: Instant
    updated_at: Instant
    server_time: Instant
    version: int
