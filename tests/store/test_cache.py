from __future__ import annotations

from collections.abc import Callable, Iterator

from chalicelib.store.cache import Cache


def counting() -> Callable[[], int]:
    """A read that returns how often it was called."""
    calls: Iterator[int] = iter(range(1, 100))
    return lambda: next(calls)


def test_a_value_is_read_once_while_it_is_kept() -> None:
    cache, read = Cache(60, most=9), counting()
    assert [cache.get("hall", read) for _ in range(3)] == [1, 1, 1]


def test_a_value_is_read_again_when_its_time_is_over() -> None:
    cache, read = Cache(0, most=9), counting()
    assert [cache.get("hall", read) for _ in range(3)] == [1, 2, 3]


def test_a_value_that_is_put_takes_the_place_of_the_one_read() -> None:
    cache, read = Cache(60, most=9), counting()
    cache.get("hall", read)
    assert cache.put("hall", 7) == 7
    assert cache.get("hall", read) == 7


def test_a_forgotten_value_is_read_again_and_no_other() -> None:
    cache, read = Cache(60, most=9), counting()
    assert (cache.get("hall", read), cache.get("aula", read)) == (1, 2)
    cache.forget("hall")
    cache.forget("cellar")
    assert (cache.get("hall", read), cache.get("aula", read)) == (3, 2)


def test_an_emptied_cache_reads_everything_again() -> None:
    cache, read = Cache(60, most=9), counting()
    assert (cache.get("hall", read), cache.get("aula", read)) == (1, 2)
    cache.clear()
    assert (cache.get("hall", read), cache.get("aula", read)) == (3, 4)


def test_a_cache_never_keeps_more_than_it_may() -> None:
    cache, read = Cache(60, most=2), counting()
    values = [cache.get(name, read) for name in ("hall", "aula", "cellar")]
    assert values == [1, 2, 3]
    assert cache.get("cellar", read) == 3
    assert cache.get("hall", read) == 4


def test_a_cache_has_what_is_kept_and_nothing_else() -> None:
    lasting, brief = Cache(60, most=9), Cache(0, most=9)
    for cache in (lasting, brief):
        cache.put("hall", 7)
    assert (lasting.has("hall"), brief.has("hall"), lasting.has("aula")) == (True, False, False)
    lasting.forget("hall")
    assert not lasting.has("hall")
