"""A customer who holds an offer of the waitlist and books the same time the ordinary way: the offer
becomes the booking. So the customer does not hold two spaces, and is not refused the one on hold
for them."""

from __future__ import annotations

from chalicelib.domain.bookings import admission, terms
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.waitlist.entry import EntryStatus
from chalicelib.services.bookings.decide import BookingRequest
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries, offers


def on_sheets(
    deps: Deps, request: BookingRequest, interval: Interval, sheets: Sheets
) -> str | None:
    """The own running offer of that interval among the holders of the wanted spaces: no read."""
    if request.customer.user_id is None:
        return None
    own, now = f"WL{request.customer.locator}", deps.now()
    for sheet in sheets:
        if request.order.number in (None, sheet.number):
            for holder, until in sheet.lapses.items():
                if holder.startswith(own) and sheet.taken.get(holder) == interval and until > now:
                    return holder
    return None


def among_entries(deps: Deps, request: BookingRequest) -> str | None:
    """The own running offer of what was refused: one query and one batch read."""
    order, user_id = request.order, request.customer.user_id
    if user_id is None or order.start is None:
        return None
    interval = admission.requested_interval(
        request.zone.policy,
        now=deps.now(),
        start=order.start,
        end=order.end,
        minutes=order.minutes,
    )
    for entry in offers.unended(deps, user_id):
        is_same = entry.zone_id == order.zone_id and entry.interval == interval
        is_running = entry.status is EntryStatus.OFFERED and order.number in (None, entry.held)
        if is_same and is_running:
            return entry.entry_id
    return None


def claim(deps: Deps, request: BookingRequest, entry_id: str) -> Booking:
    """Book the offer. Raises StaleVersion where it has ended, PromoNotValid for a promo code, which
    no offer takes, PriceChanged, and what a claim refuses."""
    entry = offers.settled(deps, deps.waitlist.get(entry_id))
    if entry.lapses_at is None:
        raise errors.StaleVersion()
    if request.order.promo_code is not None:
        raise errors.PromoNotValid(say("promo_not_for_offers"))
    priced, tz = [(request.zone.tariff, entry.interval)], deps.catalogue.site(entry.site).tz
    terms.require_price(priced, request.order.max_total, tz)
    return entries.claim_settled(
        deps,
        request.actor,
        entry,
        request.order.details,
        request.booking_id,
        source=request.source,
        method=request.order.payment_method,
    )
