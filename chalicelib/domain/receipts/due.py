"""Which paper a booking calls for next, from its money and the papers it has
(docs/rules/receipts.md).

Amounts are high-water marks: a paper says what the booking has beyond its papers of that kind. So a
step that is repeated, or seen late, calls for nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core import gstin
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import gst, taxing
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.pricing.taxing import TaxLine
from chalicelib.domain.receipts.paper import (
    BILLS,
    Draft,
    Paper,
    PaperKind,
    PaperLine,
    Papers,
    Party,
)

ADVANCE: Final = "Advance"
REFUND: Final = "Refund"
KEPT_FEE: Final = "Cancellation fee"

NAMED_FROM: Final = 50_000_00
"""Paise from which a private buyer is named (CGST Rule 46)."""

_SACS: Final = {"parking": gst.PARKING, "room": gst.ROOMS, "venue": gst.HALLS}

_ENDS: Final = frozenset(
    {Step.CHECK_OUT, Step.CANCEL, Step.AUTO_CANCEL, Step.EXPIRE, Step.LAPSE, Step.TERMINATE}
)


@dataclass(frozen=True)
class Terms:
    """Whether the seller is `registered` for GST, and the date on the clock of the site."""

    registered: bool
    on: date


def next_draft(booking: Booking, papers: Papers, terms: Terms) -> Draft | None:
    """The next paper that the booking calls for; None where it has all."""
    if _ended_elsewhere(booking):
        return None
    billed = next((paper for paper in papers if paper.kind in BILLS), None)
    if billed is None:
        return (
            _voucher(booking, papers, terms)
            or _bill(booking, terms)
            or _refund(booking, papers, booking.paid, terms)
        )
    outside = max(booking.paid - _covered(booking, billed.total.minor), 0)
    return _refund(booking, papers, outside, terms) or _credit(booking, papers, billed, outside)


def _ended_elsewhere(booking: Booking) -> bool:
    """Whether it ended in the system that it was brought over from, which has billed it."""
    return any(entry.source == "import" and entry.what in _ENDS for entry in booking.timeline)


def _voucher(booking: Booking, papers: Papers, terms: Terms) -> Draft | None:
    """Money received before the stay is billed, which a registered seller confirms."""
    ahead = booking.status in (Status.BOOKED, Status.ACTIVE)
    if not (ahead and terms.registered):
        return None
    amount = booking.paid - _on_paper(papers, "receipt_voucher")
    tax = _inside(booking, amount, terms)
    if amount <= 0 or not tax:
        return None
    return _draft(booking, papers, "receipt_voucher", ADVANCE, amount, tax)


def _bill(booking: Booking, terms: Terms) -> Draft | None:
    """What the stay costs, or what a cancellation or a no-show keeps."""
    if booking.is_live:
        return None
    bill = booking.bill
    charged = 0 if bill is None else bill.charged.minor
    kept = 0 if booking.status is Status.COMPLETED else booking.kept
    if max(charged, kept) <= 0:
        return None
    if bill is None or kept > charged:
        tax = _inside(booking, kept, terms)
        draft = _draft(booking, (), _kind(terms, tax), KEPT_FEE, kept, tax)
    else:
        lines = tuple(_line(line) for line in bill.all_lines)
        draft = Draft(
            _kind(terms, bill.tax), 1, lines, bill.charged, bill.tax, _sac(booking),
            _buyer(booking, bill.charged),
        )  # fmt: skip
    return draft


def _kind(terms: Terms, tax: tuple[TaxLine, ...]) -> PaperKind:
    if not terms.registered:
        return "receipt"
    return "invoice" if tax else "bill_of_supply"


def _line(line: BillLine) -> PaperLine:
    return PaperLine(line.text, line.quantity, line.rate.minor, line.amount.minor)


def _refund(booking: Booking, papers: Papers, outside: int, terms: Terms) -> Draft | None:
    """Money paid back that nothing has billed; `outside` is all such money."""
    back = min(booking.gone, outside)
    amount = back - _on_paper(papers, "refund_voucher", "refund_receipt")
    if amount <= 0:
        return None
    voucher = next((p for p in papers if p.kind == "receipt_voucher"), None)
    if voucher is None:
        return _draft(booking, papers, "refund_receipt", REFUND, amount, ())
    tax = _inside(booking, amount, terms)
    draft = _draft(booking, papers, "refund_voucher", REFUND, amount, tax)
    return replace(draft, against=voucher.number)


def _credit(booking: Booking, papers: Papers, billed: Paper, outside: int) -> Draft | None:
    """Money paid back of what `billed` has billed."""
    before = _on_paper(papers, "credit_note")
    after = min(max(booking.gone - outside, 0), billed.total.minor)
    if after <= before:
        return None
    tax = _difference(_share(billed, after), _share(billed, before))
    draft = _draft(booking, papers, "credit_note", REFUND, after - before, tax)
    return replace(draft, against=billed.number, buyer=billed.draft.buyer)


def _covered(booking: Booking, billed: int) -> int:
    """What of the billed amount the customer has paid, or paid once."""
    bill = booking.bill
    unpaid = booking.payment_status == "due" or any(e.what == "waived" for e in booking.timeline)
    if bill is None or not unpaid:
        return billed
    return min(bill.amount_paid.minor, billed)


def _share(billed: Paper, minor: int) -> tuple[TaxLine, ...]:
    """The tax in the first `minor` of a billed total: all of it in the whole total."""
    whole, currency = billed.total.minor, billed.total.currency
    return tuple(
        replace(
            line, amount=Money((2 * line.amount.minor * minor + whole) // (2 * whole), currency)
        )
        for line in billed.draft.tax
    )


def _difference(after: Iterable[TaxLine], before: Iterable[TaxLine]) -> tuple[TaxLine, ...]:
    pairs = zip(after, before, strict=True)
    return tuple(replace(now, amount=now.amount - then.amount) for now, then in pairs)


def _inside(booking: Booking, minor: int, terms: Terms) -> tuple[TaxLine, ...]:
    """The tax in an amount that stands for the price of the booking: at the rate of its tariff."""
    return taxing.inside(booking.tariff, booking.tariff.money(max(minor, 0)), terms.on)


def _draft(
    booking: Booking,
    papers: Papers,
    kind: PaperKind,
    text: str,
    minor: int,
    tax: tuple[TaxLine, ...],
) -> Draft:
    ordinal = 1 + sum(paper.kind == kind for paper in papers)
    line = PaperLine(text, 1, minor, minor)
    total = Money(minor, booking.currency)
    return Draft(kind, ordinal, (line,), total, tax, _sac(booking), _buyer(booking, total))


def _sac(booking: Booking) -> str:
    return booking.tariff.tax.sac or _SACS[booking.kind]


def _on_paper(papers: Papers, *kinds: PaperKind) -> int:
    """What the papers of some kinds say, in minor units."""
    return sum(paper.total.minor for paper in papers if paper.kind in kinds)


def _buyer(booking: Booking, total: Money) -> Party | None:
    """The buyer that the booking names; from 50,000 rupees on its guest."""
    details, buyer = booking.details, booking.details.buyer
    if buyer is not None and buyer.name is not None:
        state = None if buyer.gstin is None else gstin.state_of(buyer.gstin)
        return Party(buyer.name, buyer.gstin, buyer.address, state)
    guests = (guest.name for guest in details.guests)
    name = details.owner_name or next(guests, None)
    if total.currency == "INR" and total.minor >= NAMED_FROM and name:
        return Party(name)
    return None
