"""docs/migrate/import.md shows the columns as the code has them."""

from __future__ import annotations

import pytest

from chalicelib.api.web import parse
from chalicelib.domain.core.constraints import Doc
from docs import render_import
from local.importing.rows import KINDS, columns


def test_the_page_is_up_to_date() -> None:
    """`python -m docs.render_import` writes it anew."""
    text = render_import.PAGE.read_text()
    assert render_import.page(text) == text


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_a_kind_are_a_row_of_it(kind: str) -> None:
    examples = {}
    for name, (_, annotation) in columns(kind).items():
        doc = next(mark for mark in parse.unwrap(annotation)[1] if isinstance(mark, Doc))
        if doc.example not in (None, ""):
            examples[name] = str(doc.example)
    row = parse.read(KINDS[kind], examples, texts=True)
    assert [name for name in examples if getattr(row, name) is None] == []
