"""Shipped in the bundle, imported before the rest of `chalicelib`.

`dataclasses` writes the methods of each class as text and compiles them at import: a third of our
own part of a cold start. `make package` has compiled these texts already; here they are looked up
by their hash. A text that is not known (another Python, a changed class) is compiled as always.

The garbage collector waits meanwhile: what is imported stays, and to look through it again and
again is a tenth of a cold start. `app` lets it go on.
"""

from __future__ import annotations

import dataclasses
import gc
import marshal
import os
from hashlib import blake2b
from typing import Any

with open(os.path.join(os.path.dirname(__file__), "early.bin"), "rb") as _file:
    _COMPILED: dict[bytes, Any] = marshal.loads(_file.read())  # noqa: S302 - ours


def key(source: str) -> bytes:
    """What a text is known by: long enough for no two to share it."""
    return blake2b(source.encode(), digest_size=16).digest()


def _exec(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
    exec(_COMPILED.get(key(source), source), variables, names)  # noqa: S102 - as dataclasses does


dataclasses.exec = _exec  # type: ignore[attr-defined]
gc.disable()
