"""A sheet as a PDF of A4 pages, in English (docs/decisions/receipts.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from chalicelib.rendering.mail.layout import Row
from chalicelib.rendering.receipts import helvetica, latin
from chalicelib.rendering.receipts.sheet import Sheet

_WIDTH, _HEIGHT = 595.28, 841.89
_MARGIN: Final = 56.0
_RIGHT: Final = _WIDTH - _MARGIN
_LABELS: Final = 140.0
"""The width of the column of labels."""

_SIZE: Final = 10.0
_LEADING: Final = 1.45
_FONTS: Final = {False: "F1", True: "F2"}


def of(sheet: Sheet) -> bytes:
    """The file. The same sheet gives the same bytes."""
    pages = _Pages()
    pages.text(sheet.title, size=18, bold=True)
    pages.space(8)
    for at, line in enumerate(sheet.seller):
        pages.text(line, bold=at == 0)
    pages.space(10)
    pages.rule()
    for label, value in sheet.facts:
        pages.pair(label, value)
    if sheet.buyer:
        label, *others = sheet.buyer_label, *sheet.buyer
        for line in others:
            pages.pair(label, line)
            label = ""
    pages.space(6)
    pages.rule()
    for row in sheet.rows:
        pages.row(row)
    return _file(pages.streams, f"{sheet.title} {sheet.number}")


@dataclass
class _Pages:
    """Pages that are filled from top to bottom; `y` is the height of the next line."""

    streams: list[Any] = field(default_factory=list)
    y: float = 0.0

    def text(self, text: str, *, size: float = _SIZE, bold: bool = False) -> None:
        """A paragraph over the whole width."""
        for line in helvetica.lines(latin.written(text), size, _RIGHT - _MARGIN, bold=bold):
            self._down(size)
            self._put(line, _MARGIN, size, bold)

    def pair(self, label: str, value: str) -> None:
        """A label and what it is about."""
        room = _RIGHT - _MARGIN - _LABELS
        found = list(helvetica.lines(latin.written(value), _SIZE, room)) or [""]
        for at, line in enumerate(found):
            self._down(_SIZE)
            if at == 0 and label:
                self._put(latin.written(label), _MARGIN, _SIZE, bold=False)
            self._put(line, _MARGIN + _LABELS, _SIZE, bold=False)

    def row(self, row: Row) -> None:
        """A line of a bill, with its amount at the right edge."""
        bold = row.weight in ("total", "strong")
        text = f"{row.text} ({row.detail})" if row.detail else row.text
        amount = latin.written(row.amount)
        wide = helvetica.width(amount, _SIZE, bold=bold)
        room = _RIGHT - _MARGIN - wide - 12
        if row.weight == "total":
            self.space(3)
            self.rule()
        for at, line in enumerate(helvetica.lines(latin.written(text), _SIZE, room, bold=bold)):
            self._down(_SIZE)
            self._put(line, _MARGIN, _SIZE, bold)
            if at == 0:
                self._put(amount, _RIGHT - wide, _SIZE, bold)

    def space(self, points: float) -> None:
        self.y -= points

    def rule(self) -> None:
        """A thin line over the whole width."""
        self._down(4)
        stream = self.streams[-1]
        stream.set_line_width(0.5)
        stream.move_to(_MARGIN, round(self.y, 2))
        stream.line_to(_RIGHT, round(self.y, 2))
        stream.stroke()
        self.space(4)

    def _down(self, size: float) -> None:
        """Go to the next line, on a new page where this one is full."""
        import pydyf

        self.y -= size * _LEADING
        if not self.streams or self.y < _MARGIN:
            self.streams.append(pydyf.Stream(compress=True))
            self.y = _HEIGHT - _MARGIN - size

    def _put(self, line: str, x: float, size: float, bold: bool) -> None:
        stream = self.streams[-1]
        stream.begin_text()
        stream.set_font_size(_FONTS[bold], size)
        stream.set_text_matrix(1, 0, 0, 1, round(x, 2), round(self.y, 2))
        stream.show_text_string(line.encode(latin.ENCODING))
        stream.end_text()


def _file(streams: Iterable[Any], title: str) -> bytes:
    import pydyf

    pdf = pydyf.PDF()
    fonts = pydyf.Dictionary({_FONTS[bold]: _font(pdf, bold) for bold in _FONTS})
    for stream in streams:
        pdf.add_object(stream)
        pdf.add_page(pydyf.Dictionary(dict(_page(pdf, stream, fonts))))
    pdf.info["Title"] = pydyf.String(latin.written(title).encode(latin.ENCODING))
    pdf.catalog["Lang"] = pydyf.String("en")
    output = BytesIO()
    pdf.write(output)
    return output.getvalue()


def _font(pdf: Any, bold: bool) -> bytes:
    import pydyf

    font = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type1",
            "BaseFont": "/Helvetica-Bold" if bold else "/Helvetica",
            "Encoding": "/WinAnsiEncoding",
        }
    )
    pdf.add_object(font)
    reference: bytes = font.reference
    return reference


def _page(pdf: Any, stream: Any, fonts: Any) -> Iterator[tuple[str, Any]]:
    import pydyf

    yield "Type", "/Page"
    yield "Parent", pdf.pages.reference
    yield "MediaBox", pydyf.Array([0, 0, _WIDTH, _HEIGHT])
    yield "Contents", stream.reference
    yield "Resources", pydyf.Dictionary({"Font": fonts})
