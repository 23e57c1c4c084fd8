"""Tables for CloudFormation are what the models say."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.store.booking_item import BookingItem
from chalicelib.store.dynamodb.schema import TTL_ATTRIBUTE
from chalicelib.store.waitlist import EntryItem
from infra import tables

PROPERTIES = {
    name: resource["Properties"] for name, resource in tables.resources(keep=True).items()
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_table_is_on_demand_encrypted_and_can_be_restored_to_any_second(name: str) -> None:
    properties = PROPERTIES[name]

    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_attribute_that_is_defined_is_a_key(name: str) -> None:
    properties = PROPERTIES[name]
    schemas = [properties["KeySchema"]]
    schemas += [index["KeySchema"] for index in properties.get("GlobalSecondaryIndexes", [])]

    keys = {key["AttributeName"] for schema in schemas for key in schema}
    assert {d["AttributeName"] for d in properties["AttributeDefinitions"]} == keys
    assert all(schema[0]["KeyType"] == "HASH" for schema in schemas)


def test_only_the_outbox_has_a_stream() -> None:
    streams = {name: p["StreamSpecification"] for name, p in PROPERTIES.items() if _streams(p)}

    assert streams == {"OutboxTable": {"StreamViewType": "NEW_IMAGE"}}


def _streams(properties: dict[str, Any]) -> bool:
    return "StreamSpecification" in properties


def test_what_may_be_forgotten_expires_and_what_may_not_does_not() -> None:
    expiring = {name for name, p in PROPERTIES.items() if "TimeToLiveSpecification" in p}

    assert expiring == {"AccountsTable", "BookingsTable", "InventoryTable", "OutboxTable"}
    assert TTL_ATTRIBUTE in EntryItem.get_attributes()
    assert TTL_ATTRIBUTE not in BookingItem.get_attributes()


def test_tables_of_production_outlive_their_stack_and_others_do_not() -> None:
    kept = tables.resources(keep=True)["LedgerTable"]
    dropped = tables.resources(keep=False)["LedgerTable"]

    assert (kept["DeletionPolicy"], dropped["DeletionPolicy"]) == ("Retain", "Delete")
    assert kept["Properties"]["DeletionProtectionEnabled"]
