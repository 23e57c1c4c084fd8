"""No refusal is a text in the code: its type is Wording, and a sentence is said by its name."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import get_args

from chalicelib.domain.core.sentence import Paragraph, Sentence, Verbatim, Wording

ROOT = Path(__file__).parents[2] / "chalicelib"

VERBATIM: dict[str, int] = {"services/stays/cancel_or_leave.py": 1}
"""Texts that the document of a replaced system prints for a step that only its URLs have."""


def test_a_wording_is_never_a_bare_text() -> None:
    assert set(get_args(Wording)) == {Sentence, Verbatim, Paragraph}


def test_only_the_texts_of_replaced_systems_are_in_no_catalogue() -> None:
    assert _count(_verbatim) == VERBATIM


def test_no_refusal_and_no_fault_is_raised_with_a_text() -> None:
    assert _count(_texts) == {}


def _count(found_in: Callable[[ast.Module], Iterable[ast.AST]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for path in ROOT.rglob("*.py"):
        nodes = list(found_in(ast.parse(path.read_text())))
        if nodes:
            found[path.relative_to(ROOT).as_posix()] = len(nodes)
    return dict(found)


def _verbatim(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Verbatim":
            yield node


def _texts(tree: ast.Module) -> Iterator[ast.AST]:
    """Literal texts among the arguments of a refusal or a fault that people read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_refusal(ast.unparse(node.func)):
            for each in (*node.args, *(w.value for w in node.keywords if w.arg != "site")):
                values = each.values if isinstance(each, ast.Dict) else [each]
                yield from filter(_is_text, values)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("faults["):
            yield from filter(_is_text, [node.value])


def _is_refusal(called: str) -> bool:
    kind = called.removeprefix("errors.").removesuffix(".naming")
    named = called.startswith("errors.") and kind[:1].isupper() and kind != "Unavailable"
    return named or called == "Fault"


def _is_text(node: ast.AST) -> bool:
    is_literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_literal or isinstance(node, ast.JoinedStr)
