"""A paper in the words of its reader: what a page and a PDF of it show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import gstin
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill as bills
from chalicelib.domain.receipts import due as reasons
from chalicelib.domain.receipts.paper import BILLS, Paper, PaperKind, PaperLine, Papers, Party
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import bill_words
from chalicelib.rendering.mail.layout import Row
from chalicelib.texts import amounts, catalogue, clocks

if TYPE_CHECKING:
    from chalicelib.texts.receipts import ReceiptTexts

Facts = tuple[tuple[str, str], ...]
"""Labels and values, in order."""


@dataclass(frozen=True)
class Sheet:
    """The parts of a paper, from top to bottom. `seller` and `buyer` are lines, the buyer's under
    `buyer_label`."""

    title: str
    number: str
    seller: tuple[str, ...]
    buyer_label: str
    buyer: tuple[str, ...]
    facts: Facts
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Subject:
    """A paper with all that its sheet names: the booking with its papers and its place."""

    paper: Paper
    papers: Papers
    booking: Booking
    site: Site
    zone: Zone


def of(subject: Subject, language: Language, show: Callable[[Money], str]) -> Sheet:
    """The sheet of a paper in a language, whose amounts are shown by `show`."""
    texts = catalogue.receipts(language)
    paper = subject.paper
    return Sheet(
        title=_titles(texts)[paper.kind],
        number=paper.number,
        seller=tuple(_party(paper.seller, texts)),
        buyer_label=texts.buyer,
        buyer=tuple(_party(paper.draft.buyer, texts)) if paper.draft.buyer else (),
        facts=tuple(_facts(subject, texts)),
        rows=tuple(_rows(subject, texts, show)),
    )


def _titles(texts: ReceiptTexts) -> Mapping[PaperKind, str]:
    return {
        "invoice": texts.invoice,
        "bill_of_supply": texts.bill_of_supply,
        "receipt": texts.receipt,
        "receipt_voucher": texts.receipt_voucher,
        "refund_voucher": texts.refund_voucher,
        "refund_receipt": texts.refund_receipt,
        "credit_note": texts.credit_note,
    }


def _own_words(texts: ReceiptTexts) -> Mapping[str, str]:
    """The words of lines that no tariff has."""
    return {
        reasons.ADVANCE: texts.advance,
        reasons.REFUND: texts.refund,
        reasons.KEPT_FEE: texts.kept,
        bills.MINIMUM: texts.least,
        bills.KEPT: texts.rest,
    }


def _party(party: Party, texts: ReceiptTexts) -> Iterator[str]:
    yield party.name
    yield from (party.address or "").splitlines()
    if party.gstin is not None:
        yield f"{texts.gstin} {party.gstin}"


def _facts(subject: Subject, texts: ReceiptTexts) -> Iterator[tuple[str, str]]:
    paper, booking = subject.paper, subject.booking
    yield texts.number, paper.number
    yield texts.date, clocks.long_day(paper.issued_on, texts.language)
    if paper.draft.against is not None:
        yield texts.against, paper.draft.against
    mails = catalogue.mails(texts.language)
    yield mails.of(booking.kind).space, f"{booking.number}, {subject.zone.name}"
    yield texts.stay, clocks.span(_stay(booking), subject.site.tz, texts.language)
    if booking.details.vehicle_number is not None:
        yield mails.vehicle, booking.details.vehicle_number
    yield mails.booking_code, booking.code
    yield mails.booking, booking.booking_id
    if paper.draft.sac is not None:
        yield texts.sac, paper.draft.sac
    if paper.place_of_supply is not None:
        state = gstin.STATES[paper.place_of_supply]
        yield texts.place_of_supply, f"{paper.place_of_supply} {state}"
        yield texts.reverse_charge, texts.no


def _stay(booking: Booking) -> Interval:
    if booking.actual_start is None or booking.actual_end is None:
        return booking.booked
    return Interval.of_stay(booking.actual_start, booking.actual_end)


def _rows(subject: Subject, texts: ReceiptTexts, show: Callable[[Money], str]) -> Iterator[Row]:
    paper = subject.paper
    yield from (_row(subject, line, texts, show) for line in paper.draft.lines)
    total = Row(texts.total, show(paper.total), weight="total")
    taxes = tuple(_taxes(paper, texts, show))
    is_inside = sum(line.minor for line in paper.draft.lines) == paper.total.minor
    yield from (total, *taxes) if is_inside else (*taxes, total)
    if paper.kind in BILLS:
        yield from _payment(subject, texts, show)


def _row(
    subject: Subject, line: PaperLine, texts: ReceiptTexts, show: Callable[[Money], str]
) -> Row:
    currency = subject.paper.total.currency
    times = f"{line.quantity} × {show(Money(line.rate, currency))}" if line.quantity > 1 else ""
    return Row(_words(subject, line, texts), show(Money(line.minor, currency)), times)


def _words(subject: Subject, line: PaperLine, texts: ReceiptTexts) -> str:
    """What a line is for. The lines of a bill are in the words of mails; in English as stored."""
    if own := _own_words(texts).get(line.text):
        return own
    bill = subject.booking.bill
    same = () if bill is None else (each for each in bill.lines if each.text == line.text)
    found = next(iter(same), None)
    if found is None or texts.language == "en":
        return line.text
    mails = catalogue.mails(texts.language)
    return bill_words.of(found, subject.booking, subject.site.tz, mails)


def _taxes(paper: Paper, texts: ReceiptTexts, show: Callable[[Money], str]) -> Iterator[Row]:
    if not paper.draft.tax:
        return
    yield Row(texts.taxable, show(paper.taxable), weight="soft")
    for line in paper.draft.tax:
        percent = amounts.percent(line.rate_bp, texts.language)
        yield Row(
            texts.tax.format(name=line.name, percent=percent), show(line.amount), weight="soft"
        )


def _payment(subject: Subject, texts: ReceiptTexts, show: Callable[[Money], str]) -> Iterator[Row]:
    """What was paid or is still due, and what of it was paid in advance."""
    left = check_out.amount_due(subject.booking)
    if left:
        yield Row(texts.due, show(left), weight="strong")
    elif not any(entry.what == "waived" for entry in subject.booking.timeline):
        yield Row(texts.paid, show(subject.paper.total), weight="strong")
    for paper in subject.papers:
        if paper.kind == "receipt_voucher":
            ahead = texts.paid_ahead.format(number=paper.number)
            yield Row(ahead, show(paper.total), weight="soft")
