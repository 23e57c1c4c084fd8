"""A draft gets its number: the next one of its series, so that no number is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import gstin
from chalicelib.domain.core.localtime import local_date
from chalicelib.domain.pricing import gst
from chalicelib.domain.pricing.taxing import TaxLine
from chalicelib.domain.receipts.due import Terms
from chalicelib.domain.receipts.paper import Draft, Paper, Party, Series, year_of
from chalicelib.domain.sites.site import Site


def terms_of(site: Site, currency: str, now: datetime) -> Terms:
    """The terms of papers that a site issues `now`. Only rupees have GST."""
    seller = site.seller
    registered = seller is not None and seller.gstin is not None and currency == "INR"
    return Terms(registered, local_date(now, site.tz))


def series_of(site: Site, draft: Draft, now: datetime) -> Series:
    """The series in which a draft gets its number `now`."""
    return Series(site.slug, draft.kind, year_of(local_date(now, site.tz)))


def issued(draft: Draft, booking: Booking, site: Site, last: Paper | None, now: datetime) -> Paper:
    """The paper of a draft, with the number after the `last` one of its series. Within a series no
    instant and no date runs backwards."""
    seller = site.seller
    place = None if seller is None else seller.place_of_supply
    tax = named(draft.tax, seller_state(site), place)
    today = local_date(now, site.tz)
    return Paper(
        draft=replace(draft, tax=tax, sac=draft.sac if seller_state(site) else None),
        site=site.slug,
        booking_id=booking.booking_id,
        place=1 if last is None else last.place + 1,
        issued_at=now if last is None else max(now, last.issued_at),
        issued_on=today if last is None else max(today, last.issued_on),
        seller=_party(site),
        mark="" if seller is None else seller.mark.upper(),
        place_of_supply=place,
    )


def seller_state(site: Site) -> str | None:
    """The code of the state in which the seller is registered."""
    registered = site.seller.gstin if site.seller else None
    return None if registered is None else gstin.state_of(registered)


def named(tax: tuple[TaxLine, ...], seller: str | None, place: str | None) -> tuple[TaxLine, ...]:
    """The tax under the names of the states of the seller and of the property: halves within a
    state, one line IGST between two."""
    if seller is None or place is None or not _is_gst(tax):
        return tax
    if seller != place:
        return _joined(tax)
    local = "UTGST" if place in gstin.WITHOUT_LEGISLATURE else gst.STATE
    return tuple(replace(line, name=local) if line.name == gst.STATE else line for line in tax)


def _is_gst(tax: tuple[TaxLine, ...]) -> bool:
    return {line.name for line in tax} == {gst.CENTRAL, gst.STATE}


def _joined(tax: tuple[TaxLine, ...]) -> tuple[TaxLine, ...]:
    """Each CGST with the SGST that follows it, as IGST."""
    pairs = zip(tax[::2], tax[1::2], strict=True)
    return tuple(
        TaxLine(gst.INTEGRATED, one.rate_bp + other.rate_bp, one.amount + other.amount)
        for one, other in pairs
    )


def _party(site: Site) -> Party:
    seller = site.seller
    if seller is None:
        return Party(site.name, None, site.address)
    address = seller.address or site.address
    return Party(seller.legal_name, seller.gstin, address, seller_state(site))
