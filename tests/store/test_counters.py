from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.services.core.deps import Deps
from chalicelib.store.counters import WindowItem

pytestmark = pytest.mark.engine2


def test_a_window_counts_what_one_key_does_in_it(deps: Deps) -> None:
    count = deps.counters.count
    assert [count("login#1", 7, ttl=900) for _ in range(3)] == [1, 2, 3]
    assert count("login#1", 8, ttl=900) == 1
    assert count("login#2", 7, ttl=900) == 1


def test_a_window_may_be_deleted_once_it_is_over(deps: Deps) -> None:
    deps.counters.count("login#1", 7, ttl=900)
    assert WindowItem.get("window#login#1", "7").ttl == 900


def test_no_count_is_lost_among_many_at_once(deps: Deps) -> None:
    with ThreadPoolExecutor(16) as pool:
        counts = list(pool.map(lambda _: deps.counters.count("login#1", 7, ttl=900), range(64)))
    assert sorted(counts) == list(range(1, 65))
