"""A page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """Some records, and where the list goes on behind them (None at its end). Only whoever made
    the page can read the place."""

    records: tuple[T, ...]
    after: str | None
