"""The QR pass of a booking as a picture (docs/rules/lifecycle.md, The pass).

Error correction M, a quiet zone of four modules, black on white in any colour scheme. The symbol
is drawn in one mode: codes of digits and capitals use the alphanumeric one, the densest.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby

BORDER = 4
"""Modules of white around the symbol: ISO/IEC 18004 asks for four."""

SCALE = 8
"""Pixels a module in the PNG: sharp on a phone at twice the size it is shown."""

Matrix = Sequence[Sequence[bool]]


def svg(code: str, name: str) -> str:
    """`code` as SVG: it scales without blur and brings its own white ground. Its title has `name`,
    the short code of the booking.

    >>> svg("BERTH0", "9A-7M3R")[:65]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" role='
    """
    modules = matrix(code)
    size = len(modules)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        f' shape-rendering="crispEdges"><title>QR pass {name}</title>'
        f'<rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path fill="#000" d="{"".join(_runs(modules))}"/></svg>'
    )


def png(code: str) -> bytes:
    """`code` as a one-bit PNG, `SCALE` pixels a module."""
    import png as pypng

    rows = [[not dark for dark in row for _ in range(SCALE)] for row in matrix(code)]
    image = io.BytesIO()
    writer = pypng.Writer(len(rows[0]), len(rows) * SCALE, greyscale=True, bitdepth=1)
    writer.write(image, [row for row in rows for _ in range(SCALE)])
    return image.getvalue()


def matrix(code: str) -> Matrix:
    """The modules of the symbol with its quiet zone, row by row; True is dark."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    symbol = QRCode(error_correction=ERROR_CORRECT_M, border=BORDER)
    symbol.add_data(code, optimize=0)
    modules: Matrix = symbol.get_matrix()
    return modules


def _runs(modules: Matrix) -> Iterator[str]:
    """Each run of dark modules as a closed path one module high."""
    for y, row in enumerate(modules):
        x = 0
        for dark, run in groupby(row):
            length = len(tuple(run))
            if dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
