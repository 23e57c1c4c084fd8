"""Attributes of items that PynamoDB lacks."""

from __future__ import annotations

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER


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
