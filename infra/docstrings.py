"""The docstrings of functions that nothing reads in Lambda: they leave the bundle, which a cold
start has to fetch. OpenAPI reads those of classes, and of functions under `api` and `pages`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

READ: Final = frozenset({"api", "pages"})
"""The folders of chalicelib whose functions keep theirs."""


def drop(chalicelib: Path) -> None:
    """Empty the docstrings that are not read, in the sources under `chalicelib`. Every line stays
    where it is, so tracebacks name the lines of the sources."""
    for path in chalicelib.rglob("*.py"):
        if path.relative_to(chalicelib).parts[0] not in READ:
            path.write_text(without(path.read_text()))


def without(source: str) -> str:
    """A source whose functions have empty docstrings.

    >>> without('def f() -> None:\\n    \\"\\"\\"Do it\\n    now.\\"\\"\\"\\n')
    'def f() -> None:\\n    ""\\n\\n'
    """
    lines = source.splitlines(keepends=True)
    for text in _docstrings(ast.parse(source)):
        first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
        lines[first : last + 1] = [" " * text.col_offset + '""\n', *["\n"] * (last - first)]
    return "".join(lines)


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            assert isinstance(first.value, ast.Constant)
            yield first.value
