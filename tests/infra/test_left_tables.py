"""A stack that begins with the tables an earlier one has left."""

from __future__ import annotations

from typing import Any

import pytest

from infra import tables
from infra.stacks import DeployError
from tests.infra.cloudformation import CloudFormation
from tests.infra.deployment import FIRST, STACK, Deploy, deployed


def leave_tables(session: Any, *names: str) -> None:
    for name in names:
        session.create_client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


def left(*random: str) -> list[str]:
    return [f"{STACK}-{tables.logical_id(name)}-{r}" for name, _ in tables.models() for r in random]


def test_left_tables_are_not_passed_over_in_silence(
    run: Deploy, session: Any, cloud: CloudFormation
) -> None:
    leave_tables(session, *left("1A2B"), "berth-dev2-BookingsTable-1A2B")
    with pytest.raises(DeployError) as refused:
        run(**FIRST)
    assert str(refused.value).startswith("An earlier berth-dev has left tables behind: berth-dev-B")
    assert "dev2" not in str(refused.value)
    assert cloud.asked == ["DescribeStacks"]


def test_a_stack_goes_on_with_the_records_of_left_tables(
    run: Deploy, session: Any, cloud: CloudFormation
) -> None:
    leave_tables(session, *left("1A2B"))
    lines = run(**FIRST, ADOPT_TABLES="1")
    assert sorted(deployed(cloud).tables.values()) == sorted(left("1A2B"))
    assert "   6 of 6  OutboxTable taken over" in lines
    assert not [line for line in lines if "Table created" in line or "first account" in line]
    run(CORS_ORIGINS="https://app.example.org")
    assert sorted(deployed(cloud).tables.values()) == sorted(left("1A2B"))


def test_what_is_missing_of_left_tables_is_made(
    run: Deploy, session: Any, cloud: CloudFormation
) -> None:
    bookings, *_ = left("1A2B")
    leave_tables(session, bookings)
    lines = run(**FIRST, ADOPT_TABLES="1")
    assert deployed(cloud).tables["bookings"] == bookings
    assert len([line for line in lines if line.endswith("Table created")]) == 5


def test_a_stack_may_begin_with_empty_tables_beside_the_left_ones(
    run: Deploy, session: Any, cloud: CloudFormation
) -> None:
    leave_tables(session, *left("1A2B"))
    run(**FIRST, ADOPT_TABLES="0")
    assert deployed(cloud).tables["bookings"] == "BookingsTable"


def test_two_left_tables_for_one_are_named(
    run: Deploy, session: Any, cloud: CloudFormation
) -> None:
    leave_tables(session, *left("1A2B", "3C4D"))
    with pytest.raises(DeployError, match=r"2 tables for BookingsTable: .*-1A2B, .*-3C4D\."):
        run(**FIRST, ADOPT_TABLES="1")
    assert cloud.asked == ["DescribeStacks"]
