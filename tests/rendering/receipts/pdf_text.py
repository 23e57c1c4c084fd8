"""The text of a PDF, read as a reader of PDF finds it: from the table at its end to each page."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise


def pages(content: bytes) -> list[list[str]]:
    """The lines of each page, from top to bottom; those of one height from left to right."""
    kids = re.search(rb"/Kids \[([^\]]*)\]", _of_catalog(content))
    assert kids is not None
    return [_lines(content, int(number)) for number in kids.group(1).split()[::3]]


def _of_catalog(content: bytes) -> bytes:
    """The object with the pages, by way of the trailer and the catalogue."""
    root = re.search(rb"/Root (\d+) 0 R", content[content.rindex(b"trailer") :])
    assert root is not None
    tree = re.search(rb"/Pages (\d+) 0 R", _object(content, int(root.group(1))))
    assert tree is not None
    return _object(content, int(tree.group(1)))


def _object(content: bytes, number: int) -> bytes:
    """An object, from the place that the cross-reference table names."""
    start = int(content[content.rindex(b"startxref") :].split()[1])
    rows = content[start:].split(b"\n")[2:]
    at = int(rows[number].split()[0])
    found = content[at : content.index(b"endobj", at)]
    assert found.startswith(b"%d 0 obj" % number)
    return found


def _lines(content: bytes, page: int) -> list[str]:
    stream = re.search(rb"/Contents (\d+) 0 R", _object(content, page))
    assert stream is not None
    _, _, packed = _object(content, int(stream.group(1))).partition(b"stream\n")
    drawn = zlib.decompress(packed.rpartition(b"\nendstream")[0])
    texts = re.findall(rb"1 0 0 1 ([\d.]+) ([\d.]+) Tm\n\(((?:[^()\\]|\\.)*)\) Tj", drawn)
    assert len(texts) == drawn.count(b" Tj")
    placed = sorted((-float(y), float(x), text) for x, y, text in texts)
    heights = [y for y, _, _ in placed]
    assert all(later == y or later - y > 8 for y, later in pairwise(heights)), "lines overlap"
    return [re.sub(rb"\\(.)", rb"\1", text).decode("cp1252") for _, _, text in placed]
