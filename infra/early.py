"""Shipped in the bundle, imported before the rest of `chalicelib`.

`dataclasses` writes the methods of each class as text and compiles them at import: a third of our
own part of a cold start. `make package` has compiled these texts already; here they are looked up.
A text that is not known (another Python, a changed class) is compiled as always.
"""

from __future__ import annotations

import dataclasses
import marshal
import os
from typing import Any

with open(os.path.join(os.path.dirname(__file__), "early.bin"), "rb") as _file:
    _COMPILED: dict[str, Any] = marshal.loads(_file.read())  # noqa: S302 - ours


def _exec(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
    exec(_COMPILED.get(source, source), variables, names)  # noqa: S102 - as dataclasses does


dataclasses.exec = _exec  # type: ignore[attr-defined]
