"""Shipped in the bundle, started before the rest of `chalicelib`: classes are made faster.

`dataclasses` writes the methods of each class as text and compiles them at import: a third of our
own part of a cold start. Four of the six need no text of their own: here they are closures. The
texts of the others `make package` has compiled already; here they are looked up by their hash, and
read one by one, because a function makes few of the classes. A text that is not known (another
Python, a changed class) is compiled as always.

The garbage collector waits meanwhile: what is imported stays, and to look through it again and
again is a tenth of a cold start. `app` lets it go on.
"""

from __future__ import annotations

import dataclasses
import gc
import marshal
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import Field, FrozenInstanceError
from hashlib import blake2b
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, Final

SPECIAL: Final = ("ClassVar", "InitVar", "KW_ONLY")
"""What makes an annotation more than that of a field."""

Fields = Sequence[Field[Any]]

_is_type: Final = dataclasses._is_type  # type: ignore[attr-defined]


def start() -> None:
    """Use closures and compiled texts from now on, and no garbage collection."""
    with open(os.path.join(os.path.dirname(__file__), "early.bin"), "rb") as file:
        compiled: dict[bytes, bytes] = marshal.loads(file.read())  # noqa: S302 - ours

    def execute(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
        known = compiled.get(key(source))
        code = marshal.loads(known) if known else source  # noqa: S302 - ours
        exec(code, variables, names)  # noqa: S102 - as dataclasses does

    dataclasses.exec = execute  # type: ignore[attr-defined]
    use_closures()
    gc.disable()


def use_closures() -> None:
    """Make the methods that need no text of their own as closures. The names are those of Python
    3.11 and 3.12; 3.13 makes all methods of a class in one go."""
    if sys.version_info < (3, 13):
        ours = {
            "_frozen_get_del_attr": frozen,
            "_hash_fn": hashed,
            "_is_type": is_type,
            "_repr_fn": shown,
        }
        vars(dataclasses).update(ours)


def key(source: str) -> bytes:
    """What a text is known by: long enough for no two to share it."""
    return blake2b(source.encode(), digest_size=16).digest()


def frozen(
    cls: type[Any], fields: Fields, _: Any
) -> tuple[Callable[..., None], Callable[..., None]]:
    """`__setattr__` and `__delattr__` of a frozen class."""
    names = {field.name for field in fields}

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__


def hashed(fields: Fields, _: Any) -> Callable[[Any], int]:
    """`__hash__`: that of the tuple of the fields."""
    if not fields:
        return _named("__hash__", lambda _: hash(()))
    values = attrgetter(*(field.name for field in fields))
    if len(fields) == 1:
        return _named("__hash__", lambda self: hash((values(self),)))
    return _named("__hash__", lambda self: hash(values(self)))


def shown(fields: Fields, _: Any) -> Callable[[Any], str]:
    """`__repr__`."""
    names = [field.name for field in fields]

    def __repr__(self: Any) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    return recursive_repr()(__repr__)


def is_type(annotation: str, *about: Any) -> bool:
    """Whether an annotation is one of a kind of SPECIAL. Hardly any is, which a look at the text
    shows: no class of ours calls these by other names."""
    return any(word in annotation for word in SPECIAL) and bool(_is_type(annotation, *about))


def _named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    function.__name__ = name
    return function
