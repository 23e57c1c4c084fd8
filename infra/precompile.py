"""Run by `make package`: what infra/early.py looks up in the bundle.

    python precompile.py FOLDER OUT

Imports the app in FOLDER and keeps, compiled, each text that `dataclasses` compiles meanwhile.
"""

from __future__ import annotations

import dataclasses
import importlib
import marshal
import pkgutil
import sys
from hashlib import blake2b
from pathlib import Path
from typing import Any


def main(folder: str, out: str) -> None:
    """Write a marshalled dict from the hash of a text to its code, marshalled too."""
    compiled: dict[bytes, bytes] = {}

    def keep(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
        code = compile(source, "<dataclass>", "exec")
        compiled[blake2b(source.encode(), digest_size=16).digest()] = marshal.dumps(code)
        exec(code, variables, names)  # noqa: S102 - as dataclasses does

    dataclasses.exec = keep  # type: ignore[attr-defined]
    importlib.import_module("early").use_closures()
    _check_annotations()
    sys.path.insert(0, folder)
    importlib.import_module("app")
    _import_all(importlib.import_module("chalicelib"))
    Path(out).write_bytes(marshal.dumps(compiled))


def _check_annotations() -> None:
    """From now on a class whose annotations need more than a look at the text is an error."""
    early = importlib.import_module("early")
    quick = early.is_type

    def checked(annotation: str, *about: Any) -> bool:
        found = bool(early._is_type(annotation, *about))
        if quick(annotation, *about) != found:
            raise TypeError(f"{about[0]}: {annotation} is special, which early.py does not see")
        return found

    dataclasses._is_type = checked  # type: ignore[attr-defined]


def _import_all(package: Any) -> None:
    """Also what the app imports late."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


if __name__ == "__main__":
    main(*sys.argv[1:3])
