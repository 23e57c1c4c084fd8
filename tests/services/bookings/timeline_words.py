"""The words that the code puts on timelines, read from its syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import chalicelib
from chalicelib.domain.bookings.status import Step

DOMAIN: Final = Path(chalicelib.__file__).parent / "domain"

WORD: Final = 1
"""Where the word stands in `TimelineEntry(at, what, …)`."""


def every() -> set[str]:
    """Every word that a step can put on a timeline."""
    found = (_Words(ast.parse(file.read_text("utf-8"))).found for file in DOMAIN.rglob("*.py"))
    return {step.value for step in Step}.union(*found)


class _Words(ast.NodeVisitor):
    """The words in `.after("moved", …)`, `.noting(…)` and in `TimelineEntry(now, "moved", …)`: given there, by a
    constant of the file, or by the callers of the function."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.found: set[str] = set()
        self.inside: list[ast.FunctionDef] = []
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.inside.append(node)
        self.generic_visit(node)
        self.inside.pop()

    def visit_Call(self, node: ast.Call) -> None:
        match node.func:
            case ast.Attribute(attr="after" | "noting") if node.args:
                self.found.update(self._values(node.args[0]))
            case ast.Name(id="TimelineEntry") if len(node.args) > WORD:
                self.found.update(self._values(node.args[WORD]))
        self.generic_visit(node)

    def _values(self, word: ast.expr) -> Iterator[str]:
        yield from _text(word)
        if isinstance(word, ast.Name):
            yield from self._constants(word.id)
            yield from self._arguments(word.id)

    def _constants(self, name: str) -> Iterator[str]:
        for node in self.tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    yield from _text(value)

    def _arguments(self, name: str) -> Iterator[str]:
        function = self.inside[-1]
        parameters = [each.arg for each in function.args.args]
        if name not in parameters:
            return
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=ast.Name(id=called)) if called == function.name:
                    yield from _text(node.args[parameters.index(name)])


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
