"""Records that an instance keeps in memory for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Cache:
    """Values by name, each kept for `seconds`. At `most` of them it starts empty again."""

    def __init__(self, seconds: int, *, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, name: str, read: Callable[[], T]) -> T:
        """The value kept under `name`; otherwise what `read` returns, kept from now on."""
        entry = self._kept.get(name)
        if entry is not None and entry[0] > time.monotonic():
            value: T = entry[1]
            return value
        return self.put(name, read())

    def has(self, name: str) -> bool:
        """Whether a value is kept under `name`."""
        entry = self._kept.get(name)
        return entry is not None and entry[0] > time.monotonic()

    def put(self, name: str, value: T) -> T:
        """Keep `value` under `name`, and return it."""
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[name] = (time.monotonic() + self._seconds, value)
        return value

    def forget(self, name: str) -> None:
        """Read this value again next time."""
        self._kept.pop(name, None)

    def clear(self) -> None:
        """Read every value again."""
        self._kept.clear()
