"""The tables as CreateTable wants them, taken from the PynamoDB models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pynamodb.models import Model

from chalicelib.store.dynamodb.schema import MODELS


def specifications(names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One CreateTable request a model. `names` is `settings.tables`, in the order of MODELS."""
    return [_specification(model, name) for model, name in zip(MODELS, names.values(), strict=True)]


def _specification(model: type[Model], name: str) -> dict[str, Any]:
    schema = model._get_schema()
    specification: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _hash_first(schema["key_schema"]),
        "AttributeDefinitions": schema["attribute_definitions"],
    }
    if schema["global_secondary_indexes"]:
        specification["GlobalSecondaryIndexes"] = [
            _index(dict(index)) for index in schema["global_secondary_indexes"]
        ]
    view = getattr(model.Meta, "stream_view_type", None)
    if view:
        specification["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    return specification


def _index(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": schema["index_name"],
        "KeySchema": _hash_first(schema["key_schema"]),
        "Projection": schema["projection"],
    }


def _hash_first(key: Iterable[Any]) -> list[Any]:
    return sorted(key, key=lambda part: part["KeyType"])
