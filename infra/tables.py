"""The tables for CloudFormation, made from the PynamoDB models in `store/dynamodb/schema.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.settings import TABLES
from chalicelib.store.dynamodb.schema import MODELS, TTL_ATTRIBUTE, Table


def logical_id(table: str) -> str:
    """The CloudFormation name of a table.

    >>> logical_id("bookings")
    'BookingsTable'
    """
    return f"{table.capitalize()}Table"


def models() -> Iterator[tuple[str, type[Table]]]:
    """Each table's name in settings with its model."""
    return zip(TABLES, MODELS, strict=True)


def indexes(model: type[Table]) -> tuple[str, ...]:
    """The names of a model's indexes."""
    found = model._get_schema()["global_secondary_indexes"]
    return tuple(sorted(index["index_name"] for index in found))


def resources(*, keep: bool) -> dict[str, Any]:
    """All tables as CloudFormation resources. `keep` lets them outlive their stack."""
    return {logical_id(table): _resource(model, keep=keep) for table, model in models()}


def environment() -> dict[str, Any]:
    """The variables that tell the code its tables' names."""
    return {f"TABLE_{table.upper()}": {"Ref": logical_id(table)} for table, _ in models()}


def _resource(model: type[Table], *, keep: bool) -> dict[str, Any]:
    policy = "Retain" if keep else "Delete"
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": _properties(model, keep=keep),
    }


def _properties(model: type[Table], *, keep: bool) -> dict[str, Any]:
    schema: Any = model._get_schema()
    properties = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": _by_name(schema["attribute_definitions"]),
        "KeySchema": _hash_first(schema["key_schema"]),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
        "DeletionProtectionEnabled": keep,
    }
    return properties | _indexes(schema) | _expiry(model) | _stream(model)


def _indexes(schema: Any) -> dict[str, Any]:
    found = [
        {
            "IndexName": index["index_name"],
            "KeySchema": _hash_first(index["key_schema"]),
            "Projection": index["projection"],
        }
        for index in sorted(schema["global_secondary_indexes"], key=lambda i: i["index_name"])
    ]
    return {"GlobalSecondaryIndexes": found} if found else {}


def _expiry(model: type[Table]) -> dict[str, Any]:
    expiry = {"AttributeName": TTL_ATTRIBUTE, "Enabled": True}
    return {"TimeToLiveSpecification": expiry} if model.has_ttl else {}


def _stream(model: type[Table]) -> dict[str, Any]:
    view = getattr(model.Meta, "stream_view_type", None)
    return {"StreamSpecification": {"StreamViewType": view}} if view else {}


def _by_name(definitions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(definitions, key=lambda definition: definition["AttributeName"])


def _hash_first(schema: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(schema, key=lambda key: key["KeyType"])
