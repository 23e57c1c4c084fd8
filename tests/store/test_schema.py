from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib import wiring  # noqa: F401 (it defines the class of every item)
from chalicelib.services.core.deps import Deps
from chalicelib.store.dynamodb.schema import MODELS, TTL_ATTRIBUTE, Table


def item_classes(table: type[Table]) -> Iterator[type[Table]]:
    """The classes of a table's items, however deep."""
    for kind in table.__subclasses__():
        yield kind
        yield from item_classes(kind)


@pytest.mark.parametrize("table", MODELS, ids=lambda table: table.__name__)
def test_a_table_deletes_by_age_where_an_item_of_it_has_an_age_and_nowhere_else(
    table: type[Table],
) -> None:
    aging = [kind for kind in item_classes(table) if TTL_ATTRIBUTE in kind.get_attributes()]
    assert table.has_ttl == bool(aging)


@pytest.mark.parametrize("table", MODELS, ids=lambda table: table.__name__)
def test_every_class_of_items_shares_the_connection_of_its_table(
    deps: Deps, table: type[Table]
) -> None:
    kinds = list(item_classes(table))
    assert kinds
    assert {kind._get_connection() for kind in kinds} == {table._get_connection()}
