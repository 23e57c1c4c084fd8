"""Runs a sweep that is deployed: its Lambda function, called as EventBridge calls it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from local.invocation import scheduled_event


class SweepError(Exception):
    """The deployed sweep failed, or is not there; the text says why."""


def invoke_sweep(name: str, *, stage: str, dry_run: bool) -> Any:
    """Run the sweep `name` of the stack `berth-<stage>` and return its summary.

    Credentials and region come from the environment. Raises SweepError.
    """
    if dry_run:
        raise SweepError(
            "A deployed sweep looks without acting through the API only: "
            f'POST /api/admin/sweeps/{name} with {{"dry_run": true}}, as an admin.'
        )
    import botocore.session
    from botocore.exceptions import BotoCoreError, ClientError

    session = botocore.session.Session()
    try:
        return _invoke(session, name, stage)
    except (BotoCoreError, ClientError) as problem:
        raise SweepError(f"AWS refused: {problem}") from None


def _invoke(session: Any, name: str, stage: str) -> Any:
    client = session.create_client("lambda")
    event = scheduled_event(name, datetime.now(UTC), client.meta.region_name)
    function = physical_id(session, _logical_id(name), stage)
    answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise SweepError(f"The sweep failed: {payload.get('errorMessage', payload)}")
    return payload


def _logical_id(sweep: str) -> str:
    return "".join(part.capitalize() for part in sweep.split("-"))


def physical_id(session: Any, logical_id: str, stage: str) -> str:
    """What CloudFormation called a resource of the stack `berth-<stage>`."""
    found = session.create_client("cloudformation").describe_stack_resource(
        StackName=f"berth-{stage}", LogicalResourceId=logical_id
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])
