from __future__ import annotations

import io
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import png
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import ids
from chalicelib.rendering.mail import qr

CODE = "BERTH" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 2 + "7Q2M"
"""As long as the code of a usual booking: 73 digits and capitals."""

codes = st.text(ids.ALPHABET, min_size=20, max_size=120).map("BERTH".__add__)


def drawn(svg: str) -> list[list[bool]]:
    """The modules that the path of an SVG paints."""
    root = ElementTree.fromstring(svg)
    size = int(root.attrib["viewBox"].split()[2])
    modules = [[False] * size for _ in range(size)]
    path = root[2].attrib["d"]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
        for column in range(int(x), int(x) + int(length)):
            modules[int(y)][column] = True
    return modules


def pixels(picture: bytes) -> list[list[int]]:
    _, _, rows, _ = png.Reader(file=io.BytesIO(picture)).read()
    return [list(row) for row in rows]


@given(codes)
def test_the_svg_paints_exactly_the_modules_of_the_symbol(code: str) -> None:
    assert drawn(qr.svg(code, "9A-7M3R")) == [list(row) for row in qr.matrix(code)]


def test_the_png_shows_the_same_modules_each_eight_pixels_wide() -> None:
    shown = pixels(qr.png(CODE))
    assert [[not value for value in row[:: qr.SCALE]] for row in shown[:: qr.SCALE]] == [
        list(row) for row in qr.matrix(CODE)
    ]
    assert len(shown) == len(shown[0]) == len(qr.matrix(CODE)) * qr.SCALE


def test_a_usual_code_fits_version_four_because_it_is_alphanumeric() -> None:
    assert len(CODE) == 73
    assert len(qr.matrix(CODE)) == 33 + 2 * qr.BORDER
    assert len(qr.matrix(CODE.lower())) > 33 + 2 * qr.BORDER


def test_a_quiet_zone_of_four_white_modules_surrounds_the_symbol() -> None:
    modules = qr.matrix(CODE)
    assert not any(any(row) for row in (*modules[:4], *modules[-4:]))
    assert not any(any(row[:4]) or any(row[-4:]) for row in modules)


def test_the_svg_scales_has_a_title_and_a_white_ground() -> None:
    root = ElementTree.fromstring(qr.svg(CODE, "9A-7M3R"))
    assert "width" not in root.attrib
    assert root.attrib["viewBox"] == "0 0 41 41"
    assert root.attrib["role"] == "img"
    assert root[0].text == "QR pass 9A-7M3R"
    assert root[1].attrib == {"width": "41", "height": "41", "fill": "#fff"}


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed")
def test_a_scanner_reads_the_png_back(tmp_path: Path) -> None:
    picture = tmp_path / "pass.png"
    picture.write_bytes(qr.png(CODE))
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, check=True
    )
    assert read.stdout.strip() == CODE
