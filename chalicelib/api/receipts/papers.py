"""The papers of a booking, and the list of those that a site has issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, USER, Answer, Call, Routes, ok
from chalicelib.api.web.lists import FROM, TO, Cursor, PageSize
from chalicelib.api.web.values import Instant, LocalDay, MoneyView, instant
from chalicelib.domain.core import serialize
from chalicelib.domain.core.constraints import Doc, Integer, Named
from chalicelib.domain.receipts.paper import Paper, PaperKind
from chalicelib.services.receipts import papers

routes = Routes(__name__)

Kind = Annotated[PaperKind, Named("PaperKind")]
Number = Annotated[str, Doc("Its number, as it is printed.", "AB-I2627/1042")]


@dataclass(frozen=True)
class PaperTaxView:
    """One part of the tax of a paper."""

    name: Annotated[str, Doc("As the law names it.", "CGST")]
    rate_bp: Annotated[int, Doc("In basis points.", 900)]
    amount: MoneyView


@dataclass(frozen=True)
class PaperView:
    """A receipt, an invoice, a voucher or a credit note."""

    number: Number
    kind: Kind
    booking_id: Annotated[str, Doc("The booking.", "BK7Q2M9X4T1NG1QR00005")]
    issued_at: Instant
    issued_on: Annotated[LocalDay, Doc("The date on it, on the clock of the site.")]
    total: MoneyView
    taxable: Annotated[MoneyView, Doc("The price before tax.")]
    tax: tuple[PaperTaxView, ...]
    sac: Annotated[str | None, Doc("The code of the service.", "996743")]
    place_of_supply: Annotated[str | None, Doc("The code of the state.", "27")]
    seller_gstin: Annotated[str | None, Doc("The seller's.", "27AAPFU0939F1ZV")]
    buyer_name: Annotated[str | None, Doc("Whom it names.", "Rao & Sons")]
    buyer_gstin: Annotated[str | None, Doc("The buyer's.", "29AAGCB7383J1Z4")]
    against: Annotated[str | None, Doc("The number of the paper that it corrects.")]

    @classmethod
    def of(cls, paper: Paper) -> Self:
        draft, buyer = paper.draft, paper.draft.buyer
        return cls(
            number=paper.number,
            kind=paper.kind,
            booking_id=paper.booking_id,
            issued_at=instant(paper.issued_at),
            issued_on=paper.issued_on.isoformat(),
            total=MoneyView.of(paper.total),
            taxable=MoneyView.of(paper.taxable),
            tax=tuple(
                PaperTaxView(line.name, line.rate_bp, MoneyView.of(line.amount))
                for line in draft.tax
            ),
            sac=draft.sac,
            place_of_supply=paper.place_of_supply,
            seller_gstin=paper.seller.gstin,
            buyer_name=buyer.name if buyer else None,
            buyer_gstin=buyer.gstin if buyer else None,
            against=draft.against,
        )


@dataclass(frozen=True)
class PapersView:
    """The papers of a booking, in the order in which they were issued."""

    items: tuple[PaperView, ...]


@dataclass(frozen=True)
class SeriesQuery:
    """Which papers: those of one kind and financial year, by number."""

    kind: Annotated[Kind, Doc("The kind of the papers.")] = "invoice"
    year: (
        Annotated[int, Integer(2000, 2999), Doc("The year in which it begins, in April.", 2026)]
        | None
    ) = None
    from_: Annotated[datetime, FROM] | None = None
    to: Annotated[datetime, TO] | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


@routes.get("/api/bookings/{booking_id}/papers", who=USER, gives=PapersView)
def list_papers(call: Call, booking_id: str) -> Answer:
    """The receipts, invoices, vouchers and credit notes of a booking. Those that it calls for are
    issued first."""
    _, found = papers.of_booking(call.deps, call.actor, booking_id)
    return ok(serialize.fields(PapersView(tuple(map(PaperView.of, found)))))


@routes.get("/api/admin/sites/{slug}/papers", who=OWNER, query=SeriesQuery, gives=[PaperView])
def list_papers_of_site(call: Call, slug: str) -> Answer:
    """The papers of a kind that your site has issued in a financial year, by number."""
    what = f"papers/{slug}"
    found = papers.of_site(
        call.deps,
        call.actor,
        slug,
        call.query.kind,
        year=call.query.year,
        from_=call.query.from_,
        to=call.query.to,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, PaperView.of)
