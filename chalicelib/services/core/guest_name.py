"""Default the guest name of a room booking to the customer's."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps


def with_default(
    deps: Deps, user_id: str | None, zone: Zone, details: BookingDetails
) -> BookingDetails:
    """`details` under the name of the customer `user_id` where these have no name and a room is
    booked: the desk asks who arrives. One read at most."""
    if user_id is None or zone.kind != "room" or details.owner_name or details.guests:
        return details
    return replace(details, owner_name=deps.accounts.known(user_id).name)
