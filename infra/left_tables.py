"""Tables that an earlier stack of a stage has left behind, and a stack that begins with them.

A stage whose tables are kept leaves them when its stack is deleted. The next stack would make new,
empty ones beside them; CloudFormation can import the old ones instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra import change_set, tables
from infra.account import Account
from infra.stacks import DeployError, Stack


def find(dynamodb: Any, stack_name: str) -> dict[str, list[str]]:
    """The names of left tables by logical id. CloudFormation has named them
    `<stack>-<logical id>-<random>`."""
    pages = dynamodb.get_paginator("list_tables").paginate()
    names = [name for page in pages for name in page["TableNames"]]
    found = {
        logical_id: [name for name in names if name.startswith(f"{stack_name}-{logical_id}-")]
        for logical_id in (tables.logical_id(table) for table, _ in tables.models())
    }
    return {logical_id: names for logical_id, names in found.items() if names}


def chosen(left: Mapping[str, list[str]], stack_name: str, *, adopt: bool | None) -> dict[str, str]:
    """The table to import for each logical id: none without `adopt`. Raises DeployError where the
    operator leaves open what to do with left tables, or where there are two for one."""
    if not left or adopt is False:
        return {}
    every = ", ".join(name for names in left.values() for name in names)
    if adopt is None:
        raise DeployError(
            f"An earlier {stack_name} has left tables behind: {every}. Say ADOPT_TABLES=1 to go on "
            "with their records, or ADOPT_TABLES=0 to begin with empty tables."
        )
    for logical_id, names in left.items():
        if len(names) > 1:
            text = f"There are {len(names)} tables for {logical_id}: {', '.join(names)}."
            raise DeployError(f"{text} Delete those you do not need, then deploy again.")
    return {logical_id: names[0] for logical_id, names in left.items()}


def adopt(
    account: Account, stack: Stack, resources: Mapping[str, Any], names: Mapping[str, str]
) -> Stack:
    """Make the stack of the tables in `names`, which are then its own. `resources` are those of the
    template. Raises DeployError."""
    account.say(f"{stack.name} takes over {', '.join(names.values())}.")
    found = change_set.prepare(
        account,
        stack,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {name: resources[name] for name in names}}),
        ResourcesToImport=[_imported(logical_id, name) for logical_id, name in names.items()],
    )
    if found is not None:
        change_set.execute(account, found)
    return Stack(stack.name, "IMPORT_COMPLETE")


def _imported(logical_id: str, name: str) -> dict[str, Any]:
    return {
        "ResourceType": "AWS::DynamoDB::Table",
        "LogicalResourceId": logical_id,
        "ResourceIdentifier": {"TableName": name},
    }
