"""The PDF of a paper has its text, in letters that its fonts have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.rendering.mail.layout import Row
from chalicelib.rendering.receipts import helvetica, latin, pdf, sheet
from chalicelib.rendering.receipts.sheet import Sheet, Subject
from chalicelib.texts import amounts
from tests import builders
from tests.domain.receipts.test_due import SITE, ended, papers_of
from tests.rendering.receipts import pdf_text


def sheet_of(**fields: object) -> Sheet:
    stay = ended(**fields)  # type: ignore[arg-type]
    papers = papers_of(stay)
    subject = Subject(papers[0], papers, stay, SITE, builders.a_zone())
    return sheet.of(subject, "en", amounts.in_letters)


def test_an_invoice_has_all_that_the_law_asks_for() -> None:
    firm = Buyer("business", "Rao & Sons (Mumbai)", "27AAPFU0939F1ZV", "2 Hill Road\nMumbai")
    details = BookingDetails(vehicle_number="KA01AB1234", buyer=firm)
    ((*lines,),) = pdf_text.pages(pdf.of(sheet_of(details=details)))
    for part in (
        "Tax invoice", "Central Parking Pvt Ltd", "1 Station Road, Bengaluru",
        "GSTIN 29AAGCB7383J1Z4", "AB-I2627/1", "21 November 2026", "KA01AB1234",
        "996743", "29 Karnataka", "Rao & Sons (Mumbai)", "2 Hill Road", "GSTIN 27AAPFU0939F1ZV",
        "2 hours (2 × INR 50.00)", "CGST 9%", "SGST 9%", "INR 7.63", "INR 84.74", "INR 100.00",
    ):  # fmt: skip
        assert part in lines
    assert lines.index("Reverse charge") + 1 == lines.index("No")


def test_names_in_other_scripts_are_written_as_they_sound() -> None:
    details = BookingDetails(buyer=Buyer("private", "आशा राव"))
    ((*lines,),) = pdf_text.pages(pdf.of(sheet_of(details=details)))
    assert "Asha Rav" in lines


def test_a_long_paper_goes_on_on_a_second_page() -> None:
    rows = tuple(Row(f"Night {n}", "INR 1.00") for n in range(80))
    first, second = pdf_text.pages(pdf.of(replace(sheet_of(), rows=rows)))
    shown = [line for line in (*first, *second) if line.startswith("Night")]
    assert shown == [row.text for row in rows]


def test_the_same_sheet_gives_the_same_file() -> None:
    assert pdf.of(sheet_of()) == pdf.of(sheet_of())


def test_a_file_is_small() -> None:
    assert len(pdf.of(sheet_of())) < 4_000


@given(st.text(max_size=400))
def test_any_text_can_be_printed(text: str) -> None:
    written = latin.written(text)
    written.encode(latin.ENCODING)
    assert written.isascii() or not text.isascii()


@given(st.text("abc WÄ—x", max_size=200), st.floats(20, 500))
def test_no_line_is_wider_than_its_room(text: str, room: float) -> None:
    lines = list(helvetica.lines(text, 10, room))
    assert all(helvetica.width(line, 10) <= room or len(line) == 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text(max_size=60))
def test_a_pdf_is_whole_whatever_is_typed(text: str) -> None:
    found = pdf_text.pages(pdf.of(replace(sheet_of(), seller=("Hotel", text))))
    assert "Hotel" in found[0]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("संजय कुमार", "Sanjay Kumar"),
        ("মুম্বাই", "Mumbai"),
        ("தமிழ்", "Tamizh"),
        ("ज़ोया", "Joya"),
        ("१२३", "123"),
        ("Ōsaka №7", "Osaka ?7"),
        ("₹50 – 2×", "INR 50 – 2×"),
    ],
)
def test_letters_are_written_as_they_sound(text: str, written: str) -> None:
    assert latin.written(text) == written
