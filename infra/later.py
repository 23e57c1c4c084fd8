"""Shipped in the bundle, imported before the rest of `chalicelib`.

A module of ours runs when something of it is first used, not when it is imported: so a function
loads what its requests need, and a feature that they do not need costs them next to nothing. An
import of a name (`from chalicelib.domain.core.ids import locator`) uses the module at once, an
import of a module (`from chalicelib.services.bookings import renewal`) does not.

Python 3.15 does the same with `lazy import` (PEP 810).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_RUNNING = threading.RLock()
"""One thread at a time runs modules: no other sees half of one."""

_WAITING = object()
"""The state of a module that has not run."""


class Later(ModuleType):
    """A module that has not run."""

    def __getattribute__(self, name: str) -> Any:
        if name not in ("__spec__", "__path__"):  # which every import reads
            with _RUNNING:
                _run(self)
        return ModuleType.__getattribute__(self, name)


def _run(module: ModuleType) -> None:
    """Run it, unless it has run or is just running."""
    spec: Any = module.__spec__
    if spec.loader_state is _WAITING:
        spec.loader_state = None
        try:
            spec.loader.exec_module(module)
        except BaseException:
            spec.loader_state = _WAITING
            raise
        object.__setattr__(module, "__class__", ModuleType)


class LaterLoader:
    """Leaves to `loader` the running of a module when it is first used."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> None:
        """Python makes it."""

    def exec_module(self, module: ModuleType) -> None:
        spec: Any = module.__spec__
        spec.loader, spec.loader_state = self._loader, _WAITING
        module.__loader__ = self._loader
        module.__class__ = Later


class Finder:
    """Finds the modules of chalicelib."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith("chalicelib."):
            return None
        spec: Any = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = LaterLoader(spec.loader)
        found: ModuleSpec | None = spec
        return found


sys.meta_path.insert(0, Finder)
