"""Blocking calls in a few threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def map(items: Iterable[A], do: Callable[[A], B], workers: int) -> Iterator[B]:
    """Run `do` for each item in `workers` threads and yield the results as they finish."""
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    busy: set[Future[B]] = set()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            busy.add(pool.submit(do, item))
            if len(busy) == workers:
                done, busy = wait(busy, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        yield from (one.result() for one in busy)


def exhaust(items: Iterable[object]) -> None:
    """Consume an iterator for its side effects."""
    deque(items, maxlen=0)
