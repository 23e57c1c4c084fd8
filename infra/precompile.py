"""Run by `make package`: what infra/early.py looks up in the bundle.

    python precompile.py FOLDER OUT

Imports the app in FOLDER and keeps, compiled, each text that `dataclasses` compiles meanwhile.
"""

from __future__ import annotations

import dataclasses
import importlib
import marshal
import sys
from pathlib import Path
from typing import Any


def main(folder: str, out: str) -> None:
    """Write a marshalled dict from text to code."""
    compiled: dict[str, Any] = {}

    def keep(source: str, variables: dict[str, Any], names: dict[str, Any]) -> None:
        code = compiled.setdefault(source, compile(source, "<dataclass>", "exec"))
        exec(code, variables, names)  # noqa: S102 - as dataclasses does

    dataclasses.exec = keep  # type: ignore[attr-defined]
    sys.path.insert(0, folder)
    importlib.import_module("app")
    Path(out).write_bytes(marshal.dumps(compiled))


if __name__ == "__main__":
    main(*sys.argv[1:3])
