"""Work that is mostly waiting, several pieces of it at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def map(items: Iterable[A], do: Callable[[A], B], lines: int) -> Iterator[B]:
    """What became of each item; the next is taken on when one of the `lines` is free."""
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    busy: set[Future[B]] = set()
    with ThreadPoolExecutor(lines) as pool:
        for item in items:
            busy.add(pool.submit(do, item))
            if len(busy) == lines:
                done, busy = wait(busy, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        yield from (one.result() for one in busy)


def exhaust(items: Iterable[object]) -> None:
    """Take every item, for what happens on the way."""
    deque(items, maxlen=0)
