"""What is written and read is what PynamoDB would write and read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib import wiring  # noqa: F401 (it defines the class of every item)
from chalicelib.aws.connection import Reply
from chalicelib.domain.core import errors
from chalicelib.services.core.deps import Deps
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.dynamodb.attributes import IntegerAttribute, SpansAttribute
from chalicelib.store.dynamodb.item import IS_NEW
from chalicelib.store.dynamodb.schema import Table
from chalicelib.store.outbox import OutboxItem
from chalicelib.store.sheets import SheetItem

WHOLE = st.integers(-(10**12), 10**12)
SPANS = st.dictionaries(st.text(min_size=1), st.lists(WHOLE, max_size=4), max_size=4)
PARTS = st.dictionaries(st.text(), WHOLE | st.text() | st.none() | st.booleans(), max_size=3)
VALUES: dict[type, st.SearchStrategy[Any]] = {
    BooleanAttribute: st.booleans(),
    IntegerAttribute: WHOLE,
    JSONAttribute: PARTS | st.lists(PARTS, max_size=3),
    SpansAttribute: SPANS,
    UnicodeAttribute: st.text(),
    UnicodeSetAttribute: st.sets(st.text(min_size=1), max_size=3),
}


def kinds(table: type[Table] = Table) -> Iterator[type[Table]]:
    """Every class of items, with those of the tables."""
    for kind in table.__subclasses__():
        yield kind
        yield from kinds(kind)


def values(attribute: Attribute[Any], *, null: bool) -> st.SearchStrategy[Any]:
    """What an attribute may be."""
    known = VALUES[type(attribute)]
    return known | st.none() if null else known


@st.composite
def items(draw: st.DrawFn, *, gaps: bool = False) -> Table:
    """An item of any class; the three of a booking most often. With `gaps` it may lack what it must
    have."""
    often = st.sampled_from((BookingItem, SheetItem, OutboxItem))
    kind: type[Table] = draw(often | st.sampled_from(tuple(kinds())))
    declared = kind.get_attributes()
    return kind(
        **{
            name: draw(values(each, null=gaps or bool(each.null)))
            for name, each in declared.items()
        }
    )


@given(items())
def test_an_item_is_written_as_pynamodb_writes_it(item: Table) -> None:
    assert item.serialize() == Model.serialize(item)


@given(items())
def test_an_item_is_read_as_pynamodb_reads_it(item: Table) -> None:
    stored = {**item.serialize(), "later": {"S": "of a newer version"}, "gone": {"NULL": True}}
    kind = type(item)
    theirs = Model.from_raw_data.__func__(kind, stored)  # type: ignore[attr-defined]
    ours = kind.from_raw_data(stored)
    for name in kind.get_attributes():
        assert getattr(ours, name) == getattr(theirs, name)


@given(items())
def test_an_item_comes_back_as_it_was_written(item: Table) -> None:
    read = type(item).from_raw_data(item.serialize())
    again = type(item).from_raw_data(read.serialize())
    assert again.attribute_values == read.attribute_values
    empty: tuple[object, ...] = (None, set())  # neither is stored
    kept = {name: each for name, each in item.attribute_values.items() if each not in empty}
    assert read.attribute_values == kept


@given(items(gaps=True))
def test_an_item_that_lacks_what_it_must_have_is_refused_as_pynamodb_refuses_it(
    item: Table,
) -> None:
    try:
        expected = Model.serialize(item)
    except AttributeNullError:
        with pytest.raises(AttributeNullError):
            item.serialize()
    else:
        assert item.serialize() == expected


@given(SPANS)
def test_spans_are_stored_as_a_map_of_lists_of_numbers(spans: dict[str, list[int]]) -> None:
    assert SpansAttribute().serialize(spans) == MapAttribute().serialize(spans)
    assert SpansAttribute().deserialize(SpansAttribute().serialize(spans)) == spans


def test_an_attribute_of_another_type_is_no_item() -> None:
    with pytest.raises(AttributeDeserializationError):
        OutboxItem.from_raw_data({"pk": {"S": "a"}, "sk": {"S": "b"}, "attempts": {"S": "two"}})


def test_an_attribute_that_nobody_declares_is_not_written() -> None:
    with pytest.raises(KeyError):
        OutboxItem("a", "b", effects=[], not_before=1, attempts=0, colour="red").serialize()


# -- requests --------------------------------------------------------------------------------------

Said = tuple[int, dict[str, Any]]
"""The status of an answer, and what it says."""

KEYS: Final = "sheets#lot", "2026-11-21#", "2026-11-22#~"


@contextmanager
def answering(*replies: Said) -> Iterator[list[dict[str, Any]]]:
    """What DynamoDB is asked for while it answers queries with these replies, in turn."""
    asked: list[dict[str, Any]] = []
    waiting = iter(replies)

    def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        asked.append(dict(params))
        status, says = next(waiting)
        return Reply("", status, {}, b""), says

    hooks = SheetItem._get_connection().connection.client.meta.events
    hooks.register_first("before-call.dynamodb.Query", answer)
    try:
        yield asked
    finally:
        hooks.unregister("before-call.dynamodb.Query", answer)


def page(*numbers: str, more: bool = False) -> Said:
    """A page of sheets, with the key after which the next one begins where there are `more`."""
    rows = [{"pk": {"S": "sheets#lot"}, "sk": {"S": f"2026-11-21#{each}"}} for each in numbers]
    found = {"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}
    return 200, {**found, "LastEvaluatedKey": rows[-1]} if more else found


def test_sort_keys_between_two_are_asked_for_as_pynamodb_asks(deps: Deps) -> None:
    pages = page("1", more=True), page("2")
    with answering(*pages, *pages) as asked:
        ours = [item.sk for item in SheetItem.between(*KEYS)]
        theirs = SheetItem.query(KEYS[0], SheetItem.sk.between(*KEYS[1:]), consistent_read=True)
        assert ours == [item.sk for item in theirs] == ["2026-11-21#1", "2026-11-21#2"]
    assert asked[:2] == asked[2:]


def test_a_throttled_query_is_a_busy_table(deps: Deps) -> None:
    throttled = 400, {"Error": {"Code": "ThrottlingException", "Message": ""}}
    with answering(throttled), pytest.raises(errors.Unavailable):
        deps.sheets.of_zone("lot", "2026-11-21", "2026-11-22")


@pytest.mark.parametrize(
    "condition",
    [
        None,
        IS_NEW,
        BookingItem.version == 4,
        BookingItem.pk.exists() & BookingItem.version.does_not_exist(),
    ],
    ids=["none", "new", "version", "two"],
)
def test_a_put_states_its_condition_as_pynamodb_states_it(
    deps: Deps, condition: Condition | None
) -> None:
    item = OutboxItem("waiting.0", "EF1", effects=[{"name": "offer"}], not_before=1, attempts=0)
    assert item.put(condition) == item.get_save_kwargs_from_instance(condition=condition)
