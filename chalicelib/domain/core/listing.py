"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One page: its records, and the place after which the list goes on (None at its end). Only
    the code that made the page can read the place."""

    records: tuple[T, ...]
    after: str | None


def page(
    records: Iterable[T], key: Callable[[T], str], *, limit: int, after: str | None
) -> Listing[T]:
    """The page of `records` after the key `after`, in the order of their keys.

    >>> page(["c", "a", "b"], str, limit=2, after=None)
    Listing(records=('a', 'b'), after='b')
    """
    ahead = sorted((r for r in records if after is None or key(r) > after), key=key)
    listed = tuple(ahead[:limit])
    return Listing(listed, key(listed[-1]) if len(ahead) > limit else None)
