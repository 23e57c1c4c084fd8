"""What one function of chalicelib names, read from its source: refusals and functions.

Types come from annotations: a value has each class of ours in its annotation, an element the
classes of its list. A record made outside the store is new, so the refusals of its write may meet
it.
"""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any, Final, TypeVar

from chalicelib.domain.core import change
from chalicelib.domain.core.errors import Refusal
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.store import tallies, writers
from chalicelib.store.commit import Commit
from docs import source

Kind = type[Refusal]
Types = frozenset[type]
Mask = frozenset[type]

NOTHING: Final = object()
CALLED: Final[Mapping[tuple[type, str], tuple[Any, ...]]] = {
    (Deps, "commit"): (UnitOfWork.__call__, Commit.__call__),
}
"""What is behind a field that is a function."""

NOT_FOLLOWED: Final = (writers.writers, writers.items)
"""The writes of every kind of record: which one a step makes is seen where the record is made."""

TESTS: Final[Mapping[str, Any]] = {"isinstance": isinstance, "issubclass": issubclass}
"""Calls that name a class to look for it; no module has them among its names."""

NAMESAKES: Final = 2
"""The most methods of one name that a call may mean where the type of its object is unknown."""


@dataclass
class Found:
    """What one function names: refusals, and functions with the refusals caught around them."""

    kinds: set[Kind] = field(default_factory=set)
    calls: set[tuple[FunctionType, Mask]] = field(default_factory=set)


def caught(kind: type, mask: Mask) -> bool:
    """Whether a handler of the kinds in `mask` catches it."""
    return issubclass(kind, tuple(mask))


@cache
def _written(kind: type) -> FunctionType | None:
    """The function that makes the writes of a record."""
    known = writers.writers(1).get(kind.__name__)
    return source.plain(known()) if known else None


@cache
def read(function: FunctionType) -> Found:
    return Reader(function).read()


class Reader:
    """Reads one function."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        self.found = Found()
        self.local: dict[str, Types] = {}
        self.masks: list[Mask] = []
        self.names = {**TESTS, **source.late(function.__module__), **function.__globals__}
        self.in_store = function.__module__.startswith(f"{source.OURS}.store")

    def read(self) -> Found:
        node = source.functions()[source.place_of(self.function)]
        annotated = source.hints(self.function)
        owner = source.owner_of(self.function)
        for each in _parameters(node):
            self.local[each.arg] = frozenset(source.types_in(annotated.get(each.arg)))
            if each.arg in ("self", "cls") and owner is not None:
                self.local[each.arg] = frozenset((owner,))
        for _ in range(2):  # a nested function may come after its use
            for statement in node.body:
                self.visit(statement)
        return self.found

    # -- what is named

    def names_kind(self, kind: Kind) -> None:
        if not any(caught(kind, mask) for mask in self.masks):
            self.found.kinds.add(kind)

    def names_function(self, function: Any) -> None:
        if function in NOT_FOLLOWED:
            return
        self.found.calls.add((function, frozenset().union(*self.masks)))

    def makes(self, kind: type, node: ast.Call) -> None:
        for name in ("__init__", "__post_init__"):
            if made := source.plain(inspect.getattr_static(kind, name, None)):
                self.names_function(made)
        if kind is change.Tally:
            self.counts(node)
        elif not self.in_store and (written := _written(kind)):
            self.names_function(written)

    def counts(self, node: ast.Call) -> None:
        """A tally is refused above its limit; that of what is owed, where there is no account."""
        name = self.static(node.args[1])
        above = tallies.ABOVE.get(name)
        if name == change.OWING:
            self.names_function(tallies.owing)
        elif isinstance(above, type):
            self.names_kind(above)
        elif len(node.args) > 3:
            self.names_function(tallies.count)

    # -- statements

    def visit(self, node: ast.AST) -> Types:
        handler = getattr(self, f"_{type(node).__name__}", None)
        if handler is not None:
            return frozenset(handler(node) or ())
        types: set[type] = set()
        for child in ast.iter_child_nodes(node):
            types |= self.visit(child)
        return frozenset(types) if isinstance(node, ast.expr) else frozenset()

    def bind(self, target: ast.AST, types: Types) -> None:
        for name in ast.walk(target):
            if isinstance(name, ast.Name):
                self.local[name.id] = self.local.get(name.id, frozenset()) | types

    def _Assign(self, node: ast.Assign) -> None:
        types = self.visit(node.value)
        for target in node.targets:
            self.bind(target, types)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        types = self.visit(node.value) if node.value else frozenset()
        self.bind(node.target, types | self.annotated(node.annotation))

    def _NamedExpr(self, node: ast.NamedExpr) -> Types:
        types = self.visit(node.value)
        self.bind(node.target, types)
        return types

    def _For(self, node: ast.For) -> None:
        self.bind(node.target, self.visit(node.iter))
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def _comprehension(self, node: ast.comprehension) -> None:
        self.bind(node.target, self.visit(node.iter))
        for test in node.ifs:
            self.visit(test)

    def comprehended(self, node: Any) -> Types:
        for generator in node.generators:
            self._comprehension(generator)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return frozenset().union(*map(self.visit, parts))

    _ListComp = _SetComp = _GeneratorExp = _DictComp = comprehended

    def _With(self, node: ast.With) -> None:
        first = node.items[0].context_expr
        if isinstance(first, ast.Call) and self.static(first.func) is suppress:
            self.masks.append(frozenset(k for arg in first.args for k in self.kinds_of(arg)))
            for statement in node.body:
                self.visit(statement)
            self.masks.pop()
            return
        for item in node.items:
            types = self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, types)
        for statement in node.body:
            self.visit(statement)

    def _Try(self, node: ast.Try) -> None:
        caught = [each for each in node.handlers if not _passes_on(each)]
        mask = frozenset(kind for each in caught for kind in self.kinds_of(each.type))
        self.masks.append(mask)
        for statement in node.body:
            self.visit(statement)
        self.masks.pop()
        for handler in node.handlers:
            for statement in handler.body:
                self.visit(statement)
        for statement in (*node.orelse, *node.finalbody):
            self.visit(statement)

    def kinds_of(self, node: ast.expr | None) -> Iterator[type]:
        for each in node.elts if isinstance(node, ast.Tuple) else [node]:
            kind = self.static(each) if each is not None else Exception
            if isinstance(kind, type):
                yield kind

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        for each in _parameters(node):
            types = self.annotated(each.annotation) if each.annotation else frozenset()
            self.bind(ast.Name(each.arg), types)
        for statement in node.body:
            self.visit(statement)
        self.bind(ast.Name(node.name), self.annotated(node.returns) if node.returns else Types())

    def _match_case(self, node: ast.match_case) -> None:
        for statement in node.body:
            self.visit(statement)

    # -- expressions

    def annotated(self, node: ast.expr) -> Types:
        found: set[type] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Name | ast.Attribute):
                named = self.static(each)
                found.update(source.types_in(named) if named is not NOTHING else ())
        return frozenset(found)

    def static(self, node: ast.AST) -> Any:
        """The object that a name of the module stands for."""
        if isinstance(node, ast.Name) and node.id not in self.local:
            return self.names.get(node.id, NOTHING)
        if isinstance(node, ast.Attribute):
            whole = self.static(node.value)
            if isinstance(whole, ModuleType | type):
                return getattr(whole, node.attr, NOTHING)
        return NOTHING

    def _Lambda(self, node: ast.Lambda) -> Types:
        return self.visit(node.body)

    def _Name(self, node: ast.Name) -> Types:
        if node.id in self.local:
            return self.local[node.id]
        return self.named(self.static(node))

    def _Attribute(self, node: ast.Attribute) -> Types:
        static: Any = self.static(node)
        if static is not NOTHING:
            owner = self.static(node.value)
            if isinstance(owner, type):
                self.visit(node.value)
            types: frozenset[Any] = self.named(static)
            return types | ({owner} if isinstance(owner, type) and typing.Self in types else set())
        types = self.visit(node.value)
        if not types:
            return self.of_namesakes(node.attr)
        return frozenset().union(*(self.of_instance(kind, node.attr) for kind in types))

    def named(self, found: Any) -> Types:
        """The types of a global, or what it returns; a function is taken as called."""
        if isinstance(found, type):
            if issubclass(found, Refusal):
                self.names_kind(found)
            return frozenset(source.types_in(found))
        if function := source.plain(found):
            return self.called(function)
        for value in found.values() if isinstance(found, Mapping) else ():
            if function := source.plain(value):
                self.names_function(function)
        return frozenset(source.types_in(type(found)))

    def called(self, function: FunctionType) -> Types:
        self.names_function(function)
        return frozenset(source.types_in(source.hints(function).get("return")))

    def of_instance(self, kind: Any, name: str) -> Types:
        if not isinstance(kind, type):
            return frozenset()
        for behind in CALLED.get((kind, name), ()):
            self.names_function(behind)
        types: set[Any] = set(source.types_in(source.hints(kind).get(name)))
        for each in (kind, *kind.__subclasses__()):
            if function := source.plain(inspect.getattr_static(each, name, None)):
                types |= self.called(function)
        return frozenset(types - {typing.Self} | ({kind} if typing.Self in types else set()))

    def of_namesakes(self, name: str) -> Types:
        if any(hasattr(builtin, name) for builtin in (str, bytes, dict, list, set, int)):
            return frozenset()
        owners = [kind for kind in source.classes() if name in vars(kind)]
        if not 0 < len(owners) <= NAMESAKES:
            return frozenset()
        return frozenset().union(*(self.of_instance(kind, name) for kind in owners))

    def _Call(self, node: ast.Call) -> Types:
        target = self.static(node.func)
        if target in TESTS.values():
            return self.visit(node.args[0]) & frozenset()
        types = set(self.visit(node.func))
        given: set[type] = set()
        for part in (*node.args, *(each.value for each in node.keywords)):
            given |= self.visit(part)
        if isinstance(target, type):
            self.makes(target, node)
        elif isinstance(node.func, ast.Name) and node.func.id in ("cls", "self"):
            for kind in self.local.get(node.func.id, ()):
                self.makes(kind, node)
        elif function := source.plain(target):
            self.defaults(function, node)
        if not types or any(isinstance(kind, TypeVar) for kind in types):
            types |= given
        return frozenset(kind for kind in types if isinstance(kind, type))

    def defaults(self, function: FunctionType, node: ast.Call) -> None:
        """A refusal that a parameter has by default."""
        given = {each.arg for each in node.keywords}
        for name, default in (function.__kwdefaults__ or {}).items():
            if name not in given and isinstance(default, type) and issubclass(default, Refusal):
                self.names_kind(default)


def _parameters(node: ast.FunctionDef) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler raises again what it has caught."""
    raised = [node for node in ast.walk(handler) if isinstance(node, ast.Raise)]
    return any(
        each.exc is None or (handler.name and handler.name in _names(each.exc)) for each in raised
    )


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
