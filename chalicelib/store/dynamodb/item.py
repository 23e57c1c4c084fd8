"""An item of a table, written and read in one pass over the attributes that it has.

PynamoDB goes through a descriptor for every attribute that the class declares, twice to make an
item and once more to write it. A booking declares 45 and has half of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self

from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.connection.base import BOTOCORE_EXCEPTIONS
from pynamodb.constants import (
    CONDITION_EXPRESSION,
    CONSISTENT_READ,
    EXCLUSIVE_START_KEY,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    ITEM,
    ITEMS,
    KEY_CONDITION_EXPRESSION,
    LAST_EVALUATED_KEY,
    NULL,
    QUERY,
    STRING,
    TABLE_NAME,
)
from pynamodb.exceptions import AttributeNullError, QueryError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

Stored = dict[str, dict[str, Any]]
"""An item in DynamoDB's JSON: the name of an attribute to its type and value."""


class Item(Model):
    """A model whose attributes have no defaults and no maps of attributes of their own. What it
    writes and reads is what PynamoDB would."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

    def __init__(self, pk: str | None = None, sk: str | None = None, **attributes: Any) -> None:
        self.attribute_values = {"pk": pk, "sk": sk, **attributes}

    @classmethod
    def from_raw_data(cls, data: Stored) -> Self:
        """The item in DynamoDB's JSON."""
        item = cls.__new__(cls)
        item.deserialize(data)
        return item

    @classmethod
    def between(cls, pk: str, first: str, last: str) -> Iterator[Self]:
        """The items of a partition with sort keys from `first` to `last`, as they are now: one
        query for each megabyte. PynamoDB's query builds a tree of operands for each request."""
        connection = cls._get_connection().connection
        request: dict[str, Any] = {
            TABLE_NAME: cls.Meta.table_name,
            KEY_CONDITION_EXPRESSION: "(#0 = :0 AND #1 BETWEEN :1 AND :2)",
            EXPRESSION_ATTRIBUTE_NAMES: {"#0": "pk", "#1": "sk"},
            EXPRESSION_ATTRIBUTE_VALUES: {
                ":0": {STRING: pk},
                ":1": {STRING: first},
                ":2": {STRING: last},
            },
            CONSISTENT_READ: True,
        }
        while True:
            try:
                page = connection.dispatch(QUERY, request)
            except BOTOCORE_EXCEPTIONS as error:
                raise QueryError("a query failed", error) from error
            yield from map(cls.from_raw_data, page[ITEMS])
            if LAST_EVALUATED_KEY not in page:
                return
            request = {**request, EXCLUSIVE_START_KEY: page[LAST_EVALUATED_KEY]}

    def deserialize(self, attribute_values: Stored) -> None:
        """Take all attributes from DynamoDB's JSON."""
        declared = _layout(type(self)).by_stored_name
        values = {}
        for stored_name, stored in attribute_values.items():
            if stored_name in declared and NULL not in stored:
                name, attribute = declared[stored_name]
                values[name] = attribute.deserialize(attribute.get_value(stored))
        self.attribute_values = values

    def serialize(self, null_check: bool = True) -> Stored:
        """The item in DynamoDB's JSON. Raises AttributeNullError where it lacks an attribute that
        it must have, unless there is no `null_check`."""
        layout = _layout(type(self))
        stored = {}
        for name, value in self.attribute_values.items():
            if value is not None:
                stored_name, kind, serialize = layout.writers[name]
                part = serialize(value)
                if part is not None:
                    stored[stored_name] = {kind: part}
        if null_check and not layout.required <= stored.keys():
            raise AttributeNullError(", ".join(layout.required - stored.keys()))
        return stored

    def put(self, condition: Condition | None) -> dict[str, Any]:
        """The request of a transaction to put the item where `condition` holds."""
        request: dict[str, Any] = {TABLE_NAME: self.Meta.table_name, ITEM: self.serialize()}
        if condition is IS_NEW:
            return request | _IF_NEW
        return request if condition is None else request | _expression(condition)


IS_NEW: Final = Item.pk.does_not_exist()
"""The condition of an item that is not there yet."""


def _expression(condition: Condition) -> dict[str, Any]:
    """The part of a request that states a condition."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    stated: dict[str, Any] = {CONDITION_EXPRESSION: condition.serialize(names, values)}
    stated[EXPRESSION_ATTRIBUTE_NAMES] = {short: name for name, short in names.items()}
    return stated | {EXPRESSION_ATTRIBUTE_VALUES: values} if values else stated


_IF_NEW: Final = _expression(IS_NEW)


@dataclass(frozen=True)
class _Layout:
    """The attributes of a class of items: how each is written by its name in Python (stored name,
    type, function), how it is read by its stored name, and the stored names of those that an item
    must have."""

    writers: Mapping[str, tuple[str, str, Callable[[Any], Any]]]
    by_stored_name: Mapping[str, tuple[str, Attribute[Any]]]
    required: frozenset[str]


@cache
def _layout(kind: Any) -> _Layout:
    declared: Mapping[str, Attribute[Any]] = kind.get_attributes()
    return _Layout(
        {name: (each.attr_name, each.attr_type, each.serialize) for name, each in declared.items()},
        {each.attr_name: (name, each) for name, each in declared.items()},
        frozenset(each.attr_name for each in declared.values() if not each.null),
    )
