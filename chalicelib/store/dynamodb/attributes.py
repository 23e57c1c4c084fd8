"""Attributes of items that PynamoDB lacks."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, NUMBER


class IntegerAttribute(Attribute[int]):
    """An integer, as all our numbers are. PynamoDB's own number is written and read through JSON,
    which takes ten times as long, and a booking has a dozen of them."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """The digits that DynamoDB takes."""
        return str(value)

    def deserialize(self, value: str) -> int:
        """The number that the digits mean."""
        return int(value)


class SpansAttribute(Attribute[dict[str, list[int]]]):
    """Lists of integers by name. PynamoDB's own map and list look up the type of each element."""

    attr_type = MAP

    def serialize(self, value: dict[str, list[int]]) -> dict[str, Any]:
        """The lists in DynamoDB's JSON."""
        return {
            name: {LIST: [{NUMBER: str(number)} for number in span]} for name, span in value.items()
        }

    def deserialize(self, value: dict[str, Any]) -> dict[str, list[int]]:
        """The lists that DynamoDB's JSON means."""
        return {
            name: [int(number[NUMBER]) for number in span[LIST]] for name, span in value.items()
        }
