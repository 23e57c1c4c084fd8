"""Receipts and invoices as pages, for screens, A4 and the rolls of gate printers, and as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import quote

from chalicelib.api.web.http import PUBLIC, USER, Answer, Call, Routes
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.constraints import Doc, Named, Text
from chalicelib.domain.core.languages import Language
from chalicelib.domain.receipts.paper import Paper, Papers
from chalicelib.pages import html, mailed
from chalicelib.services.core import places, rate_limits, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.receipts import papers as service

if TYPE_CHECKING:
    from chalicelib.rendering.receipts.sheet import Subject

routes = Routes(__name__)

_DESIGN: Final = html.Design(styles=("page.css", "receipt.css"))

PaperWidth = Annotated[Literal["a4", "58", "80"], Named("PaperWidth")]

_ROLLS: Final = {"58": 58, "80": 80}
"""The widths of rolls, in millimetres."""


@dataclass(frozen=True)
class PdfQuery:
    """Which paper."""

    number: (
        Annotated[str, Text(max=16), Doc("Another paper of the booking.", "AB-C2627/7")] | None
    ) = None


@dataclass(frozen=True)
class ReceiptQuery(PdfQuery):
    """Which paper, and for which printer."""

    paper: Annotated[PaperWidth, Doc("A4, or a roll of 58 or 80 millimetres.")] = "a4"


@routes.get("/api/bookings/{booking_id}/receipt", who=USER, query=ReceiptQuery, gives="text/html")
def receipt(call: Call, booking_id: str) -> Answer:
    """The receipt or invoice of a booking as a page, to be read and printed."""
    booking, papers = service.of_booking(call.deps, call.actor, booking_id)
    here = f"{call.deps.settings.base_url}/api/bookings/{booking_id}/receipt"
    return _page(call, booking, papers, call.deps.language, page=here, pdf=f"{here}.pdf")


@routes.get(
    "/api/bookings/{booking_id}/receipt.pdf", who=USER, query=PdfQuery, gives="application/pdf"
)
def receipt_pdf(call: Call, booking_id: str) -> Answer:
    """The receipt or invoice of a booking as a PDF, in English."""
    return _pdf(call, *service.of_booking(call.deps, call.actor, booking_id))


@routes.get(
    "/receipt/{token}",
    who=PUBLIC, query=ReceiptQuery, gives="text/html", refusal=mailed.refused,
    limit=rate_limits.LINK,
)  # fmt: skip
def linked(call: Call, token: str) -> Answer:
    """The receipt of a link in a mail, as a page in the language of the mail."""
    with mailed.in_its_language(call.deps, token):
        booking, papers = service.of_link(call.deps, token)
        language = signed_links.read(call.deps, token).language
        here = f"{call.deps.settings.base_url}/receipt/{token}"
        return _page(call, booking, papers, language, page=here, pdf=f"{here}/pdf")


@routes.get(
    "/receipt/{token}/pdf",
    who=PUBLIC, query=PdfQuery, gives="application/pdf", refusal=mailed.refused,
    limit=rate_limits.LINK,
)  # fmt: skip
def linked_pdf(call: Call, token: str) -> Answer:
    """The receipt of a link in a mail as a PDF, in English."""
    with mailed.in_its_language(call.deps, token):
        return _pdf(call, *service.of_link(call.deps, token))


def _page(
    call: Call, booking: Booking, papers: Papers, language: Language, *, page: str, pdf: str
) -> Answer:
    """The page of a paper, with links to its file at `pdf` and to the others at `page`."""
    from chalicelib.rendering.receipts import sheet
    from chalicelib.texts import amounts, catalogue

    paper = service.chosen(papers, call.query.number)
    texts = catalogue.receipts(language)
    width = _ROLLS.get(call.query.paper)
    subject = _subject(call.deps, booking, papers, paper.number)
    rendered = html.render(
        _DESIGN,
        "receipt.html",
        own_style=_roll(width) if width else "",
        sheet=sheet.of(subject, language, lambda money: amounts.show(money, language)),
        download=texts.download,
        others_label=texts.others,
        others=[(each.number, _of(page, each)) for each in papers if each != paper],
        pdf=_of(pdf, paper),
        language=language,
    )
    return html.answer(rendered, Content_Language=language, Cache_Control="no-store")


def _of(address: str, paper: Paper) -> str:
    return f"{address}?number={quote(paper.number, safe='')}"


def _pdf(call: Call, booking: Booking, papers: Papers) -> Answer:
    from chalicelib.rendering.receipts import pdf, sheet
    from chalicelib.texts import amounts

    paper = service.chosen(papers, call.query.number)
    subject = _subject(call.deps, booking, papers, paper.number)
    content = pdf.of(sheet.of(subject, "en", amounts.in_letters))
    name = f"{paper.number.replace('/', '-')}.pdf"
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Answer(200, content, headers, content_type="application/pdf")


def _subject(deps: Deps, booking: Booking, papers: Papers, number: str) -> Subject:
    from chalicelib.rendering.receipts import sheet

    return sheet.Subject(
        service.chosen(papers, number),
        papers,
        booking,
        places.site_of(deps, booking),
        places.zone_of(deps, booking),
    )


def _roll(width: int) -> str:
    """The style of a page for a roll of so many millimetres, on screen and on paper."""
    return (
        f"@page {{ size: {width}mm 297mm; margin: 3mm 2mm; }}\n"
        f"body {{ padding: 0; place-items: start; }}\n"
        f"main {{ max-width: {width}mm; padding: 3mm 2mm; border: 0; border-radius: 0; }}\n"
        f"main {{ font-size: {11 if width < 80 else 12}px; }}\n"
        f"h1 {{ font-size: 1.3em; }}\n"
        f"dl, tr.soft {{ font-size: inherit; }}\n"
        f"dl {{ display: grid; gap: 2px 8px; }}\n"
        f"dd {{ margin: 0; }}\n"
    )
