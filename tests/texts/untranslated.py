"""What refusals say in English only: the texts in the code that are in no catalogue yet."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "chalicelib"

_RAISED = {"Fault", "Forbidden"}
"""Functions, beside `errors.<Kind>`, whose arguments people read."""


def count() -> Counter[str]:
    """The number of English texts among the arguments of refusals, by file."""
    found: Counter[str] = Counter()
    for path in sorted(ROOT.rglob("*.py")):
        texts = list(_texts(ast.parse(path.read_text())))
        if texts and "replaced" not in path.parts:
            found[path.relative_to(ROOT).as_posix()] = len(texts)
    return found


def _texts(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_refusal(node.func):
            for each in (*node.args, *(word.value for word in node.keywords if word.arg != "site")):
                yield from _english(each)


def _is_refusal(func: ast.expr) -> bool:
    match func:
        case ast.Attribute(value=ast.Name("errors"), attr=name) if name[0].isupper():
            return True
        case ast.Attribute(value=ast.Attribute(value=ast.Name("errors")), attr="naming"):
            return True
        case ast.Name(name) if name in _RAISED:
            return True
    return False


def _english(node: ast.expr) -> Iterator[ast.AST]:
    """The texts in an argument: literal ones, and those that are named or made elsewhere."""
    match node:
        case ast.Constant(str()) | ast.JoinedStr() | ast.BinOp():
            yield node
        case ast.Dict():
            for value in node.values:
                yield from _english(value)
        case ast.Name(name) if name.isupper():
            yield node
        case ast.Attribute(attr=name) if name.isupper() or name == "form":
            yield node
