"""The source of chalicelib: its functions, its classes and their annotations."""

from __future__ import annotations

import ast
import importlib
import inspect
import typing
from collections.abc import Iterator
from functools import cache, cached_property, partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final, TypeVar

OURS: Final = "chalicelib"


def plain(found: Any) -> FunctionType | None:
    """The function of ours behind a method, a property, a partial or a decorated function."""
    while not isinstance(found, FunctionType):
        if isinstance(found, partial | cached_property):
            found = found.func
        elif isinstance(found, property):
            found = found.fget
        elif isinstance(found, classmethod | staticmethod | MethodType):
            found = found.__func__
        elif hasattr(found, "__wrapped__"):
            found = found.__wrapped__
        else:
            return None
    found = inspect.unwrap(found)
    return found if found.__module__.startswith(OURS) and place_of(found) in functions() else None


def place_of(function: FunctionType) -> tuple[str, int]:
    """Its file and its first line."""
    return function.__code__.co_filename, function.__code__.co_firstlineno


@cache
def functions() -> dict[tuple[str, int], ast.FunctionDef]:
    """Every function of chalicelib by its file and its first line, that of a decorator."""
    found: dict[tuple[str, int], ast.FunctionDef] = {}
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                found[path, first] = node
    return found


@cache
def _trees() -> dict[str, ast.Module]:
    folder = Path(importlib.import_module(OURS).__path__[0])
    return {str(path): ast.parse(path.read_text()) for path in sorted(folder.rglob("*.py"))}


@cache
def _modules() -> tuple[ModuleType, ...]:
    folder = Path(importlib.import_module(OURS).__path__[0])
    names = (Path(path).relative_to(folder.parent).with_suffix("") for path in _trees())
    dotted = (".".join(name.parts).removesuffix(".__init__") for name in names)
    return tuple(importlib.import_module(name) for name in dotted)


@cache
def late(module: str) -> dict[str, Any]:
    """The names that a module imports for its annotations only, or inside a function."""
    path = importlib.import_module(module).__file__ or ""
    found: dict[str, Any] = {}
    for node in ast.walk(_trees()[path]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            for name in node.names:
                found[name.asname or name.name] = _imported(node.module or "", name.name)
    return found


def _imported(module: str, name: str) -> Any:
    whole = importlib.import_module(module)
    return (
        getattr(whole, name)
        if hasattr(whole, name)
        else importlib.import_module(f"{module}.{name}")
    )


@cache
def classes() -> tuple[type, ...]:
    """Every class of chalicelib."""
    mine = (
        found
        for module in _modules()
        for found in vars(module).values()
        if isinstance(found, type) and found.__module__ == module.__name__
    )
    return tuple(dict.fromkeys(mine))


@cache
def hints(of: Any) -> dict[str, Any]:
    """Its annotations; of a class with those of its bases."""
    names = late(of.__module__)
    bases = of.__mro__ if isinstance(of, type) else ()
    for base in bases:
        if base.__module__.startswith(OURS):
            names = {**late(base.__module__), **names}
    try:
        return typing.get_type_hints(of, localns=names)
    except (NameError, TypeError):
        return {}


def types_in(annotation: Any) -> Iterator[Any]:
    """The classes of ours, the type variables and Self in an annotation."""
    ours = isinstance(annotation, type) and annotation.__module__.startswith(OURS)
    if ours or isinstance(annotation, TypeVar) or annotation is typing.Self:
        yield annotation
    for part in typing.get_args(annotation):
        yield from types_in(part)


def owner_of(function: FunctionType) -> type | None:
    """The class of a method."""
    name, _, _ = function.__qualname__.rpartition(".")
    found = getattr(importlib.import_module(function.__module__), name, None) if name else None
    return found if isinstance(found, type) else None
