"""The end of a stay, for every route, sweep and read that ends one (docs/rules/checkout.md)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import Tender
from chalicelib.domain.stays import check_out
from chalicelib.domain.stays.earlier_end import EarlierEnd
from chalicelib.services.bookings import cover
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps


def end_stay(
    deps: Deps,
    booking: Booking,
    *,
    by: Actor,
    source: Source,
    at: datetime,
    tender: Tender | None,
    reason: str = "",
    earlier: EarlierEnd | None = None,
) -> BookingChange:
    """The change that checks out `booking` at `at`, for a `reason` where it is destructive, or with
    an `earlier` end; not committed yet. Raises NotCheckedIn, AlreadyEnded, CheckoutFailed,
    NotEnoughCash, Invalid for an impossible end."""
    return check_out.check_out(
        cover.prolonged(deps, booking),
        by=by,
        source=source,
        at=at,
        tz=places.site_of(deps, booking).tz,
        policy=places.zone_of(deps, booking).policy,
        entry_id=deps.new_id("LE"),
        tender=tender,
        reason=reason,
        earlier=earlier,
    )
